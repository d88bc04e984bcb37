//! The phone number plugin.

use std::sync::{Arc, Mutex};

use kernia::{
    domain::options::{AdditionalField, CustomRule, Options},
    engine::Channel,
    plugins::{
        MagicLink, PhoneNumber, PhoneNumberOptions,
        phone_number::{SignUp, routes::consume},
    },
    store::{Batch, Expect, Filter, Row, Value},
    testing::{Browser, PASSWORD, TestRequest, TestResponse, options},
};
use serde_json::{Value as Json, json};

use super::{
    Place, World, place,
    race::each_interleaving,
    stepping::{observed, write},
};
use crate::api::now;

const NUMBER: &str = "+15550100";
const ADA: &str = "ada@example.com";
const NEW: &str = "a brand new password";
const OK: (u16, &str) = (200, "");
const INVALID: (u16, &str) = (400, "INVALID_OTP");
const GONE: (u16, &str) = (400, "OTP_NOT_FOUND");
const REFUSED: (u16, &str) = (401, "INVALID_PHONE_NUMBER_OR_PASSWORD");

fn world_with(phone_number: PhoneNumberOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(PhoneNumber::new(phone_number))])
}

fn changed(change: impl FnOnce(&mut PhoneNumberOptions)) -> World {
    let mut phone_number = PhoneNumberOptions::default();
    change(&mut phone_number);
    world_with(phone_number, |_| {})
}

/// Where whoever proves a number becomes a user.
fn open() -> World {
    changed(|options| options.sign_up_on_verification = Some(SignUp::default()))
}

fn told(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

/// Asks for a code and answers it.
fn code(world: &World, number: &str) -> String {
    let answer = world.browser().post("/phone-number/send-otp", json!({"phoneNumber": number}));
    assert_eq!((answer.status, answer.json), (200, json!({"message": "code sent"})));
    let message = world.take_message();
    assert_eq!((message.kind, message.channel, &*message.to), ("phone-number-otp", Channel::Text, number));
    message.otp.unwrap()
}

fn verify(browser: &mut Browser<'_>, number: &str, code: &str, more: Json) -> TestResponse {
    let mut body = json!({"phoneNumber": number, "code": code});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    browser.post("/phone-number/verify", body)
}

fn sign_in(world: &World, number: &str, password: &str) -> TestResponse {
    world.browser().post("/sign-in/phone-number", json!({"phoneNumber": number, "password": password}))
}

fn other(code: &str) -> String {
    let last = code.as_bytes()[code.len() - 1];
    format!("{}{}", &code[..code.len() - 1], if last == b'9' { 0 } else { last - b'0' + 1 })
}

/// Ada, who has a password and this number, proven.
fn ada_with_number(world: &World) -> Browser<'_> {
    let mut ada = world.browser();
    ada.sign_up(ADA);
    let _ = world.take_messages();
    let otp = code(world, NUMBER);
    let answer = verify(&mut ada, NUMBER, &otp, json!({"updatePhoneNumber": true}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    ada
}

#[test]
fn case_013_the_numbers_of_many_strangers_tell_nobody_whose_is_known() {
    let world = world_with(PhoneNumberOptions::default(), |options| options.rate_limit.enabled = Some(true));
    ada_with_number(&world);
    let effects = |number: &str| {
        world.advance_secs(61);
        let request = TestRequest::json("/phone-number/request-password-reset", &json!({ "phoneNumber": number }));
        let (answer, mut effects) = observed(&world, world.begin(world.browser().prepare(&request)));
        assert_eq!(answer.status, 200, "{}", answer.text);
        effects.retain(|effect| !["Deliver", "Cache"].contains(effect));
        effects
    };
    let strangers: Vec<_> = (10..22).map(|at| effects(&format!("+155502{at}"))).collect();
    let known = effects(NUMBER);
    assert!(strangers.iter().all(|stranger| *stranger == known), "{strangers:?} {known:?}");
}

#[test]
fn a_number_makes_a_user_and_signs_in() {
    let world = open();
    let otp = code(&world, NUMBER);
    assert!(otp.len() == 6 && otp.bytes().all(|byte| byte.is_ascii_digit()), "{otp}");
    let mut browser = world.browser();
    let answer = verify(&mut browser, NUMBER, &otp, json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = browser.get("/get-session").json;
    let whole = json!({"status": true, "token": session["session"]["token"], "user": session["user"]});
    assert_eq!(answer.json, whole);
    let user = &session["user"];
    let said = (&user["name"], &user["phoneNumber"], &user["phoneNumberVerified"], &user["emailVerified"]);
    assert_eq!(said, (&json!(NUMBER), &json!(NUMBER), &json!(true), &json!(false)));
    assert_eq!(told(&verify(&mut world.browser(), NUMBER, &otp, json!({}))), GONE);
    let otp = code(&world, NUMBER);
    assert_eq!(told(&verify(&mut world.browser(), NUMBER, &otp, json!({}))), OK);
    assert_eq!((world.rows("user").len(), world.rows("session").len()), (1, 2));
}

#[test]
fn case_165_a_placeholder_address_is_nobodys_and_unproven() {
    let world = open();
    for number in [NUMBER, "+15550101"] {
        let otp = code(&world, number);
        verify(&mut world.browser(), number, &otp, json!({}));
    }
    let users = world.rows("user");
    for user in &users {
        let (id, domain) = user.text("email").split_once('@').unwrap();
        assert_eq!((id.len(), domain), (32, "phone-number.placeholder.invalid"), "no mail reaches it");
        assert!(!user.flag("emailVerified"));
    }
    assert_ne!(users[0].text("email"), users[1].text("email"));
}

#[test]
fn case_046_a_number_does_not_outlive_the_proof_of_an_address_that_it_only_named() {
    const VICTIM: &str = "victim@example.com";
    let phone_number = Box::new(PhoneNumber::new(PhoneNumberOptions::default()));
    let world = World::with_plugins(options(), vec![phone_number, Box::new(MagicLink::default())]);
    let mut eve = world.browser();
    eve.sign_up(VICTIM);
    let hers = code(&world, NUMBER);
    assert_eq!(verify(&mut eve, NUMBER, &hers, json!({"updatePhoneNumber": true})).status, 200);
    assert_eq!(sign_in(&world, NUMBER, PASSWORD).status, 200);
    let _ = world.take_messages();
    world.browser().post("/sign-in/magic-link", json!({"email": VICTIM}));
    let link = world.take_message().url.unwrap();
    let mut victim = world.browser();
    victim.get(link.strip_prefix("http://localhost:3000/api/auth").unwrap());
    let user = victim.get("/get-session").json["user"].clone();
    assert_eq!((&user["email"], &user["phoneNumber"]), (&json!(VICTIM), &Json::Null));
    let row = world.rows("user").remove(0);
    assert!(row.get("phoneNumber").is_null() && !row.flag("phoneNumberVerified"));
    assert_eq!(sign_in(&world, NUMBER, PASSWORD).status, 401);
    let again = code(&world, NUMBER);
    let _ = verify(&mut world.browser(), NUMBER, &again, json!({}));
    assert_eq!(world.rows("session").len(), 1, "the victim's");
}

#[test]
fn nobody_becomes_a_user_unless_that_is_so() {
    let world = changed(|_| {});
    let otp = code(&world, NUMBER);
    assert_eq!(told(&verify(&mut world.browser(), NUMBER, &otp, json!({}))), (400, "FAILED_TO_UPDATE_USER"));
    assert_eq!(told(&verify(&mut world.browser(), NUMBER, &otp, json!({}))), GONE);
    assert!(world.rows("user").is_empty());
}

#[test]
fn new_users_are_as_the_application_makes_them() {
    let mut own = PhoneNumberOptions::default();
    own.sign_up_on_verification = Some(
        SignUp::default()
            .temp_email(|number| format!("t{}@own.invalid", &number[1..]))
            .temp_name(|number| format!("Caller {number}")),
    );
    let world = world_with(own, |options| {
        options.user.additional_fields.insert("plan".to_owned(), AdditionalField::text());
    });
    let otp = code(&world, NUMBER);
    assert_eq!(told(&verify(&mut world.browser(), NUMBER, &otp, json!({}))), (400, "MISSING_FIELD"));
    let set = json!({"plan": "gold", "phoneNumberVerified": true});
    assert_eq!(told(&verify(&mut world.browser(), NUMBER, &otp, set)), (400, "FIELD_NOT_ALLOWED"));
    let answer = verify(&mut world.browser(), NUMBER, &otp, json!({"plan": "gold", "disableSession": true}));
    let user = &answer.json["user"];
    let said = (&user["email"], &user["name"], &user["plan"], &answer.json["token"]);
    assert_eq!(
        said,
        (&json!("t15550100@own.invalid"), &json!(format!("Caller {NUMBER}")), &json!("gold"), &Json::Null)
    );
    assert!(world.rows("session").is_empty() && answer.cookies.is_empty());
}

#[test]
fn case_160_wrong_guesses_are_counted_and_a_code_ends() {
    let world = open();
    let otp = code(&world, NUMBER);
    let guess = |guess: &str| {
        let answer = verify(&mut world.browser(), NUMBER, guess, json!({}));
        (answer.status, answer.code().to_owned())
    };
    for _ in 0..3 {
        assert_eq!(guess(&other(&otp)), (400, "INVALID_OTP".to_owned()));
    }
    assert_eq!(guess(&otp), (403, "TOO_MANY_ATTEMPTS".to_owned()));
    assert_eq!(guess(&otp), (400, "OTP_NOT_FOUND".to_owned()));
    let otp = code(&world, NUMBER);
    world.advance_secs(301);
    let over = if place() == Place::Secondary { "OTP_NOT_FOUND" } else { "OTP_EXPIRED" };
    assert_eq!(guess(&otp), (400, over.to_owned()));
    let otp = code(&world, NUMBER);
    assert_eq!(guess(&format!("{otp}:0")).1, "INVALID_OTP");
    assert_eq!(told(&verify(&mut world.browser(), "+15550199", &otp, json!({}))), GONE, "it is for one number");
    let reset = json!({"phoneNumber": NUMBER, "otp": otp, "newPassword": NEW});
    assert_eq!(told(&world.browser().post("/phone-number/reset-password", reset)), GONE, "and for one thing");
    assert!(world.rows("user").is_empty());
}

#[test]
fn case_160_a_number_is_sent_so_many_codes_whoever_asks() {
    let world = world_with(PhoneNumberOptions::default(), |options| {
        options.rate_limit.enabled = Some(true);
        options.rate_limit.messages_per_address = CustomRule::Limit { window: 600, max: 2 };
    });
    ada_with_number(&world);
    let ask = |path: &str, number: &str| {
        let asked = (1..=4).map(|at| {
            let request = TestRequest::json(format!("/phone-number/{path}"), &json!({"phoneNumber": number}));
            let answer = world.browser().send(&request.header("x-forwarded-for", format!("192.0.2.{at}")));
            (answer.status, answer.text)
        });
        (asked.collect::<Vec<_>>(), world.take_messages().len())
    };
    // Hers has had a code already. What a stranger is told is the same.
    for (path, hers, another) in [("send-otp", 1, 2), ("request-password-reset", 2, 0)] {
        let (known, unknown) = (ask(path, NUMBER), ask(path, "+15550199"));
        assert_eq!((known.1, unknown.1), (hers, another), "{path}");
        assert_eq!(known.0, unknown.0, "{path}");
        assert!(known.0.iter().all(|(status, _)| *status == 200), "{path}");
    }
    world.advance_secs(601);
    assert_eq!(ask("send-otp", NUMBER).1, 2, "in ten minutes");
}

#[test]
fn whoever_is_signed_in_gets_a_number_by_proving_it() {
    let world = open();
    let mut ada = world.browser();
    ada.sign_up(ADA);
    let _ = world.take_messages();
    let update = json!({"updatePhoneNumber": true});
    let otp = code(&world, NUMBER);
    let answer = verify(&mut world.browser(), NUMBER, &otp, update.clone());
    assert_eq!(told(&answer), (401, "USER_NOT_FOUND"), "nobody is signed in");
    assert_eq!(told(&verify(&mut ada, NUMBER, &otp, update.clone())), GONE);
    let otp = code(&world, NUMBER);
    let answer = verify(&mut ada, NUMBER, &otp, update.clone());
    let session = ada.get("/get-session").json;
    assert_eq!(answer.json["token"], session["session"]["token"]);
    assert_eq!((&answer.json["user"], &session["user"]["phoneNumber"]), (&session["user"], &json!(NUMBER)));
    let mut bob = world.browser();
    bob.sign_up("bob@example.com");
    let _ = world.take_messages();
    let otp = code(&world, NUMBER);
    assert_eq!(told(&verify(&mut bob, NUMBER, &otp, update.clone())), (400, "PHONE_NUMBER_EXIST"));
    let otp = code(&world, "+15550101");
    assert_eq!(told(&verify(&mut ada, "+15550101", &otp, update)), OK, "she changes it");
    assert_eq!(ada.get("/get-session").json["user"]["phoneNumber"], "+15550101");
    assert_eq!(ada.post("/update-user", json!({"phoneNumber": null})).status, 200);
    let user = ada.get("/get-session").json["user"].clone();
    assert_eq!((&user["phoneNumber"], &user["phoneNumberVerified"]), (&Json::Null, &json!(false)));
}

#[test]
fn case_160_a_number_is_set_in_no_other_way() {
    let world = open();
    let mut ada = ada_with_number(&world);
    for body in [json!({"phoneNumber": "+15550101"}), json!({"phoneNumber": ""}), json!({"phoneNumber": 5})] {
        assert_eq!(told(&ada.post("/update-user", body)), (400, "PHONE_NUMBER_CANNOT_BE_UPDATED"));
    }
    assert_eq!(told(&ada.post("/update-user", json!({"phoneNumberVerified": true}))), (400, "FIELD_NOT_ALLOWED"));
    for (email, number) in [("bob@example.com", "+15550102"), (ADA, "+15550102")] {
        let body = json!({"name": "x", "email": email, "password": PASSWORD, "phoneNumber": number});
        let answer = world.browser().post("/sign-up/email", body);
        assert_eq!(told(&answer), (400, "PHONE_NUMBER_CANNOT_BE_SET"), "{email}");
    }
    assert_eq!(world.rows("user").len(), 1);
    assert_eq!(world.rows("user")[0].get("phoneNumber"), &Value::from(NUMBER));
}

#[test]
fn case_012_a_number_and_a_password_sign_in_and_refusals_are_alike() {
    let world = open();
    ada_with_number(&world);
    let answer = sign_in(&world, NUMBER, PASSWORD);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.json["token"].is_string() && answer.json["user"]["phoneNumber"] == NUMBER);
    let forgets = json!({"phoneNumber": NUMBER, "password": PASSWORD, "rememberMe": false});
    let answer = world.browser().post("/sign-in/phone-number", forgets);
    assert_eq!(answer.cookie("better-auth.session_token").unwrap().attributes.max_age, None);
    let otp = code(&world, "+15550101");
    verify(&mut world.browser(), "+15550101", &otp, json!({}));
    for (number, password) in [(NUMBER, "wrong password"), ("+15550199", PASSWORD), ("+15550101", PASSWORD)] {
        let body = json!({"phoneNumber": number, "password": password});
        let request = world.browser().prepare(&TestRequest::json("/sign-in/phone-number", &body));
        let (answer, effects) = super::stepping::observed(&world, world.begin(request));
        assert_eq!(told(&answer), REFUSED, "{number}");
        assert_eq!(effects.iter().filter(|effect| **effect == "Verify").count(), 1, "{number}: {effects:?}");
    }
    assert_eq!(told(&sign_in(&world, NUMBER, &"x".repeat(129))), (400, "PASSWORD_TOO_LONG"));
    assert_eq!(told(&sign_in(&world, "\0", PASSWORD)), (400, "INVALID_PHONE_NUMBER"));
}

#[test]
fn an_unproven_number_signs_in_only_where_that_is_enough() {
    for required in [false, true] {
        let world = changed(|options| options.require_verification = required);
        ada_with_number(&world);
        let unproven = Row::new().with("phoneNumberVerified", false);
        write(&world, Batch::new().update("user", Filter::eq("email", ADA), unproven, Expect::Rows(1)));
        assert_eq!(told(&sign_in(&world, NUMBER, "wrong password")), REFUSED);
        assert!(world.take_messages().is_empty(), "a stranger sends her nothing");
        let ask = || world.browser().post("/phone-number/request-password-reset", json!({"phoneNumber": NUMBER}));
        if !required {
            assert_eq!(told(&sign_in(&world, NUMBER, PASSWORD)), OK);
            assert_eq!((ask().status, world.take_messages().len()), (200, 1));
            continue;
        }
        assert_eq!((ask().status, world.take_messages().len()), (200, 0));
        assert_eq!(told(&sign_in(&world, NUMBER, PASSWORD)), (401, "PHONE_NUMBER_NOT_VERIFIED"));
        let otp = world.take_message().otp.unwrap();
        assert_eq!(told(&verify(&mut world.browser(), NUMBER, &otp, json!({}))), OK);
        assert_eq!(told(&sign_in(&world, NUMBER, PASSWORD)), OK);
    }
}

#[test]
fn a_reset_waits_until_the_number_is_proven() {
    let world = changed(|options| options.require_verification = true);
    ada_with_number(&world);
    world.browser().post("/phone-number/request-password-reset", json!({"phoneNumber": NUMBER}));
    let otp = world.take_message().otp.unwrap();
    let proven = |is: bool| {
        let set = Row::new().with("phoneNumberVerified", is);
        write(&world, Batch::new().update("user", Filter::eq("email", ADA), set, Expect::Rows(1)));
    };
    let body = json!({"phoneNumber": NUMBER, "otp": otp, "newPassword": NEW});
    let reset = || world.browser().post("/phone-number/reset-password", body.clone());
    proven(false);
    assert_eq!(told(&reset()), (400, "PHONE_NUMBER_PENDING_VERIFICATION"));
    assert_eq!(told(&sign_in(&world, NUMBER, NEW)), REFUSED);
    let _ = world.take_messages();
    proven(true);
    assert_eq!(reset().status, 200, "the code is good until it is used");
    assert_eq!(told(&sign_in(&world, NUMBER, NEW)), OK);
}

#[test]
fn a_forgotten_password_is_replaced_by_a_code() {
    let world = world_with(PhoneNumberOptions::default(), |options| {
        options.email_and_password.revoke_sessions_on_password_reset = true;
    });
    let mut ada = ada_with_number(&world);
    let ask =
        |number: &str| world.browser().post("/phone-number/request-password-reset", json!({"phoneNumber": number}));
    for nobody in ["+15550199", "", "\0", &"9".repeat(500)] {
        let answer = ask(nobody);
        assert_eq!((answer.status, answer.json), (200, json!({"status": true})), "{nobody:?}");
    }
    assert!(world.take_messages().is_empty() && world.rows("verification").is_empty());
    assert_eq!(ask(NUMBER).json, json!({"status": true}));
    let message = world.take_message();
    assert_eq!((message.kind, message.channel, &*message.to), ("phone-number-reset-otp", Channel::Text, NUMBER));
    let otp = message.otp.unwrap();
    let reset = |otp: &str, password: &str| {
        let body = json!({"phoneNumber": NUMBER, "otp": otp, "newPassword": password});
        world.browser().post("/phone-number/reset-password", body)
    };
    assert_eq!(told(&reset(&otp, "short")), (400, "PASSWORD_TOO_SHORT"));
    assert_eq!(told(&reset(&other(&otp), NEW)), INVALID);
    let answer = reset(&otp, NEW);
    assert_eq!((answer.status, answer.json), (200, json!({"status": true})));
    assert_eq!(told(&reset(&otp, NEW)), GONE);
    assert!(ada.get("/get-session").json.is_null());
    assert_eq!((told(&sign_in(&world, NUMBER, NEW)), told(&sign_in(&world, NUMBER, PASSWORD))), (OK, REFUSED));
}

#[test]
fn a_first_password_comes_by_a_code() {
    let world = open();
    let otp = code(&world, NUMBER);
    verify(&mut world.browser(), NUMBER, &otp, json!({}));
    world.browser().post("/phone-number/request-password-reset", json!({"phoneNumber": NUMBER}));
    let body = json!({"phoneNumber": NUMBER, "otp": world.take_message().otp, "newPassword": NEW});
    assert_eq!(told(&world.browser().post("/phone-number/reset-password", body)), OK);
    assert_eq!(told(&sign_in(&world, NUMBER, NEW)), OK);
}

#[test]
fn the_application_says_which_numbers_there_are() {
    let options = PhoneNumberOptions::default().phone_number_validator(async |number| number.starts_with("+31"));
    let world = world_with(options, |_| {});
    let send = |number: &str| world.browser().post("/phone-number/send-otp", json!({"phoneNumber": number}));
    assert_eq!(told(&send(NUMBER)), (400, "INVALID_PHONE_NUMBER"));
    assert_eq!(told(&sign_in(&world, NUMBER, PASSWORD)), (400, "INVALID_PHONE_NUMBER"));
    assert_eq!(send("+31205550100").status, 200);
    assert_eq!(told(&sign_in(&world, "+31205550100", PASSWORD)), REFUSED);
}

#[test]
fn the_application_judges_codes_of_its_own() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let mut options = PhoneNumberOptions::default().verify_otp(move |number, code| {
        seen.lock().unwrap().push((number, code.clone()));
        async move { code == "from elsewhere" }
    });
    options.sign_up_on_verification = Some(SignUp::default());
    let world = world_with(options, |_| {});
    let stored = code(&world, NUMBER);
    assert_eq!(told(&verify(&mut world.browser(), NUMBER, &stored, json!({}))), INVALID);
    assert_eq!(told(&verify(&mut world.browser(), NUMBER, "from elsewhere", json!({}))), OK);
    assert!(world.rows("verification").is_empty(), "what was stored goes with it");
    let body = json!({"phoneNumber": NUMBER, "otp": "from elsewhere", "newPassword": NEW});
    assert_eq!(told(&world.browser().post("/phone-number/reset-password", body)), OK);
    assert_eq!(told(&sign_in(&world, NUMBER, NEW)), OK);
    assert_eq!(asked.lock().unwrap().len(), 3);
    assert_eq!(asked.lock().unwrap()[1], (NUMBER.to_owned(), "from elsewhere".to_owned()));
}

#[test]
fn the_application_is_told_of_proven_numbers() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&seen);
    let mut options = PhoneNumberOptions::default().on_verification(move |number, user| {
        tell.lock().unwrap().push((number, user.text("phoneNumber").to_owned()));
        async {}
    });
    options.sign_up_on_verification = Some(SignUp::default());
    let world = world_with(options, |_| {});
    let otp = code(&world, NUMBER);
    verify(&mut world.browser(), NUMBER, &other(&otp), json!({}));
    assert!(seen.lock().unwrap().is_empty());
    verify(&mut world.browser(), NUMBER, &otp, json!({}));
    assert_eq!(*seen.lock().unwrap(), [(NUMBER.to_owned(), NUMBER.to_owned())]);
}

#[test]
fn what_is_not_sent_is_said_so() {
    let world = changed(|options| (options.send_otp, options.send_password_reset_otp) = (false, false));
    let answer = world.browser().post("/phone-number/send-otp", json!({"phoneNumber": NUMBER}));
    assert_eq!(told(&answer), (501, "SEND_OTP_NOT_IMPLEMENTED"));
    let answer = world.browser().post("/phone-number/request-password-reset", json!({"phoneNumber": NUMBER}));
    assert_eq!((answer.status, answer.json), (200, json!({"status": true})));
    assert!(world.take_messages().is_empty());
}

#[test]
fn the_servers_own_code_spends_a_code_for_nothing() {
    let world = open();
    let otp = code(&world, NUMBER);
    let consume = |code: &str| {
        let body = consume::Body { phone_number: NUMBER.to_owned(), code: code.to_owned() };
        now(world.api().consume_phone_number_otp(body))
    };
    assert_eq!(consume(&other(&otp)).unwrap_err().code(), Some("INVALID_OTP"));
    assert!(consume(&otp).unwrap().value.status);
    assert_eq!(consume(&otp).unwrap_err().code(), Some("OTP_NOT_FOUND"));
    assert!(world.rows("user").is_empty());
    let body = json!({"phoneNumber": NUMBER, "code": otp});
    assert_eq!(world.browser().post("/phone-number/consume-otp", body).status, 404);
}

#[test]
fn of_two_with_one_code_at_once_one_is_signed_in() {
    for known in [false, true] {
        let stage = || {
            let world = open();
            if known {
                let otp = code(&world, NUMBER);
                verify(&mut world.browser(), NUMBER, &otp, json!({}));
            }
            let body = json!({"phoneNumber": NUMBER, "code": code(&world, NUMBER)});
            let request = TestRequest::json("/phone-number/verify", &body);
            let requests = [world.browser().prepare(&request), world.browser().prepare(&request)];
            (world, requests)
        };
        each_interleaving(stage, |world, first, second| {
            let won = [&first, &second].iter().filter(|answer| answer.status == 200).count();
            assert_eq!(won, 1, "{} / {}", first.text, second.text);
            assert!([&first, &second].iter().all(|answer| [OK, INVALID, GONE].contains(&told(answer))));
            assert_eq!(world.rows("user").len(), 1);
        });
    }
}

#[test]
fn case_205_one_number_is_one_users_however_requests_meet() {
    let stage = || {
        let world = open();
        let request = |world: &World, who: &str, number: &str| {
            let mut browser = world.browser();
            browser.sign_up(who);
            let _ = world.take_messages();
            let body = json!({"phoneNumber": number, "code": code(world, number), "updatePhoneNumber": true});
            browser.prepare(&TestRequest::json("/phone-number/verify", &body))
        };
        let first = request(&world, ADA, NUMBER);
        let second = request(&world, "bob@example.com", "+15550101");
        (world, [first, second])
    };
    each_interleaving(stage, |world, first, second| {
        assert_eq!((told(&first), told(&second)), (OK, OK));
        let mut numbers: Vec<_> = world.rows("user").iter().map(|user| user.text("phoneNumber").to_owned()).collect();
        numbers.sort();
        assert_eq!(numbers, [NUMBER, "+15550101"]);
        let twice = Row::new().with("phoneNumber", NUMBER).with("phoneNumberVerified", true);
        let taken = Batch::new().update("user", Filter::eq("phoneNumber", "+15550101"), twice, Expect::Rows(1));
        let outcome = world.outside.perform_now(kernia::engine::Effect::Write(taken));
        assert!(format!("{outcome:?}").contains("Unique"), "{outcome:?}");
    });
}

#[test]
fn every_route_is_limited() {
    let world = world_with(PhoneNumberOptions::default(), |options| options.rate_limit.enabled = Some(true));
    for (path, most) in [
        ("/phone-number/send-otp", 10),
        ("/phone-number/verify", 10),
        ("/phone-number/request-password-reset", 10),
        ("/phone-number/reset-password", 10),
        ("/sign-in/phone-number", 3),
    ] {
        let ask = || {
            let request = TestRequest::json(path, &json!({})).header("x-forwarded-for", "192.0.2.1");
            world.browser().send(&request).status
        };
        assert!((0..most).all(|_| ask() == 400), "{path}");
        assert_eq!(ask(), 429, "{path}");
    }
}

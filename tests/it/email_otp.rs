//! The email OTP plugin.

use kernia::{
    domain::{
        options::{AdditionalField, Options},
        stored_secret::StoreCode,
    },
    plugins::{
        EmailOtp, EmailOtpOptions,
        email_otp::{
            Purpose, Resend,
            routes::{get::Query, send::Body},
        },
    },
    store::{Batch, Expect, Filter, Row},
    testing::{Browser, PASSWORD, TestRequest, TestResponse, options},
};
use serde_json::{Value as Json, json};

use super::{Place, World, place, race::each_interleaving, stepping::write};
use crate::api::now;

const ADA: &str = "ada@example.com";
const NEW: &str = "a brand new password";
const INVALID: (u16, &str) = (400, "INVALID_OTP");
const OK: (u16, &str) = (200, "");

fn world_with(email_otp: EmailOtpOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(EmailOtp::new(email_otp))])
}

fn changed(change: impl FnOnce(&mut EmailOtpOptions)) -> World {
    let mut email_otp = EmailOtpOptions::default();
    change(&mut email_otp);
    world_with(email_otp, |_| {})
}

fn world() -> World {
    changed(|_| {})
}

fn told(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

/// Asks for a code and answers it.
fn code(world: &World, email: &str, purpose: &str) -> String {
    let answer = world.browser().post("/email-otp/send-verification-otp", json!({"email": email, "type": purpose}));
    assert_eq!((answer.status, answer.json), (200, json!({"success": true})));
    let message = world.take_message();
    assert_eq!(message.kind, format!("{purpose}-otp"));
    message.otp.unwrap()
}

fn sign_in(browser: &mut Browser<'_>, email: &str, otp: &str) -> TestResponse {
    browser.post("/sign-in/email-otp", json!({"email": email, "otp": otp, "name": "Ada"}))
}

fn check(world: &World, purpose: &str, otp: &str) -> (u16, String) {
    let body = json!({"email": ADA, "type": purpose, "otp": otp});
    let answer = world.browser().post("/email-otp/check-verification-otp", body);
    (answer.status, answer.code().to_owned())
}

fn other(code: &str) -> String {
    let last = code.as_bytes()[code.len() - 1];
    format!("{}{}", &code[..code.len() - 1], if last == b'9' { 0 } else { last - b'0' + 1 })
}

/// A browser in which somebody has just signed up.
fn signed_up<'w>(world: &'w World, email: &str) -> Browser<'w> {
    let mut browser = world.browser();
    browser.sign_up(email);
    let _ = world.take_messages();
    browser
}

#[test]
fn a_code_makes_a_user_and_signs_in() {
    let world = world();
    let otp = code(&world, "Ada@Example.com", "sign-in");
    assert!(otp.len() == 6 && otp.bytes().all(|byte| byte.is_ascii_digit()), "{otp}");
    let mut browser = world.browser();
    let answer = sign_in(&mut browser, "ADA@example.com", &otp);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = browser.get("/get-session").json;
    assert_eq!(answer.json, json!({"token": session["session"]["token"], "user": session["user"]}));
    assert_eq!((&session["user"]["email"], &session["user"]["emailVerified"]), (&json!(ADA), &json!(true)));
    assert_eq!(told(&sign_in(&mut world.browser(), ADA, &otp)), INVALID, "it is spent");
    assert!(world.rows("verification").is_empty() && world.rows("account").is_empty());
    let otp = code(&world, ADA, "sign-in");
    assert_eq!(told(&sign_in(&mut world.browser(), ADA, &otp)), OK);
    assert_eq!(world.rows("user").len(), 1);
}

#[test]
fn new_users_bring_the_fields_that_clients_may_set() {
    let world = world_with(EmailOtpOptions::default(), |options| {
        options.user.additional_fields.insert("plan".to_owned(), AdditionalField::text().default_value("free"));
        options.user.additional_fields.insert("country".to_owned(), AdditionalField::text());
        let mut level = AdditionalField::text().server_only();
        level.required = false;
        options.user.additional_fields.insert("level".to_owned(), level);
    });
    let otp = code(&world, ADA, "sign-in");
    let ask = |more: Json| {
        let mut body = json!({"email": ADA, "otp": otp});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.browser().post("/sign-in/email-otp", body)
    };
    assert_eq!(told(&ask(json!({}))), (400, "MISSING_FIELD"));
    assert_eq!(told(&ask(json!({"country": "NL", "level": "9"}))), (400, "FIELD_NOT_ALLOWED"));
    let answer = ask(json!({"country": "NL", "image": "https://example.com/a.png"}));
    let user = &answer.json["user"];
    let told = (&user["country"], &user["plan"], &user["image"], &user["name"]);
    assert_eq!(told, (&json!("NL"), &json!("free"), &json!("https://example.com/a.png"), &json!("")));
}

#[test]
fn who_may_not_sign_up_learns_nothing() {
    let world = changed(|options| options.disable_sign_up = true);
    let answer = world.browser().post("/email-otp/send-verification-otp", json!({"email": ADA, "type": "sign-in"}));
    assert_eq!((answer.status, answer.json), (200, json!({"success": true})));
    assert!(world.take_messages().is_empty() && world.rows("verification").is_empty());
    assert_eq!(told(&sign_in(&mut world.browser(), ADA, "012345")), INVALID);
    let body = Body { email: ADA.to_owned(), purpose: Purpose::SignIn };
    let otp = now(world.api().create_verification_otp(body)).unwrap().value;
    assert_eq!(told(&sign_in(&mut world.browser(), ADA, &otp)), INVALID, "the server sent it, and she still may not");
    assert!(world.rows("user").is_empty() && world.rows("verification").is_empty());
}

#[test]
fn only_an_address_that_is_somebodys_is_written_to() {
    let world = world();
    for purpose in ["email-verification", "forget-password"] {
        let body = json!({"email": "nobody@example.com", "type": purpose});
        let answer = world.browser().post("/email-otp/send-verification-otp", body);
        assert_eq!((answer.status, answer.json), (200, json!({"success": true})), "{purpose}");
    }
    for path in ["/email-otp/request-password-reset", "/forget-password/email-otp"] {
        let answer = world.browser().post(path, json!({"email": "nobody@example.com"}));
        assert_eq!((answer.status, answer.json), (200, json!({"success": true})), "{path}");
    }
    assert!(world.take_messages().is_empty() && world.rows("verification").is_empty());
    let body = json!({"email": ADA, "type": "change-email"});
    let answer = world.browser().post("/email-otp/send-verification-otp", body);
    assert_eq!((answer.status, answer.json), (400, json!({"message": "Invalid OTP type"})));
    let answer = world.browser().post("/email-otp/send-verification-otp", json!({"email": "x", "type": "sign-in"}));
    assert_eq!(told(&answer), (400, "INVALID_EMAIL"));
}

#[test]
fn a_code_is_good_for_one_thing_and_one_address() {
    let world = world();
    signed_up(&world, ADA);
    let otp = code(&world, ADA, "email-verification");
    assert_eq!(told(&sign_in(&mut world.browser(), ADA, &otp)), INVALID);
    assert_eq!(told(&sign_in(&mut world.browser(), "bob@example.com", &otp)), INVALID);
    let reset = json!({"email": ADA, "otp": otp, "password": NEW});
    assert_eq!(told(&world.browser().post("/email-otp/reset-password", reset)), INVALID);
    assert_eq!(check(&world, "email-verification", &otp).0, 200);
}

#[test]
fn wrong_guesses_are_counted_whatever_route_they_come_by() {
    let world = world();
    signed_up(&world, ADA);
    let otp = code(&world, ADA, "email-verification");
    let wrong = other(&otp);
    assert_eq!(check(&world, "email-verification", &wrong), (400, "INVALID_OTP".to_owned()));
    let verify = |otp: &str| world.browser().post("/email-otp/verify-email", json!({"email": ADA, "otp": otp}));
    assert_eq!(told(&verify(&wrong)), INVALID);
    assert_eq!(check(&world, "email-verification", &otp).0, 200, "looking does not count, and forgives nothing");
    assert_eq!(told(&verify(&wrong)), INVALID);
    assert_eq!(told(&verify(&otp)), (403, "TOO_MANY_ATTEMPTS"));
    assert_eq!(told(&verify(&otp)), INVALID, "it is gone");
    assert!(!world.rows("user")[0].flag("emailVerified"));
}

#[test]
fn a_code_ends_in_time() {
    let world = changed(|options| options.expires_in = 60);
    let otp = code(&world, ADA, "sign-in");
    world.advance_secs(61);
    let code = if place() == Place::Secondary { "INVALID_OTP" } else { "OTP_EXPIRED" };
    assert_eq!(told(&sign_in(&mut world.browser(), ADA, &otp)), (400, code));
    assert_eq!(told(&sign_in(&mut world.browser(), ADA, &otp)), INVALID);
}

#[test]
fn an_address_is_proven_by_a_code() {
    for signs_in in [false, true] {
        let world = world_with(EmailOtpOptions::default(), |options| {
            options.email_verification.auto_sign_in_after_verification = signs_in;
            options.session.cookie_cache.enabled = true;
        });
        let mut ada = signed_up(&world, ADA);
        let otp = code(&world, ADA, "email-verification");
        let answer = ada.post("/email-otp/verify-email", json!({"email": ADA, "otp": otp}));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json["status"], true);
        assert_eq!(answer.json["token"].is_string(), signs_in);
        assert_eq!(answer.json["user"]["emailVerified"], true);
        assert_eq!(ada.get("/get-session").json["user"]["emailVerified"], true, "the cookie says so too");
        assert_eq!(world.rows("session").len(), if signs_in { 2 } else { 1 });
    }
}

#[test]
fn a_code_of_somebody_who_is_gone_proves_nothing() {
    let world = world();
    let body = || Body { email: ADA.to_owned(), purpose: Purpose::EmailVerification };
    let otp = now(world.api().create_verification_otp(body())).unwrap().value;
    assert_eq!(check(&world, "email-verification", &otp), (400, "USER_NOT_FOUND".to_owned()));
    let verify = || world.browser().post("/email-otp/verify-email", json!({"email": ADA, "otp": otp}));
    assert_eq!(told(&verify()), (400, "USER_NOT_FOUND"));
    assert_eq!(told(&verify()), INVALID);
}

#[test]
fn a_forgotten_password_is_replaced_by_a_code() {
    for path in ["/email-otp/request-password-reset", "/forget-password/email-otp"] {
        let world = world_with(EmailOtpOptions::default(), |options| {
            options.email_and_password.revoke_sessions_on_password_reset = true;
        });
        let mut ada = signed_up(&world, ADA);
        let verified = Row::new().with("emailVerified", true);
        write(&world, Batch::new().update("user", Filter::eq("email", ADA), verified, Expect::Rows(1)));
        assert_eq!(world.browser().post(path, json!({"email": ADA})).status, 200);
        let otp = world.take_message().otp.unwrap();
        let reset = |otp: &str, password: &str| {
            let body = json!({"email": ADA, "otp": otp, "password": password});
            world.browser().post("/email-otp/reset-password", body)
        };
        assert_eq!(told(&reset(&otp, "short")), (400, "PASSWORD_TOO_SHORT"));
        assert_eq!(told(&reset(&other(&otp), NEW)), INVALID);
        assert_eq!(check(&world, "forget-password", &otp).0, 200);
        let answer = reset(&otp, NEW);
        assert_eq!((answer.status, answer.json), (200, json!({"success": true})));
        assert_eq!(told(&reset(&otp, NEW)), INVALID);
        assert!(ada.get("/get-session").json.is_null());
        let sign_in = |password| world.browser().post("/sign-in/email", json!({"email": ADA, "password": password}));
        assert_eq!((sign_in(NEW).status, sign_in(PASSWORD).status), (200, 401));
    }
}

#[test]
fn case_046_who_has_a_code_is_rid_of_whoever_signed_up_with_the_address_before() {
    for by_reset in [false, true] {
        let world = world();
        let mut eve = signed_up(&world, ADA);
        let password = if by_reset { NEW } else { PASSWORD };
        let mut ada = world.browser();
        if by_reset {
            let otp = code(&world, ADA, "forget-password");
            let body = json!({"email": ADA, "otp": otp, "password": NEW});
            assert_eq!(told(&ada.post("/email-otp/reset-password", body)), OK);
        } else {
            let otp = code(&world, ADA, "sign-in");
            assert_eq!(told(&sign_in(&mut ada, ADA, &otp)), OK);
        }
        assert!(eve.get("/get-session").json.is_null());
        let answer = world.browser().post("/sign-in/email", json!({"email": ADA, "password": password}));
        assert_eq!(answer.status, if by_reset { 200 } else { 401 }, "{}", answer.text);
        assert_eq!(world.rows("account").len(), usize::from(by_reset), "{:?}", world.rows("account"));
        assert!(world.rows("user")[0].flag("emailVerified"));
    }
}

#[test]
fn an_address_is_changed_by_codes() {
    for agrees in [false, true] {
        let world = changed(|options| {
            options.change_email.enabled = true;
            options.change_email.verify_current_email = agrees;
        });
        let mut ada = signed_up(&world, ADA);
        let begin = |browser: &mut Browser<'_>, more: Json| {
            let mut body = json!({"newEmail": "New@Example.com"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            browser.post("/email-otp/request-email-change", body)
        };
        let more = if agrees {
            let answer = begin(&mut ada, json!({}));
            assert_eq!(answer.json["message"], "OTP is required to verify current email");
            let otp = code(&world, ADA, "email-verification");
            assert_eq!(told(&begin(&mut ada, json!({"otp": other(&otp)}))), INVALID);
            json!({"otp": otp})
        } else {
            json!({})
        };
        let answer = begin(&mut ada, more.clone());
        assert_eq!((answer.status, answer.json), (200, json!({"success": true})));
        let message = world.take_message();
        assert_eq!((message.kind, message.to.as_str()), ("change-email-otp", "new@example.com"));
        let otp = message.otp.unwrap();
        if agrees {
            assert_eq!(told(&begin(&mut ada, more)), INVALID, "the old address has agreed once");
        }
        let change = |browser: &mut Browser<'_>, otp: &str| {
            browser.post("/email-otp/change-email", json!({"newEmail": "NEW@example.com", "otp": otp}))
        };
        assert_eq!(told(&change(&mut signed_up(&world, "eve@example.com"), &otp)), INVALID, "it is another's");
        assert_eq!(told(&change(&mut ada, &other(&otp))), INVALID);
        let answer = change(&mut ada, &otp);
        assert_eq!((answer.status, answer.json), (200, json!({"success": true})));
        let user = ada.get("/get-session").json["user"].clone();
        assert_eq!((&user["email"], &user["emailVerified"]), (&json!("new@example.com"), &json!(true)));
    }
}

#[test]
fn changing_to_a_taken_address_looks_like_changing_to_a_free_one() {
    let world = changed(|options| options.change_email.enabled = true);
    let mut ada = signed_up(&world, ADA);
    signed_up(&world, "bob@example.com");
    let mut begin = |email: &str| ada.post("/email-otp/request-email-change", json!({"newEmail": email}));
    let answer = begin("bob@example.com");
    assert_eq!((answer.status, answer.json), (200, json!({"success": true})));
    assert!(world.take_messages().is_empty() && world.rows("verification").is_empty());
    assert_eq!(begin(ADA).json["message"], "Email is the same");
    assert_eq!(told(&begin("x")), (400, "INVALID_EMAIL"));
    begin("cleo@example.com");
    let otp = world.take_message().otp.unwrap();
    signed_up(&world, "cleo@example.com");
    let body = json!({"newEmail": "cleo@example.com", "otp": otp});
    assert_eq!(ada.post("/email-otp/change-email", body.clone()).json["message"], "Email already in use");
    assert_eq!(told(&ada.post("/email-otp/change-email", body)), INVALID);
}

#[test]
fn where_addresses_are_not_changed_nobody_changes_one() {
    let world = world();
    let mut ada = signed_up(&world, ADA);
    for (path, body) in [
        ("/email-otp/request-email-change", json!({"newEmail": "new@example.com"})),
        ("/email-otp/change-email", json!({"newEmail": "new@example.com", "otp": "012345"})),
    ] {
        assert_eq!(told(&world.browser().post(path, body.clone())), (401, "UNAUTHORIZED"));
        assert_eq!(ada.post(path, body).json, json!({"message": "Change email with OTP is disabled"}));
    }
}

#[test]
fn codes_are_stored_as_configured() {
    let forms = [
        (StoreCode::Plain, true),
        (StoreCode::Hashed, false),
        (StoreCode::Encrypted, true),
        (StoreCode::hasher(|code| format!("h{}", code.chars().rev().collect::<String>())), false),
        (
            StoreCode::cipher(
                |code| format!("x:{}", code.chars().rev().collect::<String>()),
                |stored| Some(stored.strip_prefix("x:")?.chars().rev().collect()),
            ),
            true,
        ),
    ];
    for (form, recoverable) in forms {
        let plain = matches!(form, StoreCode::Plain);
        let name = format!("{form:?}");
        let world = changed(|options| options.store_otp = form);
        let otp = code(&world, ADA, "sign-in");
        let stored = world.rows("verification")[0].text("value").to_owned();
        assert_eq!(stored.contains(&otp), plain, "{name}: {stored}");
        assert!(stored.ends_with(":0"), "{name}: {stored}");
        let query = || Query { email: "ADA@example.com".to_owned(), purpose: Purpose::SignIn };
        let asked = now(world.api().get_verification_otp(query()));
        match (recoverable, asked) {
            (true, asked) => assert_eq!(asked.unwrap().value.otp.as_ref(), Some(&otp), "{name}"),
            (false, Err(error)) => {
                assert!(
                    error.to_string().contains("OTP is hashed, cannot return the plain text OTP"),
                    "{name}: {error}"
                );
            }
            (false, Ok(_)) => panic!("{name}"),
        }
        assert_eq!(told(&sign_in(&mut world.browser(), ADA, &other(&otp))), INVALID, "{name}");
        assert_eq!(told(&sign_in(&mut world.browser(), ADA, &otp)), OK, "{name}");
        let none = now(world.api().get_verification_otp(query()));
        assert_eq!(none.unwrap().value.otp, None, "{name}");
    }
}

#[test]
fn a_code_is_sent_again_or_replaced() {
    for (form, resend, same) in [
        (StoreCode::Plain, Resend::Rotate, false),
        (StoreCode::Plain, Resend::Reuse, true),
        (StoreCode::Encrypted, Resend::Reuse, true),
        (StoreCode::Hashed, Resend::Reuse, false),
    ] {
        let world = changed(|options| (options.store_otp, options.resend_strategy) = (form, resend));
        let first = code(&world, ADA, "sign-in");
        world.advance_secs(200);
        let second = code(&world, ADA, "sign-in");
        assert_eq!(first == second, same);
        assert_eq!(world.rows("verification").len(), 1);
        world.advance_secs(200);
        if same {
            for _ in 0..3 {
                assert_eq!(told(&sign_in(&mut world.browser(), ADA, &other(&first))), INVALID);
            }
            let third = code(&world, ADA, "sign-in");
            assert_ne!(third, first, "it bears no more guesses");
        } else {
            assert_eq!(told(&sign_in(&mut world.browser(), ADA, &second)), OK, "its time is its own");
        }
    }
}

#[test]
fn the_application_makes_codes_of_its_own() {
    let own = |email: &str, purpose: Purpose| (purpose == Purpose::SignIn).then(|| format!("word-{}", email.len()));
    let world = world_with(EmailOtpOptions::default().generate_otp(own), |_| {});
    assert_eq!(code(&world, ADA, "sign-in"), "word-15");
    assert_eq!(told(&sign_in(&mut world.browser(), ADA, "word-15")), OK);
    assert_eq!(code(&world, ADA, "forget-password").len(), 6);
    let world = changed(|options| (options.otp_length, options.allowed_attempts) = (9, 0));
    assert_eq!(code(&world, ADA, "sign-in").len(), 9);
    for answer in [INVALID, INVALID, INVALID, (403, "TOO_MANY_ATTEMPTS")] {
        assert_eq!(told(&sign_in(&mut world.browser(), ADA, "0")), answer);
    }
}

#[test]
fn whoever_signs_up_is_sent_a_code() {
    for required in [false, true] {
        let email_otp = |options: &mut EmailOtpOptions| options.send_verification_on_sign_up = true;
        let mut on_sign_up = EmailOtpOptions::default();
        email_otp(&mut on_sign_up);
        let world = world_with(on_sign_up, |options| {
            options.email_and_password.require_email_verification = required;
            options.email_verification.send_verification_email = false;
        });
        let body = json!({"name": "Ada", "email": ADA, "password": PASSWORD});
        assert_eq!(world.browser().post("/sign-up/email", body).status, 200);
        let message = world.take_message();
        assert_eq!((message.kind, message.to.as_str()), ("email-verification-otp", ADA));
        let proof = json!({"email": ADA, "otp": message.otp.unwrap()});
        assert_eq!(told(&world.browser().post("/email-otp/verify-email", proof)), OK);
    }
}

#[test]
fn codes_are_sent_where_links_would_be() {
    let mut instead = EmailOtpOptions::default();
    instead.override_default_email_verification = true;
    let world = world_with(instead, |options| {
        options.email_and_password.require_email_verification = true;
        options.email_verification.send_verification_email = false;
        options.email_verification.send_on_sign_in = true;
        options.user.change_email.enabled = true;
    });
    let body = json!({"name": "Ada", "email": ADA, "password": PASSWORD});
    assert_eq!(world.browser().post("/sign-up/email", body.clone()).status, 200);
    let first = world.take_message();
    assert_eq!((first.kind, first.url), ("email-verification-otp", None));
    assert_eq!(world.browser().post("/sign-in/email", body).status, 403);
    assert_eq!(world.take_message().kind, "email-verification-otp");
    let ask = |email: &str| world.browser().post("/send-verification-email", json!({"email": email})).status;
    assert_eq!(ask(ADA), 200);
    let proof = json!({"email": ADA, "otp": world.take_message().otp.unwrap()});
    let mut ada = world.browser();
    assert_eq!(told(&ada.post("/email-otp/verify-email", proof)), OK);
    assert_eq!((ask(ADA), ask("nobody@example.com")), (200, 200));
    assert!(world.take_messages().is_empty() && world.rows("verification").is_empty());
    ada.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
    assert_eq!(ada.post("/change-email", json!({"newEmail": "new@example.com"})).status, 200);
    assert!(world.take_messages().is_empty(), "as in the reference: the code would be for somebody who is there");
}

#[test]
fn of_two_with_one_code_at_once_one_is_signed_in() {
    for known in [false, true] {
        let stage = || {
            let world = world();
            if known {
                signed_up(&world, ADA);
            }
            let otp = code(&world, ADA, "sign-in");
            let request = TestRequest::json("/sign-in/email-otp", &json!({"email": ADA, "otp": otp}));
            let requests = [world.browser().prepare(&request), world.browser().prepare(&request)];
            (world, requests)
        };
        each_interleaving(stage, |world, first, second| {
            let mut answers = [told(&first), told(&second)];
            answers.sort_unstable();
            assert_eq!(answers, [OK, INVALID]);
            assert_eq!((world.rows("user").len(), world.rows("session").len()), (1, 1));
        });
    }
}

#[test]
fn every_route_is_limited() {
    let world = world_with(EmailOtpOptions::default(), |options| options.rate_limit.enabled = Some(true));
    for (path, body) in [
        ("/email-otp/send-verification-otp", json!({"email": ADA, "type": "sign-in"})),
        ("/email-otp/check-verification-otp", json!({"email": ADA, "type": "sign-in", "otp": "1"})),
        ("/email-otp/verify-email", json!({"email": ADA, "otp": "1"})),
        ("/sign-in/email-otp", json!({"email": ADA, "otp": "1"})),
        ("/email-otp/request-password-reset", json!({"email": ADA})),
        ("/email-otp/reset-password", json!({"email": ADA, "otp": "1", "password": NEW})),
        ("/forget-password/email-otp", json!({"email": ADA})),
        ("/email-otp/request-email-change", json!({"newEmail": ADA})),
        ("/email-otp/change-email", json!({"newEmail": ADA, "otp": "1"})),
    ] {
        let statuses: Vec<_> = (0..4)
            .map(|_| {
                let request = TestRequest::json(path, &body).header("x-forwarded-for", "192.0.2.1");
                world.browser().send(&request).status
            })
            .collect();
        assert!(statuses[..3].iter().all(|status| *status != 429) && statuses[3] == 429, "{path}: {statuses:?}");
    }
}

#[test]
fn what_is_for_the_servers_own_code_is_not_there_for_others() {
    let world = world();
    for path in ["/email-otp/create-verification-otp", "/email-otp/get-verification-otp?email=a&type=sign-in"] {
        assert_eq!(world.browser().get(path).status, 404);
        assert_eq!(world.browser().post(path, json!({"email": ADA, "type": "sign-in"})).status, 404);
    }
}

#[test]
fn a_guess_is_text_and_nothing_else() {
    let world = world();
    let otp = code(&world, ADA, "sign-in");
    let number: u64 = otp.parse().unwrap();
    for guess in [json!(number), json!([otp]), json!({"otp": otp}), json!(true), json!(null)] {
        let answer = world.browser().post("/sign-in/email-otp", json!({"email": ADA, "otp": guess}));
        assert_eq!(told(&answer), (400, "VALIDATION_ERROR"), "{guess}");
    }
    for guess in ["", " ", "*", "%", "\0", &format!("{otp} "), &format!("{otp}:0"), &format!("0{otp}")] {
        let answer = sign_in(&mut world.browser(), "nobody@example.com", guess);
        assert_eq!(told(&answer), INVALID, "{guess:?}");
        let answer = sign_in(&mut world.browser(), "\0", guess);
        assert_eq!(told(&answer), INVALID, "{guess:?}");
    }
    assert_eq!(told(&sign_in(&mut world.browser(), ADA, &otp)), OK);
}

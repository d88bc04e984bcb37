//! The passkey plugin.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use http::header;
use kernia::{
    domain::{Plugin, options::Options},
    engine::ApiError,
    plugins::{
        Bearer, Passkey, PasskeyOptions,
        passkey::{PASSKEY, PasskeyUser, Registration, Requirement},
    },
    store::{Batch, Expect, Filter, Row},
    testing::{Authenticator, BASE_URL, Browser, PASSWORD, TestRequest, TestResponse, options},
    wire::shape::JsonMap,
};
use serde_json::{Value as Json, json};

use super::{
    World,
    race::each_interleaving,
    stepping::{held_at_write, let_go, write},
};

const ADA: &str = "ada@example.com";
const REGISTRATION: &str = "/passkey/generate-register-options";
const AUTHENTICATION: &str = "/passkey/generate-authenticate-options";

fn world_of(passkey: PasskeyOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    let plugins: Vec<Box<dyn Plugin>> = vec![Box::new(Bearer::default()), Box::new(Passkey::new(passkey))];
    World::with_plugins(options, plugins)
}

fn world() -> World {
    world_of(PasskeyOptions::default(), |_| {})
}

/// A world in which nobody needs a session to make a passkey.
fn open(mut passkey: PasskeyOptions) -> World {
    passkey.registration.require_session = false;
    world_of(passkey, |_| {})
}

fn made(browser: &mut Browser<'_>, device: &mut Authenticator, more: &Json) -> Json {
    let asked = browser.get(REGISTRATION);
    assert_eq!(asked.status, 200, "{}", asked.text);
    let mut body = json!({ "response": device.create(&asked.json, BASE_URL) });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn register(browser: &mut Browser<'_>, device: &mut Authenticator) -> TestResponse {
    let body = made(browser, device, &json!({}));
    browser.post("/passkey/verify-registration", body)
}

fn signed(browser: &mut Browser<'_>, device: &mut Authenticator) -> Json {
    let asked = browser.get(AUTHENTICATION).json;
    json!({ "response": device.get(&asked, BASE_URL) })
}

fn sign_in(browser: &mut Browser<'_>, device: &mut Authenticator) -> TestResponse {
    let body = signed(browser, device);
    browser.post("/passkey/verify-authentication", body)
}

/// Somebody with a passkey.
fn enrolled<'w>(world: &'w World, email: &str) -> (Browser<'w>, Authenticator) {
    let (mut browser, mut device) = (world.browser(), Authenticator::new(email));
    browser.sign_up(email);
    let answer = register(&mut browser, &mut device);
    assert_eq!(answer.status, 200, "{}", answer.text);
    (browser, device)
}

/// What `future` comes to, which does not wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a world in memory does not wait"),
    }
}

fn told(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

#[test]
fn a_passkey_signs_in_and_its_counter_is_kept() {
    let world = world();
    let (_, mut device) = enrolled(&world, ADA);
    for counter in 2..5 {
        let mut browser = world.browser();
        let answer = sign_in(&mut browser, &mut device);
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json["session"]["token"], browser.get("/get-session").json["session"]["token"]);
        assert_eq!(world.rows("passkey")[0].get("counter").as_int(), Some(counter));
    }
    let names: Vec<_> = world.take_events().iter().map(|event| event.name).collect();
    assert_eq!(names.iter().filter(|name| **name == "passkey.added").count(), 1, "{names:?}");
    assert_eq!(names.iter().filter(|name| **name == "session.created").count(), 4, "{names:?}");
}

#[test]
fn the_stored_form_is_the_references() {
    let world = world();
    enrolled(&world, ADA);
    let row = world.rows("passkey").remove(0);
    let key = row.text("publicKey");
    assert!(key.starts_with("pAEBAycgBiFYI") && key.len() == 56, "{key}");
    assert_eq!(row.text("aaguid"), "00000000-0000-0000-0000-000000000000");
    assert_eq!(
        (row.text("deviceType"), row.flag("backedUp"), row.text("transports")),
        ("singleDevice", false, "internal")
    );
    assert_eq!(row.text("credentialID"), Authenticator::new(ADA).credential_id());
}

#[test]
fn what_is_kept_of_a_ceremony_is_what_the_reference_keeps() {
    let world = world();
    let mut browser = world.browser();
    let ada = browser.sign_up(ADA).json["user"]["id"].clone();
    let challenge = browser.get(format!("{REGISTRATION}?context=invitation")).json["challenge"].clone();
    let kept: Json = serde_json::from_str(world.rows("verification")[0].text("value")).unwrap();
    let user = json!({"id": ada, "name": ADA, "displayName": ADA});
    let wanted =
        json!({"type": "registration", "expectedChallenge": challenge, "userData": user, "context": "invitation"});
    assert_eq!(kept, wanted);
}

#[test]
fn sessions_end_with_the_browser_where_it_says_so() {
    let world = world();
    let (_, mut device) = enrolled(&world, ADA);
    let mut browser = world.browser();
    browser.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD, "rememberMe": false}));
    let answer = sign_in(&mut browser, &mut device);
    let cookie = answer.cookie("better-auth.session_token").unwrap();
    assert_eq!((answer.status, cookie.attributes.max_age), (200, None));
}

#[test]
fn two_answers_to_one_challenge_do_not_both_sign_in() {
    let stage = || {
        let world = world();
        let requests = {
            let (_, mut device) = enrolled(&world, ADA);
            let mut browser = world.browser();
            let asked = browser.get(AUTHENTICATION).json;
            let mut ask = || {
                let body = json!({ "response": device.get(&asked, BASE_URL) });
                browser.prepare(&TestRequest::json("/passkey/verify-authentication", &body))
            };
            [ask(), ask()]
        };
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        let won = [&first, &second].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{} {}", first.text, second.text);
        assert_eq!(world.rows("passkey").len(), 1);
    });
}

#[test]
fn two_browsers_at_once_both_sign_in_when_the_counters_allow_it() {
    let stage = || {
        let world = world();
        let requests = {
            let (_, mut device) = enrolled(&world, ADA);
            let mut ask = || {
                let mut browser = world.browser();
                let body = signed(&mut browser, &mut device);
                browser.prepare(&TestRequest::json("/passkey/verify-authentication", &body))
            };
            let (early, late) = (ask(), ask());
            [late, early]
        };
        (world, requests)
    };
    // The later answer may come first: the earlier one looks like a copy's then.
    each_interleaving(stage, |world, late, early| {
        assert_eq!(late.status, 200, "{}", late.text);
        assert!([200, 400].contains(&early.status), "{}", early.text);
        assert_eq!(world.rows("passkey")[0].get("counter").as_int(), Some(3));
    });
}

#[test]
fn one_credential_is_registered_once_however_many_ask() {
    let stage = || {
        let world = world();
        let requests = ["ada@example.com", "eve@example.com"].map(|email| {
            let mut browser = world.browser();
            browser.sign_up(email);
            let body = made(&mut browser, &mut Authenticator::new("same"), &json!({}));
            browser.prepare(&TestRequest::json("/passkey/verify-registration", &body))
        });
        (world, requests)
    };
    each_interleaving(stage, |world, first, second| {
        let mut answers = [told(&first), told(&second)];
        answers.sort_unstable();
        assert_eq!(answers, [(200, ""), (400, "PREVIOUSLY_REGISTERED")]);
        assert_eq!(world.rows("passkey").len(), 1);
    });
}

#[test]
fn a_session_that_ends_meanwhile_makes_and_changes_nothing() {
    if super::place() != super::Place::Database {
        // Two stores have no common transaction; see ARCHITECTURE.md.
        return;
    }
    let world = world();
    let (mut ada, _) = enrolled(&world, ADA);
    let id = world.rows("passkey")[0].id().to_owned();
    let body = made(&mut ada, &mut Authenticator::new("second"), &json!({}));
    let rename = json!({"id": id, "name": "mine"});
    for (path, body) in [
        ("/passkey/verify-registration", body),
        ("/passkey/update-passkey", rename),
        ("/passkey/delete-passkey", json!({ "id": id })),
    ] {
        let request = TestRequest::json(path, &body);
        let mut exchange = world.begin(ada.prepare(&request));
        let held = held_at_write(&world, &mut exchange);
        let mut other = world.browser();
        other.cookies = ada.cookies.clone();
        other.post("/sign-out", json!({}));
        let answer = let_go(&world, exchange, held);
        assert_eq!(answer.status, 401, "{path}: {}", answer.text);
        let names: Vec<_> = world.rows("passkey").iter().map(|row| row.text("name").to_owned()).collect();
        assert_eq!(names, [""], "{path}");
        ada.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
    }
}

#[test]
fn passkeys_go_with_their_user() {
    let world = world_of(PasskeyOptions::default(), |options| options.user.delete_user.enabled = true);
    let (mut ada, mut device) = enrolled(&world, ADA);
    assert_eq!(ada.post("/delete-user", json!({})).status, 200);
    assert!(world.rows("passkey").is_empty());
    assert_eq!(told(&sign_in(&mut world.browser(), &mut device)), (401, "PASSKEY_NOT_FOUND"));
}

#[test]
fn a_required_verification_is_looked_for() {
    let mut passkey = PasskeyOptions::default();
    passkey.authenticator_selection.user_verification = Requirement::Required;
    passkey.authenticator_selection.resident_key = Requirement::Required;
    let world = world_of(passkey, |_| {});
    let (mut browser, mut device) = (world.browser(), Authenticator::new("no PIN"));
    browser.sign_up(ADA);
    device.flags = 0x01;
    assert_eq!(told(&register(&mut browser, &mut device)), (500, "FAILED_TO_VERIFY_REGISTRATION"));
    device.flags = 0x05;
    assert_eq!(register(&mut browser, &mut device).status, 200);
    let selection = browser.get(REGISTRATION).json["authenticatorSelection"].clone();
    let wanted = json!({"residentKey": "required", "requireResidentKey": true, "userVerification": "required"});
    assert_eq!(selection, wanted);
}

#[test]
fn case_080_a_required_verification_is_looked_for_at_sign_in_too() {
    for (wanted, told_browser, unverified) in [
        (Requirement::Required, "required", (400, "AUTHENTICATION_FAILED")),
        (Requirement::Preferred, "preferred", (200, "")),
        (Requirement::Discouraged, "preferred", (200, "")),
    ] {
        let mut passkey = PasskeyOptions::default();
        passkey.authenticator_selection.user_verification = wanted;
        let world = world_of(passkey, |_| {});
        let (_, mut device) = enrolled(&world, ADA);
        let mut browser = world.browser();
        assert_eq!(browser.get(AUTHENTICATION).json["userVerification"], told_browser);
        device.flags = 0x01;
        assert_eq!(told(&sign_in(&mut browser, &mut device)), unverified, "{wanted:?}");
        device.flags = 0x05;
        assert_eq!(sign_in(&mut world.browser(), &mut device).status, 200);
    }
}

#[test]
fn frames_are_for_pages_that_are_listed() {
    let mut passkey = PasskeyOptions::default();
    passkey.embedding_origins = vec!["https://partner.example".to_owned()];
    let world = world_of(passkey, |_| {});
    let (mut browser, mut device) = enrolled(&world, ADA);
    for (top, status) in [("https://partner.example", 200), ("https://evil.example", 400)] {
        device.client_data = json!({"crossOrigin": true, "topOrigin": top});
        browser.cookies.clear();
        assert_eq!(sign_in(&mut browser, &mut device).status, status, "{top}");
    }
}

#[test]
fn people_sign_up_with_a_passkey() {
    let passkey = PasskeyOptions::default()
        .resolve_user(async |newcomer| {
            let email = newcomer.context.unwrap_or_default();
            Ok(Some(PasskeyUser { id: format!("to be {email}"), name: email, display_name: Some("Ada".to_owned()) }))
        })
        .after_registration(async |registered| {
            assert_eq!(registered.context.as_deref(), Some(registered.user.name.as_str()));
            let mut registration = Registration::default();
            let user = Row::new().with("name", registered.user.display_name.unwrap_or_default());
            registration.new_user = Some(user.with("email", registered.user.name));
            registration.name = Some(" First ".to_owned());
            Ok(registration)
        });
    let world = open(passkey);
    let (mut browser, mut device) = (world.browser(), Authenticator::new("phone"));
    let ask = |browser: &mut Browser<'_>, device: &mut Authenticator| {
        let asked = browser.get(format!("{REGISTRATION}?context=Ada@example.com")).json;
        assert_eq!((&asked["user"]["name"], &asked["user"]["displayName"]), (&json!("Ada@example.com"), &json!("Ada")));
        let body = json!({"response": device.create(&asked, BASE_URL), "createSession": true});
        browser.post("/passkey/verify-registration", body)
    };
    let answer = ask(&mut browser, &mut device);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((&answer.json["name"], &answer.json["user"]["email"]), (&json!("First"), &json!(ADA)));
    assert_eq!(browser.get("/get-session").json["user"]["id"], answer.json["userId"]);
    assert_eq!(sign_in(&mut world.browser(), &mut device).json["user"]["id"], answer.json["userId"]);
    // The address is taken now, and nothing is left of the attempt.
    let refused = ask(&mut world.browser(), &mut Authenticator::new("other"));
    assert_eq!(told(&refused), (422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"));
    assert_eq!((world.rows("user").len(), world.rows("passkey").len()), (1, 1));
}

#[test]
fn case_046_a_passkey_does_not_outlive_the_proof_of_an_address_that_was_not_proven() {
    for proven in [false, true] {
        let mut options = options();
        options.email_and_password.send_reset_password = true;
        let world = World::with_plugins(options, vec![Box::new(Passkey::default())]);
        let (_, mut device) = enrolled(&world, ADA);
        if proven {
            let set = Row::new().with("emailVerified", true);
            write(&world, Batch::new().update("user", Filter::eq("email", ADA), set, Expect::Rows(1)));
        }
        let _ = world.take_messages();
        world.browser().post("/request-password-reset", json!({"email": ADA}));
        let token = world.take_message().token.unwrap();
        let answer = world.browser().post("/reset-password", json!({"newPassword": "chosen by Ada", "token": token}));
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(sign_in(&mut world.browser(), &mut device).status == 200, proven);
        assert_eq!(world.rows("passkey").len(), usize::from(proven));
    }
}

#[test]
fn the_application_says_whose_a_passkey_is() {
    const CLOSED: ApiError = ApiError::new(http::StatusCode::FORBIDDEN, "CLOSED", "Nobody today");
    let passkey = PasskeyOptions::default()
        .resolve_user(async |newcomer| match newcomer.context.as_deref() {
            Some("nobody") => Ok(None),
            Some("nameless") => Ok(Some(PasskeyUser { id: "x".to_owned(), ..PasskeyUser::default() })),
            Some("closed") => Err(CLOSED),
            _ => Ok(Some(PasskeyUser { id: "guest".to_owned(), name: "guest".to_owned(), display_name: None })),
        })
        .after_registration(async |registered| {
            let mut registration = Registration::default();
            registration.user_id = registered.context;
            Ok(registration)
        });
    let world = open(passkey);
    let ada = world.browser().sign_up(ADA).json["user"]["id"].as_str().unwrap().to_owned();
    for (context, error) in [
        ("nobody", (400, "RESOLVED_USER_INVALID")),
        ("nameless", (400, "RESOLVED_USER_INVALID")),
        ("closed", (403, "CLOSED")),
    ] {
        assert_eq!(told(&world.browser().get(format!("{REGISTRATION}?context={context}"))), error);
    }
    let attempt = |browser: &mut Browser<'_>, context: &str, session: bool| {
        let asked = browser.get(format!("{REGISTRATION}?context={context}")).json;
        let response = Authenticator::new(context).create(&asked, BASE_URL);
        let body = json!({ "response": response, "createSession": session });
        browser.post("/passkey/verify-registration", body)
    };
    let answer = attempt(&mut world.browser(), &ada, false);
    assert_eq!((answer.status, answer.json["userId"].as_str()), (200, Some(ada.as_str())), "{}", answer.text);
    assert!(answer.cookies.is_empty());
    // Somebody who is not there, with a session and without.
    let unknown = if super::setting().1 == kernia::domain::options::IdStrategy::Serial { "4711" } else { "unknown" };
    let answer = attempt(&mut world.browser(), unknown, true);
    assert_eq!(told(&answer), (500, "USER_NOT_FOUND"));
    let answer = attempt(&mut world.browser(), unknown, false);
    assert_eq!(told(&answer), (500, "FAILED_TO_VERIFY_REGISTRATION"));
    // Somebody else than who is signed in.
    let mut eve = world.browser();
    eve.sign_up("eve@example.com");
    let answer = attempt(&mut eve, &ada, false);
    assert_eq!(told(&answer), (401, "YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY"));
    assert_eq!(world.rows("passkey").len(), 1);
}

#[test]
fn the_application_may_refuse_a_sign_in() {
    const SUSPENDED: ApiError = ApiError::new(http::StatusCode::FORBIDDEN, "SUSPENDED", "Not now");
    let passkey = PasskeyOptions::default().after_authentication(async |verified| {
        assert_eq!(verified.request.path, "/passkey/verify-authentication");
        if verified.new_counter > 2 { Err(SUSPENDED) } else { Ok(()) }
    });
    let world = world_of(passkey, |_| {});
    let (_, mut device) = enrolled(&world, ADA);
    assert_eq!(sign_in(&mut world.browser(), &mut device).status, 200);
    let mut browser = world.browser();
    let body = signed(&mut browser, &mut device);
    assert_eq!(told(&browser.post("/passkey/verify-authentication", body.clone())), (403, "SUSPENDED"));
    assert_eq!(told(&browser.post("/passkey/verify-authentication", body)), (400, "CHALLENGE_NOT_FOUND"));
    assert_eq!(world.rows("passkey")[0].get("counter").as_int(), Some(2));
}

#[test]
fn extensions_may_depend_on_the_request() {
    let mut passkey = PasskeyOptions::default();
    passkey.registration.extensions.insert("largeBlob".to_owned(), json!({"support": "preferred"}));
    let fixed = world_of(passkey.clone(), |_| {});
    let mut browser = fixed.browser();
    browser.sign_up(ADA);
    let wanted = json!({"credProps": true, "largeBlob": {"support": "preferred"}});
    assert_eq!(browser.get(REGISTRATION).json["extensions"], wanted);
    assert_eq!(browser.get(AUTHENTICATION).json.get("extensions"), None);
    let by_request = async |request: kernia::domain::RouteRequest| {
        Ok(JsonMap::from_iter([("asked".to_owned(), request.path.into())]))
    };
    let world = world_of(passkey.registration_extensions(by_request).authentication_extensions(by_request), |_| {});
    let mut browser = world.browser();
    browser.sign_up(ADA);
    assert_eq!(browser.get(REGISTRATION).json["extensions"], json!({"credProps": true, "asked": REGISTRATION}));
    assert_eq!(browser.get(AUTHENTICATION).json["extensions"], json!({ "asked": AUTHENTICATION }));
}

#[test]
fn without_an_address_the_host_of_the_request_is_the_party() {
    let world = world_of(PasskeyOptions::default(), |options| options.base_url = None);
    let answer = world.browser().get(AUTHENTICATION);
    assert_eq!(answer.json["rpId"], "localhost");
}

#[test]
fn the_servers_own_code_calls_the_routes() {
    let world = world();
    let (browser, mut device) = enrolled(&world, ADA);
    let cookie = |browser: &Browser<'_>| {
        let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ").parse::<http::HeaderValue>().unwrap()
    };
    let answer = now(async {
        let api = world.api();
        let own = api.list_passkeys().header(header::COOKIE, cookie(&browser)).await.unwrap().value;
        assert_eq!((own.len(), own[0].credential_id.as_str()), (1, device.credential_id().as_str()));
        let asked = api.generate_passkey_authentication_options().await.unwrap();
        let response = device.get(&serde_json::to_value(&asked.value).unwrap(), BASE_URL);
        let mut browser = world.browser();
        for line in asked.cookies() {
            let (name, value) = line.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            browser.cookies.insert(name.to_owned(), value.to_owned());
        }
        let body = kernia::plugins::passkey::routes::verify_authentication::Body {
            response: response.as_object().unwrap().clone(),
        };
        let call = api.verify_passkey_authentication(body).header(header::COOKIE, cookie(&browser));
        call.header(header::ORIGIN, BASE_URL.parse().unwrap()).await.unwrap().value
    });
    assert_eq!(answer.user.email, ADA);
}

#[test]
fn a_counter_that_no_database_holds_is_refused() {
    let world = world();
    let (_, mut device) = enrolled(&world, ADA);
    device.counter = i32::MAX as u32;
    assert_eq!(told(&sign_in(&mut world.browser(), &mut device)), (400, "AUTHENTICATION_FAILED"));
}

#[test]
fn a_key_that_cannot_be_read_signs_nobody_in() {
    let world = world();
    let (_, mut device) = enrolled(&world, ADA);
    let set = Row::new().with("publicKey", "not base64");
    write(&world, Batch::new().update(PASSKEY, Filter::All, set, Expect::Rows(1)));
    assert_eq!(told(&sign_in(&mut world.browser(), &mut device)), (400, "AUTHENTICATION_FAILED"));
}

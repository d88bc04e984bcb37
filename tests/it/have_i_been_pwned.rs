//! The have-i-been-pwned plugin, with a service that the test plays.

use bytes::Bytes;
use http::Response;
use kernia::{
    domain::{Plugin, api::ServerCall},
    engine::{Effect, FetchError, Step},
    plugins::{
        EmailOtp, HaveIBeenPwned, HaveIBeenPwnedOptions, Username,
        have_i_been_pwned::{FAILED, PASSWORD_COMPROMISED},
    },
    store::{Batch, Expect, Filter, Row},
    testing::{self, Browser, PASSWORD, TestRequest, TestResponse, World},
};
use serde_json::{Value, json};

use crate::stepping::observed;

/// SHA-1: `5BAA6 1E4C9B93F3F0682250B6CF8331B7EE68FD8`.
const BREACHED: &str = "password";
const LINE: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";
const EMAIL: &str = "ada@example.com";
/// A hash of it that a sign-in replaces.
const OLD_HASH: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

fn world(change: impl FnOnce(&mut HaveIBeenPwnedOptions)) -> World {
    let mut options = HaveIBeenPwnedOptions::default();
    change(&mut options);
    let plugins: Vec<Box<dyn Plugin>> =
        vec![Box::new(EmailOtp::default()), Box::new(HaveIBeenPwned::new(options)), Box::new(Username::default())];
    let world = World::with_plugins(testing::options(), plugins);
    answers(&world, 200, &format!("0018A45C4D1DEF81644B54AB7F969B88D65:10\r\n{LINE}:9545824\r\n"));
    world
}

/// Has the service answer so from now on.
fn answers(world: &World, status: u16, body: &str) {
    let body = Bytes::from(body.to_owned());
    world.outside.answer_fetches(move |_| Ok(Response::builder().status(status).body(body.clone()).unwrap()));
}

fn sign_up(world: &World, email: &str, password: &str, more: &Value) -> TestResponse {
    let mut body = json!({"name": "Ada", "email": email, "password": password});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.browser().post("/sign-up/email", body)
}

fn is_refused(answer: &TestResponse) {
    let body = json!({"message": PASSWORD_COMPROMISED.message, "code": "PASSWORD_COMPROMISED"});
    assert_eq!((answer.status, &answer.json), (400, &body));
}

fn signed_up(world: &World) -> Browser<'_> {
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let _ = (world.take_messages(), world.outside.take_fetches());
    browser
}

#[test]
fn a_password_from_a_breach_is_refused_and_five_digits_leave() {
    let world = world(|_| {});
    is_refused(&sign_up(&world, EMAIL, BREACHED, &json!({})));
    assert!(world.rows("user").is_empty() && world.rows("account").is_empty());
    let fetches = world.outside.take_fetches();
    assert_eq!(fetches.len(), 1);
    let request = &fetches[0].request;
    assert_eq!(
        (request.method().as_str(), request.uri().to_string().as_str()),
        ("GET", "https://api.pwnedpasswords.com/range/5BAA6")
    );
    assert_eq!(
        (&request.headers()["add-padding"], &request.headers()["user-agent"]),
        (&"true".parse().unwrap(), &"kernia".parse().unwrap())
    );
    assert!(request.body().is_empty() && request.headers().len() == 2);
    assert_eq!(sign_up(&world, EMAIL, PASSWORD, &json!({})).status, 200);
}

#[test]
fn the_words_of_the_refusal_can_be_others() {
    let world = world(|options| options.custom_password_compromised_message = Some("Stolen long ago".to_owned()));
    let answer = sign_up(&world, EMAIL, BREACHED, &json!({}));
    assert_eq!(answer.json, json!({"message": "Stolen long ago", "code": "PASSWORD_COMPROMISED"}));
}

#[test]
fn only_the_named_routes_look_passwords_up_and_none_when_off() {
    for off in [true, false] {
        let world = world(|options| {
            options.enabled = !off;
            options.paths = vec!["/change-password".to_owned()];
        });
        assert_eq!(sign_up(&world, EMAIL, BREACHED, &json!({})).status, 200);
        assert!(world.outside.take_fetches().is_empty());
        let mut ada = world.browser();
        ada.post("/sign-in/email", json!({"email": EMAIL, "password": BREACHED}));
        let answer = ada.post("/change-password", json!({"currentPassword": BREACHED, "newPassword": BREACHED}));
        if off {
            assert_eq!(answer.status, 200);
        } else {
            is_refused(&answer);
        }
        assert_eq!(world.outside.take_fetches().len(), usize::from(!off));
    }
    // The server's own way to set a password has no path in the reference, and so is not among the usual ones.
    for (paths, status) in [(None, 200), (Some("/set-password"), 400)] {
        let world = world(|options| options.paths.extend(paths.map(str::to_owned)));
        let mut ada = world.browser();
        ada.login_as(EMAIL);
        let cookies: Vec<_> = ada.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = [(http::header::COOKIE, cookies.join("; ").parse().unwrap())].into_iter().collect();
        let call = ServerCall { headers, body: Some(json!({"newPassword": BREACHED})), ..ServerCall::default() };
        let exchange = world.engine.begin_call("setPassword", call).unwrap();
        assert_eq!(world.outside.finish(exchange).status(), status);
    }
}

#[test]
fn nothing_is_let_pass_that_could_not_be_looked_up() {
    let world = world(|_| {});
    let failed = |world: &World, message: &str| {
        let answer = sign_up(world, EMAIL, PASSWORD, &json!({}));
        assert_eq!((answer.status, &answer.json), (500, &json!({ "message": message })));
        assert!(world.rows("user").is_empty());
    };
    for status in [503, 404, 301] {
        answers(&world, status, "");
        failed(&world, &format!("Failed to check password. Status: {status}"));
    }
    let usual = FAILED.message.unwrap();
    for count in ["many", "-1", "1e3", ""] {
        answers(&world, 200, &format!("{LINE}:{count}\r\n"));
        let answer = sign_up(&world, EMAIL, BREACHED, &json!({}));
        assert_eq!((answer.status, answer.json["message"].as_str()), (500, Some(&*usual)), "{count:?}");
    }
    world.outside.answer_fetches(|_| Err(FetchError::Failed("down".to_owned())));
    failed(&world, &usual);
}

#[test]
fn case_223_a_dead_service_keeps_nobody_out_and_holds_nothing_half_done() {
    let world = world(|_| {});
    let mut ada = signed_up(&world);
    world.outside.answer_fetches(|_| Err(FetchError::Failed("down".to_owned())));
    let credentials = json!({"email": EMAIL, "password": PASSWORD});
    assert_eq!(world.browser().post("/sign-in/email", credentials).status, 200);
    assert!(world.outside.take_fetches().is_empty(), "it is asked about new passwords only");
    let body = json!({"currentPassword": PASSWORD, "newPassword": "another password"});
    let change = TestRequest::json("/change-password", &body);
    let (failed, effects) = observed(&world, world.begin(ada.prepare(&change)));
    assert_eq!((failed.status, effects.last()), (500, Some(&"Fetch")), "{effects:?}");
    assert!(!effects.contains(&"Write"));
    answers(&world, 200, LINE);
    assert_eq!(ada.send(&change).status, 200);
}

#[test]
fn case_020_compromised_passwords_are_refused_wherever_one_is_chosen() {
    let world = world(|_| {});
    is_refused(&sign_up(&world, "bob@example.com", BREACHED, &json!({"username": "bob_1"})));
    let mut ada = signed_up(&world);
    is_refused(&ada.post("/change-password", json!({"currentPassword": PASSWORD, "newPassword": BREACHED})));
    world.browser().post("/request-password-reset", json!({ "email": EMAIL }));
    let token = world.take_message().token.unwrap();
    let reset =
        |password: &str| world.browser().post("/reset-password", json!({"newPassword": password, "token": token}));
    is_refused(&reset(BREACHED));
    world.browser().post("/email-otp/request-password-reset", json!({ "email": EMAIL }));
    let otp = world.take_message().otp.unwrap();
    let by_code = |password: &str| {
        world.browser().post("/email-otp/reset-password", json!({"email": EMAIL, "otp": otp, "password": password}))
    };
    is_refused(&by_code(BREACHED));
    assert_eq!(world.rows("user").len(), 1);
    let sign_in =
        |password: &str| world.browser().post("/sign-in/email", json!({"email": EMAIL, "password": password})).status;
    assert_eq!((sign_in(BREACHED), sign_in(PASSWORD)), (401, 200));
    // Whoever was refused chooses another with what allowed the first.
    assert_eq!(by_code("another password").status, 200);
    assert_eq!(sign_in("another password"), 200);
    let asked = world.outside.take_fetches().len();
    assert_eq!(asked, 4, "nobody is asked about a password that somebody has already");
}

#[test]
fn case_020_a_taken_address_is_told_no_more_of_a_password_than_a_free_one() {
    let mut options = testing::options();
    options.email_and_password.require_email_verification = true;
    let world = World::with_plugins(options, vec![Box::new(HaveIBeenPwned::default())]);
    answers(&world, 200, &format!("{LINE}:3"));
    world.browser().post("/sign-up/email", json!({"name": "Ada", "email": EMAIL, "password": PASSWORD}));
    for email in [EMAIL, "free@example.com"] {
        is_refused(&sign_up(&world, email, BREACHED, &json!({})));
    }
    assert_eq!(world.outside.take_fetches().len(), 3);
}

#[test]
fn a_refused_password_tells_nothing_of_a_code_that_was_judged_meanwhile() {
    let world = world(|_| {});
    let _ = signed_up(&world);
    world.browser().post("/email-otp/request-password-reset", json!({ "email": EMAIL }));
    let otp = world.take_message().otp.unwrap();
    let guess = |otp: &str| {
        let body = json!({"email": EMAIL, "otp": otp, "password": BREACHED});
        world.begin(world.browser().prepare(&TestRequest::json("/email-otp/reset-password", &body)))
    };
    let mut right = guess(&otp);
    loop {
        match right.step() {
            Step::Perform(effect) if effect.name() == "Fetch" => {
                let wrong = TestResponse::read(world.outside.finish(guess("not it")));
                assert_eq!(wrong.code(), "INVALID_OTP");
                right.supply(world.outside.perform_now(effect));
            }
            Step::Perform(effect) => right.supply(world.outside.perform_now(effect)),
            Step::Respond(response) => {
                assert_eq!(TestResponse::read(response).code(), "INVALID_OTP");
                break;
            }
        }
    }
    is_refused(&TestResponse::read(world.outside.finish(guess(&otp))));
}

#[test]
fn passwords_that_users_have_are_not_looked_up() {
    // One that a sign-in hashes anew is nobody's choice, whatever paths are named.
    let mut pwned = HaveIBeenPwnedOptions::default();
    pwned.paths = vec!["/sign-in/email".to_owned()];
    let world = World::with_plugins(testing::options(), vec![Box::new(HaveIBeenPwned::new(pwned))]);
    answers(&world, 200, &format!("{LINE}:3"));
    assert_eq!(sign_up(&world, EMAIL, BREACHED, &json!({})).status, 200);
    let set = Row::new().with("password", OLD_HASH);
    let batch = Batch::new().update("account", Filter::All, set, Expect::Rows(1));
    let _ = world.outside.perform_now(Effect::Write(batch));
    let answer = world.browser().post("/sign-in/email", json!({"email": EMAIL, "password": BREACHED}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_ne!(world.rows("account")[0].text("password"), OLD_HASH, "it was hashed anew");
    assert!(world.outside.take_fetches().is_empty());
}

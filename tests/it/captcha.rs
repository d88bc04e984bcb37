//! The captcha plugin, with services that the test plays.

use bytes::Bytes;
use http::Response;
use kernia::{
    domain::{BuildError, options::Options},
    engine::{ApiError, Fetch, FetchError},
    plugins::captcha::{Captcha, CaptchaOptions, CaptchaProvider, errors},
    testing::{self, PASSWORD, TestRequest, TestResponse, World},
};
use serde_json::{Value, json};

const SECRET: &str = "the secret key";

fn of(provider: CaptchaProvider, change: impl FnOnce(&mut CaptchaOptions)) -> CaptchaOptions {
    let mut options = CaptchaOptions::new(provider, SECRET);
    change(&mut options);
    options
}

fn turnstile(change: impl FnOnce(&mut CaptchaOptions)) -> CaptchaOptions {
    of(CaptchaProvider::CloudflareTurnstile, change)
}

fn world(captcha: CaptchaOptions) -> World {
    configured(captcha, |_| {})
}

fn configured(captcha: CaptchaOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = testing::options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(Captcha::new(captcha))])
}

/// Has the service answer so from now on.
fn answers(world: &World, status: u16, body: impl Into<String>) {
    let body = Bytes::from(body.into());
    world.outside.answer_fetches(move |_| Ok(Response::builder().status(status).body(body.clone()).unwrap()));
}

fn sign_up() -> TestRequest {
    let body = json!({"name": "Ada", "email": "ada@example.com", "password": PASSWORD});
    TestRequest::json("/sign-up/email", &body)
}

fn solved() -> TestRequest {
    sign_up().header("x-captcha-response", "the token")
}

fn send(world: &World, request: &TestRequest) -> TestResponse {
    world.browser().send(request)
}

/// What the service was asked, and where.
fn asked(world: &World) -> (String, Fetch) {
    let mut fetches = world.outside.take_fetches();
    assert_eq!(fetches.len(), 1, "{fetches:?}");
    let fetch = fetches.remove(0);
    assert_eq!((fetch.request.method().as_str(), fetch.max_age), ("POST", None), "each token is asked about anew");
    (fetch.request.uri().to_string(), fetch)
}

fn form(fetch: &Fetch) -> Vec<(String, String)> {
    assert_eq!(fetch.request.headers()["content-type"], "application/x-www-form-urlencoded");
    url::form_urlencoded::parse(fetch.request.body()).into_owned().collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn refused(answer: &TestResponse, error: &ApiError) {
    let body = json!({"message": error.message, "code": error.code});
    assert_eq!((answer.status, &answer.json), (error.status.as_u16(), &body));
}

#[test]
fn a_solved_captcha_lets_a_request_pass() {
    let world = world(turnstile(|_| {}));
    answers(&world, 200, r#"{"success":true}"#);
    let answer = send(&world, &solved().header("x-forwarded-for", "192.0.2.7"));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let (url, fetch) = asked(&world);
    assert_eq!(url, "https://challenges.cloudflare.com/turnstile/v0/siteverify");
    assert_eq!(fetch.request.headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(fetch.request.body()).unwrap();
    assert_eq!(body, json!({"secret": SECRET, "response": "the token", "remoteip": "192.0.2.7"}));
}

#[test]
fn each_service_is_asked_in_its_own_way() {
    let usual = [("secret", SECRET), ("response", "the token")];
    let ask = |options: CaptchaOptions, address: bool| {
        let world = world(options);
        answers(&world, 200, r#"{"success":true}"#);
        let request = if address { solved().header("x-forwarded-for", "192.0.2.7") } else { solved() };
        assert_eq!(send(&world, &request).status, 200);
        let (url, fetch) = asked(&world);
        (url, form(&fetch))
    };
    let address = ("remoteip", "192.0.2.7");
    let google = of(CaptchaProvider::GoogleRecaptcha, |_| {});
    let expected = pairs(&[usual[0], usual[1], address]);
    assert_eq!(ask(google, true), ("https://www.google.com/recaptcha/api/siteverify".to_owned(), expected));
    let h = |change: fn(&mut CaptchaOptions)| of(CaptchaProvider::Hcaptcha, change);
    let expected = pairs(&[usual[0], usual[1], ("sitekey", "the site"), address]);
    let told = ask(h(|options| options.site_key = Some("the site".to_owned())), true);
    assert_eq!(told, ("https://api.hcaptcha.com/siteverify".to_owned(), expected));
    assert_eq!(ask(h(|_| {}), false).1, pairs(&usual));
    let fox = of(CaptchaProvider::Captchafox, |options| options.site_key = Some("the site".to_owned()));
    let expected = pairs(&[usual[0], usual[1], ("sitekey", "the site"), ("remoteIp", "192.0.2.7")]);
    assert_eq!(ask(fox, true), ("https://api.captchafox.com/siteverify".to_owned(), expected));
    let elsewhere =
        h(|options| options.site_verify_url_override = Some("http://captcha.internal/verify?x=1".to_owned()));
    assert_eq!(ask(elsewhere, false).0, "http://captcha.internal/verify?x=1");
}

#[test]
fn a_request_without_a_token_is_refused_unasked() {
    let world = world(turnstile(|_| {}));
    answers(&world, 200, r#"{"success":true}"#);
    for request in [sign_up(), sign_up().header("x-captcha-response", "")] {
        refused(&send(&world, &request), &errors::MISSING_RESPONSE);
    }
    assert!(world.outside.take_fetches().is_empty() && world.rows("user").is_empty());
}

#[test]
fn what_the_service_denies_is_refused() {
    let world = world(turnstile(|_| {}));
    for body in [
        r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#,
        r#"{"success":null}"#,
        "{}",
        "[]",
        "1",
        "<html>all is well</html>",
        r#""success""#,
    ] {
        answers(&world, 200, body);
        refused(&send(&world, &solved()), &errors::VERIFICATION_FAILED);
    }
    assert!(world.rows("user").is_empty());
}

#[test]
fn nobody_passes_while_the_service_is_down() {
    for provider in [
        CaptchaProvider::CloudflareTurnstile,
        CaptchaProvider::GoogleRecaptcha,
        CaptchaProvider::Hcaptcha,
        CaptchaProvider::Captchafox,
    ] {
        let world = world(of(provider, |_| {}));
        for (status, body) in [(500, r#"{"success":true}"#), (302, r#"{"success":true}"#), (200, ""), (200, "null")] {
            answers(&world, status, body);
            refused(&send(&world, &solved()), &errors::UNKNOWN_ERROR);
        }
        world.outside.answer_fetches(|_| Err(FetchError::Failed("down".to_owned())));
        refused(&send(&world, &solved()), &errors::UNKNOWN_ERROR);
        assert!(world.rows("user").is_empty());
    }
}

#[test]
fn google_must_be_sure_enough() {
    let says = |options: CaptchaOptions, answer: &Value| {
        let world = world(options);
        answers(&world, 200, answer.to_string());
        send(&world, &solved()).status
    };
    let google = |score: Option<f64>| of(CaptchaProvider::GoogleRecaptcha, |options| options.min_score = score);
    for (least, score, status) in [
        (None, json!(0.5), 200),
        (None, json!(0.4), 403),
        (Some(0.9), json!(0.8), 403),
        (Some(0.9), json!(1), 200),
        (Some(0.0), json!(0), 200),
        // reCAPTCHA of the second kind knows no score.
        (Some(0.9), Value::Null, 200),
    ] {
        assert_eq!(says(google(least), &json!({"success": true, "score": score})), status, "{least:?} {score}");
    }
    assert_eq!(says(google(None), &json!({"success": false, "score": 1})), 403);
    assert_eq!(says(of(CaptchaProvider::Hcaptcha, |_| {}), &json!({"success": true, "score": 0})), 200);
}

#[test]
fn the_usual_paths_are_guarded_or_those_that_are_named() {
    let unguarded = |world: &World, path: &str| {
        let answer = send(world, &TestRequest::json(path, &json!({"email": "ada@example.com", "password": "x"})));
        answer.code() != "MISSING_RESPONSE"
    };
    let usual = world(turnstile(|_| {}));
    for path in ["/sign-up/email", "/sign-in/email", "/request-password-reset"] {
        assert!(!unguarded(&usual, path), "{path}");
    }
    for path in ["/reset-password", "/sign-in/social", "/sign-up/email/more", "/sign-up", "/ok"] {
        assert!(unguarded(&usual, path), "{path}");
    }
    let named = world(turnstile(|options| options.endpoints = ["/sign-in/*", "/ok"].map(str::to_owned).to_vec()));
    for path in ["/sign-in/email", "/sign-in/social", "/sign-in/anything", "/ok"] {
        assert!(!unguarded(&named, path), "{path}");
    }
    for path in ["/sign-up/email", "/sign-in", "/sign-in/a/b"] {
        assert!(unguarded(&named, path), "{path}");
    }
}

#[test]
fn a_guard_comes_behind_the_rate_limit_and_before_everything_else() {
    let world = configured(turnstile(|_| {}), |options| options.rate_limit.enabled = Some(true));
    answers(&world, 200, r#"{"success":false}"#);
    let evil = || solved().header("origin", "https://evil.test").body("no JSON at all");
    for _ in 0..3 {
        refused(&send(&world, &evil()), &errors::VERIFICATION_FAILED);
    }
    assert_eq!(world.outside.take_fetches().len(), 3);
    assert_eq!(send(&world, &solved()).status, 429);
    assert!(world.outside.take_fetches().is_empty(), "who asks too often is not asked about");
}

#[test]
fn the_servers_own_code_needs_no_captcha() {
    let world = world(turnstile(|_| {}));
    let call = kernia::domain::api::ServerCall {
        body: Some(json!({"name": "Ada", "email": "ada@example.com", "password": PASSWORD})),
        ..Default::default()
    };
    let exchange = world.engine.begin_call("signUpEmail", call).unwrap();
    assert_eq!(world.outside.finish(exchange).status(), 200);
    assert!(world.outside.take_fetches().is_empty());
}

#[test]
fn an_application_may_check_by_itself() {
    const ROBOTS: ApiError = ApiError::new(http::StatusCode::FORBIDDEN, "ROBOT", "No robots");
    let world = world(CaptchaOptions::checked_by(async |request| {
        assert_eq!((request.path.as_str(), request.method.as_str()), ("/sign-up/email", "POST"));
        match request.headers.get("x-is-human").map(|value| value.as_bytes()) {
            Some(b"yes") => Ok(true),
            Some(_) => Ok(false),
            None => Err(ROBOTS),
        }
    }));
    refused(&send(&world, &sign_up().header("x-is-human", "no")), &errors::VERIFICATION_FAILED);
    refused(&send(&world, &sign_up()), &ROBOTS);
    assert_eq!(send(&world, &sign_up().header("x-is-human", "yes")).status, 200);
    assert!(world.outside.take_fetches().is_empty());
}

#[test]
fn options_that_would_guard_against_nothing_are_refused() {
    let refusal = |options: CaptchaOptions| {
        let builder = kernia::Engine::builder(
            testing::options(),
            World::default().clock,
            std::sync::Arc::new(kernia::crypto::entropy::SeededEntropy::new(1)),
        );
        match builder.plugin(Captcha::new(options)).build() {
            Ok(_) => None,
            Err(BuildError::Plugin { id: "captcha", why }) => Some(why),
            Err(other) => panic!("{other}"),
        }
    };
    use CaptchaProvider::{Captchafox, CloudflareTurnstile, GoogleRecaptcha, Hcaptcha, Own};
    assert_eq!(refusal(of(CloudflareTurnstile, |_| {})), None);
    let wrong: Vec<(CaptchaOptions, &str)> = vec![
        (of(Hcaptcha, |options| options.secret_key = None), "secret_key is missing"),
        (CaptchaOptions::new(Hcaptcha, ""), "secret_key is missing"),
        (CaptchaOptions::new(Own, SECRET), "the application's own"),
        (of(Hcaptcha, |options| options.expected_action = Some("sign-in".to_owned())), "expected_action"),
        (of(Captchafox, |options| options.allowed_hostnames = vec!["a.test".to_owned()]), "allowed_hostnames"),
        (turnstile(|options| options.min_score = Some(0.9)), "min_score"),
        (of(GoogleRecaptcha, |options| options.site_key = Some("x".to_owned())), "site_key"),
        (
            turnstile(|options| options.site_verify_url_override = Some("/verify".to_owned())),
            "site_verify_url_override",
        ),
    ];
    for (options, why) in wrong {
        let told = refusal(options).unwrap_or_default();
        assert!(told.contains(why), "{told:?} is not about {why:?}");
    }
}

//! Captchas: what a token is good for, and how often.

use std::{collections::BTreeMap, sync::Mutex};

use http::Response;
use kernia::{
    engine::FetchError,
    plugins::captcha::{Captcha, CaptchaOptions, CaptchaProvider},
    testing::{PASSWORD, TestRequest, TestResponse, World, options},
};
use serde_json::{Value, json};

use crate::{given::ADA, log::logged, origins::SPELLINGS};

const SECRET: &str = "0x4AAA-the-secret-of-the-site";

/// A server whose sign-up takes captchas that were solved on its own pages to sign up.
fn guarded(provider: CaptchaProvider) -> World {
    guarded_with(provider, false)
}

fn guarded_with(provider: CaptchaProvider, skip_slashes: bool) -> World {
    let mut captcha = CaptchaOptions::new(provider, SECRET);
    captcha.expected_action = Some("sign-up".to_owned());
    captcha.allowed_hostnames = vec!["app.test".to_owned(), "www.app.test".to_owned()];
    let mut options = options();
    options.advanced.skip_trailing_slashes = skip_slashes;
    World::with_plugins(options, vec![Box::new(Captcha::new(captcha))])
}

/// Plays the service, which knows these tokens and takes each once.
fn plays(world: &World, tokens: impl IntoIterator<Item = (&'static str, Value)>) {
    let unspent: Mutex<BTreeMap<_, _>> = Mutex::new(tokens.into_iter().collect());
    world.outside.answer_fetches(move |fetch| {
        let body = fetch.request.body();
        let asked: BTreeMap<String, String> =
            serde_json::from_slice(body).unwrap_or_else(|_| url::form_urlencoded::parse(body).into_owned().collect());
        assert_eq!(asked["secret"], SECRET);
        let duplicate = || json!({"success": false, "error-codes": ["timeout-or-duplicate"]});
        let answer = unspent.lock().unwrap().remove(asked["response"].as_str()).unwrap_or_else(duplicate);
        Ok(Response::new(answer.to_string().into()))
    });
}

fn sign_up(world: &World, path: &str, email: &str, token: Option<&str>) -> TestResponse {
    let body = json!({"name": "x", "email": email, "password": PASSWORD});
    let request = TestRequest::json(path, &body);
    world.browser().send(&match token {
        Some(token) => request.header("x-captcha-response", token),
        None => request,
    })
}

fn solved(action: &Value, hostname: &Value) -> Value {
    json!({"success": true, "score": 0.9, "action": action, "hostname": hostname})
}

#[test]
fn case_161_a_captcha_is_verified_for_its_action_and_its_site() {
    for provider in [CaptchaProvider::CloudflareTurnstile, CaptchaProvider::GoogleRecaptcha] {
        let world = guarded(provider);
        for (action, hostname) in [
            (json!("sign-in"), json!("app.test")),
            (json!("sign-up2"), json!("app.test")),
            (json!("Sign-Up"), json!("app.test")),
            (json!(["sign-up"]), json!("app.test")),
            (Value::Null, json!("app.test")),
            (json!("sign-up"), json!("evil.test")),
            (json!("sign-up"), json!("evil.app.test")),
            (json!("sign-up"), json!("app.test.evil.test")),
            (json!("sign-up"), json!(["app.test"])),
            (json!("sign-up"), json!("")),
            (json!("sign-up"), Value::Null),
        ] {
            plays(&world, [("token", solved(&action, &hostname))]);
            let answer = sign_up(&world, "/sign-up/email", ADA, Some("token"));
            assert_eq!((answer.status, answer.code()), (403, "VERIFICATION_FAILED"), "{action} {hostname}");
        }
        plays(&world, [("token", solved(&json!("sign-up"), &json!("www.app.test")))]);
        assert_eq!(sign_up(&world, "/sign-up/email", ADA, Some("token")).status, 200);
        assert_eq!(world.rows("user").len(), 1);
    }
}

#[test]
fn case_161_a_captcha_is_spent_once() {
    let world = guarded(CaptchaProvider::CloudflareTurnstile);
    plays(&world, [("token", solved(&json!("sign-up"), &json!("app.test")))]);
    assert_eq!(sign_up(&world, "/sign-up/email", ADA, Some("token")).status, 200);
    for _ in 0..2 {
        assert_eq!(sign_up(&world, "/sign-up/email", "eve@example.com", Some("token")).status, 403);
    }
    let asked = world.outside.take_fetches();
    assert!(asked.len() == 3 && asked.iter().all(|fetch| fetch.max_age.is_none()), "no answer is taken from before");
    assert_eq!(world.rows("user").len(), 1);
}

#[test]
fn case_030_no_spelling_of_a_path_passes_its_captcha_by() {
    for skip_slashes in [false, true] {
        let world = guarded_with(CaptchaProvider::CloudflareTurnstile, skip_slashes);
        for spelling in SPELLINGS.iter().chain(&["/sign-up/email", "/sign-up/email?x=/ok", "/sign-up/email?/../ok"]) {
            let answer = sign_up(&world, spelling, ADA, None);
            assert!([400, 404].contains(&answer.status), "{spelling}: {} {}", answer.status, answer.text);
            assert!(answer.status == 404 || answer.code() == "MISSING_RESPONSE", "{spelling}: {}", answer.text);
        }
        assert!(world.rows("user").is_empty());
    }
}

#[test]
fn case_161_neither_the_secret_nor_a_token_is_logged_or_answered() {
    let world = guarded(CaptchaProvider::GoogleRecaptcha);
    let (log, answers) = logged(|| {
        plays(&world, [("the-token-of-a-captcha", solved(&json!("sign-in"), &json!("app.test")))]);
        let refused = sign_up(&world, "/sign-up/email", ADA, Some("the-token-of-a-captcha"));
        world.outside.answer_fetches(|_| Err(FetchError::Failed("down".to_owned())));
        let failed = sign_up(&world, "/sign-up/email", ADA, Some("the-token-of-a-captcha"));
        [refused, failed]
    });
    assert_eq!(answers.each_ref().map(|answer| answer.status), [403, 500]);
    assert!(log.contains("a captcha was refused") && log.contains("sign-in"), "{log}");
    let told = answers.map(|answer| format!("{:?}{}", answer.headers, answer.text)).concat();
    let shown = format!("{:?} {}", world.engine.installation().plugins[0].options(), log);
    for secret in [SECRET, "the-token-of-a-captcha"] {
        assert!(!shown.contains(secret) && !told.contains(secret), "{secret} in {shown} {told}");
    }
}

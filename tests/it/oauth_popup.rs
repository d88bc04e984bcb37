//! Sign-in in a popup.

use kernia::{
    domain::options::Options,
    plugins::{Bearer, OAuthPopup},
    testing::{self, Browser, TestRequest, TestResponse},
    wire::{cookie::sign_cookie_value, percent::encode_uri_component},
};
use serde_json::{Value as Json, json};

use super::World;
use crate::provider::{Fake, OpenId, Person, ada, github, parameter};

const APP: &str = "https://app.test";
const MARKER: &str = "better-auth.oauth_popup";

fn world(change: impl FnOnce(&mut Options)) -> (World, Fake) {
    let mut options = testing::options();
    options.trusted_origins = vec![APP.to_owned()];
    github(&mut options);
    change(&mut options);
    let op = OpenId { requires_nonce: true };
    let world = World::with_plugins(options, vec![Box::new(Bearer::default()), Box::new(OAuthPopup), Box::new(op)]);
    let fake = Fake::at(&world);
    (world, fake)
}

fn usual() -> (World, Fake) {
    world(|_| {})
}

fn start(browser: &mut Browser<'_>, parameters: &[(&str, &str)]) -> TestResponse {
    let usual = [("provider", "github"), ("popupOrigin", APP), ("popupNonce", "n-1")];
    let given = |name: &str| parameters.iter().any(|(known, _)| *known == name);
    let all = usual.iter().filter(|(name, _)| !given(name)).chain(parameters);
    let query: Vec<_> = all.map(|(name, value)| format!("{name}={}", encode_uri_component(value))).collect();
    browser.get(format!("/oauth-popup/start?{}", query.join("&")))
}

/// Where the popup is sent.
fn away(answer: &TestResponse) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text);
    answer.header("location").to_owned()
}

fn come_back(browser: &mut Browser<'_>, provider: &str, url: &str, query: &str) -> TestResponse {
    let nonce = parameter(url, "nonce");
    let code = if nonce.is_empty() { "code".to_owned() } else { format!("nonce:{nonce}") };
    browser.get(format!("/callback/{provider}?code={code}&state={}{query}", parameter(url, "state")))
}

/// What the page tells the opener.
fn told(answer: &TestResponse) -> Json {
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"), "{}", answer.text);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let (_, rest) = answer.text.split_once("id=\"better-auth-oauth-popup\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn a_popup_hands_the_session_to_its_opener() {
    for provider in ["github", "op"] {
        let (world, _) = usual();
        let mut popup = world.browser();
        let url = away(&start(&mut popup, &[("provider", provider), ("callbackURL", "/in")]));
        let answer = come_back(&mut popup, provider, &url, "");
        let told = told(&answer);
        assert_eq!(told["type"], "better-auth:oauth-popup");
        assert_eq!((&told["targetOrigin"], &told["nonce"]), (&json!(APP), &json!("n-1")));
        assert_eq!((&told["redirectTo"], &told["error"]), (&json!("/in"), &Json::Null));
        assert!(!popup.cookies.contains_key(MARKER));
        let authorization = format!("Bearer {}", told["token"].as_str().unwrap());
        let request = TestRequest::new(http::Method::GET, "/get-session").header("authorization", authorization);
        assert_eq!(world.browser().send(&request).json["user"]["email"], "ada@example.com");
        assert_eq!(popup.get("/get-session").json["user"]["email"], "ada@example.com");
    }
}

#[test]
fn the_page_runs_its_own_script_and_no_other() {
    let (world, _) = usual();
    let mut popup = world.browser();
    let url = away(&start(&mut popup, &[]));
    let answer = come_back(&mut popup, "github", &url, "");
    let (_, script) = answer.text.split_once("</script><script>").unwrap();
    let script = script.split_once("</script>").unwrap().0;
    let digest = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
    let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
    let policy = answer.header("content-security-policy");
    assert_eq!(policy, format!("default-src 'none'; script-src 'sha256-{hash}'; base-uri 'none'"));
    assert!(script.contains("postMessage(message,targetOrigin)") && !script.contains('*'));
}

#[test]
fn case_021_only_trusted_origins_open_a_popup() {
    let (world, _) = usual();
    let hostile = [
        "https://evil.test",
        "https://app.test.evil.test",
        "http://app.test",
        "https://app.test:444",
        "*",
        "",
        "null",
        "/",
        "//app.test",
        "https://app.test@evil.test",
        "javascript:alert(1)",
    ];
    for origin in hostile {
        let mut popup = world.browser();
        let answer = start(&mut popup, &[("popupOrigin", origin)]);
        assert_eq!((answer.status, answer.code()), (403, "INVALID_ORIGIN"), "{origin}");
        assert!(popup.cookies.is_empty() && world.rows("verification").is_empty());
    }
}

#[test]
fn case_021_pages_of_other_sites_are_told_to_nobody_else() {
    let (world, _) = usual();
    for (name, code) in [
        ("callbackURL", "invalid_callback_url"),
        ("errorCallbackURL", "invalid_error_callback_url"),
        ("newUserCallbackURL", "invalid_new_user_callback_url"),
    ] {
        for page in ["https://evil.test/", "//evil.test", "javascript:alert(1)", "https://app.test.evil.test"] {
            let answer = start(&mut world.browser(), &[(name, page)]);
            let told = told(&answer);
            assert_eq!((&told["targetOrigin"], &told["token"]), (&json!(APP), &Json::Null));
            assert_eq!(told["error"], json!({ "code": code, "description": format!("Untrusted URL: {page}") }));
            assert!(answer.cookies.is_empty() && world.rows("verification").is_empty());
        }
    }
}

#[test]
fn a_provider_must_be_there() {
    let (world, _) = usual();
    let unknown = told(&start(&mut world.browser(), &[("provider", "</script>")]));
    let expected = json!({ "code": "provider_not_found", "description": "Unknown provider: </script>" });
    assert_eq!(unknown["error"], expected);
    let (world, _) = self::world(|options| options.social_providers.get_mut("github").unwrap().client_id = "".into());
    let unconfigured = told(&start(&mut world.browser(), &[]));
    assert_eq!(unconfigured["error"]["code"], "popup_sign_in_failed");
}

#[test]
fn what_is_refused_is_told_to_the_opener() {
    let (world, fake) = usual();
    let mut popup = world.browser();
    let url = away(&start(&mut popup, &[("errorCallbackURL", "/oops")]));
    let state = parameter(&url, "state");
    let answer = popup.get(format!("/callback/github?error=access_denied&error_description=no%20thanks&state={state}"));
    let told_error = told(&answer)["error"].clone();
    assert_eq!(told_error, json!({ "code": "access_denied", "description": "no thanks" }));
    assert!(!popup.cookies.contains_key(MARKER));
    fake.is(Person { email: None, ..ada() });
    let url = away(&start(&mut popup, &[]));
    let answer = come_back(&mut popup, "github", &url, "");
    assert_eq!(told(&answer)["error"], json!({ "code": "email_not_found" }));
    assert!(world.rows("session").is_empty());
}

#[test]
fn case_094_a_popup_makes_no_user_where_nobody_may_become_one() {
    let (world, _) = world(|options| {
        options.social_providers.get_mut("github").unwrap().disable_implicit_sign_up = true;
    });
    let mut popup = world.browser();
    for asked in [&[][..], &[("requestSignUp", "yes")]] {
        let url = away(&start(&mut popup, asked));
        assert_eq!(told(&come_back(&mut popup, "github", &url, ""))["error"]["code"], "signup_disabled");
    }
    let url = away(&start(&mut popup, &[("requestSignUp", "true"), ("newUserCallbackURL", "/new")]));
    assert_eq!(told(&come_back(&mut popup, "github", &url, ""))["redirectTo"], "/new");
}

#[test]
fn case_005_additional_data_of_a_popup_sets_nothing_of_the_servers() {
    let (world, _) = usual();
    let mut popup = world.browser();
    let data =
        json!({ "callbackURL": "https://evil.test", "requestSignUp": true, "link": { "userId": "x" }, "plan": 1 });
    let url = away(&start(&mut popup, &[("additionalData", &data.to_string())]));
    let remembered: Json = serde_json::from_str(world.rows("verification")[0].text("value")).unwrap();
    assert_eq!((&remembered["plan"], &remembered["link"]), (&json!(1), &Json::Null));
    assert_eq!(remembered["callbackURL"], "http://localhost:3000/api/auth");
    assert_eq!(told(&come_back(&mut popup, "github", &url, ""))["redirectTo"], "http://localhost:3000/api/auth");
    for odd in ["[1]", "5", "{", "null"] {
        away(&start(&mut popup, &[("additionalData", odd)]));
    }
}

#[test]
fn a_marker_that_this_server_did_not_sign_is_none() {
    let (world, _) = usual();
    let opener = json!({ "popupOrigin": "https://evil.test", "popupNonce": "" }).to_string();
    for forged in [encode_uri_component(&opener).into_owned(), format!("{}x", encode_uri_component(&opener))] {
        let mut browser = world.browser();
        let url = crate::provider::begin(
            &mut browser,
            "/sign-in/social",
            json!({ "provider": "github", "callbackURL": "/in" }),
        );
        browser.cookies.insert(MARKER.to_owned(), forged);
        let answer = come_back(&mut browser, "github", &url, "");
        assert_eq!((answer.status, answer.header("location")), (302, "/in"));
    }
    let signed = sign_cookie_value(&world.engine.installation().signer, "not json");
    let mut browser = world.browser();
    browser.cookies.insert(MARKER.to_owned(), signed);
    assert_eq!(browser.get("/callback/github?state=x&code=y").status, 302);
}

#[test]
fn scopes_are_asked_for() {
    let (world, _) = usual();
    let url = away(&start(&mut world.browser(), &[("scopes", "repo,gist")]));
    assert!(parameter(&url, "scope").ends_with("repo gist"), "{url}");
}

#[test]
fn a_linked_account_is_an_ordinary_redirect() {
    let (world, _) = usual();
    let mut browser = world.browser();
    browser.login_as("ada@example.com");
    start(&mut browser, &[]);
    let url =
        crate::provider::begin(&mut browser, "/link-social", json!({ "provider": "github", "callbackURL": "/linked" }));
    let answer = come_back(&mut browser, "github", &url, "");
    assert_eq!((answer.status, answer.header("location")), (302, "/linked"));
    assert!(!browser.cookies.contains_key(MARKER));
}

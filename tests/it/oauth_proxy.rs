//! The OAuth proxy: a preview and production, each a server of its own, with one secret.

use kernia::{
    crypto::{
        entropy::SeededEntropy,
        hkdf::derive_purpose_keys,
        secret::{Secret, SecretKeys},
    },
    domain::options::{BaseUrl, Options, StateStrategy},
    plugins::{OAuthPopup, OAuthProxy, OAuthProxyOptions},
    testing::{self, Browser, TestRequest, TestResponse},
    wire::{envelope, percent::encode_uri_component},
};
use serde_json::{Value as Json, json};
use url::Url;

use super::World;
use crate::provider::{Fake, OpenId, Person, ada, begin, error_of, github, parameter};

const PRODUCTION: &str = "https://auth.test";
const SHARED: &str = "a secret of preview and production 0123";

/// A preview at the usual test address, and production at an address that the provider knows.
struct Both {
    preview: World,
    production: World,
    fake: Fake,
}

fn server(base_url: Option<&str>, proxy: OAuthProxyOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = testing::options();
    if let Some(url) = base_url {
        options.base_url = Some(BaseUrl::Fixed(url.to_owned()));
        options.secret = Some("the secret of production 0123456789-ABCDEF".into());
    }
    github(&mut options);
    change(&mut options);
    let op = OpenId { requires_nonce: true };
    World::with_plugins(options, vec![Box::new(OAuthProxy::new(proxy)), Box::new(OAuthPopup), Box::new(op)])
}

fn proxied() -> OAuthProxyOptions {
    let mut options = OAuthProxyOptions::default();
    options.production_url = Some(PRODUCTION.to_owned());
    options.secret = Some(SHARED.into());
    options
}

fn both(preview: impl FnOnce(&mut Options), production: impl FnOnce(&mut Options)) -> Both {
    let preview = server(None, proxied(), preview);
    let production = server(Some(PRODUCTION), proxied(), production);
    let fake = Fake::at(&production);
    Both { preview, production, fake }
}

fn usual() -> Both {
    both(|_| {}, |_| {})
}

/// Where production, to which the provider leads, sends the browser.
fn relayed(production: &World, provider: &str, url: &str) -> TestResponse {
    let nonce = parameter(url, "nonce");
    let code = if nonce.is_empty() { "code".to_owned() } else { format!("nonce:{nonce}") };
    let state = parameter(url, "state");
    production.browser().get(format!("/callback/{provider}?code={code}&state={state}"))
}

/// The path and query, below the base path, of an address of the preview.
fn path_of(location: &str) -> String {
    location.strip_prefix("http://localhost:3000/api/auth").unwrap_or_else(|| panic!("{location}")).to_owned()
}

fn sign_in(both: &Both, browser: &mut Browser<'_>, provider: &str, body: Json) -> TestResponse {
    let mut asked = json!({ "provider": provider, "callbackURL": "/in" });
    asked.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let url = begin(browser, "/sign-in/social", asked);
    let back = relayed(&both.production, provider, &url);
    browser.get(path_of(back.header("location")))
}

fn keys(secret: &str, purpose: &str) -> SecretKeys {
    derive_purpose_keys(&SecretKeys::single(Secret::from(secret)), purpose)
}

fn open(sealed: &str, purpose: &str) -> Json {
    serde_json::from_str(envelope::open(&keys(SHARED, purpose), sealed).unwrap().expose()).unwrap()
}

fn seal(value: &Json, purpose: &str) -> String {
    envelope::seal(&keys(SHARED, purpose), &SeededEntropy::new(1), &value.to_string())
}

/// What a preview is sent back with, and where it goes.
fn passport(location: &str) -> (Json, String) {
    (open(&parameter(location, "profile"), "oauth-proxy-profile"), path_of(location))
}

fn with_profile(profile: &str) -> String {
    format!("/callback/github/oauth-proxy?callbackURL=%2Fin&profile={}", encode_uri_component(profile))
}

#[test]
fn a_preview_signs_in_through_production() {
    for provider in ["github", "op"] {
        let both = usual();
        let mut browser = both.preview.browser();
        let url = begin(&mut browser, "/sign-in/social", json!({ "provider": provider, "callbackURL": "/in?x=1" }));
        assert_eq!(parameter(&url, "redirect_uri"), format!("{PRODUCTION}/api/auth/callback/{provider}"));
        let back = relayed(&both.production, provider, &url);
        let location = back.header("location");
        let expected = format!(
            "http://localhost:3000/api/auth/callback/{provider}/oauth-proxy?callbackURL=%2Fin%3Fx%3D1&profile="
        );
        assert!(location.starts_with(&expected), "{location}");
        let answer = browser.get(path_of(location));
        assert_eq!((answer.status, answer.header("location")), (302, "/in?x=1"));
        assert_eq!(browser.get("/get-session").json["user"]["email"], "ada@example.com");
        let accounts = both.preview.rows("account");
        assert_eq!((accounts[0].text("accountId"), accounts[0].text("accessToken")), ("7", "access-1"));
        assert_eq!(accounts[0].text("scope"), "a,b");
        assert!(accounts[0].date("accessTokenExpiresAt").is_some());
        for table in ["user", "account", "session", "verification"] {
            assert!(both.production.rows(table).is_empty(), "{table}");
        }
        assert!(both.preview.rows("verification").is_empty());
    }
}

#[test]
fn production_exchanges_the_code_with_its_own_address_and_the_previews_verifier() {
    let both = usual();
    let mut browser = both.preview.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github" }));
    relayed(&both.production, "github", &url);
    let asked = both.production.outside.take_fetches();
    let form: std::collections::BTreeMap<_, _> =
        url::form_urlencoded::parse(asked[0].request.body()).into_owned().collect();
    assert_eq!(form["redirect_uri"], format!("{PRODUCTION}/api/auth/callback/github"));
    let challenge = kernia::oauth::code_challenge(&form["code_verifier"]);
    assert_eq!(challenge, parameter(&url, "code_challenge"));
}

#[test]
fn a_state_in_a_cookie_travels_too() {
    let both = both(|options| options.account.store_state_strategy = StateStrategy::Cookie, |_| {});
    let mut browser = both.preview.browser();
    let answer = sign_in(&both, &mut browser, "github", json!({}));
    assert_eq!((answer.status, answer.header("location")), (302, "/in"));
    assert!(!browser.get("/get-session").json.is_null());
    assert!(both.preview.rows("verification").is_empty());
}

#[test]
fn an_answer_by_form_is_relayed_at_once() {
    let both = usual();
    let mut browser = both.preview.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "callbackURL": "/in" }));
    let form = format!("code=c&state={}", parameter(&url, "state"));
    let request = TestRequest::new(http::Method::POST, "/callback/github")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let back = both.production.browser().send(&request);
    assert_eq!(browser.get(path_of(back.header("location"))).header("location"), "/in");
}

#[test]
fn new_users_and_refusals_go_where_the_preview_said() {
    let both = usual();
    let mut browser = both.preview.browser();
    let pages = json!({ "newUserCallbackURL": "/new", "errorCallbackURL": "/oops" });
    assert_eq!(sign_in(&both, &mut browser, "github", pages.clone()).header("location"), "/new");
    assert_eq!(sign_in(&both, &mut browser, "github", pages).header("location"), "/in");
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "errorCallbackURL": "/oops" }));
    let state = parameter(&url, "state");
    let denied = both.production.browser().get(format!("/callback/github?error=access_denied&state={state}"));
    assert_eq!(denied.header("location"), "/oops?error=access_denied");
    assert_eq!(error_of(&both.production.browser().get(format!("/callback/github?state={state}"))), "no_code");
    let unknown = both.production.browser().get(format!("/callback/nobody?code=c&state={state}"));
    assert_eq!(error_of(&unknown), "oauth_provider_not_found");
    both.fake.is(Person { email: None, ..ada() });
    assert_eq!(error_of(&relayed(&both.production, "github", &url)), "email_not_found");
    both.fake.set(|behaviour| behaviour.token = Some((400, "{}".to_owned())));
    assert_eq!(error_of(&relayed(&both.production, "github", &url)), "invalid_code");
}

#[test]
fn case_087_an_answer_of_another_provider_is_not_relayed() {
    let both = usual();
    let mut browser = both.preview.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github" }));
    assert_eq!(error_of(&relayed(&both.production, "op", &url)), "state_mismatch");
    let back = relayed(&both.production, "github", &url);
    let at_another = path_of(back.header("location")).replace("/callback/github/", "/callback/op/");
    assert_eq!(error_of(&browser.get(at_another)), "provider_mismatch");
    assert!(both.preview.rows("session").is_empty());
}

#[test]
fn the_server_that_the_provider_knows_needs_no_proxy() {
    let production = server(None, OAuthProxyOptions::default(), |_| {});
    Fake::at(&production);
    let mut browser = production.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "callbackURL": "/in" }));
    assert_eq!(parameter(&url, "state").len(), 32);
    assert_eq!(crate::provider::come_back(&mut browser, "github", &url).header("location"), "/in");
    let both = usual();
    let request =
        TestRequest::json("/sign-in/social", &json!({ "provider": "github" })).header("x-skip-oauth-proxy", "1");
    let url = both.preview.browser().send(&request).json["url"].as_str().unwrap().to_owned();
    assert_eq!(parameter(&url, "redirect_uri"), "http://localhost:3000/api/auth/callback/github");
    assert_eq!(parameter(&url, "state").len(), 32);
}

#[test]
fn case_028_a_forged_host_gets_no_profile() {
    let both = usual();
    let request = TestRequest::json("/sign-in/social", &json!({ "provider": "github" }));
    let mut request = request.build("/api/auth");
    request.headers_mut().insert(http::header::HOST, "evil.test".parse().unwrap());
    let answer = TestResponse::read(both.preview.answer(request));
    let url = answer.json["url"].as_str().unwrap();
    let back = relayed(&both.production, "github", url);
    assert_eq!(Url::parse(back.header("location")).unwrap().host_str(), Some("localhost"));
}

#[test]
fn a_trusted_host_gets_its_own_visitors_back() {
    let both = both(|options| options.trusted_origins = vec!["http://*.preview.test".to_owned()], |_| {});
    let request = TestRequest::json("/sign-in/social", &json!({ "provider": "github" }));
    let mut request = request.build("/api/auth");
    request.headers_mut().insert(http::header::HOST, "one.preview.test".parse().unwrap());
    let answer = TestResponse::read(both.preview.answer(request));
    let back = relayed(&both.production, "github", answer.json["url"].as_str().unwrap());
    assert_eq!(Url::parse(back.header("location")).unwrap().host_str(), Some("one.preview.test"));
}

#[test]
fn case_002_no_sealed_value_of_another_purpose_is_a_profile() {
    let both = both(|options| options.account.store_state_strategy = StateStrategy::Cookie, |_| {});
    let mut browser = both.preview.browser();
    let forged = json!({
        "userInfo": { "id": "1", "email": "victim@example.com", "name": "V", "emailVerified": true },
        "account": { "providerId": "github", "accountId": "1" }, "state": "s", "callbackURL": "/in", "timestamp": 1,
    });
    let body = json!({ "provider": "github", "additionalData": forged });
    let url = begin(&mut browser, "/sign-in/social", body);
    let package = parameter(&url, "state");
    let state = open(&package, "oauth-proxy-package")["stateCookie"].as_str().unwrap().to_owned();
    let cookie = browser.cookies["better-auth.oauth_state"].clone();
    let installation = both.preview.engine.installation();
    let own = envelope::seal(&installation.keys, &SeededEntropy::new(1), &forged.to_string());
    let others = ["oauth-state-cookie", "oauth-link-session-token", "oauth-proxy-state", "oauth-proxy-package"];
    let mut sealed: Vec<_> = others.iter().map(|purpose| seal(&forged, purpose)).collect();
    sealed.extend([package, state, cookie, own, "00".to_owned(), "é".to_owned()]);
    for sealed in sealed {
        let answer = browser.clone().get(with_profile(&sealed));
        assert_eq!(error_of(&answer), "invalid_profile", "{sealed}");
    }
    assert!(both.preview.rows("user").is_empty() && both.preview.rows("session").is_empty());
}

#[test]
fn case_002_what_is_sealed_with_another_secret_is_nothing() {
    let both = usual();
    let mut browser = both.preview.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "callbackURL": "/in" }));
    let mut other = proxied();
    other.secret = Some("another secret of somebody else 012345".into());
    let stranger = server(Some(PRODUCTION), other, |_| {});
    Fake::at(&stranger);
    assert_eq!(error_of(&relayed(&stranger, "github", &url)), "state_mismatch");
    let (passport, _) = passport(relayed(&both.production, "github", &url).header("location"));
    let entropy = SeededEntropy::new(1);
    let resealed = envelope::seal(&keys("another", "oauth-proxy-profile"), &entropy, &passport.to_string());
    assert_eq!(error_of(&browser.get(with_profile(&resealed))), "invalid_profile");
}

#[test]
fn case_002_a_profile_is_complete_fresh_and_spent_once() {
    let both = usual();
    let mut browser = both.preview.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "callbackURL": "/in" }));
    let (good, path) = passport(relayed(&both.production, "github", &url).header("location"));
    assert_eq!(error_of(&browser.get("/callback/github/oauth-proxy?callbackURL=/in")), "missing_profile");
    assert_eq!(error_of(&browser.get("/callback/github/oauth-proxy?callbackURL=/in&profile=")), "missing_profile");
    assert_eq!(browser.get("/callback/github/oauth-proxy").status, 400);
    for lacking in ["userInfo", "account", "state", "callbackURL", "timestamp"] {
        let mut changed = good.clone();
        changed.as_object_mut().unwrap().remove(lacking);
        let sealed = seal(&changed, "oauth-proxy-profile");
        assert_eq!(error_of(&browser.get(with_profile(&sealed))), "invalid_payload", "{lacking}");
    }
    for (name, value) in [("state", json!("")), ("callbackURL", json!("")), ("timestamp", json!("now"))] {
        let mut changed = good.clone();
        changed[name] = value;
        let sealed = seal(&changed, "oauth-proxy-profile");
        assert_eq!(error_of(&browser.get(with_profile(&sealed))), "invalid_payload", "{name}");
    }
    let mut unknown = good.clone();
    unknown["state"] = "x".repeat(32).into();
    assert_eq!(error_of(&browser.get(with_profile(&seal(&unknown, "oauth-proxy-profile")))), "state_mismatch");
    for millis in [-60_001, 10_001] {
        let mut late = good.clone();
        late["timestamp"] = json!(good["timestamp"].as_f64().unwrap() + f64::from(millis));
        assert_eq!(error_of(&browser.get(with_profile(&seal(&late, "oauth-proxy-profile")))), "payload_expired");
    }
    assert_eq!(browser.get(path.clone()).header("location"), "/in");
    assert_eq!(error_of(&browser.get(path)), "state_mismatch");
    assert_eq!(both.preview.rows("session").len(), 1);
}

#[test]
fn case_087_a_profile_signs_in_the_browser_that_asked_for_it_only() {
    let both = usual();
    let mut browser = both.preview.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "callbackURL": "/in" }));
    let path = path_of(relayed(&both.production, "github", &url).header("location"));
    let mut another = both.preview.browser();
    assert_eq!(error_of(&another.get(path.clone())), "state_mismatch");
    assert!(both.preview.rows("session").is_empty());
    assert_eq!(browser.get(path).header("location"), "/in");
    let unbound = self::both(|options| options.account.skip_state_cookie_check = true, |_| {});
    let url = begin(&mut unbound.preview.browser(), "/sign-in/social", json!({ "provider": "github" }));
    let path = path_of(relayed(&unbound.production, "github", &url).header("location"));
    assert!(unbound.preview.browser().get(path).cookie("better-auth.session_token").is_some());
}

#[test]
fn case_021_a_proxied_flow_leads_to_no_other_site() {
    let both = usual();
    let mut browser = both.preview.browser();
    for page in ["https://evil.test", "//evil.test", "javascript:alert(1)"] {
        let path = format!("/callback/github/oauth-proxy?callbackURL={}", encode_uri_component(page));
        for path in [path.clone(), path.replace("/callback/github/oauth-proxy", "/oauth-proxy-callback")] {
            let answer = browser.get(path);
            assert_eq!((answer.status, answer.code()), (403, "INVALID_CALLBACK_URL"), "{page}");
        }
        let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "callbackURL": "/in" }));
        let (mut changed, _) = passport(relayed(&both.production, "github", &url).header("location"));
        changed["callbackURL"] = page.into();
        assert_eq!(browser.get(with_profile(&seal(&changed, "oauth-proxy-profile"))).status, 403, "{page}");
        for name in ["newUserURL", "errorURL"] {
            let mut changed = changed.clone();
            (changed["callbackURL"], changed[name]) = (json!("/in"), page.into());
            if name == "errorURL" {
                changed["timestamp"] = json!(1);
            }
            let answer = browser.clone().get(with_profile(&seal(&changed, "oauth-proxy-profile")));
            assert!(!answer.header("location").contains("evil"), "{}", answer.header("location"));
            assert!(!answer.header("location").contains("alert"), "{}", answer.header("location"));
        }
    }
}

#[test]
fn case_021_an_address_that_looks_like_the_proxys_leads_to_no_other_site() {
    let production = server(None, OAuthProxyOptions::default(), |_| {});
    Fake::at(&production);
    let own = "http://localhost:3000/x/oauth-proxy?callbackURL=";
    for (inner, expected) in [
        ("/in", "/in".to_owned()),
        ("http://localhost:3000/in", "http://localhost:3000/in".to_owned()),
        ("https://evil.test/", format!("{own}https%3A%2F%2Fevil.test%2F")),
        ("//evil.test", format!("{own}%2F%2Fevil.test")),
        ("javascript:alert(1)", format!("{own}javascript%3Aalert(1)")),
    ] {
        let page = format!("{own}{}", encode_uri_component(inner));
        let mut browser = production.browser();
        let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "callbackURL": page }));
        let answer = crate::provider::come_back(&mut browser, "github", &url);
        assert_eq!(answer.header("location"), expected);
    }
}

#[test]
fn case_094_nobody_becomes_a_user_where_either_server_forbids_it() {
    let off = |options: &mut Options| options.social_providers.get_mut("github").unwrap().disable_sign_up = true;
    let implicit =
        |options: &mut Options| options.social_providers.get_mut("github").unwrap().disable_implicit_sign_up = true;
    for both in [both(off, |_| {}), both(|_| {}, off), both(implicit, |_| {}), both(|_| {}, implicit)] {
        let answer = sign_in(&both, &mut both.preview.browser(), "github", json!({}));
        assert_eq!(error_of(&answer), "signup_disabled");
        assert!(both.preview.rows("user").is_empty());
    }
    let both = both(implicit, implicit);
    let answer = sign_in(&both, &mut both.preview.browser(), "github", json!({ "requestSignUp": true }));
    assert_eq!(answer.header("location"), "/in");
}

#[test]
fn an_account_is_linked_through_production() {
    let both = usual();
    let mut browser = both.preview.browser();
    browser.sign_up("ada@example.com");
    let url = begin(&mut browser, "/link-social", json!({ "provider": "github", "callbackURL": "/linked" }));
    let path = path_of(relayed(&both.production, "github", &url).header("location"));
    assert_eq!(browser.get(path).header("location"), "/linked");
    let accounts = browser.get("/list-accounts").json;
    assert_eq!(accounts.as_array().unwrap().len(), 2);
    let url = begin(&mut browser, "/link-social", json!({ "provider": "github", "callbackURL": "/linked" }));
    let path = path_of(relayed(&both.production, "github", &url).header("location"));
    let cookies = browser.cookies.clone();
    browser.post("/sign-out", json!({}));
    browser.cookies = cookies;
    assert_eq!(error_of(&browser.get(path)), "unable_to_link_account");
}

#[test]
fn case_090_a_proxied_sign_in_links_to_no_address_that_is_not_proven() {
    let both = usual();
    both.preview.browser().sign_up("ada@example.com");
    let answer = sign_in(&both, &mut both.preview.browser(), "github", json!({}));
    assert_eq!(error_of(&answer), "account_not_linked");
}

#[test]
fn a_popup_may_be_proxied_at_its_end() {
    let both = usual();
    let mut browser = both.preview.browser();
    browser.get("/oauth-popup/start?provider=github&popupOrigin=http%3A%2F%2Flocalhost%3A3000");
    let answer = sign_in(&both, &mut browser, "github", json!({}));
    assert!(answer.text.contains("\"token\":") && answer.status == 200, "{}", answer.text);
}

#[test]
fn older_servers_addresses_are_known() {
    let both = usual();
    let mut browser = both.preview.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "github", "callbackURL": "/in" }));
    let path = path_of(relayed(&both.production, "github", &url).header("location"));
    let path = path.replace("/callback/github/oauth-proxy", "/oauth-proxy-callback");
    assert_eq!(browser.get(path).header("location"), "/in");
}

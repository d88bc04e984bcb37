//! Providers of an operator's own.

use kernia::{
    domain::{
        options::{Options, TokenEndpointAuth},
        provider::{
            ClientAssertion, CustomizeTokenRequest, ExchangeCode, FetchProfile, FindSubject, FoundProfile, MapProfile,
            RefreshParameters, RefreshTokens, Tokens, VerifyIdToken,
        },
    },
    engine::FetchPolicy,
    plugins::generic_oauth::{
        Authentication, ClientAuthentication, GenericOauth, GenericOauthConfig, GenericOauthOptions, Preset,
    },
    store::{Batch, Expect, Filter, Row},
    testing::{self, Browser, TestResponse},
    wire::date::Clock,
};
use serde_json::{Value as Json, json};

use super::{World, stepping::write};
use crate::provider::{
    CLIENT, Fake, ISSUER, OTHER_ISSUER, Person, ada, begin, come_back, error_of, parameter, sign_in,
};

const DOCUMENT: &str = "https://op.test/.well-known/openid-configuration";

fn openid() -> GenericOauthConfig {
    let mut config = GenericOauthConfig::new("op", CLIENT);
    config.client_secret = Some("the-secret".into());
    config.discovery_url = Some(DOCUMENT.to_owned());
    config
}

/// One without a document, and so without ID tokens.
fn plain() -> GenericOauthConfig {
    let mut config = GenericOauthConfig::new("op", CLIENT);
    config.client_secret = Some("the-secret".into());
    config.authorization_url = Some("https://op.test/authorize".to_owned());
    config.token_url = Some("https://op.test/token".to_owned());
    config.user_info_url = Some("https://op.test/me".to_owned());
    config
}

fn world_of(options: Options, configs: impl IntoIterator<Item = GenericOauthConfig>) -> (World, Fake) {
    let plugin = GenericOauth::new(GenericOauthOptions::of(configs));
    let world = World::with_plugins(options, vec![Box::new(plugin)]);
    let fake = Fake::at(&world);
    (world, fake)
}

fn world(config: GenericOauthConfig) -> (World, Fake) {
    world_of(testing::options(), [config])
}

/// What was asked, as `METHOD path`, with the form of each request.
fn asked(world: &World) -> Vec<(String, std::collections::BTreeMap<String, String>)> {
    let told = |fetch: kernia::engine::Fetch| {
        let (parts, body) = fetch.request.into_parts();
        let mut form: std::collections::BTreeMap<_, _> = url::form_urlencoded::parse(&body).into_owned().collect();
        if let Some(authorization) = parts.headers.get("authorization") {
            form.insert("authorization".to_owned(), authorization.to_str().unwrap().to_owned());
        }
        for name in ["x-key", "x-tenant"] {
            form.extend(parts.headers.get(name).map(|value| (name.to_owned(), value.to_str().unwrap().to_owned())));
        }
        (format!("{} {}", parts.method, parts.uri.path()), form)
    };
    world.outside.take_fetches().into_iter().map(told).collect()
}

fn exchange_of(world: &World) -> std::collections::BTreeMap<String, String> {
    asked(world).into_iter().find(|(place, _)| place == "POST /token").unwrap().1
}

fn account_id(world: &World) -> String {
    world.rows("account")[0].id().to_owned()
}

fn person(browser: &mut Browser<'_>) -> Json {
    browser.get("/get-session").json["user"].clone()
}

fn given(browser: &mut Browser<'_>, token: &str, more: Json) -> TestResponse {
    let mut id_token = json!({ "token": token });
    id_token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    browser.post("/sign-in/social", json!({ "provider": "op", "idToken": id_token }))
}

#[test]
fn a_provider_that_is_known_by_its_document_alone_signs_in() {
    let (world, _) = world(openid());
    let mut browser = world.browser();
    let body = json!({ "provider": "op", "scopes": ["extra"], "callbackURL": "/in", "loginHint": "ada" });
    let url = begin(&mut browser, "/sign-in/social", body);
    assert!(url.starts_with("https://op.test/authorize?response_type=code&client_id=the-client&"), "{url}");
    assert_eq!(
        (parameter(&url, "scope"), parameter(&url, "login_hint")),
        ("openid extra".to_owned(), "ada".to_owned())
    );
    assert_eq!(parameter(&url, "redirect_uri"), "http://localhost:3000/api/auth/callback/op");
    assert_eq!(come_back(&mut browser, "op", &url).header("location"), "/in");
    assert_eq!(person(&mut browser)["email"], "ada@example.com");
    let accounts = world.rows("account");
    assert_eq!((accounts[0].text("providerId"), accounts[0].text("accountId")), ("op", "7"));
    let kept: Vec<_> = world.outside.take_fetches().iter().map(|fetch| fetch.max_age).collect();
    assert_eq!(kept, [Some(3600), Some(3600), None, Some(300)], "the document twice, the code, the keys");
}

#[test]
fn case_089_the_id_token_of_a_callback_is_verified_whole() {
    let (world, fake) = world(openid());
    let url = begin(&mut world.browser(), "/sign-in/social", json!({ "provider": "op" }));
    assert_eq!(parameter(&url, "nonce").len(), 32);
    for (claims, what) in [
        (json!({ "nonce": "another" }), "nonce"),
        (json!({ "nonce": null }), "no nonce"),
        (json!({ "iss": OTHER_ISSUER }), "issuer"),
        (json!({ "aud": "another" }), "audience"),
        (json!({ "exp": 1 }), "expired"),
        (json!({ "sub": null }), "no subject"),
    ] {
        fake.set(|behaviour| behaviour.claims = claims);
        assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "unable_to_get_user_info", "{what}");
    }
    fake.set(|behaviour| behaviour.claims = json!({}));
    for header in
        [json!({ "alg": "none" }), json!({ "alg": "HS256", "kid": "one" }), json!({ "alg": "EdDSA", "kid": "two" })]
    {
        fake.set(|behaviour| behaviour.header = header.clone());
        assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "unable_to_get_user_info", "{header}");
    }
    assert!(world.rows("user").is_empty());
    fake.set(|behaviour| (behaviour.signs, behaviour.published) = (2, vec![("two", 2)]));
    assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "", "the key was replaced");
}

#[test]
fn a_provider_that_returns_no_nonce_can_be_excused_from_it_and_from_nothing_else() {
    let mut config = openid();
    config.disable_id_token_nonce_binding = true;
    let (world, fake) = world(config);
    let url = begin(&mut world.browser(), "/sign-in/social", json!({ "provider": "op" }));
    assert_eq!(parameter(&url, "nonce"), "");
    fake.set(|behaviour| behaviour.claims = json!({ "aud": "another" }));
    assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "unable_to_get_user_info");
    fake.set(|behaviour| behaviour.claims = json!({}));
    assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "");
}

#[test]
fn case_088_a_callback_names_the_issuer_where_that_is_promised() {
    let (world, fake) = world(openid());
    let come = |iss: Option<&str>| {
        let mut browser = world.browser();
        let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "op" }));
        let (state, nonce) = (parameter(&url, "state"), parameter(&url, "nonce"));
        let iss = iss.map(|iss| format!("&iss={iss}")).unwrap_or_default();
        error_of(&browser.get(format!("/callback/op?code=nonce:{nonce}&state={state}{iss}")))
    };
    assert_eq!((come(Some(OTHER_ISSUER)).as_str(), come(None).as_str()), ("issuer_mismatch", ""));
    fake.set(|behaviour| behaviour.document = json!({ "authorization_response_iss_parameter_supported": true }));
    assert_eq!((come(None).as_str(), come(Some("")).as_str()), ("issuer_mismatch", "issuer_mismatch"));
    assert_eq!(come(Some(ISSUER)), "");
}

#[test]
fn case_231_one_openid_provider_answers_for_no_other() {
    let mut other = openid();
    other.provider_id = "other".to_owned();
    other.discovery_url = Some(format!("{OTHER_ISSUER}/.well-known/openid-configuration"));
    let (world, fake) = world_of(testing::options(), [openid(), other]);
    let mut browser = world.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "op" }));
    assert_eq!(error_of(&come_back(&mut browser, "other", &url)), "state_mismatch");
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "op" }));
    let (state, nonce) = (parameter(&url, "state"), parameter(&url, "nonce"));
    let mixed = browser.get(format!("/callback/op?code=nonce:{nonce}&state={state}&iss={OTHER_ISSUER}"));
    assert_eq!(error_of(&mixed), "issuer_mismatch");
    let foreign = fake.id_token_of(&world, OTHER_ISSUER);
    assert_eq!(given(&mut world.browser(), &foreign, json!({})).code(), "INVALID_TOKEN");
    fake.set(|behaviour| behaviour.claims = json!({ "iss": ISSUER }));
    let posing = fake.id_token_of(&world, OTHER_ISSUER);
    assert_eq!(given(&mut world.browser(), &posing, json!({})).code(), "INVALID_TOKEN");
    assert!(world.rows("user").is_empty());
    fake.set(|behaviour| behaviour.claims = json!({}));
    for provider in ["op", "other"] {
        assert_eq!(error_of(&sign_in(&mut world.browser(), provider)), "");
    }
    assert_eq!(world.rows("account").len(), 2, "one subject at two providers is two identities");
}

#[test]
fn case_091_a_profile_is_about_whom_the_id_token_names() {
    let (world, fake) = world(openid());
    fake.set(|behaviour| {
        behaviour.claims = json!({ "email": null });
        behaviour.userinfo = json!({ "sub": "somebody else" });
    });
    assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "unable_to_get_user_info");
    fake.set(|behaviour| behaviour.userinfo = json!({ "sub": null }));
    assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "unable_to_get_user_info");
    fake.set(|behaviour| behaviour.userinfo = json!({}));
    let mut browser = world.browser();
    assert_eq!(error_of(&sign_in(&mut browser, "op")), "");
    assert_eq!(person(&mut browser)["image"], "https://img.test/a.png");
}

#[test]
fn case_091_a_plain_provider_names_somebody_or_nobody_is_signed_in() {
    let (world, fake) = world(plain());
    fake.set(|behaviour| behaviour.gives_id_token = false);
    for id in [json!(null), json!(""), json!(" "), json!("undefined"), json!({ "x": 1 })] {
        fake.set(|behaviour| behaviour.userinfo = json!({ "id": id }));
        assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "unable_to_get_user_info", "{id}");
    }
    fake.set(|behaviour| behaviour.userinfo = json!({ "id": 12 }));
    let mut browser = world.browser();
    assert_eq!(error_of(&sign_in(&mut browser, "op")), "");
    assert_eq!(world.rows("account")[0].text("accountId"), "12");
    let info = browser.get(format!("/account-info?accountId={}", account_id(&world)));
    assert_eq!(info.json["data"]["emailVerified"], true);
}

#[test]
fn a_missing_address_makes_nobody() {
    let (world, fake) = world(openid());
    fake.is(Person { email: None, ..ada() });
    assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "email_not_found");
    assert!(world.rows("user").is_empty());
}

#[test]
fn case_127_a_document_that_cannot_be_used_leaves_no_provider_and_no_weaker_one() {
    let mut config = openid();
    config.authorization_url = Some("https://op.test/authorize".to_owned());
    config.token_url = Some("https://op.test/token".to_owned());
    config.issuer = Some(ISSUER.to_owned());
    let (world, fake) = world(config);
    let mut browser = world.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "op" }));
    let begun = || world.browser().post("/sign-in/social", json!({ "provider": "op" }));
    fake.set(|behaviour| behaviour.document = json!({ "issuer": "https://evil.test" }));
    assert_eq!((begun().status, begun().code()), (404, "PROVIDER_NOT_FOUND"));
    assert_eq!(error_of(&come_back(&mut browser, "op", &url)), "oauth_provider_not_found");
    let now = world.clock.now();
    for (status, body) in [(302, ""), (500, "{}"), (200, "<html>"), (200, "[]"), (200, "{\"issuer\":\"")] {
        world.outside.answer_fetches(move |_| {
            let answer = http::Response::builder().status(status).header("location", "https://op.test/other");
            Ok(answer.body(body.into()).unwrap())
        });
        assert_eq!((begun().status, begun().code()), (404, "PROVIDER_NOT_FOUND"), "{status} {body}");
        let asked = world.outside.take_fetches();
        assert!(asked.iter().all(|fetch| fetch.request.uri() == DOCUMENT), "no redirect is followed");
    }
    assert_eq!(world.clock.now(), now);
    Fake::at(&world);
    assert_eq!(begun().status, 200, "it is there again");
}

#[test]
fn case_175_what_a_document_names_elsewhere_is_called_as_if_users_had_chosen_it() {
    let (world, fake) = world(openid());
    fake.set(|behaviour| behaviour.document = json!({ "jwks_uri": "https://169.254.169.254/keys" }));
    assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "unable_to_get_user_info");
    for fetch in world.outside.take_fetches() {
        let foreign = fetch.request.uri().host() == Some("169.254.169.254");
        assert_eq!(fetch.policy == FetchPolicy::Untrusted, foreign, "{}", fetch.request.uri());
    }
}

#[test]
fn headers_of_the_document_go_to_its_origin_only() {
    let mut config = openid();
    config.discovery_headers.insert("X-Key".to_owned(), "k".into());
    let (world, fake) = world(config);
    sign_in(&mut world.browser(), "op");
    let keyed = |world: &World| -> Vec<String> {
        let with_key = |(place, told): (String, std::collections::BTreeMap<String, String>)| {
            told.contains_key("x-key").then_some(place)
        };
        asked(world).into_iter().filter_map(with_key).collect()
    };
    let document = "GET /.well-known/openid-configuration".to_owned();
    assert_eq!(keyed(&world), [document.clone(), document.clone(), "GET /keys".to_owned()]);
    fake.set(|behaviour| behaviour.document = json!({ "jwks_uri": "https://other.test/keys" }));
    sign_in(&mut world.browser(), "op");
    assert_eq!(keyed(&world), [document.clone(), document]);
}

#[test]
fn a_client_brings_an_id_token_and_nothing_beside_it_counts() {
    let (world, fake) = world(openid());
    let token = fake.id_token(&world);
    assert_eq!(given(&mut world.browser(), &token, json!({ "nonce": "n" })).code(), "INVALID_TOKEN");
    assert_eq!(given(&mut world.browser(), &token, json!({})).status, 200);
    fake.set(|behaviour| behaviour.claims = json!({ "email": null }));
    let without_address = fake.id_token(&world);
    let answer = given(&mut world.browser(), &without_address, json!({ "accessToken": "somebody's" }));
    assert_eq!((answer.status, answer.code()), (401, "FAILED_TO_GET_USER_INFO"));
    assert!(asked(&world).iter().all(|(place, _)| place != "GET /me"));
    let (plain, fake) = self::world(plain());
    let token = fake.id_token(&plain);
    assert_eq!(given(&mut plain.browser(), &token, json!({})).code(), "ID_TOKEN_NOT_SUPPORTED");
}

#[test]
fn without_an_address_to_send_browsers_to_the_configuration_is_wrong() {
    let mut config = plain();
    config.authorization_url = None;
    let (world, _) = world(config);
    let answer = world.browser().post("/sign-in/social", json!({ "provider": "op" }));
    assert_eq!((answer.status, answer.code()), (400, "INVALID_OAUTH_CONFIGURATION"));
    let mut config = plain();
    config.token_url = None;
    let (world, _) = self::world(config);
    assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "invalid_code");
}

#[test]
fn the_token_endpoint_is_asked_as_configured() {
    let mut config = plain();
    config.authentication = Authentication::Basic;
    config.pkce = false;
    config
        .token_url_params
        .extend([("resource", "r"), ("code", "mine")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    config.refresh_token_params.extend(
        [("scope", "narrow"), ("refresh_token", "mine")].map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    config.authorization_headers.insert("X-Key".to_owned(), "k".into());
    config
        .authorization_url_params
        .extend([("audience", "api"), ("state", "mine")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    config.prompt = Some("login".to_owned());
    let (world, fake) = world(config);
    fake.set(|behaviour| (behaviour.userinfo, behaviour.gives_id_token) = (json!({ "id": 1 }), false));
    let mut browser = world.browser();
    let url =
        begin(&mut browser, "/sign-in/social", json!({ "provider": "op", "additionalParams": { "audience": "mine" } }));
    assert_eq!((parameter(&url, "audience"), parameter(&url, "prompt")), ("mine".to_owned(), "login".to_owned()));
    assert_eq!((parameter(&url, "code_challenge"), parameter(&url, "state").len()), (String::new(), 32));
    assert_eq!(error_of(&come_back(&mut browser, "op", &url)), "");
    let told = exchange_of(&world);
    assert!(told["authorization"].starts_with("Basic "));
    assert_eq!((told["code"].as_str(), told["resource"].as_str(), told["x-key"].as_str()), ("code", "r", "k"));
    assert!(!told.contains_key("client_secret") && !told.contains_key("code_verifier"));
    let account_id = account_id(&world);
    assert_eq!(browser.post("/refresh-token", json!({ "accountId": account_id })).status, 200);
    let told = exchange_of(&world);
    assert_eq!(
        (told["refresh_token"].as_str(), told["scope"].as_str(), told["x-key"].as_str()),
        ("refresh-1", "narrow", "k")
    );
}

#[test]
fn an_access_token_of_unknown_life_is_given_one() {
    let mut config = plain();
    config.access_token_expires_in = Some(60);
    let (world, fake) = world(config);
    fake.set(|behaviour| {
        (behaviour.userinfo, behaviour.gives_id_token, behaviour.expires_in) = (json!({ "id": 1 }), false, 0);
    });
    let mut browser = world.browser();
    sign_in(&mut browser, "op");
    let expiry = |world: &World| world.rows("account")[0].date("accessTokenExpiresAt");
    assert_eq!(expiry(&world), Some(world.clock.now().plus_secs(60)));
    world.advance_secs(58);
    let renewed = browser.post("/get-access-token", json!({ "accountId": account_id(&world) }));
    assert_eq!(renewed.json["accessToken"], "access-2");
    assert_eq!(expiry(&world), Some(world.clock.now().plus_secs(60)));
}

#[test]
fn signing_out_leads_to_the_providers_own_page() {
    let (world, _) = world(openid());
    let mut browser = world.browser();
    sign_in(&mut browser, "op");
    let id_token = world.rows("account")[0].text("idToken").to_owned();
    let evil = browser.post("/sign-out", json!({ "callbackURL": "https://evil.test" }));
    assert_eq!((evil.status, evil.code()), (403, "INVALID_CALLBACK_URL"));
    let out = browser.post("/sign-out", json!({ "callbackURL": "/bye?x=1", "state": "s" }));
    let url = out.json["url"].as_str().unwrap();
    assert!(url.starts_with("https://op.test/out?id_token_hint="), "{url}");
    assert_eq!((out.json["redirect"].as_bool(), out.header("location")), (Some(true), url));
    assert_eq!(parameter(url, "id_token_hint"), id_token);
    assert_eq!(parameter(url, "post_logout_redirect_uri"), "http://localhost:3000/bye?x=1");
    assert_eq!((parameter(url, "client_id"), parameter(url, "state")), (CLIENT.to_owned(), "s".to_owned()));
    assert!(world.rows("session").is_empty());
    assert_eq!(browser.post("/sign-out", json!({})).json, json!({ "success": true }), "nobody was signed in");
    sign_in(&mut browser, "op");
    let out = browser.post("/sign-out", json!({ "disableRedirect": true }));
    assert_eq!((out.json["redirect"].as_bool(), out.headers.get("location")), (Some(false), None));
    assert_eq!(parameter(out.json["url"].as_str().unwrap(), "client_id"), "");
}

#[test]
fn a_provider_that_cannot_be_asked_does_not_keep_anybody_signed_in() {
    let (world, _) = world(openid());
    let mut browser = world.browser();
    sign_in(&mut browser, "op");
    world.outside.answer_fetches(|_| Err(kernia::engine::FetchError::Failed("down".to_owned())));
    assert_eq!(browser.post("/sign-out", json!({})).json, json!({ "success": true }));
    assert!(world.rows("session").is_empty());
    let mut config = openid();
    config.disable_provider_logout = true;
    let (world, _) = self::world(config);
    let mut browser = world.browser();
    sign_in(&mut browser, "op");
    assert_eq!(browser.post("/sign-out", json!({})).json, json!({ "success": true }));
}

#[test]
fn case_087_a_callback_that_nobody_asked_for_begins_anew_where_that_is_wanted() {
    let mut config = openid();
    config.allow_idp_initiated = true;
    let (world, _) = world(config);
    let mut browser = world.browser();
    let sent = browser.get("/callback/op?code=stolen");
    let url = sent.header("location").to_owned();
    assert!(url.starts_with("https://op.test/authorize?"), "{url}");
    assert!(asked(&world).iter().all(|(place, _)| place != "POST /token"), "the code is nobody's");
    assert_eq!(error_of(&come_back(&mut world.browser(), "op", &url)), "state_mismatch");
    let done = come_back(&mut browser, "op", &url);
    assert_eq!((error_of(&done).as_str(), done.header("location")), ("", "http://localhost:3000"));
    for query in ["", "?code=", "?code=c&state=", "?error=x"] {
        assert_eq!(error_of(&browser.get(format!("/callback/op{query}"))), "state_not_found", "{query}");
    }
    let (strict, _) = self::world(openid());
    assert_eq!(error_of(&strict.browser().get("/callback/op?code=stolen")), "state_not_found");
}

#[test]
fn the_application_can_do_each_step_itself() {
    let mut config = plain();
    config.token_url = None;
    config.hooks.exchange_code = Some(ExchangeCode::new(async |told| {
        (told.code == "code" && told.code_verifier.is_some()).then(|| Tokens {
            access_token: Some(format!("for {}", told.redirect_uri)),
            refresh_token: Some("old".to_owned()),
            ..Tokens::default()
        })
    }));
    config.hooks.refresh_tokens = Some(RefreshTokens::new(async |told| {
        let access = told.headers.get("x-tenant").map(|tenant| format!("for {}", tenant.to_str().unwrap()));
        (told.refresh_token == "old").then(|| Tokens { access_token: access, ..Tokens::default() })
    }));
    config.hooks.fetch_profile = Some(FetchProfile::new(async |tokens| {
        let profile = json!({ "who": "w-1", "email": "Ada@example.com", "name": tokens.access_token });
        Some(FoundProfile::from(profile))
    }));
    config.hooks.find_subject =
        Some(FindSubject::new(async |of| of.profile["who"].as_str().map(|who| format!("{}!", who))));
    config.hooks.map_profile = Some(MapProfile::new(async |profile| {
        json!({ "name": format!("<{}>", profile["name"].as_str().unwrap()), "id": "mine" }).as_object().unwrap().clone()
    }));
    let (world, _) = world(config);
    let mut browser = world.browser();
    assert_eq!(error_of(&sign_in(&mut browser, "op")), "");
    assert_eq!(world.rows("account")[0].text("accountId"), "w-1!");
    let user = person(&mut browser);
    assert_eq!(user["name"], "<for http://localhost:3000/api/auth/callback/op>");
    assert_eq!((user["email"].as_str(), &user["emailVerified"]), (Some("ada@example.com"), &json!(false)));
    let ask = testing::TestRequest::json("/refresh-token", &json!({ "accountId": account_id(&world) }));
    let renewed = browser.send(&ask.header("x-tenant", "t"));
    assert_eq!(renewed.json["accessToken"], "for t");
    let refused = browser.post("/refresh-token", json!({ "accountId": account_id(&world) }));
    assert_eq!(refused.code(), "FAILED_TO_REFRESH_ACCESS_TOKEN");
    assert!(world.outside.take_fetches().is_empty());
}

#[test]
fn a_user_that_the_application_describes_is_taken_as_it_is() {
    let mut config = plain();
    config.hooks.fetch_profile = Some(FetchProfile::new(async |_| {
        let user = json!({ "name": "Countess", "email": "c@example.com", "emailVerified": true });
        Some(FoundProfile::of_user(json!({ "id": "c" }), user.as_object().unwrap().clone()))
    }));
    config.hooks.map_profile = Some(MapProfile::new(async |_| json!({ "name": "no" }).as_object().unwrap().clone()));
    let (world, _) = world(config);
    let mut browser = world.browser();
    assert_eq!(error_of(&sign_in(&mut browser, "op")), "");
    assert_eq!(person(&mut browser)["name"], "Countess");
}

#[test]
fn the_application_proves_itself_in_its_own_way() {
    let mut config = plain();
    config.client_secret = None;
    config.token_endpoint_auth = Some(ClientAuthentication { method: TokenEndpointAuth::PrivateKeyJwt });
    let (unproven, _) = world(config.clone());
    let answer = unproven.browser().post("/sign-in/social", json!({ "provider": "op" }));
    assert_eq!(
        (answer.code(), answer.json["message"].as_str()),
        ("PROVIDER_NOT_CONFIGURED", Some("Provider op is not configured: private_key_jwt is missing."))
    );
    config.hooks.client_assertion = Some(ClientAssertion::new(async |of| {
        Some(format!("{} at {} for {}", of.client_id, of.token_endpoint, of.grant_type))
    }));
    config.hooks.refresh_parameters = Some(RefreshParameters::new(async |headers| {
        let tenant = headers.get("x-tenant").map(|tenant| tenant.to_str().unwrap().to_owned());
        vec![("tenant".to_owned(), tenant.unwrap_or_default()), ("grant_type".to_owned(), "password".to_owned())]
    }));
    let (world, fake) = world(config);
    fake.set(|behaviour| (behaviour.userinfo, behaviour.gives_id_token) = (json!({ "id": 1 }), false));
    let mut browser = world.browser();
    assert_eq!(error_of(&sign_in(&mut browser, "op")), "");
    let told = exchange_of(&world);
    assert_eq!(told["client_assertion"], "the-client at https://op.test/token for authorization_code");
    assert_eq!(told["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert_eq!((told["client_id"].as_str(), told.contains_key("client_secret")), (CLIENT, false));
    let ask = testing::TestRequest::json("/refresh-token", &json!({ "accountId": account_id(&world) }));
    assert_eq!(browser.send(&ask.header("x-tenant", "t")).status, 200);
    let told = exchange_of(&world);
    assert_eq!((told["grant_type"].as_str(), told["tenant"].as_str()), ("refresh_token", "t"));
    assert!(told["client_assertion"].ends_with("for refresh_token"));
}

#[test]
fn a_request_for_tokens_is_as_the_application_wants_it() {
    let mut config = plain();
    config.hooks.customize_token_request = Some(CustomizeTokenRequest::new(async |mut request| {
        request.set("client", format!("own for {}", request.grant_type));
        request.set_header("X-Tenant", "t");
        request
    }));
    let (world, fake) = world(config);
    fake.set(|behaviour| (behaviour.userinfo, behaviour.gives_id_token) = (json!({ "id": 1 }), false));
    assert_eq!(error_of(&sign_in(&mut world.browser(), "op")), "");
    let told = exchange_of(&world);
    assert_eq!((told["client"].as_str(), told["x-tenant"].as_str()), ("own for authorization_code", "t"));
    assert!(!told.contains_key("client_secret") && !told.contains_key("authorization"));
}

#[test]
fn the_application_verifies_id_tokens_of_a_provider_that_declares_no_check() {
    let mut config = plain();
    config.hooks.verify_id_token = Some(VerifyIdToken::new(async |given| given.nonce.as_deref() == Some("n")));
    let (world, fake) = world(config);
    fake.set(|behaviour| behaviour.claims = json!({ "id": "x" }));
    let token = fake.id_token(&world);
    assert_eq!(given(&mut world.browser(), &token, json!({})).code(), "INVALID_TOKEN");
    assert_eq!(given(&mut world.browser(), &token, json!({ "nonce": "n" })).status, 200);
}

#[test]
fn a_generic_provider_takes_the_place_of_a_known_one() {
    let mut options = testing::options();
    crate::provider::github(&mut options);
    let mut config = plain();
    config.provider_id = "github".to_owned();
    let (world, _) = world_of(options, [config]);
    let url = begin(&mut world.browser(), "/sign-in/social", json!({ "provider": "github" }));
    assert!(url.starts_with("https://op.test/authorize?"), "{url}");
}

#[test]
fn hubspots_token_is_part_of_the_address_and_yandex_has_a_scheme_of_its_own() {
    for (preset, id, profile, expected) in [
        (
            Preset::Hubspot,
            "hubspot",
            json!({ "user_id": 5, "user": "ada@example.com" }),
            "/oauth/v1/access-tokens/access%2F1 -",
        ),
        (
            Preset::Yandex,
            "yandex",
            json!({ "id": "5", "login": "ada", "emails": ["ada@example.com"] }),
            "/info OAuth access/1",
        ),
    ] {
        let mut config = GenericOauthConfig::of(preset, CLIENT);
        config.client_secret = Some("s".into());
        let (world, _) = world(config);
        let answer = profile.to_string();
        world.outside.answer_fetches(move |fetch| {
            let tokens = json!({ "access_token": "access/1" }).to_string();
            let body = if fetch.request.method() == http::Method::POST { tokens } else { answer.clone() };
            Ok(http::Response::builder().body(body.into()).unwrap())
        });
        assert_eq!(error_of(&sign_in(&mut world.browser(), id)), "", "{id}");
        let fetch = world.outside.take_fetches().pop().unwrap();
        let authorization = fetch.request.headers().get("authorization").map_or("-", |value| value.to_str().unwrap());
        assert_eq!(format!("{} {authorization}", fetch.request.uri().path()), expected);
        assert_eq!(world.rows("account")[0].text("accountId"), "5");
        assert!(!world.rows("user")[0].flag("emailVerified"));
    }
}

#[test]
fn a_plain_account_keeps_working_when_the_provider_becomes_one_with_a_document() {
    let (world, _) = world(openid());
    let mut browser = world.browser();
    sign_in(&mut browser, "op");
    let set = Row::new().with("idToken", "");
    write(&world, Batch::new().update("account", Filter::All, set, Expect::Any));
    let info = browser.get(format!("/account-info?accountId={}", account_id(&world)));
    assert_eq!((info.status, info.json["user"]["email"].as_str()), (200, Some("ada@example.com")), "{}", info.text);
}

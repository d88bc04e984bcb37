//! The One Tap plugin, with Google's keys and tokens as a test makes them.

use kernia::{
    domain::{
        Plugin,
        options::SocialProvider,
        provider::{IdTokenCheck, Provider},
    },
    plugins::{OneTap, OneTapOptions},
    providers,
    testing::{self, TestResponse},
    wire::jwk::Algorithm,
};
use serde_json::{Value as Json, json};

use super::World;
use crate::provider::{Fake, ISSUER};

const CLIENT: &str = "google-client";

/// Google as Kernia knows it, but with the fake's keys.
struct Google(SocialProvider);

impl Plugin for Google {
    fn id(&self) -> &'static str {
        "google-of-the-fake"
    }

    fn providers(&self) -> Vec<Provider> {
        let mut google = providers::row("google", &self.0).unwrap();
        if let Some(IdTokenCheck::Keys(rules)) = &mut google.id_token {
            rules.jwks_uri = format!("{ISSUER}/keys");
            rules.algorithms = vec![Algorithm::EdDsa];
        }
        vec![google]
    }
}

fn google(change: impl FnOnce(&mut SocialProvider)) -> SocialProvider {
    let mut provider = SocialProvider::default();
    provider.client_id = CLIENT.into();
    provider.client_secret = Some("the-secret".into());
    change(&mut provider);
    provider
}

fn own(change: impl FnOnce(&mut OneTapOptions)) -> OneTap {
    let mut options = OneTapOptions::default();
    change(&mut options);
    OneTap::new(options)
}

fn world(one_tap: OneTap, google: SocialProvider) -> (World, Fake) {
    let world = World::with_plugins(testing::options(), vec![Box::new(one_tap), Box::new(Google(google))]);
    let fake = Fake::at(&world);
    (world, fake)
}

fn usual() -> (World, Fake) {
    world(OneTap::default(), google(|_| {}))
}

fn tap(world: &World, token: &str) -> TestResponse {
    world.browser().post("/one-tap/callback", json!({ "idToken": token }))
}

/// A token for `audience` about Ada, with `changes` to its claims.
fn token(world: &World, fake: &Fake, audience: &str, changes: &Json) -> String {
    let mut claims = json!({ "iss": "https://accounts.google.com", "aud": audience });
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    fake.set(|behaviour| behaviour.claims = claims);
    fake.id_token(world)
}

fn refused(answer: &TestResponse) -> (u16, Json) {
    (answer.status, answer.json.clone())
}

fn invalid() -> (u16, Json) {
    (400, json!({ "message": "invalid id token" }))
}

#[test]
fn a_tap_signs_in_and_makes_user_and_account() {
    let (world, fake) = usual();
    let mut browser = world.browser();
    let token = token(&world, &fake, CLIENT, &json!({}));
    let answer = browser.post("/one-tap/callback", json!({ "idToken": token, "callbackURL": "/in" }));
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["user"]["email"], "ada@example.com");
    assert!(answer.json["token"].as_str().is_some_and(|token| !token.is_empty()));
    assert_eq!(browser.get("/get-session").json["user"]["name"], "Ada");
    let accounts = world.rows("account");
    assert_eq!((accounts[0].text("providerId"), accounts[0].text("scope")), ("google", "openid,profile,email"));
    assert_eq!((accounts[0].text("accountId"), accounts[0].text("idToken")), ("7", token.as_str()));
    assert_eq!(tap(&world, &token).status, 200);
    assert_eq!((world.rows("user").len(), world.rows("session").len()), (1, 2));
}

#[test]
fn case_086_a_tap_for_another_application_signs_nobody_in() {
    let (world, fake) = usual();
    for audience in [json!("another"), json!(["another"]), json!([]), Json::Null, json!("")] {
        let token = token(&world, &fake, CLIENT, &json!({ "aud": audience.clone() }));
        assert_eq!(refused(&tap(&world, &token)), invalid(), "{audience}");
    }
    assert!(world.rows("user").is_empty() && world.rows("session").is_empty());
}

#[test]
fn case_086_without_a_client_id_no_tap_counts() {
    let (world, fake) = world(OneTap::default(), google(|google| google.client_id = "".into()));
    for audience in [CLIENT, ""] {
        let answer = tap(&world, &token(&world, &fake, audience, &json!({})));
        assert_eq!(answer.status, 400);
        assert!(answer.json["message"].as_str().unwrap().starts_with("Google client ID is required"));
    }
    let nobody = World::with_plugins(testing::options(), vec![Box::new(OneTap::default())]);
    assert!(tap(&nobody, "x").json["message"].as_str().unwrap().starts_with("Google client ID is required"));
    assert!(world.rows("session").is_empty());
}

#[test]
fn case_085_a_tap_is_googles_and_young() {
    let (world, fake) = usual();
    for changes in [
        json!({ "iss": "https://evil.test" }),
        json!({ "exp": 1 }),
        json!({ "iat": 1 }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
    ] {
        assert_eq!(refused(&tap(&world, &token(&world, &fake, CLIENT, &changes))), invalid(), "{changes}");
    }
    let good = token(&world, &fake, CLIENT, &json!({}));
    let unsigned = good.rsplit_once('.').unwrap().0;
    for forged in
        [unsigned.to_owned(), format!("{unsigned}."), format!("{unsigned}.AAAA"), "opaque".to_owned(), String::new()]
    {
        assert_eq!(refused(&tap(&world, &forged)), invalid(), "{forged}");
    }
    assert!(world.rows("user").is_empty());
}

#[test]
fn the_plugin_may_have_clients_of_its_own() {
    let one_tap = own(|options| options.client_id.0 = vec!["one".to_owned(), "two".to_owned()]);
    let (world, fake) = world(one_tap, google(|_| {}));
    assert_eq!(refused(&tap(&world, &token(&world, &fake, CLIENT, &json!({})))), invalid());
    assert_eq!(tap(&world, &token(&world, &fake, "two", &json!({}))).status, 200);
}

#[test]
fn an_address_is_needed() {
    let (world, fake) = usual();
    for changes in [json!({ "email": null }), json!({ "email": "" })] {
        let answer = tap(&world, &token(&world, &fake, CLIENT, &changes));
        assert_eq!(refused(&answer), (400, json!({ "message": "Email not available in token" })));
    }
}

#[test]
fn case_097_a_tap_of_another_domain_is_refused() {
    let hosted = google(|google| google.hd = Some("a.test".to_owned()));
    let (world, fake) = world(own(|options| options.client_id = "one".into()), hosted);
    for hd in [Json::Null, json!("b.test"), json!(["a.test"])] {
        assert_eq!(refused(&tap(&world, &token(&world, &fake, "one", &json!({ "hd": hd })))), invalid());
    }
    assert_eq!(tap(&world, &token(&world, &fake, "one", &json!({ "hd": "a.test" }))).status, 200);
}

#[test]
fn case_090_a_tap_links_to_no_address_that_is_not_proven() {
    let (world, fake) = usual();
    world.browser().sign_up("ada@example.com");
    let not_linked = (401, json!({ "message": "account not linked" }));
    assert_eq!(refused(&tap(&world, &token(&world, &fake, CLIENT, &json!({})))), not_linked);
    world.browser().login_as("bob@example.com");
    let bob = json!({ "sub": "8", "email": "bob@example.com", "email_verified": false });
    assert_eq!(refused(&tap(&world, &token(&world, &fake, CLIENT, &bob))), not_linked);
    let proven = json!({ "sub": "8", "email": "BOB@example.com" });
    assert_eq!(tap(&world, &token(&world, &fake, CLIENT, &proven)).status, 200);
    assert_eq!(world.rows("user").len(), 2);
}

#[test]
fn case_094_a_tap_makes_no_user_where_nobody_may_become_one() {
    let off = (401, json!({ "message": "signup disabled" }));
    let worlds = [
        world(own(|options| options.disable_signup = true), google(|_| {})),
        world(OneTap::default(), google(|google| google.disable_sign_up = true)),
        world(OneTap::default(), google(|google| google.disable_implicit_sign_up = true)),
    ];
    for (world, fake) in worlds {
        assert_eq!(refused(&tap(&world, &token(&world, &fake, CLIENT, &json!({})))), off);
        assert!(world.rows("user").is_empty());
    }
}

#[test]
fn case_021_a_tap_leads_to_no_other_site() {
    let (world, fake) = usual();
    let token = token(&world, &fake, CLIENT, &json!({}));
    for page in ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)"] {
        let answer = world.browser().post("/one-tap/callback", json!({ "idToken": token, "callbackURL": page }));
        assert_eq!((answer.status, answer.code()), (403, "INVALID_CALLBACK_URL"), "{page}");
    }
    assert!(world.rows("session").is_empty());
}

#[test]
fn a_user_who_must_prove_the_address_first_is_told_so() {
    let (world, fake) = world(OneTap::default(), google(|google| google.require_email_verification = true));
    let answer = tap(&world, &token(&world, &fake, CLIENT, &json!({ "email_verified": false })));
    assert_eq!((answer.status, answer.code()), (403, "EMAIL_NOT_VERIFIED"));
    assert!(world.rows("session").is_empty());
}

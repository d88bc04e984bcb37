//! Apple's client secret, made of a key for each request.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::Response;
use kernia::{
    domain::options::SocialProvider,
    testing::{World, options},
    wire::{
        date::{Clock, Timestamp},
        jwk::{Algorithm, JwkSet},
        jws,
    },
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value as Json, json};

use crate::provider::{begin, come_back, error_of};

/// A key as Apple gives it, and its public half.
pub(crate) fn key() -> (String, JwkSet) {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let public = json!({ "kty": "EC", "crv": "P-256", "kid": "KEY1", "x": encode(x), "y": encode(y) });
    let body = STANDARD.encode(document.as_ref());
    let lines: Vec<_> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
    (pem, JwkSet::read(&json!({ "keys": [public] })).unwrap())
}

fn world(private_key: &str) -> World {
    let mut options = options();
    let mut apple = SocialProvider::default();
    apple.client_id = "com.example.web".into();
    apple.team_id = Some("TEAM1".to_owned());
    apple.key_id = Some("KEY1".to_owned());
    apple.private_key = Some(private_key.into());
    options.social_providers.insert("apple".to_owned(), apple);
    let world = World::new(options);
    world.outside.answer_fetches(|_| {
        let claims = json!({ "sub": "001", "email": "ada@example.com", "email_verified": "true" });
        let id_token = format!("{}.{}.x", URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let tokens = json!({ "access_token": "a", "id_token": id_token }).to_string();
        Ok(Response::new(tokens.into()))
    });
    world
}

/// Signs in, and answers the error and the client secrets that Apple was shown.
fn sign_in(world: &World) -> (String, Vec<String>) {
    let mut browser = world.browser();
    let url = begin(&mut browser, "/sign-in/social", json!({ "provider": "apple", "callbackURL": "/in" }));
    let error = error_of(&come_back(&mut browser, "apple", &url));
    let asked = world.outside.take_fetches();
    let secrets = asked.iter().flat_map(|fetch| {
        let form = url::form_urlencoded::parse(fetch.request.body());
        form.filter(|(name, _)| name == "client_secret").map(|(_, value)| value.into_owned()).collect::<Vec<_>>()
    });
    (error, secrets.collect())
}

fn claims(secret: &str, keys: &JwkSet, now: Timestamp) -> Json {
    jws::verify(secret, &[Algorithm::Es256], keys, now, 0).unwrap().read().unwrap()
}

#[test]
fn a_key_makes_a_client_secret_for_each_request() {
    let (pem, keys) = key();
    for written in [pem.clone(), pem.replace('\n', "\\n")] {
        let world = world(&written);
        let (error, secrets) = sign_in(&world);
        assert_eq!((error.as_str(), secrets.len()), ("", 1));
        let now = world.clock.now();
        let expected = json!({
            "iss": "TEAM1", "sub": "com.example.web", "aud": "https://appleid.apple.com",
            "iat": now.as_secs(), "exp": now.as_secs() + 300,
        });
        assert_eq!(claims(&secrets[0], &keys, now), expected);
        assert_eq!(jws::read_header(&secrets[0]).unwrap()["kid"], "KEY1");
    }
}

#[test]
fn a_key_that_cannot_be_used_signs_nobody_in() {
    let nonsense = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    for key in ["nonsense", nonsense] {
        let (error, secrets) = sign_in(&world(key));
        assert_eq!((error.as_str(), secrets.len()), ("invalid_code", 0), "{key}");
    }
}

//! Secrets serve one purpose, and are compared and kept with care.

use std::time::{Duration, Instant};

use kernia::{
    Engine,
    crypto::{digest::constant_time_eq, entropy::SeededEntropy, secret::Secret},
    domain::{
        options::{Mode, Options, RateLimitStorage, StateStrategy, VersionedSecret},
        stored_secret::StoreToken,
    },
    store::{Batch, Expect, Filter, Row},
    testing::{PASSWORD, TestResponse, World, options},
    wire::{
        cookie::sign_cookie_value,
        date::{Clock, FixedClock, Timestamp},
        jwe::{ACCOUNT_SALT, JweKeys, SESSION_SALT},
        jwt::with_times,
        session_cache::CacheStrategy,
    },
};
use serde_json::json;

use crate::{
    given::{ADA, DATA, TOKEN, call, get, mailed, open, post, reset_token, sign_in, signed_up, state_of, with_github},
    stepping::write,
};

#[test]
fn case_003_no_cookie_stands_for_another() {
    for strategy in [CacheStrategy::Compact, CacheStrategy::Jwt, CacheStrategy::Jwe] {
        let world = open(|options| {
            options.session.cookie_cache.enabled = true;
            options.session.cookie_cache.strategy = strategy;
            options.account.store_account_cookie = true;
        });
        let mut ada = signed_up(&world, ADA);
        let installation = world.engine.installation();
        let account = json!({"id": "a", "providerId": "github", "accountId": "g", "userId": "u"}).to_string();
        let account = with_times(&account, world.clock.now(), 300);
        let account = JweKeys::new(&installation.keys, ACCOUNT_SALT).encrypt(&SeededEntropy::new(1), &account);
        let state = sign_cookie_value(&installation.signer, "a-state");
        let forget = sign_cookie_value(&installation.signer, "true");
        ada.cookies.insert("better-auth.account_data".to_owned(), account);
        ada.cookies.insert("better-auth.state".to_owned(), state);
        ada.cookies.insert("better-auth.dont_remember".to_owned(), forget);
        let genuine = ada.cookies.clone();
        assert!(genuine.len() >= 5, "{:?}", genuine.keys());
        // A session that only its cached copy could still show.
        write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
        for (name, value) in genuine.keys().flat_map(|name| genuine.values().map(move |value| (name, value))) {
            if genuine[name] == *value {
                continue;
            }
            let mut eve = world.browser();
            eve.cookies.insert(TOKEN.to_owned(), genuine[TOKEN].clone());
            eve.cookies.insert(name.clone(), value.clone());
            let answer = eve.clone().get("/get-session");
            assert_eq!(answer.json, json!(null), "{strategy:?}: {name} = {value}");
            let back = eve.get("/callback/github?code=c&state=a-state");
            assert!(back.header("location").contains("error=state_"), "{name}: {}", back.header("location"));
        }
    }
}

#[test]
fn case_003_no_cookie_stands_for_the_one_that_keeps_the_verifier_of_pkce() {
    const KEPT: &str = "better-auth.oauth_state";
    let world = open(|options| {
        options.account.store_state_strategy = StateStrategy::Cookie;
        options.session.cookie_cache.enabled = true;
        options.session.cookie_cache.strategy = CacheStrategy::Jwe;
        with_github(options);
    });
    let mut ada = signed_up(&world, ADA);
    let begun = ada.post("/sign-in/social", json!({"provider": "github", "disableRedirect": true}));
    let callback = format!("/callback/github?code=c&state={}", state_of(&begun));
    let genuine = ada.cookies.clone();
    let back = |value: &str| {
        let mut eve = world.browser();
        eve.cookies.insert(KEPT.to_owned(), value.to_owned());
        eve.get(callback.clone()).header("location").to_owned()
    };
    assert!(!back(&genuine[KEPT]).contains("error=state_"), "{}", back(&genuine[KEPT]));
    write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
    for (name, value) in genuine.iter().filter(|(name, _)| *name != KEPT) {
        assert!(back(value).contains("error=state_"), "{name}: {}", back(value));
        let mut eve = world.browser();
        eve.cookies.insert(TOKEN.to_owned(), genuine[TOKEN].clone());
        eve.cookies.insert(name.clone(), genuine[KEPT].clone());
        assert_eq!(eve.get("/get-session").json, json!(null), "{name}");
    }
}

#[test]
fn case_003_a_session_that_was_sealed_for_another_purpose_is_none() {
    let world = open(|options| {
        options.session.cookie_cache.enabled = true;
        options.session.cookie_cache.strategy = CacheStrategy::Jwe;
    });
    let mut ada = signed_up(&world, ADA);
    let seen = ada.get("/get-session").json;
    write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
    let payload = json!({"session": seen["session"], "user": seen["user"], "updatedAt": 1, "version": "1"}).to_string();
    let claims = with_times(&payload, world.clock.now(), 300);
    for (salt, believed) in [(SESSION_SALT, true), (ACCOUNT_SALT, false)] {
        let keys = JweKeys::new(&world.engine.installation().keys, salt);
        ada.cookies.insert(DATA.to_owned(), keys.encrypt(&SeededEntropy::new(1), &claims));
        assert_eq!(!ada.clone().get("/get-session").json.is_null(), believed, "{salt}");
    }
}

#[test]
fn case_004_a_token_of_one_kind_is_none_of_another() {
    let world = open(|options| {
        options.session.cookie_cache.enabled = true;
        options.session.cookie_cache.strategy = CacheStrategy::Jwt;
    });
    let mut ada = signed_up(&world, ADA);
    let session_data = ada.cookies[DATA].clone();
    let session_token = ada.cookies[TOKEN].clone();
    ada.post("/send-verification-email", json!({"email": ADA}));
    let verification = mailed(&world);
    let reset = reset_token(&world, ADA);

    for token in [&session_data, &session_token, &reset] {
        let answer = world.browser().get(format!("/verify-email?token={token}"));
        assert_eq!((answer.status, answer.code()), (401, "INVALID_TOKEN"), "{token}");
    }
    for token in [&session_data, &session_token, &verification] {
        let answer =
            call(&world, &post("/reset-password", &json!({"newPassword": "another password", "token": token})));
        assert_eq!((answer.status, answer.code()), (400, "INVALID_TOKEN"), "{token}");
        let answer = ada.clone().get(format!("/delete-user/callback?token={token}"));
        assert_eq!((answer.status, answer.code()), (404, "INVALID_TOKEN"), "{token}");
    }
    for token in [&session_data, &verification, &reset] {
        let bearer = call(&world, &get("/get-session").header("authorization", format!("Bearer {token}")));
        assert_eq!(bearer.json, json!(null), "{token}");
        let mut eve = world.browser();
        eve.cookies.insert(TOKEN.to_owned(), token.clone());
        assert_eq!(eve.get("/get-session").json, json!(null), "{token}");
    }
    let mut eve = world.browser();
    eve.cookies.insert(TOKEN.to_owned(), session_token);
    eve.cookies.insert(DATA.to_owned(), verification);
    write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
    assert_eq!(eve.get("/get-session").json, json!(null), "an address is no cached session");
}

fn rotated(current: (u32, &str), older: &[(u32, &str)]) -> World {
    let mut options = options();
    let secret = |(version, value): &(u32, &str)| VersionedSecret { version: *version, value: (*value).into() };
    options.secret = None;
    options.secrets = [current].iter().chain(older).map(secret).collect();
    options.session.cookie_cache.enabled = true;
    options.session.cookie_cache.strategy = CacheStrategy::Jwe;
    World::new(options)
}

#[test]
fn case_006_a_retired_secret_opens_nothing_and_an_older_one_what_it_sealed() {
    const OLD: (u32, &str) = (1, "the-first-secret-0123456789-ABCDEFGHIJKL");
    const NEW: (u32, &str) = (2, "the-second-secret-9876543210-ABCDEFGHIJK");
    let sealed_by = |world: &World| {
        let keys = &world.engine.installation().keys;
        kernia::wire::envelope::seal(keys, &SeededEntropy::new(1), "a secret of the provider")
    };
    let opened = |world: &World, text: &str| {
        let keys = &world.engine.installation().keys;
        kernia::wire::envelope::open(keys, text).ok().map(|secret| secret.expose().to_owned())
    };
    let (before, between, after) = (rotated(OLD, &[]), rotated(NEW, &[OLD]), rotated(NEW, &[]));
    let old = sealed_by(&before);
    assert_eq!(opened(&between, &old).as_deref(), Some("a secret of the provider"));
    assert_eq!(opened(&after, &old), None);
    assert_eq!(opened(&before, &sealed_by(&between)), None, "the new version is unknown to a server of the old one");
    // The version in the envelope is not what the key is taken on trust from.
    assert_eq!(opened(&after, &old.replacen("$1$", "$2$", 1)), None);

    let ada = signed_up(&before, ADA);
    let cookies = ada.cookies;
    let decoded = |world: &World| {
        let cookie = kernia::wire::percent::percent_decode(&cookies[DATA]).unwrap().into_owned();
        world.engine.installation().session_cache.decode(world.clock.now(), &cookie).is_some()
    };
    assert_eq!([decoded(&before), decoded(&between), decoded(&after)], [true, true, false]);
}

#[test]
fn case_007_a_server_in_production_does_not_start_with_a_secret_that_can_be_guessed() {
    let build = |mode, secret: Option<&str>| {
        let mut options = Options::default();
        options.mode = mode;
        options.secret = secret.map(Into::into);
        let clock = std::sync::Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
        Engine::builder(options, clock, std::sync::Arc::new(SeededEntropy::new(1))).build()
    };
    for weak in [None, Some(""), Some("better-auth-secret-12345678901234567890"), Some("short"), Some("secret")] {
        assert!(build(Mode::Production, weak).is_err(), "{weak:?}");
    }
    assert!(build(Mode::Production, Some("kN3r-1a.doc.S3cret/with+enough=entropy_0123456789")).is_ok());
}

#[test]
fn case_008_a_copy_of_the_database_holds_no_password_and_no_link_that_works() {
    let world = open(|options| {
        options.verification.store_identifier = StoreToken::Hashed.into();
        options.user.delete_user.send_delete_account_verification = true;
    });
    let mut ada = signed_up(&world, ADA);
    let reset = reset_token(&world, ADA);
    ada.post("/delete-user", json!({}));
    let deletion = mailed(&world);
    let copy: String = ["user", "account", "session", "verification"]
        .iter()
        .flat_map(|table| world.rows(table))
        .flat_map(|row| row.fields().map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>())
        .map(|(name, value)| format!("{name}={} ", value.as_text().unwrap_or_default()))
        .collect();
    for secret in [PASSWORD, &reset, &deletion] {
        assert!(!copy.contains(secret), "{secret}");
    }
    for row in world.rows("verification") {
        let identifier = row.text("identifier");
        for token in [identifier, identifier.rsplit(':').next().unwrap_or_default()] {
            let body = json!({"newPassword": "the password of a thief", "token": token});
            assert_eq!(call(&world, &post("/reset-password", &body)).code(), "INVALID_TOKEN");
        }
    }
    assert!(world.rows("account")[0].text("password").starts_with("$argon2id$"));
}

#[test]
fn case_008_counting_requests_keeps_no_token() {
    let world = open(|options| {
        options.verification.store_identifier = StoreToken::Hashed.into();
        options.rate_limit.enabled = Some(true);
        options.rate_limit.storage = Some(RateLimitStorage::Database);
    });
    signed_up(&world, ADA);
    let token = reset_token(&world, ADA);
    let path = format!("/reset-password/{token}");
    let opened = call(&world, &get(format!("{path}?callbackURL=/new")));
    assert!(opened.header("location").contains(&token), "{}", opened.text);
    // As scanners of mails open it, and with what a line break leaves behind.
    for request in [post(path.as_str(), &json!({})), get(format!("{path}/")), get(format!("{path}/x"))] {
        assert_eq!(call(&world, &request).status, 404);
    }
    let keys: Vec<_> = world.rows("rateLimit").iter().map(|row| row.text("key").to_owned()).collect();
    assert!(keys.iter().any(|key| key.ends_with("|/request-password-reset")), "{keys:?}");
    assert!(!keys.iter().any(|key| key.contains(&token)), "{keys:?}");
    assert!(keys.iter().all(|key| key.len() < 191));
}

#[test]
fn case_009_a_one_time_value_of_another_form_is_an_invalid_one() {
    let contents = ["", "null", "{}", "[]", "{\"email\":1}", "\u{1F980}", "unknown-user", "{", "true"];
    for content in contents {
        let world = open(|options| options.user.delete_user.send_delete_account_verification = true);
        let mut ada = signed_up(&world, ADA);
        let reset = reset_token(&world, ADA);
        ada.post("/delete-user", json!({}));
        let deletion = mailed(&world);
        let set = Row::new().with("value", content);
        write(&world, Batch::new().update("verification", Filter::All, set, Expect::Rows(3)));
        let before = world.rows("account");
        let body = json!({"newPassword": "another password", "token": reset});
        let answers: [TestResponse; 2] =
            [call(&world, &post("/reset-password", &body)), ada.get(format!("/delete-user/callback?token={deletion}"))];
        for answer in answers {
            assert!((400..500).contains(&answer.status), "{content}: {} {}", answer.status, answer.text);
        }
        assert_eq!((world.rows("user").len(), world.rows("account")), (1, before), "{content}");
        assert_eq!(sign_in(&world, ADA, PASSWORD).status, 200);
    }
}

#[test]
fn case_010_comparing_secrets_takes_as_long_wherever_they_differ() {
    const LENGTH: usize = 1 << 16;
    let secret = vec![7_u8; LENGTH];
    let (mut early, mut late) = (secret.clone(), secret.clone());
    early[0] = 8;
    late[LENGTH - 1] = 8;
    let time = |other: &[u8]| {
        let begun = Instant::now();
        assert!(!constant_time_eq(std::hint::black_box(&secret), std::hint::black_box(other)));
        begun.elapsed()
    };
    // The fastest of many is what the comparison itself takes, whatever else the machine does; stopping at the first difference
    // would be thousands of times faster.
    let (early, late) = (0..50)
        .map(|_| (time(&early), time(&late)))
        .fold((Duration::MAX, Duration::MAX), |(early, late), (one, other)| (early.min(one), late.min(other)));
    assert!(early * 10 > late, "a difference at the start shows after {early:?}, one at the end after {late:?}");
    assert_ne!(Secret::from("a"), Secret::from("b"));
}

//! Sessions: how they begin, what they allow, and that they end.

use kernia::{
    domain::options::Options,
    testing::{Browser, PASSWORD, TestRequest, TestResponse, World},
    wire::cookie::sign_cookie_value,
};
use serde_json::{Value, json};

use crate::given::{
    ADA, DATA, DAY, EVE, TOKEN, call, changes, each_interleaving, everywhere, get, is_signed_in, open, post, sign_in,
    signed_up,
};

fn cached(options: &mut Options) {
    options.session.cookie_cache.enabled = true;
}

fn token(answer: &TestResponse) -> String {
    answer.json["token"].as_str().unwrap().to_owned()
}

fn with_cookie(world: &World, value: &str) -> Value {
    let request = get("/get-session").header("cookie", format!("{TOKEN}={value}"));
    call(world, &request).json
}

#[test]
fn case_051_a_session_token_cannot_be_guessed_or_forged() {
    let world = open(|_| {});
    let mut ada = world.browser();
    let mut tokens = vec![token(&ada.sign_up(ADA))];
    tokens.extend((0..50).map(|_| token(&sign_in(&world, ADA, PASSWORD))));
    // 32 letters of 62 are 190 bits.
    assert!(tokens.iter().all(|token| token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    let mut different = tokens.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), tokens.len());
    for place in 0..32 {
        let letters: std::collections::BTreeSet<_> = tokens.iter().map(|token| token.as_bytes()[place]).collect();
        assert!(letters.len() > 10, "place {place} hardly varies");
    }

    let genuine = ada.cookies[TOKEN].clone();
    assert!(!with_cookie(&world, &genuine).is_null());
    let plain = kernia::wire::percent::percent_decode(&genuine).unwrap().into_owned();
    for (at, bit) in (0..plain.len()).flat_map(|at| (0..7).map(move |bit| (at, bit))) {
        let mut bytes = plain.clone().into_bytes();
        bytes[at] ^= 1 << bit;
        let flipped = String::from_utf8(bytes).unwrap();
        let encoded = kernia::wire::percent::encode_uri_component(&flipped).into_owned();
        assert!(with_cookie(&world, &encoded).is_null(), "bit {bit} of byte {at}");
    }
    for length in 0..plain.len() {
        assert!(
            with_cookie(&world, &kernia::wire::percent::encode_uri_component(&plain[..length])).is_null(),
            "{length}"
        );
    }
    let foreign = kernia::crypto::hmac::Signer::new(b"the secret of another server, which is long enough");
    assert!(with_cookie(&world, &sign_cookie_value(&foreign, &tokens[0])).is_null());
    assert!(with_cookie(&world, &tokens[0]).is_null(), "without a signature");
}

#[test]
fn case_052_every_sign_in_makes_a_new_session_and_none_is_adopted() {
    for world in everywhere(cached) {
        let mut eve = signed_up(&world, EVE);
        let planted = eve.cookies.clone();
        signed_up(&world, ADA);
        // The victim's browser carries the attacker's cookies, genuine ones and made-up ones.
        let mut ada = world.browser();
        ada.cookies.clone_from(&planted);
        let first = token(&ada.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD})));
        assert_ne!(ada.cookies[TOKEN], planted[TOKEN]);
        assert_ne!(ada.cookies[DATA], planted[DATA]);
        assert_eq!(ada.clone().get("/get-session").json["user"]["email"], ADA);
        let second = token(&ada.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD})));
        assert_ne!(first, second);
        let change =
            json!({"currentPassword": PASSWORD, "newPassword": "another password", "revokeOtherSessions": true});
        let third = token(&ada.post("/change-password", change));
        assert!(![&first, &second].contains(&&third));
        assert_eq!(eve.get("/get-session").json["user"]["email"], EVE, "the attacker is who they were");
        for wanted in ["wanted", "x".repeat(32).as_str()] {
            let mut bob = world.browser();
            bob.cookies.insert(TOKEN.to_owned(), sign_cookie_value(&world.engine.installation().signer, wanted));
            let made = bob.post("/sign-in/email", json!({"email": EVE, "password": PASSWORD}));
            assert_ne!(token(&made), wanted);
        }
    }
}

#[test]
fn case_053_signing_out_and_revoking_end_every_copy_of_a_session() {
    let ends: [fn(&mut Browser<'_>, &str) -> TestResponse; 3] = [
        |browser, _| browser.post("/sign-out", json!({})),
        |browser, token| browser.post("/revoke-session", json!({"token": token})),
        |browser, _| browser.post("/revoke-sessions", json!({})),
    ];
    for end in ends {
        for world in everywhere(cached) {
            let mut ada = world.browser();
            let token = token(&ada.sign_up(ADA));
            let stolen = ada.cookies[TOKEN].clone();
            assert!(!with_cookie(&world, &stolen).is_null());
            let answer = end(&mut ada, &token);
            assert_eq!(answer.status, 200, "{}", answer.text);
            // The cookie by which a browser changes between sessions may stay: it names one that has ended.
            assert!(ada.cookies.keys().all(|name| name.contains("_multi-")), "{:?}", ada.cookies);
            assert_eq!(ada.post("/multi-session/set-active", json!({"sessionToken": token})).status, 401);
            assert!(with_cookie(&world, &stolen).is_null());
            let bearer = get("/get-session").header("authorization", format!("Bearer {token}"));
            assert!(call(&world, &bearer).json.is_null());
            assert!(!world.outside.cache.snapshot().contains_key(&token));
            assert!(world.outside.store.snapshot().get("session").is_none_or(Vec::is_empty));
        }
    }
}

#[test]
fn case_054_a_revoked_session_does_not_come_back() {
    for world in everywhere(|options| {
        cached(options);
        options.session.update_age = 0;
    }) {
        let mut phone = signed_up(&world, ADA);
        let mut ada = world.browser();
        ada.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
        let token = phone.get("/get-session").json["session"]["token"].clone();
        assert_eq!(ada.post("/revoke-session", json!({"token": token})).status, 200);
        // The cookie cache is a documented delay; after it, nothing fills it again.
        world.advance_secs(301);
        assert!(phone.clone().get("/get-session").json.is_null());
        phone.cookies.remove(DATA);
        for path in [
            "/get-session",
            "/get-session?disableCookieCache=true",
            "/list-accounts",
            "/get-session?disableRefresh=true",
        ] {
            let answer = phone.clone().get(path);
            assert!(answer.json.is_null() || answer.status == 401, "{path}: {}", answer.text);
            assert!(answer.cookie(DATA).is_none_or(|cookie| cookie.attributes.max_age == Some(0)));
        }
        assert_eq!(world.rows("session").len(), 1);
    }
}

#[test]
fn case_055_what_matters_asks_the_store_and_not_the_cookie() {
    for world in everywhere(cached) {
        let mut phone = signed_up(&world, ADA);
        let mut ada = world.browser();
        ada.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
        let token = phone.get("/get-session").json["session"]["token"].clone();
        ada.post("/revoke-session", json!({"token": token}));
        assert!(is_signed_in(&phone), "its cookie is still believed where that does no harm");
        let mut bodies = changes();
        bodies.extend([
            ("/update-session", json!({"name": "x"})),
            ("/get-access-token", json!({"accountId": "x"})),
            ("/refresh-token", json!({"accountId": "x"})),
        ]);
        let before = [world.rows("user"), world.rows("account"), world.rows("session")];
        for (path, body) in bodies {
            let answer = phone.clone().post(path, body);
            assert!(
                answer.status == 401 || (path == "/update-session" && answer.status == 400),
                "{path}: {} {}",
                answer.status,
                answer.text
            );
        }
        assert_eq!([world.rows("user"), world.rows("account"), world.rows("session")], before);
    }
}

#[test]
fn case_056_a_session_that_has_ended_is_none_although_its_cookie_is_signed() {
    for world in everywhere(|options| {
        cached(options);
        options.session.expires_in = 60;
        options.session.update_age = 1000;
    }) {
        let ada = signed_up(&world, ADA);
        world.advance_secs(60);
        assert!(is_signed_in(&ada), "to the last second");
        world.advance_secs(1);
        assert!(!is_signed_in(&ada));
        for path in ["/list-accounts", "/list-sessions", "/account-info?accountId=x"] {
            assert_eq!(ada.clone().get(path).status, 401, "{path}");
        }
        for (path, body) in changes() {
            assert_eq!(ada.clone().post(path, body).status, 401, "{path}");
        }
    }
}

#[test]
fn case_060_a_deleted_user_is_signed_in_nowhere() {
    for world in everywhere(cached) {
        let mut ada = signed_up(&world, ADA);
        let mut phone = world.browser();
        phone.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
        let mut eve = signed_up(&world, EVE);
        assert_eq!(ada.post("/delete-user", json!({"password": PASSWORD})).status, 200);
        phone.cookies.remove(DATA);
        assert!(!is_signed_in(&phone));
        assert_eq!(phone.post("/update-user", json!({"name": "x"})).status, 401);
        assert_eq!((world.rows("session").len(), world.rows("account").len()), (1, 1));
        let kept = world.outside.cache.snapshot();
        assert!(kept.values().all(|value| !value.contains(ADA)), "{kept:?}");
        assert_eq!(eve.get("/get-session").json["user"]["email"], EVE);
    }
}

#[test]
fn case_061_lifetimes_hold_whatever_a_session_is_used_for() {
    for world in everywhere(|options| {
        options.session.absolute_lifetime = Some(3 * DAY);
        options.session.expires_in = 2 * DAY;
        options.session.update_age = DAY;
    }) {
        let mut ada = signed_up(&world, ADA);
        let mut forgetful = world.browser();
        forgetful.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD, "rememberMe": false}));
        let ends = |browser: &Browser<'_>| browser.clone().get("/get-session").json["session"]["expiresAt"].clone();
        let (begun, forgotten) = (ends(&ada), ends(&forgetful));
        world.advance_secs(DAY - 1);
        assert_eq!(ends(&ada), begun, "a second too early");
        assert_eq!(ends(&forgetful), forgotten, "never");
        world.advance_secs(1);
        ada.get("/get-session");
        assert_ne!(ends(&ada), begun);
        world.advance_secs(1);
        assert!(!is_signed_in(&forgetful), "one day is all");
        world.advance_secs(DAY);
        ada.get("/get-session");
        assert!(is_signed_in(&ada));
        world.advance_secs(DAY);
        assert!(!is_signed_in(&ada), "three days are all, however much it was used");
    }
}

#[test]
fn case_062_using_a_session_does_not_keep_it_fresh() {
    for world in everywhere(|options| {
        options.session.update_age = 0;
        options.session.fresh_age = 3600;
    }) {
        let mut ada = signed_up(&world, ADA);
        for _ in 0..4 {
            world.advance_secs(900);
            assert!(!ada.get("/get-session").json.is_null());
        }
        assert_eq!(ada.get("/list-sessions").code(), "SESSION_NOT_FRESH");
        assert_eq!(ada.post("/unlink-account", json!({"accountId": "x"})).code(), "SESSION_NOT_FRESH");
        assert_eq!(ada.clone().post("/delete-user", json!({})).status, 400);
        assert_eq!(world.rows("user").len(), 1);
    }
}

#[test]
fn case_063_the_next_user_of_a_browser_gets_nothing_of_the_last() {
    for world in everywhere(cached) {
        signed_up(&world, EVE);
        signed_up(&world, ADA);
        let mut shared = world.browser();
        shared.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD, "rememberMe": false}));
        assert!(shared.cookies.contains_key("better-auth.dont_remember"));
        let answer = shared.post("/sign-in/email", json!({"email": EVE, "password": PASSWORD}));
        assert_eq!(answer.cookie(TOKEN).unwrap().attributes.max_age, Some(604_800));
        assert!(!shared.cookies.contains_key("better-auth.dont_remember"), "{:?}", shared.cookies.keys());
        let seen = shared.get("/get-session");
        assert!(!seen.text.contains(ADA) && seen.json["user"]["email"] == EVE, "{}", seen.text);
        let list = shared.get("/list-sessions");
        assert!(list.json.as_array().unwrap().iter().all(|session| session["userId"] == seen.json["user"]["id"]));
    }
}

#[test]
fn case_064_sessions_are_seen_and_ended_by_their_own_user() {
    for world in everywhere(|_| {}) {
        let mut ada = world.browser();
        let hers = token(&ada.sign_up(ADA));
        let mut eve = signed_up(&world, EVE);
        let list = eve.get("/list-sessions");
        assert!(list.json.as_array().unwrap().len() == 1 && !list.text.contains(&hers), "{}", list.text);
        let id = ada.get("/get-session").json["session"]["id"].clone();
        for wanted in [json!(hers), id, ada.get("/get-session").json["user"]["id"].clone()] {
            let answer = eve.post("/revoke-session", json!({"token": wanted}));
            assert_eq!(answer.text, eve.post("/revoke-session", json!({"token": "unknown"})).text);
        }
        eve.post("/revoke-other-sessions", json!({}));
        assert!(is_signed_in(&ada));
        eve.post("/revoke-sessions", json!({}));
        assert!(is_signed_in(&ada) && !is_signed_in(&eve));
    }
}

#[test]
fn case_208_a_session_that_is_revoked_while_it_is_renewed_stays_revoked() {
    for at in 0..3 {
        for renewal_first in [true, false] {
            let stage = || {
                let worlds = everywhere(|options| {
                    cached(options);
                    options.session.update_age = 0;
                });
                let world = worlds.into_iter().nth(at).unwrap();
                let mut ada = world.browser();
                let token = token(&ada.sign_up(ADA));
                let mut other = world.browser();
                other.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
                world.advance_secs(10);
                let renew = ada.prepare(&get("/get-session?disableCookieCache=true"));
                let revoke = other.prepare(&post("/revoke-session", &json!({"token": token})));
                let requests = if renewal_first { [renew, revoke] } else { [revoke, renew] };
                (world, requests)
            };
            each_interleaving(stage, |world, _, _| {
                assert_eq!(world.rows("session").len(), 1, "only the one that revoked is left");
            });
        }
    }
}

#[test]
fn case_155_a_bearer_token_is_read_strictly_and_wins_over_a_cookie() {
    for world in everywhere(|_| {}) {
        let ada = token(&world.browser().sign_up(ADA));
        let mut eve = world.browser();
        eve.sign_up(EVE);
        let seen = |authorization: &str| {
            let request = get("/get-session").header("authorization", authorization);
            let answer = call(&world, &request);
            assert!(answer.status < 500, "{authorization}: {}", answer.text);
            answer.json
        };
        assert_eq!(seen(&format!("Bearer {ada}"))["user"]["email"], ADA);
        let long = "x".repeat(30_000);
        for wrong in [
            "Bearer",
            "Bearer ",
            "Bearer %",
            "Bearer %zz",
            "Bearer %00",
            "Bearer %ff%fe",
            "Bearer .",
            "Bearer a.b.c",
            &format!("Basic {ada}"),
            &format!("Token {ada}"),
            &ada,
            &format!("Bearer {ada}."),
            &format!("Bearer {ada}.x"),
            &format!("Bearer {ada}, Bearer {ada}"),
            &format!("Bearer {ada} {ada}"),
            &format!("Bearer \u{7f}{ada}"),
            &format!("Bearer {long}"),
        ] {
            if http::HeaderValue::from_str(wrong).is_ok() {
                assert!(seen(wrong).is_null(), "{wrong}");
            }
        }
        let both = TestRequest::new(http::Method::GET, "/get-session").header("authorization", format!("Bearer {ada}"));
        assert_eq!(eve.clone().send(&both).json["user"]["email"], ADA);
        let unknown = TestRequest::new(http::Method::GET, "/get-session").header("authorization", "Bearer unknown");
        assert!(eve.clone().send(&unknown).json.is_null(), "nobody falls back to somebody else");
        // Names of other things in secondary storage are no sessions.
        for key in world.outside.cache.snapshot().into_keys().filter(|key| key.len() != 32) {
            assert!(seen(&format!("Bearer {key}")).is_null(), "{key}");
        }
    }
}

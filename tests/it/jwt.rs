//! The jwt plugin.

use kernia::{
    Engine,
    crypto::{entropy::SeededEntropy, secret::Secret},
    domain::{
        Plugin,
        api::ServerCall,
        options::{Options, VersionedSecret},
    },
    plugins::jwt::{ExpirationTime, Jwt, JwtOptions, KeyAlgorithm, KeyPairConfig, KeyRecord, StoredKey},
    schema::Row,
    store::{Batch, Expect, Filter},
    testing::{BASE_URL, TestRequest, TestResponse, options},
    wire::{
        date::{Clock, FixedClock},
        envelope,
        jwk::{Algorithm, JwkSet},
        jws,
        session_cache::CacheStrategy,
        shape::JsonMap,
        signing::KeyJob,
    },
};
use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex};

use super::{World, race::each_interleaving};
use crate::stepping::{observed, write};

const EMAIL: &str = "ada@example.com";
const DATA: &str = "better-auth.session_data";
const DAY: i64 = 86_400;

fn world_with(jwt: JwtOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(Jwt::new(jwt))])
}

fn world(change: impl FnOnce(&mut JwtOptions)) -> World {
    let mut jwt = JwtOptions::default();
    change(&mut jwt);
    world_with(jwt, |_| {})
}

/// The claims of a token, verified with the keys that the server publishes.
fn verified(world: &World, token: &str) -> Option<JsonMap> {
    let keys = JwkSet::read(&world.browser().get("/jwks").json).unwrap();
    jws::verify(token, Algorithm::ALL, &keys, world.clock.now(), 0).ok()?.read().ok()
}

fn header(token: &str) -> JsonMap {
    jws::read_header(token).unwrap()
}

/// A token of a user who has just signed up.
fn token(world: &World) -> String {
    let mut ada = world.browser();
    ada.sign_up(EMAIL);
    text(&ada.get("/token").json["token"])
}

fn text(json: &Json) -> String {
    json.as_str().unwrap().to_owned()
}

/// A signature that begins with another letter.
fn another(signature: &str) -> String {
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{first}{}", &signature[1..])
}

/// Calls a route that HTTP does not reach.
fn call(world: &World, name: &'static str, body: Json) -> TestResponse {
    let call = ServerCall { body: Some(body), ..ServerCall::default() };
    TestResponse::read(world.outside.finish(world.engine.begin_call(name, call).unwrap()))
}

fn sign(world: &World, body: Json) -> String {
    let answer = call(world, "signJWT", body);
    assert_eq!(answer.status, 200, "{}", answer.json);
    text(&answer.json["token"])
}

fn payload(world: &World, token: &str) -> Json {
    call(world, "verifyJWT", json!({ "token": token })).json["payload"].clone()
}

#[test]
fn a_token_says_who_is_signed_in() {
    let world = world(|_| {});
    let mut ada = world.browser();
    let user = ada.sign_up(EMAIL).json["user"].clone();
    let token = text(&ada.get("/token").json["token"]);
    let claims = verified(&world, &token).unwrap();
    let now = world.clock.now().as_secs();
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + 900)));
    assert_eq!((&claims["iss"], &claims["aud"], &claims["sub"]), (&json!(BASE_URL), &json!(BASE_URL), &user["id"]));
    for (name, value) in user.as_object().unwrap() {
        assert_eq!(&claims[name], value, "{name}");
    }
    let key = &world.rows("jwks")[0];
    assert_eq!((&header(&token)["alg"], &header(&token)["kid"]), (&json!("EdDSA"), &json!(key.id())));
    world.advance_secs(900);
    assert_eq!(verified(&world, &token), None);
}

#[test]
fn a_session_is_answered_with_its_token() {
    let world = world(|_| {});
    let mut ada = world.browser();
    ada.sign_up(EMAIL);
    let answer = ada.get("/get-session");
    assert_eq!(answer.header("access-control-expose-headers"), "set-auth-jwt");
    assert_eq!(verified(&world, answer.header("set-auth-jwt")).unwrap()["email"], EMAIL);
    assert_eq!(world.browser().get("/get-session").header("set-auth-jwt"), "");
    assert_eq!(ada.get("/list-sessions").header("set-auth-jwt"), "");
    let world = self::world(|jwt| jwt.disable_setting_jwt_header = true);
    let mut ada = world.browser();
    ada.sign_up(EMAIL);
    assert_eq!(ada.get("/get-session").header("set-auth-jwt"), "");
    assert!(world.rows("jwks").is_empty());
}

#[test]
fn nobody_gets_no_token() {
    let world = world(|_| {});
    let refused = world.browser().get("/token");
    assert_eq!((refused.status, refused.code()), (401, "UNAUTHORIZED"));
}

#[test]
fn private_keys_are_sealed_at_rest() {
    let sealed = world(|_| {});
    let _ = token(&sealed);
    let row = &sealed.rows("jwks")[0];
    let quoted: String = serde_json::from_str(row.text("privateKey")).unwrap();
    let opened = envelope::open(&sealed.engine.installation().keys, &quoted).unwrap();
    let (private, public): (Json, Json) =
        (serde_json::from_str(opened.expose()).unwrap(), serde_json::from_str(row.text("publicKey")).unwrap());
    assert!(private["d"].is_string() && public["d"].is_null());
    assert_eq!((&private["x"], row.text("alg"), row.text("crv")), (&public["x"], "EdDSA", "Ed25519"));
    assert!(!row.text("privateKey").contains(private["d"].as_str().unwrap()));
    let open = world(|jwt| jwt.jwks.disable_private_key_encryption = true);
    let token = token(&open);
    assert!(verified(&open, &token).is_some());
    let private: Json = serde_json::from_str(open.rows("jwks")[0].text("privateKey")).unwrap();
    assert!(private["d"].is_string());
}

#[test]
fn every_algorithm_signs() {
    use KeyAlgorithm::{EdDsa, Es256, Es512, Ps256, Rs256};
    for (alg, name, crv) in [
        (EdDsa, "EdDSA", "Ed25519"),
        (Es256, "ES256", "P-256"),
        (Es512, "ES512", "P-521"),
        (Ps256, "PS256", ""),
        (Rs256, "RS256", ""),
    ] {
        let mut jwt = JwtOptions::default();
        jwt.jwks.key_pair_config = Some(KeyPairConfig::new(alg));
        let can_make = KeyJob::can_make(alg.into());
        assert_eq!(Plugin::check(&Jwt::new(jwt.clone()), &options()).is_ok(), can_make, "{name}");
        if !can_make {
            continue;
        }
        let world = world_with(jwt, |_| {});
        let token = token(&world);
        assert_eq!(header(&token)["alg"], name);
        assert!(verified(&world, &token).is_some(), "{name}");
        assert!(payload(&world, &token).is_object(), "{name}");
        let jwk = world.browser().get("/jwks").json["keys"][0].clone();
        assert_eq!((jwk["alg"].as_str(), jwk["crv"].as_str().unwrap_or_default()), (Some(name), crv));
        assert!(jwk["d"].is_null() && jwk["p"].is_null());
    }
}

#[test]
fn keys_rotate_and_stay_published_for_a_while() {
    let world = world(|jwt| {
        jwt.jwks.rotation_interval = Some(DAY);
        jwt.jwks.grace_period = 2 * DAY;
        jwt.jwt.expiration_time = ExpirationTime::After(10 * DAY);
    });
    let mut ada = world.browser();
    ada.sign_up(EMAIL);
    let mut next = || text(&ada.get("/token").json["token"]);
    let first = next();
    world.advance_secs(DAY - 1);
    assert_eq!(header(&next())["kid"], header(&first)["kid"]);
    world.advance_secs(1);
    let second = next();
    assert_ne!(header(&second)["kid"], header(&first)["kid"]);
    assert_eq!(world.browser().get("/jwks").json["keys"].as_array().unwrap().len(), 2);
    assert!(verified(&world, &first).is_some() && payload(&world, &first).is_object());
    world.advance_secs(2 * DAY);
    let keys = world.browser().get("/jwks").json;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1, "{keys}");
    assert_eq!((verified(&world, &first), payload(&world, &first)), (None, Json::Null));
    assert!(verified(&world, &second).is_some());
}

#[test]
fn a_key_from_before_there_was_a_field_for_its_algorithm_signs() {
    let world = world(|_| {});
    let first = token(&world);
    let set = Row::new().with("alg", kernia::schema::Value::Null).with("crv", kernia::schema::Value::Null);
    write(&world, Batch::new().update("jwks", Filter::All, set, Expect::Rows(1)));
    let mut ada = world.browser();
    ada.login_as(EMAIL);
    let second = text(&ada.get("/token").json["token"]);
    assert_eq!(header(&second), header(&first));
    assert!(verified(&world, &second).is_some() && payload(&world, &first).is_object());
}

#[test]
fn case_213_two_first_requests_make_one_key() {
    let stage = || {
        let world = world(|_| {});
        let mut ada = world.browser();
        ada.sign_up(EMAIL);
        let request = |path: &str| ada.prepare(&TestRequest::new(http::Method::GET, path));
        let both = [request("/token"), request("/jwks")];
        (world, both)
    };
    each_interleaving(stage, |world, token, keys| {
        assert_eq!((token.status, keys.status, world.rows("jwks").len()), (200, 200, 1));
        assert_eq!(keys.json["keys"][0]["kid"], header(token.json["token"].as_str().unwrap())["kid"]);
    });
}

#[test]
fn rotated_secrets_open_older_keys() {
    let clock = Arc::new(FixedClock::new(kernia::wire::date::Timestamp::from_secs(1_767_225_600)));
    let engine = |versions: &[(u32, &str)]| {
        let mut options = options();
        options.secret = None;
        options.secrets = versions
            .iter()
            .map(|(version, value)| VersionedSecret { version: *version, value: (*value).into() })
            .collect();
        let builder = Engine::builder(options, clock.clone(), Arc::new(SeededEntropy::new(7)));
        builder.plugin(Jwt::default()).build().unwrap()
    };
    let (old, new) = ("an-older-secret-0123456789-ABCDEFGHIJ", "a-newer-secret-0123456789-ABCDEFGHIJ");
    let before = engine(&[(1, old)]);
    let after = engine(&[(2, new), (1, old)]);
    let other = engine(&[(2, new)]);
    let outside = kernia::testing::Outside::new(
        kernia::store::memory::MemoryStore::new(before.schema()),
        kernia::store::memory::MemoryCache::new(clock.clone()),
    );
    let sign = |engine: &Engine| {
        let call = ServerCall { body: Some(json!({"payload": {"sub": "x"}})), ..ServerCall::default() };
        TestResponse::read(outside.finish(engine.begin_call("signJWT", call).unwrap()))
    };
    let first = sign(&before);
    assert_eq!(first.status, 200);
    assert_eq!(header(sign(&after).json["token"].as_str().unwrap()), header(first.json["token"].as_str().unwrap()));
    assert_eq!(sign(&other).status, 500);
}

#[test]
fn the_server_signs_what_it_likes() {
    let world = world(|jwt| {
        jwt.jwt.issuer = Some("https://issuer.test".to_owned());
        jwt.jwt.audience = "https://api.test".into();
        jwt.jwks.key_pair_configs = vec![KeyPairConfig::new(KeyAlgorithm::Es256)];
    });
    let now = world.clock.now().as_secs();
    let plain = sign(&world, json!({ "payload": { "sub": "job", "scope": "all" } }));
    let claims = verified(&world, &plain).unwrap();
    assert_eq!(
        json!(claims),
        json!({ "sub": "job", "scope": "all", "exp": now + 900, "iss": "https://issuer.test", "aud": "https://api.test" })
    );
    let own = json!({ "sub": "job", "iat": now - 100, "exp": now + 5, "iss": "me", "aud": ["a", "b"] });
    assert_eq!(json!(verified(&world, &sign(&world, json!({ "payload": own }))).unwrap()), own);
    let options = json!({ "jwt": { "expiration_time": "1h", "issuer": "other" } });
    let token = sign(&world, json!({ "payload": { "sub": "job" }, "overrideOptions": options }));
    let claims = verified(&world, &token).unwrap();
    assert_eq!(
        (&claims["exp"], &claims["iss"], &claims["aud"]),
        (&json!(now + 3600), &json!("other"), &json!(BASE_URL))
    );
    let typed = sign(&world, json!({ "payload": { "sub": "x" }, "header": { "typ": "logout+jwt", "alg": "none" } }));
    assert_eq!((&header(&typed)["typ"], &header(&typed)["alg"]), (&json!("logout+jwt"), &json!("EdDSA")));
    let pinned = sign(&world, json!({ "payload": { "sub": "x" }, "signingAlgorithm": "ES256" }));
    assert_eq!(header(&pinned)["alg"], "ES256");
    let by_name = sign(&world, json!({ "payload": { "sub": "x" }, "signingKeyId": header(&plain)["kid"] }));
    assert_eq!(header(&by_name)["kid"], header(&plain)["kid"]);
    assert_eq!(world.rows("jwks").len(), 2);
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let world = world(|jwt| jwt.jwks.rotation_interval = Some(DAY));
    let kid = header(&sign(&world, json!({ "payload": { "sub": "x" } })))["kid"].clone();
    let refused = |body: Json| {
        let answer = call(&world, "signJWT", body);
        (answer.status, answer.code().to_owned())
    };
    let payload = json!({ "sub": "x" });
    for (body, code) in [
        (json!({}), "VALIDATION_ERROR"),
        (json!({ "payload": "x" }), "VALIDATION_ERROR"),
        (json!({ "payload": { "exp": "soon" } }), "INVALID_JWT_PAYLOAD"),
        (json!({ "payload": { "iat": true } }), "INVALID_JWT_PAYLOAD"),
        (
            json!({ "payload": payload, "overrideOptions": { "jwt": { "expiration_time": "soon" } } }),
            "INVALID_JWT_PAYLOAD",
        ),
        (json!({ "payload": payload, "signingAlgorithm": "HS256" }), "INVALID_JWT_PAYLOAD"),
        (json!({ "payload": payload, "signingAlgorithm": "ES256" }), "SIGNING_KEY_NOT_FOUND"),
        (json!({ "payload": payload, "signingKeyId": "nobody" }), "SIGNING_KEY_NOT_FOUND"),
        (json!({ "payload": payload, "signingKeyId": kid, "signingAlgorithm": "ES256" }), "SIGNING_KEY_MISMATCH"),
    ] {
        assert_eq!(refused(body.clone()), (400, code.to_owned()), "{body}");
    }
    world.advance_secs(DAY);
    let late = refused(json!({ "payload": payload, "signingKeyId": kid }));
    assert_eq!(late, (400, "SIGNING_KEY_EXPIRED".to_owned()));
    for route in ["/sign-jwt", "/verify-jwt"] {
        assert_eq!(world.browser().post(route, json!({ "payload": payload, "token": "x" })).status, 404);
    }
}

#[test]
fn the_server_reads_its_own_tokens_only() {
    let world = world(|jwt| jwt.jwt.audience = kernia::domain::options::ClientIds(vec!["a".into(), "b".into()]));
    let token = token(&world);
    assert_eq!(payload(&world, &token)["email"], EMAIL);
    let as_issued_by = |issuer: &str| call(&world, "verifyJWT", json!({ "token": token, "issuer": issuer })).json;
    assert!(as_issued_by(BASE_URL)["payload"].is_object() && as_issued_by("")["payload"].is_object());
    assert_eq!(as_issued_by("https://other.test"), json!({ "payload": null }));
    let made = |payload: Json| sign(&world, json!({ "payload": payload }));
    assert!(payload(&world, &made(json!({ "sub": "x", "aud": ["c", "b"] }))).is_object());
    for odd in [
        json!({}),
        json!({ "sub": "" }),
        json!({ "sub": "x", "aud": "c" }),
        json!({ "sub": "x", "aud": [] }),
        json!({ "sub": "x", "iss": "https://other.test" }),
        json!({ "sub": "x", "iss": [BASE_URL] }),
        json!({ "sub": "x", "exp": world.clock.now().as_secs() }),
        json!({ "sub": "x", "nbf": world.clock.now().as_secs() + 1 }),
    ] {
        assert_eq!(payload(&world, &made(odd.clone())), Json::Null, "{odd}");
    }
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let stranger = self::world(|_| {});
    for other in [
        String::new(),
        "a.b.c".to_owned(),
        format!("{signed}."),
        format!("{token}."),
        format!("{signed}.{}", another(signature)),
        self::token(&stranger),
    ] {
        assert_eq!(payload(&world, &other), Json::Null, "{other}");
    }
}

#[test]
fn a_payload_and_a_subject_of_ones_own() {
    let jwt = JwtOptions::default()
        .define_payload(async |session| {
            let sid = json!(session.row.id());
            Ok(JsonMap::from_iter([("sid".to_owned(), sid), ("role".to_owned(), json!("admin"))]))
        })
        .get_subject(async |session| Ok(session.user.text("email").to_owned()));
    let world = world_with(jwt, |_| {});
    let claims = verified(&world, &token(&world)).unwrap();
    let names: Vec<_> = claims.keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "role", "sid", "sub"]);
    assert_eq!((&claims["sub"], &claims["role"]), (&json!(EMAIL), &json!("admin")));
}

#[test]
fn tokens_can_be_signed_elsewhere() {
    let mut jwt = JwtOptions::default();
    jwt.jwks.remote_url = Some("https://keys.test/jwks".to_owned());
    jwt.jwks.key_pair_config = Some(KeyPairConfig::new(KeyAlgorithm::Rs256));
    let jwt = jwt.sign(async |asked| Ok(format!("elsewhere:{}", asked.claims["sub"].as_str().unwrap_or_default())));
    let world = world_with(jwt, |_| {});
    let mut ada = world.browser();
    let user = ada.sign_up(EMAIL).json["user"]["id"].clone();
    assert_eq!(ada.get("/token").json["token"], format!("elsewhere:{}", user.as_str().unwrap()));
    assert!(ada.get("/get-session").header("set-auth-jwt").starts_with("elsewhere:"));
    let keys = world.browser().get("/jwks");
    assert_eq!((keys.status, keys.json), (404, Json::Null));
    assert!(world.rows("jwks").is_empty());
}

#[test]
fn keys_can_be_kept_elsewhere() {
    let kept: Arc<Mutex<Vec<StoredKey>>> = Arc::default();
    let (reads, writes) = (Arc::clone(&kept), Arc::clone(&kept));
    let jwt = JwtOptions::default()
        .get_jwks(move |()| {
            let keys = reads.lock().unwrap().clone();
            async move { Ok(keys) }
        })
        .create_jwk(move |key: KeyRecord| {
            let made = StoredKey { id: format!("key-{}", writes.lock().unwrap().len()), key };
            writes.lock().unwrap().push(made.clone());
            async move { Ok(made) }
        });
    let world = world_with(jwt, |_| {});
    let token = token(&world);
    assert_eq!(header(&token)["kid"], "key-0");
    assert!(verified(&world, &token).is_some());
    assert!(world.rows("jwks").is_empty());
    assert_eq!(kept.lock().unwrap().len(), 1);
}

#[test]
fn keys_are_published_where_the_operator_says() {
    let world = world(|jwt| jwt.jwks.jwks_path = "/.well-known/jwks.json".to_owned());
    assert_eq!(world.browser().get("/jwks").status, 404);
    assert_eq!(world.browser().get("/.well-known/jwks.json").json["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let check =
        |change: fn(JwtOptions) -> JwtOptions| Plugin::check(&Jwt::new(change(JwtOptions::default())), &options());
    assert_eq!(check(|jwt| jwt), Ok(()));
    let wrong: &[fn(JwtOptions) -> JwtOptions] = &[
        |jwt| jwt.sign(async |_| Ok(String::new())),
        |mut jwt| {
            jwt.jwks.remote_url = Some("https://keys.test".to_owned());
            jwt
        },
        |mut jwt| {
            jwt.jwks.jwks_path = "jwks".to_owned();
            jwt
        },
        |mut jwt| {
            jwt.jwks.jwks_path = "/a/../b".to_owned();
            jwt
        },
        |mut jwt| {
            jwt.session_cookie_cache = true;
            jwt
        },
        |mut jwt| {
            let mut small = KeyPairConfig::new(KeyAlgorithm::Rs256);
            small.modulus_length = Some(1024);
            jwt.jwks.key_pair_configs = vec![small];
            jwt
        },
    ];
    for (at, change) in wrong.iter().enumerate() {
        assert!(check(*change).is_err(), "{at}");
    }
}

/// For how long a session is believed from its cookie here: not the default.
const CACHED_SECS: i64 = 120;

fn cached() -> World {
    let mut jwt = JwtOptions::default();
    jwt.session_cookie_cache = true;
    world_with(jwt, |options| {
        options.session.cookie_cache.enabled = true;
        options.session.cookie_cache.max_age = CACHED_SECS;
        options.session.cookie_cache.strategy = CacheStrategy::Jwt;
    })
}

#[test]
fn the_keys_sign_cached_sessions() {
    let world = cached();
    let mut ada = world.browser();
    let user = ada.sign_up(EMAIL).json["user"].clone();
    let cookie = ada.cookies[DATA].clone();
    assert_eq!(header(&cookie)["typ"], "better-auth.session-cache+jwt");
    let claims = verified(&world, &cookie).unwrap();
    assert_eq!((&claims["sub"], &claims["aud"]), (&user["id"], &json!("better-auth:session-cache")));
    let before = ada.get("/get-session").json;
    // Only the cookie can answer now.
    let ends = Batch::new().delete("session", Filter::All, Expect::Any);
    let stored = world.rows("session");
    if !world.engine.installation().places.sessions.in_secondary() {
        write(&world, ends);
        assert_eq!((stored.len(), ada.get("/get-session").json), (1, before));
    }
    let token = text(&ada.get("/token").json["token"]);
    let (signed, signature) = cookie.rsplit_once('.').unwrap();
    for other in [token, format!("{signed}.{}", another(signature)), cookie.replace('.', "..")] {
        let mut eve = ada.clone();
        eve.cookies.insert(DATA.to_owned(), other.clone());
        let answer = eve.get("/get-session");
        let cookie = answer.cookie(DATA).expect("the store or nobody answers, and the cookie changes");
        assert_ne!(cookie.value(), other);
    }
    world.advance_secs(CACHED_SECS - 1);
    assert!(verified(&world, &cookie).is_some());
    world.advance_secs(2);
    let old = verified(&world, &cookie);
    assert_eq!(old, None);
}

#[test]
fn case_004_a_cached_session_is_no_token_and_a_token_no_cached_session() {
    let world = cached();
    let mut ada = world.browser();
    ada.sign_up(EMAIL);
    assert_eq!(payload(&world, &ada.cookies[DATA]), Json::Null);
    let sessions = ada.get("/list-sessions").json;
    // A token that the application signs with all that a cached session says, save its type.
    let claims = verified(&world, &ada.cookies[DATA]).unwrap();
    let forged = sign(&world, json!({ "payload": claims }));
    assert_eq!(sessions.as_array().unwrap().len(), 1);
    ada.post("/revoke-sessions", json!({}));
    let mut eve = ada.clone();
    eve.cookies.insert(DATA.to_owned(), forged);
    assert_eq!(eve.get("/get-session").json, Json::Null);
}

#[test]
fn a_cookie_that_was_taken_back_is_not_signed() {
    let world = cached();
    let mut ada = world.browser();
    ada.sign_up(EMAIL);
    let out = ada.post("/sign-out", json!({}));
    assert!(out.cookie(DATA).is_some_and(|cookie| cookie.value().is_empty()));
}

#[test]
fn a_signature_costs_a_read_and_an_effect() {
    let world = world(|_| {});
    let mut ada = world.browser();
    ada.sign_up(EMAIL);
    let ask = |path: &str| world.begin(ada.prepare(&TestRequest::new(http::Method::GET, path)));
    let (_, first) = observed(&world, ask("/token"));
    let (_, second) = observed(&world, ask("/token"));
    let keys = |effects: &[&str]| effects.iter().filter(|name| ["MakeKey", "Sign", "Write"].contains(name)).count();
    assert_eq!((keys(&first), keys(&second)), (3, 1), "{first:?} {second:?}");
}

#[test]
fn private_keys_do_not_print() {
    let record = KeyRecord {
        public_key: "{}".to_owned(),
        private_key: Secret::from("hush"),
        created_at: kernia::wire::date::Timestamp::UNIX_EPOCH,
        expires_at: None,
        alg: None,
        crv: None,
    };
    let key = StoredKey { id: "k".to_owned(), key: record };
    assert!(!format!("{key:?} {:?}", key.key).contains("hush"));
}

//! What fails, is lost, or comes at another time than it should.

use std::{fs, path::Path};

use kernia::{
    domain::options::Options,
    engine::{Effect, Outcome, Step},
    store::{Batch, CacheOp, Expect, Filter, Row},
    testing::{Browser, PASSWORD, TestResponse, World, every_plugin},
    wire::date::Timestamp,
};
use serde_json::json;

use crate::{
    given::{
        ADA, DATA, TOKEN, call, changes, everything, failing, get, is_signed_in, open, post, reset_token, sign_in,
        signed_up,
    },
    stepping::{held_at_write, let_go, write},
};

fn in_secondary_storage(both: bool, change: impl FnOnce(&mut Options)) -> World {
    let mut options = everything();
    options.session.store_session_in_database = both;
    options.verification.store_in_database = both;
    change(&mut options);
    World::with_secondary_storage(options, every_plugin())
}

fn perform(world: &World, op: CacheOp) {
    assert!(matches!(world.outside.perform_now(Effect::Cache(op)), Outcome::Cache(Ok(_))));
}

fn lose(world: &World, key: &str) {
    perform(world, CacheOp::Delete { key: key.to_owned() });
}

fn keys(world: &World) -> Vec<String> {
    world.outside.cache.snapshot().into_keys().collect()
}

fn token_of(browser: &Browser<'_>) -> String {
    browser.clone().get("/get-session").json["session"]["token"].as_str().unwrap().to_owned()
}

#[test]
fn case_214_messages_events_and_copies_follow_the_commit() {
    for both in [None, Some(false), Some(true)] {
        let build = || match both {
            None => open(|options| options.email_verification.send_on_sign_up = Some(true)),
            Some(both) => in_secondary_storage(both, |options| options.email_verification.send_on_sign_up = Some(true)),
        };
        let world = build();
        let body = json!({"email": ADA, "name": "x", "password": "a good password"});
        let mut late = world.begin(world.browser().prepare(&post("/sign-up/email", &body)));
        let held = held_at_write(&world, &mut late);
        assert!(world.take_messages().is_empty() && world.take_events().is_empty() && keys(&world).len() <= 2);
        // Somebody else takes the address first: the batch fails as a whole.
        world.browser().sign_up(ADA);
        let _ = (world.take_messages(), world.take_events());
        let copies = keys(&world).len();
        let answer = let_go(&world, late, held);
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(answer.cookies.is_empty() && world.take_messages().is_empty());
        assert!(world.take_events().iter().all(|event| event.name != "user.created"));
        assert!(keys(&world).len() <= copies, "{:?}", keys(&world));
        assert_eq!((world.rows("user").len(), world.rows("session").len()), (1, 1));
    }
}

#[test]
fn case_215_what_secondary_storage_loses_ends_and_begins_nothing() {
    for both in [false, true] {
        // All of it.
        let world = in_secondary_storage(both, |_| {});
        let ada = signed_up(&world, ADA);
        let reset = reset_token(&world, ADA);
        let body = json!({"newPassword": "another password", "token": reset});
        assert_eq!(call(&world, &post("/reset-password", &body)).status, 200);
        keys(&world).iter().for_each(|key| lose(&world, key));
        let seen = ada.clone().get("/get-session");
        assert!(seen.json.is_null() || both, "{}", seen.text);
        assert_eq!(call(&world, &post("/reset-password", &body)).status, 400, "what was spent stays spent");
        assert_eq!(sign_in(&world, ADA, "another password").status, 200);

        // A revoked session, whose index is lost or stale.
        let world = in_secondary_storage(both, |_| {});
        let mut ada = signed_up(&world, ADA);
        let mut phone = world.browser();
        phone.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
        let (token, stale) = (token_of(&phone), world.outside.cache.snapshot());
        ada.post("/revoke-session", json!({"token": token}));
        let index = keys(&world).into_iter().find(|key| key.starts_with("active-sessions-")).unwrap();
        perform(&world, CacheOp::Set { key: index.clone(), value: stale[&index].clone(), ttl_secs: 1000 });
        assert!(!is_signed_in(&phone), "its name alone is no session");
        lose(&world, &index);
        assert!(!is_signed_in(&phone));

        // Whatever else is found in a session's place.
        let world = in_secondary_storage(both, |_| {});
        let ada = signed_up(&world, ADA);
        let token = token_of(&ada);
        let genuine = world.outside.cache.snapshot()[&token].clone();
        let other: serde_json::Value = serde_json::from_str(&genuine).unwrap();
        let mut wrong: Vec<String> =
            ["", "null", "{}", "[]", "1", "\"x\"", "{\"session\":{}}", "{\"session\":1,\"user\":2}", "\u{0}", "{"]
                .map(str::to_owned)
                .to_vec();
        wrong.push(genuine[..genuine.len() / 2].to_owned());
        wrong.push(json!({"session": other["session"]}).to_string());
        wrong.push(json!({"user": other["user"]}).to_string());
        for (part, field) in [("session", "expiresAt"), ("session", "token"), ("session", "userId"), ("user", "id")] {
            let mut value = other.clone();
            value[part][field] = json!({"x": 1});
            wrong.push(value.to_string());
        }
        for value in wrong {
            perform(&world, CacheOp::Set { key: token.clone(), value: value.clone(), ttl_secs: 1000 });
            let answer = ada.clone().get("/get-session");
            assert_eq!((answer.status, answer.json), (200, json!(null)), "{value}");
            for (path, body) in changes() {
                assert_eq!(ada.clone().post(path, body).status, 401, "{path} {value}");
            }
        }
        // A lifetime that was dropped ends the session all the same.
        perform(&world, CacheOp::Set { key: token, value: genuine, ttl_secs: 100_000_000 });
        assert!(is_signed_in(&ada));
        world.advance_secs(8 * 86_400);
        assert!(!is_signed_in(&ada));
    }
}

#[test]
fn case_218_clocks_that_jump_revive_nothing() {
    let world = open(|options| options.session.cookie_cache.enabled = true);
    let mut ada = signed_up(&world, ADA);
    let reset = reset_token(&world, ADA);
    let body = json!({"newPassword": "another password", "token": reset});
    let mut revoked = world.browser();
    revoked.post("/sign-in/email", json!({"email": ADA, "password": PASSWORD}));
    let kept = revoked.cookies.clone();
    revoked.post("/sign-out", json!({}));
    assert_eq!(call(&world, &post("/reset-password", &body)).status, 200);
    // Back by a day: what was spent and revoked stays so.
    world.advance_secs(-86_400);
    assert_eq!(call(&world, &post("/reset-password", &body)).status, 400);
    revoked.cookies = kept;
    revoked.cookies.remove(DATA);
    assert!(!is_signed_in(&revoked));
    // Forward beyond every lifetime, and far beyond.
    let old = ada.cookies.clone();
    for moment in ["2026-01-10T00:00:00Z", "2038-01-19T03:14:08Z", "2100-02-28T23:59:59Z", "9990-12-31T23:59:59Z"] {
        world.clock.set(Timestamp::parse(moment).unwrap());
        ada.cookies.clone_from(&old);
        assert!(!is_signed_in(&ada), "{moment}");
        let answer = sign_in(&world, ADA, "another password");
        assert_eq!(answer.status, 200, "{moment}: {}", answer.text);
        let mut fresh = world.browser();
        fresh.post("/sign-in/email", json!({"email": ADA, "password": "another password"}));
        assert!(is_signed_in(&fresh), "{moment}");
    }
}

#[test]
fn case_218_servers_whose_clocks_differ_agree_within_what_a_token_allows() {
    let world = open(|options| options.session.cookie_cache.enabled = true);
    let mut ada = signed_up(&world, ADA);
    ada.post("/send-verification-email", json!({"email": ADA}));
    let token = crate::given::mailed(&world);
    // A server that is a minute behind reads what this one made.
    world.advance_secs(-60);
    assert!(is_signed_in(&ada));
    assert_eq!(ada.clone().get("/list-accounts").status, 200);
    assert_eq!(ada.get(format!("/verify-email?token={token}")).status, 200);
}

#[test]
fn case_224_an_error_tells_nothing_of_the_inside() {
    for mode in [kernia::domain::options::Mode::Production, kernia::domain::options::Mode::Development] {
        let world = open(|options| options.mode = mode);
        let ada = signed_up(&world, ADA);
        let mut requests = vec![
            post("/sign-in/email", &json!({"email": ADA, "password": PASSWORD})),
            get("/get-session"),
            get("/list-accounts"),
        ];
        requests.extend(changes().iter().map(|(path, body)| post(path, body)));
        let mut failed = 0;
        for request in requests {
            for at in 0.. {
                let Some(answer) = failing(&world, ada.prepare(&request), at) else { break };
                if answer.status < 500 {
                    continue;
                }
                failed += 1;
                let names: Vec<_> = answer.json.as_object().unwrap().keys().cloned().collect();
                assert!(names.iter().all(|name| name == "code" || name == "message"), "{}", answer.text);
                let text = format!("{} {:?}", answer.text, answer.headers).to_lowercase();
                for inside in ["down", "src/", ".rs", "panick", "select ", "sqlite", "stack", "unavailable("] {
                    assert!(!text.contains(inside), "{inside}: {text}");
                }
            }
        }
        assert!(failed > 10, "{failed}");
    }
}

#[test]
fn case_225_what_is_configured_and_what_is_stored_does_not_print() {
    const SECRET: &str = "kN3r-1a.only-in-this-test.S3cret/entropy_0123";
    let world = open(|options| options.secret = Some(SECRET.into()));
    let mut ada = signed_up(&world, ADA);
    let token = token_of(&ada);
    let reset = reset_token(&world, ADA);
    ada.post("/update-user", json!({"username": "ada_1"}));
    let rows: Vec<Row> =
        ["user", "session", "account", "verification"].iter().flat_map(|table| world.rows(table)).collect();
    let hash = world.rows("account")[0].text("password").to_owned();
    let mut printed = format!("{rows:?} {:?} {:?}", world.engine, world.engine.installation().options);
    printed.push_str(&format!("{:?} {:?}", world.engine.installation().keys, world.engine.installation().signer));
    for request in [post("/sign-in/email", &json!({"email": ADA, "password": PASSWORD})), get("/get-session")] {
        let mut exchange = world.begin(ada.prepare(&request));
        while let Step::Perform(effect) = exchange.step() {
            printed.push_str(&format!("{effect:?} "));
            let outcome = world.outside.perform_now(effect);
            printed.push_str(&format!("{outcome:?} "));
            exchange.supply(outcome);
        }
    }
    ada.post("/request-password-reset", json!({"email": ADA}));
    printed.push_str(&format!("{:?}", world.take_messages()));
    for secret in [SECRET, PASSWORD, &token, &reset, &hash, &ada.cookies[TOKEN]] {
        assert!(!printed.contains(secret), "{secret} is in {printed}");
    }
}

#[test]
fn case_226_no_crate_has_unsafe_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let lints = manifest.split("[workspace.lints.rust]").nth(1).unwrap().split("\n[").next().unwrap();
    assert!(lints.contains("unsafe_code = \"forbid\""));
    let mut crates = vec![root.to_owned()];
    crates.extend(fs::read_dir(root.join("bindings")).unwrap().map(|entry| entry.unwrap().path()));
    for path in crates {
        let manifest = fs::read_to_string(path.join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", path.display());
    }
}

#[test]
fn case_240_a_look_up_that_fails_is_no_session() {
    for both in [None, Some(false), Some(true)] {
        let world = match both {
            None => open(|_| {}),
            Some(both) => in_secondary_storage(both, |_| {}),
        };
        let ada = signed_up(&world, ADA);
        let mut requests = vec![get("/get-session"), get("/list-accounts"), get("/list-sessions")];
        requests.extend(changes().iter().map(|(path, body)| post(path, body)));
        for request in requests {
            let before = [world.rows("user"), world.rows("account"), world.rows("session")];
            let answer = failing(&world, ada.prepare(&request), 0).unwrap();
            assert_eq!(
                (answer.status, answer.code()),
                (503, "SERVICE_UNAVAILABLE"),
                "{}: {}",
                request.path,
                answer.text
            );
            assert!(
                answer.json.get("session").is_none() && answer.cookies.is_empty(),
                "an outage signs nobody in or out"
            );
            assert_eq!([world.rows("user"), world.rows("account"), world.rows("session")], before);
        }
        // A session whose user is not there is none either.
        write(&world, Batch::new().delete("account", Filter::All, Expect::Any));
        if both.is_none() {
            let answer: TestResponse = ada.clone().get("/get-session");
            assert_eq!(answer.status, 200);
        }
    }
}

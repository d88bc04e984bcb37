//! Users of other systems, who sign in with the password that they had there.

use kernia::{
    domain::{event, options::Options},
    engine::{Effect, Step},
    store::{Batch, Expect, Filter, Row, Value},
    testing::{PASSWORD, TestRequest, TestResponse},
};
use serde_json::json;

use super::{
    World,
    stepping::{held_at_write, let_go, write},
};

const EMAIL: &str = "ada@example.com";
const SIGNER_KEY: &str = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";

/// A stored text of each format, and its password. All are published somewhere.
const FORMATS: &[(&str, &str)] = &[
    ("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"),
    ("$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"),
    ("$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"),
    ("$pepper$k=devise$2a$08$aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz.", "abcdefghijklm"),
    ("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password"),
    ("$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8", "password"),
    (
        "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
        "password",
    ),
    (
        "$firebase-scrypt$k=app,ln=14,r=8,s=Bw$42xEC+ixf3L2lw$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ",
        "user1password",
    ),
    ("$pbkdf2-sha1$i=10000,l=20$wJuJqLoUFsdXa8k3sFhRlA$XMGVWTbeKf4Xd+CGiuEZde8x7QA", "Test@123"),
    ("$pbkdf2-sha256$10000$wJuJqLoUFsdXa8k3sFhRlA$2waKCbPhZzL.RjWMQqvA1jpb.j56jTAXcNmRD9UTekU", "Test@123"),
    (
        "$pbkdf2-sha512$i=4096,l=64$c2FsdA$0Zexsz2wFD4BixLz0dFHnmzevcyXxcD4f2kC4HL0V7UUPzBgJkGz1VzTNZiMs2uEN2Bg7NUy4Dm3QqI5Q0ry1Q",
        "password",
    ),
    ("pbkdf2_sha1$4096$salt$SwB5AbdlSJq+rUnZJvch0GWkKcE=", "password"),
];

/// Stored texts that nobody's password is.
const UNREADABLE: &[&str] = &[
    "plain text",
    "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3",
    "$2b$31$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a",
    "$2b$05$short",
    "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$scrypt$ln=40,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI",
    "$pbkdf2-sha256$i=4000000000$c2FsdA$2waKCbPhZzL+RjWMQqvA1jpb+j56jTAXcNmRD9UTekU",
    "$pepper$k=forgotten$2a$08$aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz.",
    "$pbkdf2-sha256$i=1$c2FsdA$",
];

fn world(stored: &str) -> World {
    world_with(stored, with_keys)
}

fn world_with(stored: &str, change: impl FnOnce(&mut Options)) -> World {
    let world = World::changed(change);
    world.browser().sign_up(EMAIL);
    write(&world, Batch::new().delete("session", Filter::All, Expect::Any));
    set_password(&world, stored);
    let _ = (world.take_messages(), world.take_events());
    world
}

fn with_keys(options: &mut Options) {
    let hashing = &mut options.email_and_password.password;
    hashing.peppers.insert("devise".to_owned(), "nopqrstuvwxyz".into());
    hashing.firebase_signer_keys.insert("app".to_owned(), SIGNER_KEY.into());
    options.user.delete_user.enabled = true;
}

fn set_password(world: &World, stored: impl Into<Value>) {
    let set = Row::new().with("password", stored);
    write(world, Batch::new().update("account", Filter::All, set, Expect::Rows(1)));
}

fn stored(world: &World) -> String {
    world.rows("account")[0].text("password").to_owned()
}

fn request(password: &str) -> TestRequest {
    TestRequest::json("/sign-in/email", &json!({"email": EMAIL, "password": password}))
}

fn sign_in(world: &World, password: &str) -> TestResponse {
    world.browser().send(&request(password))
}

#[test]
fn every_format_signs_in_once_and_is_then_ours() {
    for (text, password) in FORMATS {
        let world = world(text);
        let wrong = sign_in(&world, "another password");
        assert_eq!((wrong.status, wrong.code()), (401, "INVALID_EMAIL_OR_PASSWORD"), "{text}");
        assert_eq!(stored(&world), *text);
        let changed = world.rows("account")[0].date("updatedAt");
        let answer = sign_in(&world, password);
        assert_eq!(answer.status, 200, "{text} {}", answer.text);
        let ours = stored(&world);
        assert!(ours.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{text} became {ours}");
        assert_eq!(world.rows("account")[0].date("updatedAt"), changed);
        let names: Vec<_> = world.take_events().into_iter().map(|event| event.name).collect();
        assert!(names.contains(&event::PASSWORD_REHASHED), "{names:?}");
        assert_eq!(sign_in(&world, password).status, 200);
        assert_eq!(stored(&world), ours);
    }
}

#[test]
fn without_rehashing_the_old_hash_goes_on_serving() {
    for (text, password) in FORMATS {
        let world = world_with(text, |options| {
            with_keys(options);
            options.email_and_password.password.rehash = false;
        });
        for _ in 0..2 {
            assert_eq!(sign_in(&world, password).status, 200, "{text}");
            assert_eq!(stored(&world), *text);
        }
    }
}

#[test]
fn whoever_is_signed_in_confirms_the_old_password_too() {
    for (text, password) in [FORMATS[0], FORMATS[3], FORMATS[7], FORMATS[9]] {
        let world = World::changed(with_keys);
        let mut browser = world.browser();
        browser.sign_up(EMAIL);
        set_password(&world, text);
        let verified = browser.post("/verify-password", json!({"password": password}));
        assert_eq!((verified.status, stored(&world).as_str()), (200, text), "{}", verified.text);
        let change = |current: &str| json!({"currentPassword": current, "newPassword": PASSWORD});
        assert_eq!(browser.post("/change-password", change("another password")).code(), "INVALID_PASSWORD");
        assert_eq!(browser.post("/change-password", change(password)).status, 200, "{text}");
        assert!(stored(&world).starts_with("$argon2id$"));
        set_password(&world, text);
        assert_eq!(browser.post("/delete-user", json!({"password": "another password"})).code(), "INVALID_PASSWORD");
        assert_eq!(browser.post("/delete-user", json!({"password": password})).status, 200, "{text}");
        assert!(world.rows("user").is_empty());
    }
}

#[test]
fn what_cannot_be_read_matches_nothing_and_costs_what_an_unknown_user_costs() {
    let unknown = {
        let world = World::changed(with_keys);
        let request = world.browser().prepare(&request(PASSWORD));
        hashes(&world, request)
    };
    assert_eq!(unknown.1.code(), "INVALID_EMAIL_OR_PASSWORD");
    for text in UNREADABLE {
        let world = world(text);
        let request = world.browser().prepare(&request(PASSWORD));
        let (asked, answer) = hashes(&world, request);
        assert_eq!((answer.status, answer.code()), (401, "INVALID_EMAIL_OR_PASSWORD"), "{text}");
        assert_eq!(asked, unknown.0, "{text}");
        assert_eq!(stored(&world), *text);
    }
}

/// The stored texts that a request has hashed its password for, and its answer.
fn hashes(world: &World, request: http::Request<bytes::Bytes>) -> (Vec<String>, TestResponse) {
    let mut exchange = world.begin(request);
    let mut asked = Vec::new();
    loop {
        match exchange.step() {
            Step::Perform(effect) => {
                match &effect {
                    Effect::Verify(job) => asked.push(job.hash.clone()),
                    Effect::Hash(_) => asked.push("a new hash".to_owned()),
                    _ => {}
                }
                exchange.supply(world.outside.perform_now(effect));
            }
            Step::Respond(response) => return (asked, TestResponse::read(response)),
        }
    }
}

#[test]
fn an_old_hash_that_is_replaced_while_it_is_verified_lets_nobody_in() {
    let (text, password) = FORMATS[0];
    let world = world(text);
    let mut racer = world.begin(world.browser().prepare(&request(password)));
    let held = held_at_write(&world, &mut racer);
    set_password(&world, FORMATS[8].0);
    let answer = let_go(&world, racer, held);
    assert_eq!((answer.status, answer.code()), (401, "INVALID_EMAIL_OR_PASSWORD"));
    assert!(world.rows("session").is_empty());
    assert_eq!(stored(&world), FORMATS[8].0);
}

#[test]
fn two_first_sign_ins_at_once_both_succeed_and_leave_one_hash() {
    let (text, password) = FORMATS[0];
    let world = world(text);
    let mut first = world.begin(world.browser().prepare(&request(password)));
    let held = held_at_write(&world, &mut first);
    assert_eq!(sign_in(&world, password).status, 200);
    assert_eq!(let_go(&world, first, held).status, 200);
    assert_eq!((world.rows("session").len(), world.rows("account").len()), (2, 1));
    assert!(stored(&world).starts_with("$argon2id$"));
}

#[test]
fn keys_that_could_not_be_named_or_read_are_refused_at_the_start() {
    let build = |change: fn(&mut Options)| {
        let mut options = kernia::testing::options();
        change(&mut options);
        let clock =
            std::sync::Arc::new(kernia::wire::date::FixedClock::new(kernia::wire::date::Timestamp::from_secs(1)));
        let entropy = std::sync::Arc::new(kernia::crypto::entropy::SeededEntropy::new(1));
        kernia::Engine::builder(options, clock, entropy).build().err().map(|error| error.to_string())
    };
    assert_eq!(build(with_keys), None);
    let said = build(|options| {
        options.email_and_password.password.firebase_signer_keys.insert("app".to_owned(), "hunter2!".into());
    });
    let said = said.unwrap();
    assert!(said.contains("the Firebase signer key app is no base64") && !said.contains("hunter2"), "{said}");
    let said = build(|options| {
        options.email_and_password.password.peppers.insert("A$".to_owned(), "x".into());
    });
    assert!(said.unwrap().contains("cannot name a key"));
}

//! Choosing a new password by a link in a message.

use kernia::{
    domain::{options::Options, stored_secret::StoreToken},
    store::{Batch, Expect, Filter, Row},
    testing::{PASSWORD, TestRequest, TestResponse},
};
use serde_json::{Value as Json, json};

use super::{
    Place, World, place,
    stepping::{held_at_change, held_at_write, let_go, observed, write},
};

const EMAIL: &str = "ada@example.com";
const NEW: &str = "a brand new password";
const HOUR: i64 = 3600;

/// A world in which Ada has signed up, and her address is proven; her session is the only one.
fn world_with_ada(change: impl FnOnce(&mut Options)) -> World {
    let world = World::changed(change);
    world.browser().sign_up(EMAIL);
    prove(&world);
    world.advance_secs(60);
    let _ = (world.take_messages(), world.take_events());
    world
}

fn prove(world: &World) {
    let set = Row::new().with("emailVerified", true);
    write(world, Batch::new().update("user", Filter::eq("email", EMAIL), set, Expect::Rows(1)));
}

fn ask(world: &World, body: Json) -> TestResponse {
    world.browser().post("/request-password-reset", body)
}

/// The token that Ada's mailbox gets.
fn token(world: &World) -> String {
    assert_eq!(ask(world, json!({"email": EMAIL})).status, 200);
    world.take_message().token.unwrap()
}

fn body(token: &str) -> Json {
    json!({"newPassword": NEW, "token": token})
}

fn reset(world: &World, body: &Json) -> TestResponse {
    world.browser().post("/reset-password", body.clone())
}

fn signs_in(world: &World, password: &str) -> bool {
    world.browser().post("/sign-in/email", json!({"email": EMAIL, "password": password})).status == 200
}

fn location(world: &World, path: &str) -> String {
    let answer = world.browser().get(path);
    assert_eq!((answer.status, answer.text.as_str()), (302, ""), "{path}: {}", answer.text);
    answer.header("location").to_owned()
}

#[test]
fn a_forgotten_password_is_replaced_through_the_mailbox() {
    let world = world_with_ada(|_| {});
    let answer = ask(&world, json!({"email": "ADA@example.com", "redirectTo": "/reset?lang=en&token=old"}));
    let said = "If this email exists in our system, check your email for the reset link";
    assert_eq!((answer.status, &answer.json), (200, &json!({"status": true, "message": said})));
    let message = world.take_message();
    let token = message.token.unwrap();
    assert_eq!(
        (message.kind, message.to.as_str(), message.name.as_deref()),
        ("reset-password", EMAIL, Some("Test User"))
    );
    assert!(token.len() == 24 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    let link = format!("/reset-password/{token}?callbackURL=%2Freset%3Flang%3Den%26token%3Dold");
    assert_eq!(message.url.unwrap(), format!("http://localhost:3000/api/auth{link}"));
    let page = format!("http://localhost:3000/reset?lang=en&token={token}");
    assert_eq!(location(&world, &link), page);
    assert_eq!(location(&world, &link), page, "following the link spends nothing");

    let answer = reset(&world, &body(&token));
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"status":true}"#));
    assert!(!signs_in(&world, PASSWORD));
    assert!(signs_in(&world, NEW));
    assert!(world.rows("verification").is_empty());
    let again = reset(&world, &body(&token));
    assert_eq!((again.status, again.code()), (400, "INVALID_TOKEN"));
    assert!(location(&world, &link).ends_with("&error=INVALID_TOKEN"));
}

#[test]
fn case_046_who_resets_a_password_is_rid_of_whoever_signed_up_with_the_address_before() {
    for proven in [false, true] {
        let world = World::default();
        let mut eve = world.browser();
        eve.sign_up(EMAIL);
        let user_id = world.rows("user")[0].id().to_owned();
        let identity = Row::new()
            .with("id", "identity")
            .with("userId", user_id)
            .with("providerId", "forge")
            .with("accountId", "eve")
            .with("createdAt", kernia::wire::date::Timestamp::from_secs(1_700_000_000))
            .with("updatedAt", kernia::wire::date::Timestamp::from_secs(1_700_000_000));
        write(&world, Batch::new().insert("account", identity));
        if proven {
            prove(&world);
        }
        let _ = (world.take_messages(), world.take_events());
        let token = token(&world);
        assert_eq!(reset(&world, &body(&token)).status, 200);
        assert_eq!(eve.get("/get-session").json.is_null(), !proven);
        let providers: Vec<_> = world.rows("account").iter().map(|row| row.text("providerId").to_owned()).collect();
        assert_eq!(providers.len(), if proven { 2 } else { 1 }, "{providers:?}");
        assert!(signs_in(&world, NEW) && !signs_in(&world, PASSWORD));
        assert_eq!(world.rows("user")[0].flag("emailVerified"), proven, "the message may have gone to another address");
        let ended = world.take_events().iter().any(|event| event.name == "session.revoked");
        assert_eq!(ended, !proven);
    }
}

#[test]
fn what_happened_is_told_to_the_application() {
    let world = world_with_ada(|options| options.email_and_password.revoke_sessions_on_password_reset = true);
    let ada = Some(world.rows("user")[0].id().to_owned());
    let token = token(&world);
    reset(&world, &body(&token));
    let events: Vec<_> = world.take_events().into_iter().map(|event| (event.name, event.subject)).collect();
    let names = ["password.reset_requested", "password.reset", "session.revoked"];
    assert_eq!(events, names.map(|name| (name, ada.clone())));
}

#[test]
fn case_013_a_stranger_does_not_learn_whether_an_address_is_known() {
    let world = world_with_ada(|_| {});
    let asked = |email: &str| {
        let request = TestRequest::json("/request-password-reset", &json!({"email": email}));
        observed(&world, world.begin(world.browser().prepare(&request)))
    };
    let (known, mut effects) = asked(EMAIL);
    let kept = world.rows("verification").len();
    let (unknown, unknown_effects) = asked("eve@example.com");
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    assert_eq!(effects.pop(), Some("Deliver"));
    let secondary = unknown_effects.iter().filter(|effect| **effect == "Cache").count();
    effects.retain(|effect| *effect != "Cache");
    let others: Vec<_> = unknown_effects.into_iter().filter(|effect| *effect != "Cache").collect();
    assert_eq!(effects, others, "the same work but for the message");
    assert_eq!(secondary, if place() == Place::Database { 0 } else { 4 }, "stored, and removed");
    assert_eq!((kept, world.rows("verification").len()), (2, 2), "nothing stays for a stranger");
    assert_eq!(world.take_messages().len(), 1);
    assert_eq!(world.take_events().last().unwrap().subject, None);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let world = world_with_ada(|_| {});
    for (body, code) in [
        (json!({}), "VALIDATION_ERROR"),
        (json!({"email": "nope"}), "VALIDATION_ERROR"),
        (json!({"email": [EMAIL]}), "VALIDATION_ERROR"),
        (json!({"email": EMAIL, "redirectTo": "https://evil.test"}), "INVALID_REDIRECT_URL"),
        (json!({"email": EMAIL, "redirectTo": "//evil.test"}), "INVALID_REDIRECT_URL"),
    ] {
        assert_eq!(ask(&world, body.clone()).code(), code, "{body}");
    }
    assert!(world.rows("verification").is_empty() && world.take_messages().is_empty());
    let off = World::changed(|options| options.email_and_password.send_reset_password = false);
    assert_eq!(ask(&off, json!({})).code(), "VALIDATION_ERROR");
    let answer = ask(&off, json!({"email": EMAIL}));
    assert_eq!((answer.status, answer.code()), (400, "RESET_PASSWORD_DISABLED"));
}

#[test]
fn a_link_leads_only_to_trusted_pages() {
    let world = world_with_ada(|_| {});
    let base = "http://localhost:3000";
    assert_eq!(location(&world, "/reset-password/x?callbackURL=/reset"), format!("{base}/reset?error=INVALID_TOKEN"));
    let page = location(&world, "/reset-password/x?callbackURL=%2Freset%3Fa%3Db%23c");
    assert_eq!(page, format!("{base}/reset?a=b&error=INVALID_TOKEN#c"));
    let page = location(&world, "/reset-password/x?callbackURL=");
    assert_eq!(page, format!("{base}/api/auth/error?error=INVALID_TOKEN"));
    for blank in ["%20", "%00", "a%2Fb"] {
        let page = location(&world, &format!("/reset-password/{blank}?callbackURL=/reset"));
        assert!(page.ends_with("error=INVALID_TOKEN"), "{page}");
    }
    let token = token(&world);
    for page in ["https://evil.test", "//evil.test", "/%5Cevil.test", "javascript:x"] {
        let answer = world.browser().get(format!("/reset-password/{token}?callbackURL={page}"));
        assert_eq!(
            (answer.status, answer.code(), answer.header("location")),
            (403, "INVALID_CALLBACK_URL", ""),
            "{page}"
        );
    }
    for query in ["", "?callbackURL=/a&callbackURL=/b"] {
        assert_eq!(world.browser().get(format!("/reset-password/{token}{query}")).code(), "VALIDATION_ERROR");
    }
    assert_eq!(world.browser().get("/reset-password/").status, 404);
}

#[test]
fn a_token_is_good_for_an_hour() {
    let world = world_with_ada(|_| {});
    let (first, second) = (token(&world), token(&world));
    let link = format!("/reset-password/{second}?callbackURL=/reset");
    world.advance_secs(HOUR);
    assert!(location(&world, &link).contains("token="));
    world.advance_secs(1);
    assert!(location(&world, &link).ends_with("error=INVALID_TOKEN"));
    assert_eq!(reset(&world, &body(&first)).code(), "INVALID_TOKEN");
    assert!(signs_in(&world, PASSWORD));
}

#[test]
fn how_long_a_token_is_good_is_configured() {
    let world = world_with_ada(|options| options.email_and_password.reset_password_token_expires_in = 2 * HOUR);
    let (first, second) = (token(&world), token(&world));
    world.advance_secs(2 * HOUR);
    assert_eq!(reset(&world, &body(&first)).status, 200);
    world.advance_secs(1);
    assert_eq!(reset(&world, &body(&second)).code(), "INVALID_TOKEN");
}

#[test]
fn what_is_no_token_matches_nothing() {
    let world = world_with_ada(|_| {});
    let stored = token(&world);
    // Rows as no server makes them, which a blank token must not find.
    let identifiers = ["reset-password:", "reset-password: ", ""];
    let user = world.rows("user")[0].id().to_owned();
    for (at, identifier) in identifiers.into_iter().enumerate() {
        let mut row = world.rows("verification").remove(0);
        row.set("id", format!("blank{at}"));
        row.set("identifier", identifier);
        row.set("value", user.clone());
        write(&world, Batch::new().insert("verification", row));
    }
    for (token, code) in [
        (json!(""), "INVALID_TOKEN"),
        (json!(" "), "INVALID_TOKEN"),
        (json!("\t\n"), "INVALID_TOKEN"),
        (json!("\0"), "INVALID_TOKEN"),
        (json!("unknown"), "INVALID_TOKEN"),
        (json!(format!("{stored} ")), "INVALID_TOKEN"),
        (json!(stored.to_lowercase() + "x"), "INVALID_TOKEN"),
        (json!([stored]), "VALIDATION_ERROR"),
        (json!({"token": stored}), "VALIDATION_ERROR"),
        (json!(null), "VALIDATION_ERROR"),
        (json!(5), "VALIDATION_ERROR"),
    ] {
        let answer = reset(&world, &json!({"newPassword": NEW, "token": token}));
        assert_eq!((answer.status, answer.code()), (400, code), "{token}");
    }
    assert_eq!(reset(&world, &json!({"newPassword": "short"})).code(), "INVALID_TOKEN", "the token comes first");
    let twice =
        world.browser().post(format!("/reset-password?token={stored}&token={stored}"), json!({"newPassword": NEW}));
    assert_eq!(twice.code(), "VALIDATION_ERROR");
    assert!(signs_in(&world, PASSWORD));
}

#[test]
fn the_token_may_stand_in_the_query() {
    let world = world_with_ada(|_| {});
    let token = token(&world);
    let answer =
        world.browser().post(format!("/reset-password?token={token}"), json!({"newPassword": NEW, "token": ""}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(signs_in(&world, NEW));
}

#[test]
fn a_password_that_is_refused_does_not_spend_the_token() {
    let world = world_with_ada(|_| {});
    let token = token(&world);
    for (password, code) in [("x".repeat(7), "PASSWORD_TOO_SHORT"), ("x".repeat(129), "PASSWORD_TOO_LONG")] {
        let request = TestRequest::json("/reset-password", &json!({"newPassword": password, "token": token}));
        let (answer, effects) = observed(&world, world.begin(world.browser().prepare(&request)));
        assert_eq!((answer.status, answer.code(), effects.len()), (400, code, 0));
    }
    assert_eq!(reset(&world, &body(&token)).status, 200);
}

#[test]
fn case_039_sessions_end_with_the_old_password_where_that_is_configured() {
    let kept = world_with_ada(|_| {});
    let token_of = token;
    let token = token_of(&kept);
    reset(&kept, &body(&token));
    assert_eq!(kept.rows("session").len(), 1);
    let world = world_with_ada(|options| options.email_and_password.revoke_sessions_on_password_reset = true);
    world.browser().sign_up("eve@example.com");
    let token = token_of(&world);
    reset(&world, &body(&token));
    let sessions = world.rows("session");
    assert_eq!(sessions.len(), 1);
    assert_ne!(sessions[0].text("userId"), world.rows("user")[0].id(), "others are not touched");
}

#[test]
fn case_040_a_user_without_a_password_gets_one() {
    let world = world_with_ada(|_| {});
    let social = Row::new().with("providerId", "github").with("accountId", "42").with("password", None::<String>);
    write(&world, Batch::new().update("account", Filter::All, social, Expect::Rows(1)));
    let token = token(&world);
    assert_eq!(reset(&world, &body(&token)).status, 200);
    let providers: Vec<_> = world.rows("account").iter().map(|account| account.text("providerId").to_owned()).collect();
    assert_eq!(providers, ["github", "credential"]);
    assert!(signs_in(&world, NEW));
}

#[test]
fn no_copy_of_the_account_keeps_the_old_password() {
    let world = world_with_ada(|_| {});
    let mut copy = world.rows("account").remove(0);
    copy.set("id", "copy");
    write(&world, Batch::new().insert("account", copy));
    let token = token(&world);
    assert_eq!(reset(&world, &body(&token)).status, 200);
    assert!(signs_in(&world, NEW) && !signs_in(&world, PASSWORD));
    let hashes: Vec<_> = world.rows("account").iter().map(|account| account.text("password").to_owned()).collect();
    assert_eq!((hashes.len(), &hashes[0]), (2, &hashes[1]));
}

#[test]
fn a_token_of_a_removed_user_is_good_for_nothing() {
    let world = world_with_ada(|_| {});
    let token = token(&world);
    let gone = ["session", "account", "user"]
        .into_iter()
        .fold(Batch::new(), |batch, table| batch.delete(table, Filter::All, Expect::Any));
    write(&world, gone);
    let answer = reset(&world, &body(&token));
    assert_eq!((answer.status, answer.code()), (400, "USER_NOT_FOUND"));
    assert!(world.rows("account").is_empty());
}

#[test]
fn a_change_of_the_password_voids_the_tokens_made_before() {
    let world = world_with_ada(|_| {});
    let (first, second) = (token(&world), token(&world));
    world.advance_secs(1);
    assert_eq!(reset(&world, &body(&first)).status, 200);
    let link = format!("/reset-password/{second}?callbackURL=/reset");
    assert!(location(&world, &link).ends_with("error=INVALID_TOKEN"));
    let late = |token: &str| reset(&world, &json!({"newPassword": "the password of a thief", "token": token}));
    assert_eq!(late(&second).code(), "INVALID_TOKEN");
    assert!(signs_in(&world, NEW));
    assert_eq!(late(&token(&world)).status, 200, "one that is made afterwards is good");
}

/// Ada has another address from now on.
fn move_away(world: &World) {
    let set = Row::new().with("email", "ada@elsewhere.example");
    write(world, Batch::new().update("user", Filter::eq("email", EMAIL), set, Expect::Rows(1)));
}

#[test]
fn case_041_whoever_reads_where_the_user_was_does_not_choose_their_password() {
    let world = world_with_ada(|_| {});
    let token = token(&world);
    move_away(&world);
    let leads = location(&world, &format!("/reset-password/{token}?callbackURL=/new"));
    assert!(leads.ends_with("/new?error=INVALID_TOKEN"), "{leads}");
    assert_eq!(reset(&world, &body(&token)).code(), "INVALID_TOKEN");
    // Nor while the address changes.
    let world = world_with_ada(|_| {});
    let token = self::token(&world);
    let request = TestRequest::json("/reset-password", &body(&token));
    let mut exchange = world.begin(world.browser().prepare(&request));
    let held = held_at_change(&world, &mut exchange);
    move_away(&world);
    assert_eq!(let_go(&world, exchange, held).code(), "INVALID_TOKEN");
    // A token of the reference says nothing of an address.
    let world = world_with_ada(|_| {});
    let token = self::token(&world);
    let address = Filter::eq("identifier", format!("reset-password-address:{token}"));
    write(&world, Batch::new().delete("verification", address, Expect::Rows(1)));
    move_away(&world);
    assert_eq!(reset(&world, &body(&token)).status, 200);
}

#[test]
fn a_token_is_spent_once_however_two_requests_meet() {
    let world = world_with_ada(|_| {});
    let token = token(&world);
    let begin = |password: &str| {
        let request = TestRequest::json("/reset-password", &json!({"newPassword": password, "token": token}));
        world.begin(world.browser().prepare(&request))
    };
    let (mut first, mut second) = (begin("the first password"), begin("the second password"));
    let (held_first, held_second) = (held_at_change(&world, &mut first), held_at_change(&world, &mut second));
    let won = let_go(&world, second, held_second);
    let lost = let_go(&world, first, held_first);
    assert_eq!((won.status, lost.status, lost.code()), (200, 400, "INVALID_TOKEN"));
    assert!(signs_in(&world, "the second password") && !signs_in(&world, "the first password"));
}

#[test]
fn of_two_tokens_used_at_once_one_wins() {
    let world = world_with_ada(|_| {});
    let mut racers = [token(&world), token(&world)].map(|token| {
        let request = TestRequest::json("/reset-password", &body(&token));
        let mut exchange = world.begin(world.browser().prepare(&request));
        let held = held_at_write(&world, &mut exchange);
        Some((exchange, held))
    });
    let statuses = [1, 0].map(|at: usize| {
        let (exchange, held) = racers[at].take().unwrap();
        let_go(&world, exchange, held).status
    });
    assert_eq!(statuses, [200, 400]);
}

#[test]
fn two_first_passwords_at_once_make_one_account() {
    let world = world_with_ada(|_| {});
    write(&world, Batch::new().delete("account", Filter::All, Expect::Rows(1)));
    let tokens = [token(&world), token(&world)];
    let mut first = world.begin(world.browser().prepare(&TestRequest::json("/reset-password", &body(&tokens[0]))));
    let held = held_at_write(&world, &mut first);
    assert_eq!(reset(&world, &body(&tokens[1])).status, 200);
    assert_eq!(let_go(&world, first, held).code(), "INVALID_TOKEN");
    let user = world.rows("user")[0].id().to_owned();
    assert_eq!(world.rows("account").len(), 1);
    assert_eq!(world.rows("account")[0].text("accountId"), user);
}

#[test]
fn a_sign_in_with_the_old_password_does_not_outlive_a_reset() {
    let world = world_with_ada(|options| options.email_and_password.revoke_sessions_on_password_reset = true);
    let token = token(&world);
    let request = TestRequest::json("/sign-in/email", &json!({"email": EMAIL, "password": PASSWORD}));
    let mut sign_in = world.begin(world.browser().prepare(&request));
    let held = held_at_write(&world, &mut sign_in);
    assert_eq!(reset(&world, &body(&token)).status, 200);
    assert_eq!(let_go(&world, sign_in, held).code(), "INVALID_EMAIL_OR_PASSWORD");
    assert!(world.rows("session").is_empty());
}

#[test]
fn a_copy_of_the_database_resets_nothing_where_identifiers_are_hashed() {
    let own = StoreToken::custom(|identifier| identifier.chars().rev().collect());
    for storage in [StoreToken::Hashed, own] {
        let world = world_with_ada(|options| options.verification.store_identifier = storage.into());
        let token = token(&world);
        let stored = world.rows("verification")[0].text("identifier").to_owned();
        assert!(!stored.contains(&token) && !stored.contains("reset-password"), "{stored}");
        assert_eq!(reset(&world, &body(&stored)).code(), "INVALID_TOKEN");
        assert_eq!(reset(&world, &body(&token)).status, 200);
    }
}

#[test]
fn another_kind_of_one_time_value_resets_nothing() {
    let world = world_with_ada(|_| {});
    let token = token(&world);
    let other = Row::new().with("identifier", format!("delete-account-{token}"));
    let own = Filter::eq("identifier", format!("reset-password:{token}"));
    write(&world, Batch::new().update("verification", own, other, Expect::Rows(1)));
    assert_eq!(reset(&world, &body(&token)).code(), "INVALID_TOKEN");
    assert!(signs_in(&world, PASSWORD));
}

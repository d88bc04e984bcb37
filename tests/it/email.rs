//! Sending verification messages and following their links.

use kernia::{
    domain::{options::RateLimitStorage, verification_link::Claim},
    testing::{BASE_URL, Browser, PASSWORD, TestRequest, TestResponse},
    wire::{
        date::Clock as _,
        jwt::{sign_hs256, with_times},
    },
};
use serde_json::{Value, json};

use super::{Place, World, place, race::each_interleaving, stepping::observed};

/// A rightly signed token that says `claims`.
pub(crate) fn forge(world: &World, claims: &Value) -> String {
    sign_hs256(&world.engine.installation().signer, &with_times(&claims.to_string(), world.clock.now(), 3600))
}

/// Asks for a verification message and answers its token.
pub(crate) fn verification_token(world: &World, browser: &mut Browser<'_>, email: &str) -> String {
    let answer = browser.post("/send-verification-email", json!({"email": email}));
    assert_eq!(answer.status, 200, "{}", answer.text);
    world.take_message().token.unwrap()
}

/// Signs up and proves the address.
pub(crate) fn sign_up_verified(world: &World, browser: &mut Browser<'_>, email: &str) {
    browser.sign_up(email);
    let token = verification_token(world, browser, email);
    let answer = browser.get(format!("/verify-email?token={token}"));
    assert_eq!(answer.text, r#"{"status":true,"user":null}"#);
    let _ = world.take_events();
}

pub(crate) fn outcome(answer: &TestResponse) -> (u16, &str) {
    (answer.status, answer.code())
}

fn auto_sign_in() -> World {
    World::changed(|options| options.email_verification.auto_sign_in_after_verification = true)
}

fn events(world: &World) -> Vec<&'static str> {
    world.take_events().into_iter().map(|event| event.name).collect()
}

#[test]
fn a_link_proves_the_address_and_leads_on() {
    let world = World::default();
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    let answer =
        ada.post("/send-verification-email", json!({"email": "ADA@example.com", "callbackURL": "/done?a=1&b=2"}));
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"status":true}"#));
    let message = world.take_message();
    let (token, url) = (message.token.unwrap(), message.url.unwrap());
    assert_eq!((message.kind, message.to.as_str(), message.new_email), ("verify-email", "ada@example.com", None));
    assert_eq!(url, format!("{BASE_URL}/api/auth/verify-email?token={token}&callbackURL=%2Fdone%3Fa%3D1%26b%3D2"));
    let _ = world.take_events();
    let mut mailbox = world.browser();
    let path = url.strip_prefix(BASE_URL).and_then(|url| url.strip_prefix("/api/auth")).unwrap();
    let answer = mailbox.get(path);
    assert_eq!((answer.status, answer.header("location")), (302, "/done?a=1&b=2"));
    assert!(mailbox.cookies.is_empty(), "following the link signs nobody in unless configured");
    assert_eq!(events(&world), ["email.verified"]);
    assert_eq!(ada.get("/get-session").json["user"]["emailVerified"], true);
    let again = mailbox.get(path);
    assert_eq!((again.status, again.header("location")), (302, "/done?a=1&b=2"));
    assert_eq!(mailbox.get(format!("/verify-email?token={token}")).text, r#"{"status":true,"user":null}"#);
    assert!(events(&world).is_empty());
    let refused = ada.post("/send-verification-email", json!({"email": "ada@example.com"}));
    assert_eq!(outcome(&refused), (400, "EMAIL_ALREADY_VERIFIED"));
}

#[test]
fn whoever_is_signed_in_asks_for_their_own_address_only() {
    let world = World::default();
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    let refused = ada.post("/send-verification-email", json!({"email": "eve@example.com"}));
    assert_eq!(outcome(&refused), (400, "EMAIL_MISMATCH"));
    assert!(world.take_messages().is_empty());
}

#[test]
fn case_013_a_stranger_does_not_learn_who_is_there_or_verified() {
    let world = World::default();
    sign_up_verified(&world, &mut world.browser(), "verified@example.com");
    world.browser().sign_up("open@example.com");
    let ask = |email: &str| world.browser().post("/send-verification-email", json!({"email": email}));
    let answers: Vec<_> = ["verified@example.com", "nobody@example.com", "OPEN@example.com"].map(ask).into();
    for answer in &answers {
        assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"status":true}"#));
        assert_eq!(answer.headers, answers[0].headers);
    }
    assert_eq!(world.take_message().to, "open@example.com");
}

#[test]
fn case_013_counting_messages_tells_nobody_who_is_there() {
    for storage in [RateLimitStorage::Memory, RateLimitStorage::Database] {
        let world = World::changed(|options| {
            options.rate_limit.enabled = Some(true);
            options.rate_limit.storage = Some(storage);
        });
        world.browser().sign_up("open@example.com");
        for path in ["/send-verification-email", "/request-password-reset"] {
            let effects = |email: &str| {
                let request = TestRequest::json(path, &json!({"email": email}));
                let (answer, mut effects) = observed(&world, world.begin(world.browser().prepare(&request)));
                assert_eq!(answer.status, 200, "{}", answer.text);
                // Of one-time values in secondary storage, what is removed again is one more.
                effects.retain(|effect| !["Deliver", "Cache"].contains(effect));
                effects
            };
            assert_eq!(effects("open@example.com"), effects("nobody@example.com"), "{path}");
        }
    }
}

#[test]
fn no_message_is_asked_for_while_they_are_switched_off() {
    let world = World::changed(|options| options.email_verification.send_verification_email = false);
    let refused = world.browser().post("/send-verification-email", json!({"email": "ada@example.com"}));
    assert_eq!(outcome(&refused), (400, "VERIFICATION_EMAIL_NOT_ENABLED"));
}

#[test]
fn what_is_no_address_or_no_page_is_refused() {
    let world = World::default();
    for body in
        [json!({}), json!({"email": "x"}), json!({"email": ["a@example.com"]}), json!({"email": "a@example.com\r\n"})]
    {
        let refused = world.browser().post("/send-verification-email", body.clone());
        assert_eq!(outcome(&refused), (400, "VALIDATION_ERROR"), "{body}");
    }
    let evil = json!({"email": "a@example.com", "callbackURL": "https://evil.test"});
    assert_eq!(outcome(&world.browser().post("/send-verification-email", evil)), (403, "INVALID_CALLBACK_URL"));
}

#[test]
fn a_message_that_was_not_delivered_does_not_change_the_answer() {
    let world = World::default();
    world.browser().sign_up("ada@example.com");
    let request = TestRequest::json("/send-verification-email", &json!({"email": "ada@example.com"}));
    let mut exchange = world.begin(world.browser().prepare(&request));
    let response = loop {
        match exchange.step() {
            kernia::engine::Step::Perform(effect @ kernia::engine::Effect::Deliver(_)) => {
                exchange.supply(kernia::testing::Outside::outage(&effect));
            }
            kernia::engine::Step::Perform(effect) => exchange.supply(world.outside.perform_now(effect)),
            kernia::engine::Step::Respond(response) => break TestResponse::read(response),
        }
    };
    assert_eq!((response.status, response.text.as_str()), (200, r#"{"status":true}"#));
}

#[test]
fn a_token_that_proves_nothing_is_refused_with_and_without_a_page() {
    let world = World::default();
    let id = world.browser().sign_up("ada@example.com").json["user"]["id"].as_str().unwrap().to_owned();
    let email = "ada@example.com";
    let other_key = kernia::crypto::hmac::Signer::new(b"another secret of a good length, too");
    let stolen = sign_hs256(&other_key, &with_times(&json!({"email": email}).to_string(), world.clock.now(), 60));
    let old = with_times(&json!({"email": email}).to_string(), world.clock.now(), 0);
    let old = sign_hs256(&world.engine.installation().signer, &old);
    let cases = [
        ("", "INVALID_TOKEN"),
        ("%20", "INVALID_TOKEN"),
        ("nonsense", "INVALID_TOKEN"),
        (&*stolen, "INVALID_TOKEN"),
        (&*old, "TOKEN_EXPIRED"),
        (&*forge(&world, &json!({})), "INVALID_TOKEN"),
        (&*forge(&world, &json!({"email": "not-an-address"})), "INVALID_TOKEN"),
        (&*forge(&world, &json!({"email": "nobody@example.com"})), "USER_NOT_FOUND"),
        (&*forge(&world, &json!({"email": email, "userId": "somebody"})), "INVALID_TOKEN"),
        (&*forge(&world, &json!({"email": email, "updateTo": "new@example.com"})), "INVALID_TOKEN"),
        (&*forge(&world, &json!({"email": email, "updateTo": "new@example.com", "userId": ""})), "INVALID_TOKEN"),
        (
            &*forge(&world, &json!({"email": email, "updateTo": "new@example.com", "userId": "somebody"})),
            "USER_NOT_FOUND",
        ),
        (
            &*forge(&world, &json!({"email": "old@example.com", "updateTo": "new@example.com", "userId": id})),
            "INVALID_TOKEN",
        ),
    ];
    for (token, code) in cases {
        let answer = world.browser().get(format!("/verify-email?token={token}"));
        assert_eq!(outcome(&answer), (401, code), "{token}");
        let answer = world.browser().get(format!("/verify-email?token={token}&callbackURL=%2Fdone%3Fx%3D1%23y"));
        assert_eq!((answer.status, answer.header("location")), (302, &*format!("/done?x=1&error={code}#y")), "{token}");
        assert!(answer.text.is_empty() && answer.cookies.is_empty());
    }
    let user = &world.rows("user")[0];
    assert_eq!((user.flag("emailVerified"), user.text("email")), (false, email));
    assert_eq!(outcome(&world.browser().get("/verify-email")), (400, "VALIDATION_ERROR"));
    assert_eq!(outcome(&world.browser().get("/verify-email?token=a&token=b")), (400, "VALIDATION_ERROR"));
}

#[test]
fn a_link_expires_in_its_last_second() {
    for (age, status) in [(599, 200), (600, 401)] {
        let world = World::changed(|options| options.email_verification.expires_in = 600);
        let mut ada = world.browser();
        ada.sign_up("ada@example.com");
        let token = verification_token(&world, &mut ada, "ada@example.com");
        world.advance_secs(age);
        let answer = ada.get(format!("/verify-email?token={token}"));
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(world.rows("user")[0].flag("emailVerified"), status == 200);
    }
}

#[test]
fn a_page_that_is_not_trusted_is_refused_before_anything_is_done() {
    let world = auto_sign_in();
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    let token = verification_token(&world, &mut ada, "ada@example.com");
    for page in [
        "https://evil.test",
        "//evil.test",
        "/%5Cevil.test",
        "%5C%5Cevil.test",
        "javascript:x",
        "/%0D%0Ax",
        "/..//evil.test",
    ] {
        let answer = world.browser().get(format!("/verify-email?token={token}&callbackURL={page}"));
        assert_eq!(outcome(&answer), (403, "INVALID_CALLBACK_URL"), "{page}");
        assert!(answer.header("location").is_empty() && answer.cookies.is_empty());
    }
    assert_eq!((world.rows("user")[0].flag("emailVerified"), world.rows("session").len()), (false, 1));
}

#[test]
fn the_link_signs_in_where_configured() {
    let world = auto_sign_in();
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    let token = verification_token(&world, &mut ada, "ada@example.com");
    let _ = world.take_events();
    let mut phone = world.browser();
    let answer = phone.get(format!("/verify-email?token={token}&callbackURL=%2Fin"));
    assert_eq!((answer.status, answer.header("location")), (302, "/in"));
    assert_eq!(events(&world), ["session.created", "email.verified"]);
    let signed_in = phone.get("/get-session");
    assert_eq!(
        (&signed_in.json["user"]["email"], &signed_in.json["user"]["emailVerified"]),
        (&json!("ada@example.com"), &json!(true))
    );
    assert_eq!(world.rows("session").len(), 2);
    let mut third = world.browser();
    third.get(format!("/verify-email?token={token}"));
    assert!(third.cookies.is_empty(), "a link that has done its work signs nobody in");
}

#[test]
fn the_own_browser_keeps_its_session() {
    let world = World::changed(|options| {
        options.email_verification.auto_sign_in_after_verification = true;
        options.session.cookie_cache.enabled = true;
    });
    let mut ada = world.browser();
    ada.sign_up("ada@example.com");
    let before = ada.cookies["better-auth.session_token"].clone();
    let token = verification_token(&world, &mut ada, "ada@example.com");
    ada.get(format!("/verify-email?token={token}"));
    assert_eq!((world.rows("session").len(), &ada.cookies["better-auth.session_token"]), (1, &before));
    assert_eq!(ada.get("/get-session").json["user"]["emailVerified"], true, "also in the cached session");
}

#[test]
fn case_043_a_link_does_not_put_another_account_into_a_browser_that_is_signed_in() {
    let world = World::changed(|options| {
        options.email_verification.auto_sign_in_after_verification = true;
        options.session.cookie_cache.enabled = true;
    });
    let (mut ada, mut eve) = (world.browser(), world.browser());
    ada.sign_up("ada@example.com");
    eve.sign_up("eve@example.com");
    let token = verification_token(&world, &mut eve, "eve@example.com");
    let answer = ada.get(format!("/verify-email?token={token}"));
    assert_eq!(answer.text, r#"{"status":true,"user":null}"#);
    assert_eq!(ada.get("/get-session").json["user"]["email"], "ada@example.com");
    let fresh = eve.get("/get-session?disableCookieCache=true");
    assert_eq!(fresh.json["user"]["emailVerified"], true);
    assert_eq!(world.rows("session").len(), 2);
}

#[test]
fn two_clicks_at_once_sign_in_once() {
    let stage = || {
        let world = auto_sign_in();
        let mut ada = world.browser();
        ada.sign_up("ada@example.com");
        let token = verification_token(&world, &mut ada, "ada@example.com");
        let click =
            || world.browser().prepare(&TestRequest::new(http::Method::GET, format!("/verify-email?token={token}")));
        let clicks = [click(), click()];
        (world, clicks)
    };
    each_interleaving(stage, |world, first, second| {
        assert_eq!(
            (first.text.as_str(), second.text.as_str()),
            (r#"{"status":true,"user":null}"#, first.text.as_str())
        );
        assert_eq!(first.cookies.is_empty(), !second.cookies.is_empty(), "one of them is signed in");
        assert_eq!(world.rows("session").len(), 2);
    });
}

#[test]
fn a_link_does_not_prove_an_address_that_was_given_up_meanwhile() {
    let stage = || {
        let world = World::changed(|options| {
            options.user.change_email.enabled = true;
            options.user.change_email.update_email_without_verification = true;
        });
        let mut ada = world.browser();
        ada.sign_up("ada@example.com");
        let token = verification_token(&world, &mut ada, "ada@example.com");
        let click = ada.prepare(&TestRequest::new(http::Method::GET, format!("/verify-email?token={token}")));
        let change = ada.prepare(&TestRequest::json("/change-email", &json!({"newEmail": "next@example.com"})));
        (world, [click, change])
    };
    each_interleaving(stage, |world, click, change| {
        let user = &world.rows("user")[0];
        let proven_first = click.status == 200;
        // A change that was decided on the copy of a user that is being brought up to date is refused, and changes nothing.
        let stale = place() != Place::Database && proven_first && change.code() == "CONFLICT";
        assert!(stale || change.text == r#"{"status":true}"#, "{}", change.text);
        assert_eq!((user.text("email") == "ada@example.com", user.flag("emailVerified")), (proven_first, proven_first));
        assert!(proven_first || outcome(&click).0 == 401, "{}", click.text);
    });
}

#[test]
fn a_user_who_is_deleted_meanwhile_is_not_signed_in() {
    let stage = || {
        let world = World::changed(|options| {
            options.email_verification.auto_sign_in_after_verification = true;
            options.user.delete_user.enabled = true;
        });
        let mut ada = world.browser();
        ada.sign_up("ada@example.com");
        let token = verification_token(&world, &mut ada, "ada@example.com");
        let click =
            world.browser().prepare(&TestRequest::new(http::Method::GET, format!("/verify-email?token={token}")));
        let delete = ada.prepare(&TestRequest::json("/delete-user", &json!({"password": PASSWORD})));
        (world, [click, delete])
    };
    each_interleaving(stage, |world, click, delete| {
        assert_eq!(delete.json["message"], "User deleted");
        assert!((world.rows("user").is_empty()) && world.rows("session").is_empty());
        assert!(click.status == 200 || outcome(&click).0 == 401, "{}", click.text);
    });
}

#[test]
fn a_claim_reads_back_as_it_was_made() {
    let claim = Claim::change("Ada@example.com", "Next@example.com", "change-email-verification", "id");
    let text = serde_json::to_string(&claim).unwrap();
    let names = r#"{"email":"ada@example.com","updateTo":"next@example.com","requestType":"change-email-verification","userId":"id"}"#;
    assert_eq!(text, names);
    assert_eq!(serde_json::from_str::<Claim>(&text).unwrap(), claim);
}

//! What somebody who is not signed in may learn.

use kernia::{
    domain::options::Options,
    testing::{TestResponse, World},
};
use serde_json::{Value, json};

use crate::{
    given::{ADA, DAY, EVE, call, each_interleaving, everywhere, open, post, reset_token, sign_in, signed_up},
    stepping::observed,
};

/// The names of an object and of the objects in it, and what kind of value each has.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Null => json!("null"),
        Value::Bool(_) => json!("boolean"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
        Value::Array(list) => list.iter().map(shape).collect(),
    }
}

#[test]
fn case_011_signing_up_with_a_taken_address_looks_like_signing_up() {
    let verified: fn(&mut Options) = |options| options.email_and_password.require_email_verification = true;
    let by_hand: fn(&mut Options) = |options| options.email_and_password.auto_sign_in = false;
    for change in [verified, by_hand] {
        let world = World::changed(|options| {
            change(options);
            options.email_and_password.notify_existing_user_sign_up = true;
        });
        let sign_up = |email: &str| {
            let body =
                json!({"name": "Ada", "email": email, "password": "a good password", "image": "https://x.test/i"});
            observed(&world, world.begin(world.browser().prepare(&post("/sign-up/email", &body))))
        };
        sign_up(ADA);
        let _ = world.take_messages();
        let (free, free_effects) = sign_up("free@example.com");
        let _ = world.take_messages();
        let (taken, taken_effects) = sign_up("ADA@example.com");
        assert_eq!((free.status, shape(&free.json)), (taken.status, shape(&taken.json)));
        assert_eq!(taken.json["user"]["email"], ADA, "what was asked for is answered");
        assert!(free.cookies.is_empty() && taken.cookies.is_empty());
        let slow = |effects: &[&str]| effects.iter().filter(|effect| ["Hash", "Verify"].contains(effect)).count();
        assert_eq!((slow(&free_effects), slow(&taken_effects)), (1, 1), "{taken_effects:?}");
        assert_eq!(world.rows("user").len(), 2);
        assert_eq!(world.take_message().to, ADA, "its owner is told");
    }
}

#[test]
fn case_205_one_address_signs_up_once_however_requests_meet() {
    for at in 0..3 {
        let stage = || {
            let [database, secondary, both] = everywhere(|_| {});
            let world = [database, secondary, both].into_iter().nth(at).unwrap();
            let request = |email: &str| {
                let body = json!({"name": "x", "email": email, "password": "a good password"});
                world.browser().prepare(&post("/sign-up/email", &body))
            };
            let requests = [request("ada@example.com"), request("ADA@Example.com")];
            (world, requests)
        };
        each_interleaving(stage, |world, first, second| {
            let mut answers = [(first.status, first.code()), (second.status, second.code())];
            answers.sort_unstable();
            assert_eq!(answers, [(200, ""), (422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL")]);
            assert_eq!((world.rows("user").len(), world.rows("account").len(), world.rows("session").len()), (1, 1, 1));
        });
    }
}

#[test]
fn case_205_many_threads_sign_up_one_address_once() {
    let world = World::default();
    let barrier = std::sync::Barrier::new(8);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let attempt = |number: usize| {
            let (world, barrier) = (&world, &barrier);
            move || {
                let email = if number.is_multiple_of(2) { "ada@example.com" } else { "ADA@example.com" };
                let body = json!({"name": "x", "email": email, "password": "a good password"});
                let request = world.browser().prepare(&post("/sign-up/email", &body));
                barrier.wait();
                TestResponse::read(world.answer(request)).status
            }
        };
        let threads: Vec<_> = (0..8).map(|number| scope.spawn(attempt(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 422].contains(status)), "{statuses:?}");
    assert_eq!((world.rows("user").len(), world.rows("account").len(), world.rows("session").len()), (1, 1, 1));
}

#[test]
fn case_230_no_answer_tells_what_only_the_mailbox_knows() {
    let world = open(|options| {
        options.user.delete_user.send_delete_account_verification = true;
        options.user.change_email.send_change_email_confirmation = true;
        options.email_verification.send_on_sign_up = Some(true);
    });
    let mut ada = world.browser();
    let mut told = vec![ada.sign_up(ADA)];
    told.push(ada.post("/send-verification-email", json!({"email": ADA})));
    told.push(world.browser().post("/request-password-reset", json!({"email": ADA, "redirectTo": "/reset"})));
    told.push(ada.post("/delete-user", json!({"callbackURL": "/bye"})));
    told.push(ada.post("/change-email", json!({"newEmail": "next@example.com"})));
    told.extend(["/get-session", "/list-sessions", "/list-accounts"].map(|path| ada.get(path)));
    told.push(world.browser().post("/sign-in/magic-link", json!({"email": ADA})));
    for purpose in ["sign-in", "email-verification", "forget-password"] {
        let body = json!({"email": ADA, "type": purpose});
        told.push(world.browser().post("/email-otp/send-verification-otp", body));
    }
    let messages = world.take_messages();
    assert!(messages.len() >= 9, "{messages:?}");
    let tokens: Vec<_> =
        messages.iter().filter_map(|message| message.token.as_ref().or(message.otp.as_ref())).collect();
    assert_eq!(tokens.len(), messages.len());
    let hash = world.rows("account")[0].text("password").to_owned();
    for answer in &told {
        let whole = format!("{:?} {}", answer.headers, answer.text);
        assert!(tokens.iter().all(|token| !whole.contains(*token)), "{whole}");
        assert!(!whole.contains(&hash) && !whole.contains("argon2"), "{whole}");
    }
    let events = format!("{:?}", world.take_events());
    assert!(tokens.iter().all(|token| !events.contains(*token)), "{events}");
}

#[test]
fn case_038_a_reset_token_is_spent_once_by_its_own_user_in_time() {
    for world in everywhere(|options| options.email_and_password.revoke_sessions_on_password_reset = true) {
        signed_up(&world, ADA);
        signed_up(&world, EVE);
        let reset = |token: &str, password: &str| {
            call(&world, &post("/reset-password", &json!({"newPassword": password, "token": token})))
        };
        let token = reset_token(&world, ADA);
        // Refused for another reason, it is as good as before.
        assert_eq!(reset(&token, "short").code(), "PASSWORD_TOO_SHORT");
        assert_eq!(reset(&token, "a second password").status, 200);
        assert_eq!(reset(&token, "a third password").code(), "INVALID_TOKEN");
        assert_eq!(sign_in(&world, ADA, "a second password").status, 200);
        assert_eq!(sign_in(&world, EVE, "a second password").status, 401, "the token was not hers");
        // The password is changed by another way meanwhile.
        let early = reset_token(&world, ADA);
        world.advance_secs(1);
        let mut ada = world.browser();
        ada.post("/sign-in/email", json!({"email": ADA, "password": "a second password"}));
        let change = json!({"currentPassword": "a second password", "newPassword": "a fourth password"});
        assert_eq!(ada.post("/change-password", change).status, 200);
        assert_eq!(reset(&early, "the password of a thief").code(), "INVALID_TOKEN");
        let late = reset_token(&world, ADA);
        world.advance_secs(DAY);
        assert_eq!(reset(&late, "a fifth password").code(), "INVALID_TOKEN");
        assert_eq!(sign_in(&world, ADA, "a fourth password").status, 200);
    }
}

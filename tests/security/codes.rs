//! Links and codes that sign in.

use http::Request;
use kernia::testing::{TestRequest, TestResponse, World};
use serde_json::{Value, json};

use crate::{
    given::{ADA, EVE, everywhere, open, signed_up, state_of, with_github},
    stepping::observed,
};

/// Makes the body of a request for an address, or with a code.
type Body = fn(&str) -> Value;

fn follow(world: &World, token: &str) -> TestResponse {
    world.browser().get(format!("/magic-link/verify?token={token}"))
}

#[test]
fn case_001_a_state_of_a_social_sign_in_is_no_magic_link() {
    let world = open(with_github);
    signed_up(&world, ADA);
    let record = json!({"type": "magic-link", "email": ADA, "name": "x"});
    let body = json!({"provider": "github", "disableRedirect": true, "additionalData": record});
    let answer = world.browser().post("/sign-in/social", body);
    let state = state_of(&answer);
    for token in [state.clone(), format!("auth-state:{state}"), format!("../auth-state:{state}")] {
        let answer = follow(&world, &token);
        assert!(answer.header("location").ends_with("error=INVALID_TOKEN"), "{}", answer.text);
        assert!(answer.cookies.is_empty());
    }
    assert_eq!(world.rows("session").len(), 1);
}

#[test]
fn case_009_a_value_of_another_kind_is_no_link() {
    let world = open(|options| options.user.delete_user.send_delete_account_verification = true);
    let mut ada = signed_up(&world, ADA);
    ada.post("/delete-user", json!({}));
    ada.post("/request-password-reset", json!({"email": ADA}));
    ada.post("/email-otp/send-verification-otp", json!({"email": ADA, "type": "sign-in"}));
    for message in world.take_messages() {
        let secret = message.token.or(message.otp).unwrap();
        let answer = follow(&world, &secret);
        assert!(answer.header("location").ends_with("error=INVALID_TOKEN"), "{}: {}", message.kind, answer.text);
    }
}

/// The effects of a request, without what is sent.
fn work(world: &World, path: &str, body: &Value) -> (u16, String, Vec<&'static str>) {
    let request: Request<_> = world.browser().prepare(&TestRequest::json(path, body));
    let (answer, mut effects) = observed(world, world.begin(request));
    effects.retain(|effect| *effect != "Deliver" && *effect != "Cache");
    (answer.status, answer.text, effects)
}

#[test]
fn case_013_asking_for_a_link_or_a_code_does_not_tell_who_is_there() {
    for world in everywhere(|_| {}) {
        signed_up(&world, ADA);
        let mut asks: Vec<(&str, Body)> = vec![
            ("/sign-in/magic-link", |email| json!({"email": email})),
            ("/email-otp/request-password-reset", |email| json!({"email": email})),
            ("/forget-password/email-otp", |email| json!({"email": email})),
        ];
        asks.push(("/email-otp/send-verification-otp", |email| json!({"email": email, "type": "sign-in"})));
        asks.push(("/email-otp/send-verification-otp", |email| json!({"email": email, "type": "email-verification"})));
        asks.push(("/email-otp/send-verification-otp", |email| json!({"email": email, "type": "forget-password"})));
        for (path, body) in asks {
            let (known, unknown) = (work(&world, path, &body(ADA)), work(&world, path, &body(EVE)));
            assert_eq!(known, unknown, "{path} {}", body(EVE));
        }
        let stays = world.rows("verification");
        let strangers = stays.iter().filter(|row| row.text("identifier").contains(EVE)).count();
        assert_eq!(strangers, 1, "only the code to sign up with");
    }
}

#[test]
fn case_202_codes_bear_as_many_wrong_guesses_as_they_should_on_every_route() {
    for world in everywhere(|_| {}) {
        signed_up(&world, ADA);
        let routes: [(&str, &str, Body); 3] = [
            ("sign-in", "/sign-in/email-otp", |otp| json!({"email": ADA, "otp": otp})),
            ("email-verification", "/email-otp/verify-email", |otp| json!({"email": ADA, "otp": otp})),
            (
                "forget-password",
                "/email-otp/reset-password",
                |otp| json!({"email": ADA, "otp": otp, "password": "another password"}),
            ),
        ];
        for (purpose, path, body) in routes {
            let _ = world.take_messages();
            world.browser().post("/email-otp/send-verification-otp", json!({"email": ADA, "type": purpose}));
            let otp = world.take_message().otp.unwrap();
            let check = json!({"email": ADA, "type": purpose, "otp": "x"});
            assert_eq!(world.browser().post("/email-otp/check-verification-otp", check).code(), "INVALID_OTP");
            for _ in 0..2 {
                assert_eq!(world.browser().post(path, body("x")).code(), "INVALID_OTP", "{path}");
            }
            let answer = world.browser().post(path, body(&otp));
            assert_eq!((answer.status, answer.code()), (403, "TOO_MANY_ATTEMPTS"), "{path}");
            assert_eq!(world.browser().post(path, body(&otp)).code(), "INVALID_OTP", "{path}");
        }
    }
}

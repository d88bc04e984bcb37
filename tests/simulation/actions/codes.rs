//! Links and codes in mail. What they permit is tested elsewhere; here nobody gets in by those of another kind, or by guessing, and
//! what is asked for goes to whom it concerns.

use serde_json::{Value as Json, json};

use super::{Action, Ask, Scene, Session, Target, no_more};

const WRONG: &str = "000000";
const NUMBER: &str = "+15550100";

pub(super) fn actions() -> Vec<Action> {
    let action = |name, route, works, session, ask| Action {
        name,
        route,
        weight: 1,
        works,
        session,
        powers: &[],
        ask,
        judge: no_more,
    };
    let (unused, confirmed) = (Session::Unused, Session::Confirmed);
    vec![
        action("ask for a magic link", "signInMagicLink", true, unused, |scene| {
            ask_for(scene, "/sign-in/magic-link", "")
        }),
        action("follow a magic link", "magicLinkVerify", false, unused, |scene| {
            let token = scene.mail("reset-password").map_or_else(|| "madeup".to_owned(), |mail| mail.token);
            let page = scene.page().unwrap_or_default();
            let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
            Ask::get(format!("/magic-link/verify?token={token}&callbackURL={page}"))
        }),
        action("ask for a code", "sendVerificationOTP", true, unused, |scene| {
            let purpose = ["sign-in", "email-verification", "forget-password"][scene.dice.below(3)];
            ask_for(scene, "/email-otp/send-verification-otp", purpose)
        }),
        action("ask for a code to reset", "requestPasswordResetEmailOTP", true, unused, |scene| {
            ask_for(scene, "/email-otp/request-password-reset", "")
        }),
        action("ask for a code to reset, as of old", "forgetPasswordEmailOTP", true, unused, |scene| {
            ask_for(scene, "/forget-password/email-otp", "")
        }),
        action("guess a code", "checkVerificationOTP", false, unused, |scene| {
            guess(scene, "/email-otp/check-verification-otp", json!({ "type": "sign-in" }))
        }),
        action("guess a code to prove an address", "verifyEmailOTP", false, unused, |scene| {
            guess(scene, "/email-otp/verify-email", json!({}))
        }),
        action("guess a code to sign in", "signInEmailOTP", false, unused, |scene| {
            guess(scene, "/sign-in/email-otp", json!({}))
        }),
        action("guess a code to reset", "resetPasswordEmailOTP", false, unused, |scene| {
            let password = scene.new_password();
            guess(scene, "/email-otp/reset-password", json!({ "password": password }))
        }),
        action("ask for a code to change address", "requestEmailChangeEmailOTP", false, confirmed, |scene| {
            let email = scene.email();
            Ask::post("/email-otp/request-email-change", &json!({ "newEmail": email }))
        }),
        action("guess a code to change address", "changeEmailEmailOTP", false, confirmed, |scene| {
            let email = scene.email();
            Ask::post("/email-otp/change-email", &json!({ "newEmail": email, "otp": WRONG }))
        }),
        action("ask for a text", "sendPhoneNumberOTP", true, unused, |_| {
            Ask::post("/phone-number/send-otp", &json!({ "phoneNumber": NUMBER }))
                .claim(|claim| claim.email = Some(NUMBER.to_owned()))
        }),
        action("ask for a text to reset", "requestPasswordResetPhoneNumber", true, unused, |_| {
            Ask::post("/phone-number/request-password-reset", &json!({ "phoneNumber": NUMBER }))
        }),
        action("guess a text", "verifyPhoneNumber", false, unused, |scene| {
            let update = scene.dice.chance(50);
            let body = json!({ "phoneNumber": NUMBER, "code": WRONG, "updatePhoneNumber": update });
            Ask::post("/phone-number/verify", &body)
        }),
        action("guess a text to reset", "resetPasswordPhoneNumber", false, unused, |scene| {
            let password = scene.new_password();
            let body = json!({ "phoneNumber": NUMBER, "otp": WRONG, "newPassword": password });
            Ask::post("/phone-number/reset-password", &body)
        }),
        action("sign in by a number", "signInPhoneNumber", false, unused, |scene| {
            let password = scene.new_password();
            Ask::post("/sign-in/phone-number", &json!({ "phoneNumber": NUMBER, "password": password }))
        }),
        action("have a text spent", "consumePhoneNumberOTP", false, unused, |_| {
            Ask::new(Target::Call("consumePhoneNumberOTP", json!({ "phoneNumber": NUMBER, "code": WRONG })))
        }),
        action("have a code made", "createVerificationOTP", true, unused, |scene| {
            let email = scene.email();
            Ask::new(Target::Call("createVerificationOTP", json!({ "email": email, "type": "sign-in" })))
        }),
        action("have a code told", "getVerificationOTP", false, unused, |_| {
            Ask::new(Target::Call("getVerificationOTP", json!({})))
        }),
    ]
}

/// Asks for a message to somebody.
fn ask_for(scene: &mut Scene<'_>, path: &str, purpose: &str) -> Ask {
    let email = scene.email().to_lowercase();
    let mut body = json!({ "email": email });
    if !purpose.is_empty() {
        body["type"] = purpose.into();
    }
    Ask::post(path, &body).claim(|claim| claim.email = Some(email))
}

fn guess(scene: &mut Scene<'_>, path: &str, mut body: Json) -> Ask {
    body["email"] = scene.email().into();
    body["otp"] = WRONG.into();
    Ask::post(path, &body)
}

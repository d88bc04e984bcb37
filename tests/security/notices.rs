//! What users are told of.

use kernia::{
    domain::options::Options,
    engine::Message,
    testing::{PASSWORD, World},
};
use serde_json::json;

use crate::given::{ADA, everywhere, failing, open, post, reset_token, sign_in, signed_up};

const NEW: &str = "a better password";

fn told(world: &World) -> Vec<(&'static str, String)> {
    let told = |message: &Message| message.kind.ends_with("-notice").then(|| (message.kind, message.to.clone()));
    world.take_messages().iter().filter_map(told).collect()
}

fn on(options: &mut Options) {
    options.security_notices = true;
}

#[test]
fn case_228_a_user_is_told_when_the_password_changes() {
    for world in everywhere(on) {
        let mut ada = signed_up(&world, ADA);
        let change = json!({"currentPassword": PASSWORD, "newPassword": NEW});
        assert_eq!(ada.post("/change-password", change).status, 200);
        assert_eq!(told(&world), [("password-changed-notice", ADA.to_owned())]);
        assert_ne!(ada.post("/change-password", json!({"currentPassword": "x", "newPassword": NEW})).status, 200);
        assert!(told(&world).is_empty(), "what was refused is no change");
        let token = reset_token(&world, ADA);
        let reset = json!({"token": token, "newPassword": PASSWORD});
        assert_eq!(world.browser().post("/reset-password", reset).status, 200);
        assert_eq!(told(&world), [("password-changed-notice", ADA.to_owned())]);
    }
}

#[test]
fn case_228_the_old_address_is_told_of_the_new_one() {
    let world = open(|options| {
        on(options);
        options.user.change_email.update_email_without_verification = true;
    });
    let mut ada = signed_up(&world, ADA);
    assert_eq!(ada.post("/change-email", json!({"newEmail": "next@example.com"})).status, 200);
    let messages = world.take_messages();
    let notice = messages.iter().find(|message| message.kind == "email-changed-notice").expect("a notice");
    assert_eq!((notice.to.as_str(), notice.new_email.as_deref()), (ADA, Some("next@example.com")));
    assert_eq!((&notice.url, &notice.token, &notice.otp), (&None, &None, &None));
}

#[test]
fn case_228_a_user_is_told_of_second_factors() {
    let world = open(on);
    let mut ada = signed_up(&world, ADA);
    assert_eq!(ada.post("/two-factor/enable", json!({"password": PASSWORD, "method": "otp"})).status, 200);
    let _ = told(&world);
    assert_eq!(ada.post("/two-factor/disable", json!({"password": PASSWORD})).status, 200);
    assert_eq!(told(&world), [("two-factor-changed-notice", ADA.to_owned())]);
}

#[test]
fn case_228_a_notice_that_cannot_be_sent_undoes_nothing() {
    let change = post("/change-password", &json!({"currentPassword": PASSWORD, "newPassword": NEW}));
    for at in 0.. {
        let copy = open(on);
        let browser = signed_up(&copy, ADA);
        let Some(answer) = failing(&copy, browser.prepare(&change), at) else { break };
        let signs_in = |password| sign_in(&copy, ADA, password).status == 200;
        assert_ne!(signs_in(PASSWORD), signs_in(NEW));
        assert_eq!(answer.status == 200, signs_in(NEW), "effect {at}: {}", answer.text);
    }
}

#[test]
fn case_228_no_notice_goes_to_an_address_that_no_mail_reaches() {
    let world = open(on);
    let mut nobody = signed_up(&world, "ada@phone-number.placeholder.invalid");
    let change = json!({"currentPassword": PASSWORD, "newPassword": NEW});
    assert_eq!(nobody.post("/change-password", change).status, 200);
    assert!(told(&world).is_empty());
}

#[test]
fn case_228_nobody_is_told_where_notices_are_off() {
    let world = open(|_| {});
    let mut ada = signed_up(&world, ADA);
    let change = json!({"currentPassword": PASSWORD, "newPassword": NEW});
    assert_eq!(ada.post("/change-password", change).status, 200);
    assert!(told(&world).is_empty());
}

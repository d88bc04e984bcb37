//! Passwords: checking, replacing, resetting.

use serde_json::json;

use super::{Action, Ask, Power, Scene, Session, no_more};
use crate::{
    judge::Case,
    violation::{Checked, rule},
};

pub(super) fn actions() -> Vec<Action> {
    let action = |name, route, weight, session, powers, ask, judge| Action {
        name,
        route,
        weight,
        works: true,
        session,
        powers,
        ask,
        judge,
    };
    let (reset, change, add): (&[_], &[_], &[_]) =
        (&[Power::ResetPassword], &[Power::ChangePassword], &[Power::AddPassword]);
    vec![
        action("verify password", "verifyPassword", 2, Session::Confirmed, &[], verify, verified),
        action("change password", "changePassword", 8, Session::Confirmed, change, replace, replaced),
        action("set password", "setPassword", 8, Session::Confirmed, add, add_first, set),
        action("forget password", "requestPasswordReset", 7, Session::Unused, &[], forget, no_more),
        action("open reset link", "requestPasswordResetCallback", 2, Session::Unused, &[], open, no_more),
        action("reset password", "resetPassword", 9, Session::Unused, reset, choose, chosen),
    ]
}

fn own_password(scene: &mut Scene<'_>) -> String {
    let own = scene.own().map(|(_, user)| user).unwrap_or_default();
    scene.password_of(&own)
}

fn verify(scene: &mut Scene<'_>) -> Ask {
    let password = own_password(scene);
    Ask::post("/verify-password", &json!({ "password": password })).claim(|claim| claim.password = Some(password))
}

fn verified(case: &mut Case<'_>) -> Checked {
    let given = case.author.claim.password.clone().unwrap_or_default();
    let user = case.author.acts_for.as_ref().and_then(|id| case.ledger.users.get(id));
    let right = user.is_some_and(|user| user.had_password(&given, case.author.begun));
    rule("only the password opens", case.answer.status != 200 || right, || case.told())
}

fn replace(scene: &mut Scene<'_>) -> Ask {
    let (present, new, others) = (own_password(scene), scene.new_password(), scene.dice.chance(50));
    let body = json!({ "currentPassword": present, "newPassword": new, "revokeOtherSessions": others });
    Ask::post("/change-password", &body).claim(|claim| {
        claim.password = Some(present);
        claim.new_password = Some(new);
        claim.ends_sessions = others;
    })
}

fn replaced(case: &mut Case<'_>) -> Checked {
    set(case)?;
    if case.answer.status == 200 && case.author.claim.ends_sessions { case.told_barred() } else { Ok(()) }
}

fn set(case: &mut Case<'_>) -> Checked {
    let done = case.answer.status != 200 || case.author.set_version.is_some();
    rule("what is said to be done is done", done, || case.told())
}

fn add_first(scene: &mut Scene<'_>) -> Ask {
    let new = scene.new_password();
    let body = json!({ "newPassword": new });
    Ask::new(super::Target::Call("setPassword", body)).claim(|claim| claim.new_password = Some(new))
}

fn forget(scene: &mut Scene<'_>) -> Ask {
    let email = match scene.user() {
        Some((_, user)) => scene.spelled(user.email()),
        None => scene.email(),
    };
    let mut body = json!({ "email": email });
    if let Some(page) = scene.page() {
        body["redirectTo"] = page.into();
    }
    Ask::post("/request-password-reset", &body).claim(|claim| claim.email = Some(email))
}

fn open(scene: &mut Scene<'_>) -> Ask {
    let mail = scene.mail("reset-password");
    let token = mail.as_ref().map_or_else(|| "madeup".to_owned(), |mail| mail.token.clone());
    let page = scene.page().unwrap_or_else(|| "/choose".to_owned());
    let page: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
    Ask::get(format!("/reset-password/{token}?callbackURL={page}")).claim(|claim| {
        claim.mail = Some(token);
        claim.user = mail.map(|mail| mail.user);
    })
}

fn choose(scene: &mut Scene<'_>) -> Ask {
    let (mail, new) = (scene.mail("reset-password"), scene.new_password());
    let token = mail.as_ref().map_or_else(|| "madeup".to_owned(), |mail| mail.token.clone());
    Ask::post("/reset-password", &json!({ "token": token, "newPassword": new })).claim(|claim| {
        claim.mail = Some(token);
        claim.new_password = Some(new);
        claim.user = mail.map(|mail| mail.user);
    })
}

fn chosen(case: &mut Case<'_>) -> Checked {
    set(case)?;
    if case.answer.status != 200 {
        return Ok(());
    }
    case.ledger.told_spent(&case.author.claim.mail.clone().unwrap_or_default())?;
    if case.setting.reset_ends_sessions { case.told_barred() } else { Ok(()) }
}

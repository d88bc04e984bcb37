//! Addresses: proving and replacing.

use serde_json::json;

use super::{Action, Ask, Power, Scene, Session, no_more};
use crate::{
    judge::Case,
    setting::Setting,
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
    let change: &[_] = &[Power::ChangeEmail];
    let follow_link: &[_] = &[Power::FollowLink];
    vec![
        action("ask for proof", "sendVerificationEmail", 6, Session::Unused, &[], ask_for_proof, no_more),
        action("change address", "changeEmail", 6, Session::Confirmed, change, change_email, no_more),
        action("follow link", "verifyEmail", 9, Session::Unused, follow_link, follow, followed),
    ]
}

fn ask_for_proof(scene: &mut Scene<'_>) -> Ask {
    let user = if scene.dice.chance(60) { scene.own() } else { scene.user() };
    let email = user.map_or_else(|| scene.email(), |(_, user)| user.email().to_owned());
    let mut body = json!({ "email": scene.spelled(&email) });
    if let Some(page) = scene.page() {
        body["callbackURL"] = page.into();
    }
    Ask::post("/send-verification-email", &body).claim(|claim| claim.email = Some(email))
}

fn change_email(scene: &mut Scene<'_>) -> Ask {
    let email = scene.email();
    let mut body = json!({ "newEmail": email });
    if let Some(page) = scene.page() {
        body["callbackURL"] = page.into();
    }
    Ask::post("/change-email", &body).claim(|claim| claim.email = Some(email))
}

fn follow(scene: &mut Scene<'_>) -> Ask {
    let kind = if scene.dice.chance(30) { "change-email-confirmation" } else { "verify-email" };
    let mail = scene.mail(kind);
    let token = mail.as_ref().map_or_else(|| "made.up.token".to_owned(), |mail| mail.token.clone());
    let page: String = url::form_urlencoded::byte_serialize(scene.page().unwrap_or_default().as_bytes()).collect();
    Ask::get(format!("/verify-email?token={token}&callbackURL={page}")).claim(|claim| {
        claim.mail = Some(token);
        claim.email = mail.as_ref().and_then(|mail| mail.update_to.clone());
        claim.user = mail.map(|mail| mail.user);
    })
}

fn followed(case: &mut Case<'_>) -> Checked {
    if !case.succeeded() {
        return Ok(());
    }
    let token = case.author.claim.mail.clone().unwrap_or_default();
    let Some(mail) = case.ledger.mail(&token).cloned() else {
        return rule("only what was sent works", false, || case.told());
    };
    let link = ["verify-email", "change-email-confirmation"].contains(&mail.kind);
    rule("a token is good for one thing", link, || format!("{} follows as a link", mail.kind))?;
    let latest = case.author.begun_at - Setting::LINK_AGE * 1000 - 2 * case.ledger.skew;
    rule("tokens expire", mail.made >= latest, || case.told())?;
    let user = case.ledger.users.get(&mail.user).cloned().unwrap_or_default();
    let proven = mail.update_to.is_some() || user.verified || user.gone;
    rule("what is said to be done is done", proven, || case.told())
}

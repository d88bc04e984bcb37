//! Users: changing and deleting oneself, and names.

use serde_json::json;

use super::{Action, Ask, Power, Scene, Session};
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
    let (delete, change): (&[_], &[_]) = (&[Power::DeleteUser], &[Power::ChangeUser]);
    vec![
        action("change user", "updateUser", 6, Session::Believed, change, update, updated),
        action("delete user", "deleteUser", 5, Session::Confirmed, delete, remove, removed),
        action("follow deletion link", "deleteUserCallback", 4, Session::Confirmed, delete, follow, removed),
        action("ask for a name", "isUsernameAvailable", 1, Session::Unused, &[], available, told_available),
    ]
}

fn update(scene: &mut Scene<'_>) -> Ask {
    let name = scene.new_name();
    let mut body = json!({ "name": name });
    if scene.dice.chance(40) {
        body["username"] = scene.username().into();
    }
    Ask::post("/update-user", &body).claim(|claim| claim.named = Some(name))
}

fn updated(case: &mut Case<'_>) -> Checked {
    let user = case.author.acts_for.as_ref().and_then(|id| case.ledger.users.get(id));
    let named =
        user.is_some_and(|user| user.names.contains(case.author.claim.named.as_ref().unwrap_or(&String::new())));
    rule("what is said to be done is done", case.answer.status != 200 || named, || case.told())
}

fn remove(scene: &mut Scene<'_>) -> Ask {
    let own = scene.own().map(|(_, user)| user).unwrap_or_default();
    let password = scene.dice.chance(40).then(|| scene.password_of(&own));
    let mail = if scene.dice.chance(60) { scene.mail("delete-account") } else { None };
    let mut body = json!({});
    if let Some(password) = &password {
        body["password"] = password.as_str().into();
    }
    if let Some(mail) = &mail {
        body["token"] = mail.token.as_str().into();
    }
    if let Some(page) = scene.page() {
        body["callbackURL"] = page.into();
    }
    Ask::post("/delete-user", &body).claim(|claim| {
        claim.password = password;
        claim.mail = mail.map(|mail| mail.token);
    })
}

fn follow(scene: &mut Scene<'_>) -> Ask {
    let token = scene.mail("delete-account").map_or_else(|| "madeup".to_owned(), |mail| mail.token);
    let page: String = url::form_urlencoded::byte_serialize(scene.page().unwrap_or_default().as_bytes()).collect();
    Ask::get(format!("/delete-user/callback?token={token}&callbackURL={page}")).claim(|claim| claim.mail = Some(token))
}

fn removed(case: &mut Case<'_>) -> Checked {
    if !case.succeeded() || case.answer.json["message"] == "Verification email sent" {
        return Ok(());
    }
    let id = case.author.acts_for.clone().unwrap_or_default();
    let gone = case.ledger.users.get(&id).is_some_and(|user| user.gone);
    rule("what is said to be done is done", gone, || case.told())?;
    if let Some(token) = case.author.claim.mail.clone() {
        case.ledger.told_spent(&token)?;
    }
    case.ledger.told_over(&case.author.scope)
}

fn available(scene: &mut Scene<'_>) -> Ask {
    let username = scene.username();
    Ask::post("/is-username-available", &json!({ "username": username }))
        .claim(|claim| claim.named = Some(username.to_lowercase()))
}

fn told_available(case: &mut Case<'_>) -> Checked {
    let named = &case.author.claim.named;
    let held = case.ledger.users.values().any(|user| !user.gone && user.username == *named);
    let told = case.answer.json["available"].as_bool();
    rule("names are shown as they are", !case.sure || told.is_none_or(|told| told != held), || case.told())
}

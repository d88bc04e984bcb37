//! Signing up and signing in.

use serde_json::json;

use super::{Action, Ask, Carry, Power, Scene, Session};
use crate::{
    judge::Case,
    violation::{Checked, rule},
};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action {
            name: "sign up",
            route: "signUpEmail",
            weight: 12,
            works: true,
            session: Session::Unused,
            powers: &[Power::MakeUser],
            ask: sign_up,
            judge: signed_up,
        },
        Action {
            name: "sign in",
            route: "signInEmail",
            weight: 16,
            works: true,
            session: Session::Unused,
            powers: &[Power::SignIn, Power::Rehash],
            ask: sign_in,
            judge: signed_in,
        },
        Action {
            name: "sign in by name",
            route: "signInUsername",
            weight: 5,
            works: true,
            session: Session::Unused,
            powers: &[Power::SignIn, Power::Rehash],
            ask: sign_in_by_name,
            judge: signed_in,
        },
    ]
}

fn sign_up(scene: &mut Scene<'_>) -> Ask {
    let (name, email, password) = (scene.new_name(), scene.email(), scene.new_password());
    let username = scene.dice.chance(50).then(|| scene.username());
    let mut body = json!({ "name": name, "email": email, "password": password, "callbackURL": scene.page() });
    if body["callbackURL"].is_null() {
        body.as_object_mut().and_then(|body| body.remove("callbackURL"));
    }
    if let Some(username) = &username {
        body["username"] = username.as_str().into();
    }
    if scene.dice.chance(20) {
        body["rememberMe"] = false.into();
    }
    Ask::post("/sign-up/email", &body).claim(|claim| {
        claim.named = username.map(|username| username.to_lowercase());
        claim.email = Some(email);
        claim.new_password = Some(password);
    })
}

fn signed_up(case: &mut Case<'_>) -> Checked {
    let email = case.author.claim.email.clone().unwrap_or_default().to_lowercase();
    let named = case.author.claim.named.clone();
    let mut others =
        case.ledger.users.iter().filter(|(id, user)| !user.gone && case.author.acts_for.as_ref() != Some(id));
    let taken = others.any(|(_, user)| user.email() == email || (named.is_some() && user.username == named));
    let made = case.author.acts_for.is_some();
    rule("an address is one person's", !(taken && made && case.sure), || format!("{email} is signed up again"))?;
    let expected = case.sure && !taken && case.redirects_well;
    rule("what is free can be had", !expected || (case.answer.status == 200 && made), || case.told())
}

fn sign_in(scene: &mut Scene<'_>) -> Ask {
    let (email, user) = match scene.user() {
        Some((_, user)) => (user.email().to_owned(), user),
        None => (scene.email().to_lowercase(), Default::default()),
    };
    let spelled = scene.spelled(&email);
    ask(scene, "/sign-in/email", "email", &spelled, email, &user)
}

fn sign_in_by_name(scene: &mut Scene<'_>) -> Ask {
    let known = scene.user().and_then(|(_, user)| Some((user.username.clone()?, user)));
    let (username, user) = known.unwrap_or_else(|| (scene.username(), Default::default()));
    ask(scene, "/sign-in/username", "username", &username, username.to_lowercase(), &user)
}

fn ask(
    scene: &mut Scene<'_>,
    path: &str,
    field: &str,
    spelled: &str,
    login: String,
    user: &crate::ledger::User,
) -> Ask {
    let password = scene.password_of(user);
    let mut body = json!({ field: spelled, "password": password });
    if let Some(page) = scene.page() {
        body["callbackURL"] = page.into();
    }
    if scene.dice.chance(20) {
        body["rememberMe"] = false.into();
    }
    let mut users = scene.ledger.users.iter().filter(|(_, user)| !user.gone);
    let whose = users.find(|(_, user)| user.email() == login || user.username.as_ref() == Some(&login));
    let user = whose.map(|(id, _)| id.clone());
    let mut ask = Ask::post(path, &body).claim(|claim| {
        claim.user = user;
        claim.login = Some(login);
        claim.password = Some(password);
        claim.trusted.clone_from(&scene.trusted);
    });
    if scene.dice.chance(40) {
        ask.carry = Carry::Nothing;
        ask.claim.trusted = None;
    }
    ask
}

fn signed_in(case: &mut Case<'_>) -> Checked {
    let (author, answer) = (case.author, case.answer);
    let given = author.claim.password.clone().unwrap_or_default();
    let user = author.acts_for.as_ref().and_then(|id| case.ledger.users.get(id));
    let knows = user.is_some_and(|user| user.had_password(&given, author.begun));
    let proven = user.is_some_and(|user| user.verified) || !case.setting.verification_required;
    let entered = answer.status == 200;
    rule("only the password opens", !entered || (knows && proven), || case.told())?;
    let expected = case.sure && user.and_then(|user| user.password()) == Some(&given) && proven && case.redirects_well;
    rule("the password opens", !expected || entered, || case.told())?;
    let held = answer.json["twoFactorRedirect"] == true;
    let asked = user.is_some_and(|user| user.second_factor);
    rule("who has no second factor is asked for none", !(held && case.sure) || asked, || case.told())?;
    let unverified = knows && !proven;
    let wrong = !entered && case.sure && !unverified && case.redirects_well;
    rule("all refusals are alike", !wrong || [401, 422].contains(&answer.status), || case.told())
}

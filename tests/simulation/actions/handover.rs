//! Handing a session on to another client, by a one-time token.

use serde_json::json;

use super::{Action, Ask, Scene, Session, powerless};
use crate::{
    judge::Case,
    ledger::{Handed, ONCE},
    violation::{Checked, rule},
};

/// How long a token is good, in seconds.
const AGE: i64 = 180;

pub(super) fn actions() -> Vec<Action> {
    vec![
        powerless("hand a session on", "generateOneTimeToken", 4, Session::Believed, generate, handed),
        powerless("take a session over", "verifyOneTimeToken", 6, Session::Unused, take, taken),
    ]
}

fn generate(_: &mut Scene<'_>) -> Ask {
    Ask::get("/one-time-token/generate")
}

fn handed(case: &mut Case<'_>) -> Checked {
    if let (200, Some(token)) = (case.answer.status, case.answer.json["token"].as_str()) {
        let session = case.author.token.clone().unwrap_or_default();
        case.ledger.handed.insert(token.to_owned(), Handed { session, made: case.ledger.now, told: false });
    }
    Ok(())
}

/// A token, mostly one that was not used; now and then one that is for something else.
fn take(scene: &mut Scene<'_>) -> Ask {
    let again = scene.dice.chance(20);
    let tokens = scene.ledger.handed.iter().filter(|(_, handed)| again || !handed.told);
    let mut tokens: Vec<_> = tokens.collect();
    tokens.sort_by_key(|(_, handed)| handed.made);
    // Several clients shall reach for the same one.
    let late = tokens.len().saturating_sub(if scene.dice.chance(80) { 1 } else { 50 });
    let tokens: Vec<_> =
        tokens[late..].iter().map(|(token, handed)| ((*token).clone(), handed.session.clone())).collect();
    let other = scene.mail("reset-password").filter(|_| scene.dice.chance(10)).map(|mail| mail.token);
    let picked = scene.dice.pick(&tokens).cloned().filter(|_| other.is_none());
    let owner = picked.as_ref().and_then(|(_, session)| scene.ledger.sessions.get(session));
    let owner = owner.map(|session| session.seen.user.clone());
    let token = picked.map(|(token, _)| token).or(other).unwrap_or_else(|| "madeup".to_owned());
    Ask::post("/one-time-token/verify", &json!({ "token": token })).claim(|claim| {
        claim.named = Some(token);
        claim.user = owner;
    })
}

fn taken(case: &mut Case<'_>) -> Checked {
    if case.answer.status != 200 {
        return Ok(());
    }
    let told = case.told();
    let latest = case.author.begun_at - AGE * 1000 - 2 * case.ledger.skew;
    let begun = case.author.begun;
    let given = case.author.claim.named.clone().unwrap_or_default();
    let Some(handed) = case.ledger.handed.get_mut(&given) else {
        return rule("a token is good for one thing", false, || told);
    };
    rule(ONCE, !handed.told, || told.clone())?;
    rule("tokens expire", handed.made >= latest, || told.clone())?;
    handed.told = true;
    let token = handed.session.clone();
    rule("nobody sees another's session", case.answer.json["session"]["token"] == token.as_str(), || told.clone())?;
    let Some(session) = case.ledger.sessions.get(&token) else {
        return rule("revoked stays revoked", false, || told);
    };
    let lately = session.live || session.ended.is_some_and(|ended| ended >= begun);
    rule("revoked stays revoked", lately, || told.clone())?;
    let unexpired = session.seen.expires >= case.author.begun_at - 2 * case.ledger.skew;
    rule("sessions expire", unexpired, || told.clone())?;
    let own = case.answer.json["user"]["id"] == session.seen.user.as_str();
    rule("nobody sees another's session", own, || told)
}

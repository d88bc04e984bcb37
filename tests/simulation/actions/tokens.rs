//! Tokens for other services, and the keys that sign them.

use kernia::wire::jws;
use serde_json::{Value as Json, json};

use super::{Action, Ask, Session, Target, no_more};
use crate::{
    judge::{Case, tells_nothing},
    violation::{Checked, rule},
};

pub(super) fn actions() -> Vec<Action> {
    let action = |name, route, session, ask, judge| Action {
        name,
        route,
        weight: 1,
        works: true,
        session,
        powers: &[],
        ask,
        judge,
    };
    vec![
        action("public keys", "getJwks", Session::Unused, |_| Ask::get("/jwks"), publishes_nothing_private),
        action("token", "getToken", Session::Believed, |_| Ask::get("/token"), is_about_its_owner),
        action(
            "sign a job",
            "signJWT",
            Session::Unused,
            |_| call("signJWT", json!({"payload": {"sub": "job"}})),
            no_more,
        ),
        action("read a token", "verifyJWT", Session::Unused, |_| call("verifyJWT", json!({"token": "a.b.c"})), no_more),
    ]
}

fn call(name: &'static str, body: Json) -> Ask {
    Ask::new(Target::Call(name, body))
}

fn publishes_nothing_private(case: &mut Case<'_>) -> Checked {
    let keys = case.answer.json["keys"].as_array().cloned().unwrap_or_default();
    let private = keys.iter().any(|key| ["d", "p", "q", "k"].iter().any(|name| key.get(name).is_some()));
    rule("private keys stay here", !private, || case.told())
}

/// Holds that a token says what its owner may know, and nothing of others.
fn is_about_its_owner(case: &mut Case<'_>) -> Checked {
    let Some(token) = case.answer.json["token"].as_str() else { return Ok(()) };
    let claims = jws::read_unverified(token).unwrap_or_default();
    let subject = claims.get("sub").and_then(Json::as_str).unwrap_or_default();
    let owner = case.author.acts_for.as_deref();
    rule("a token is about whoever asked", owner.is_none_or(|owner| owner == subject), || case.told())?;
    tells_nothing(case.ledger, &json!(claims).to_string(), "", &[subject].into())
}

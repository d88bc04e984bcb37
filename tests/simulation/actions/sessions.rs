//! Looking at sessions and ending them.

use std::collections::BTreeSet;

use http::Method;
use kernia::testing::TestRequest;
use serde_json::json;

use super::{Action, Ask, Carry, Scene, Session, Target, no_more, powerless};
use crate::{
    judge::Case,
    violation::{Checked, rule},
};

pub(super) fn actions() -> Vec<Action> {
    vec![
        powerless("get session", "getSession", 16, Session::Used, get_session, got_session),
        powerless("list sessions", "listSessions", 4, Session::Believed, |_| Ask::get("/list-sessions"), listed),
        powerless("update session", "updateSession", 3, Session::Believed, update, no_more),
        powerless("sign out", "signOut", 6, Session::Used, |_| Ask::post("/sign-out", &json!({})), signed_out),
        powerless("revoke session", "revokeSession", 5, Session::Confirmed, revoke, revoked),
        powerless("revoke sessions", "revokeSessions", 4, Session::Confirmed, revoke_all, revoked_all),
        powerless("list the browser's sessions", "listDeviceSessions", 3, Session::Unused, list_device, no_more),
        powerless("change to a session", "setActiveSession", 8, Session::Unused, set_active, changed_to),
        powerless("end a session of the browser", "revokeDeviceSession", 4, Session::Used, end_own, no_more),
        powerless("revoke other sessions", "revokeOtherSessions", 4, Session::Confirmed, revoke_others, revoked_others),
    ]
}

/// Somebody else's token, or an old one of one's own, in the header instead of cookies.
fn by_header(scene: &mut Scene<'_>, mut ask: Ask) -> Ask {
    if let (true, Some(token)) = (scene.dice.chance(25), scene.any_session()) {
        ask.carry = Carry::Bearer(token);
    }
    ask
}

fn get_session(scene: &mut Scene<'_>) -> Ask {
    let query = ["", "", "?disableCookieCache=true", "?disableRefresh=true"][scene.dice.below(4)];
    let method = if scene.setting.deferred_refresh && scene.dice.chance(50) { Method::POST } else { Method::GET };
    let ask = Ask::new(Target::Http(TestRequest::new(method, format!("/get-session{query}"))));
    by_header(scene, ask)
}

fn got_session(case: &mut Case<'_>) -> Checked {
    if case.answer.status != 200 {
        return Ok(());
    }
    let told = &case.answer.json;
    if told.is_null() {
        let lost = case.sure && case.surely_signed_in();
        return rule("whoever is signed in stays so", !lost, || case.told());
    }
    case.accepted(case.says("disableCookieCache"))?;
    let token = case.author.token.clone().unwrap_or_default();
    rule("nobody sees another's session", told["session"]["token"] == token.as_str(), || case.told())?;
    let owner = case.author.acts_for.clone().unwrap_or_default();
    let own = told["user"]["id"] == owner.as_str() && told["session"]["userId"] == owner.as_str();
    rule("nobody sees another's session", own, || case.told())?;
    if case.sure && !case.ledger.torn && case.cached_at.is_none() {
        let user = &case.ledger.users[&owner];
        let same = told["user"]["email"] == user.email()
            && told["user"]["emailVerified"] == user.verified
            && told["user"]["name"].as_str() == user.names.last().map(String::as_str);
        rule("users are shown as they are", same, || case.told())?;
    }
    Ok(())
}

fn listed(case: &mut Case<'_>) -> Checked {
    if case.answer.status != 200 || !case.sure || case.cached_at.is_some() {
        return Ok(());
    }
    let told: BTreeSet<_> =
        case.answer.json.as_array().into_iter().flatten().map(|row| row["token"].as_str()).collect();
    let owner = case.author.acts_for.clone();
    let live = case.ledger.live_of(owner.as_deref()).filter(|(_, session)| case.surely_lives(session));
    let missing: Vec<_> = live.filter(|(token, _)| !told.contains(&Some(token.as_str()))).collect();
    rule("all sessions are listed", missing.is_empty(), || format!("{missing:?} are not: {}", case.told()))
}

fn update(scene: &mut Scene<'_>) -> Ask {
    let theme = ["dark", "light"][scene.dice.below(2)];
    Ask::post("/update-session", &json!({ "theme": theme }))
}

fn signed_out(case: &mut Case<'_>) -> Checked {
    let token = case.author.token.iter().cloned().collect();
    if case.answer.status == 200 { case.ledger.told_over(&token) } else { Ok(()) }
}

fn revoke(scene: &mut Scene<'_>) -> Ask {
    let token = if scene.dice.chance(60) { scene.own_session() } else { scene.any_session() };
    let token = token.unwrap_or_default();
    Ask::post("/revoke-session", &json!({ "token": token })).claim(|claim| claim.named = Some(token))
}

fn revoked(case: &mut Case<'_>) -> Checked {
    let named = case.author.claim.named.iter().filter(|token| case.author.scope.contains(*token)).cloned().collect();
    if case.answer.status == 200 { case.ledger.told_over(&named) } else { Ok(()) }
}

fn revoke_all(_: &mut Scene<'_>) -> Ask {
    Ask::post("/revoke-sessions", &json!({}))
}

fn revoked_all(case: &mut Case<'_>) -> Checked {
    if case.answer.status == 200 { case.ledger.told_over(&case.author.scope) } else { Ok(()) }
}

fn revoke_others(_: &mut Scene<'_>) -> Ask {
    Ask::post("/revoke-other-sessions", &json!({}))
}

fn revoked_others(case: &mut Case<'_>) -> Checked {
    let mut others = case.author.scope.clone();
    if let Some(own) = &case.author.token {
        others.remove(own);
    }
    if case.answer.status == 200 { case.ledger.told_over(&others) } else { Ok(()) }
}

fn list_device(_: &mut Scene<'_>) -> Ask {
    Ask::get("/multi-session/list-device-sessions")
}

/// A session that the browser has a cookie for, and sometimes another.
fn of_browser(scene: &mut Scene<'_>, path: &str) -> Ask {
    let other = scene.any_session().filter(|_| scene.dice.chance(20));
    let kept = scene.kept.clone();
    let token = other.or_else(|| scene.dice.pick(&kept).cloned()).unwrap_or_default();
    let owner = scene.ledger.sessions.get(&token).map(|session| session.seen.user.clone());
    Ask::post(path, &json!({ "sessionToken": token })).claim(|claim| {
        claim.named = Some(token);
        claim.user = owner;
    })
}

fn set_active(scene: &mut Scene<'_>) -> Ask {
    of_browser(scene, "/multi-session/set-active")
}

fn end_own(scene: &mut Scene<'_>) -> Ask {
    of_browser(scene, "/multi-session/revoke")
}

fn changed_to(case: &mut Case<'_>) -> Checked {
    let token = case.author.claim.named.clone().unwrap_or_default();
    let session = case.ledger.sessions.get(&token);
    let lately = session.is_some_and(|session| session.live || session.ended.is_some_and(|at| at >= case.author.begun));
    rule("revoked stays revoked", case.answer.status != 200 || lately, || case.told())
}

//! Setting second factors up, and finishing sign-ins by them.

use kernia::wire::base32;
use serde_json::{Value as Json, json};

use super::{Action, Ask, Carry, Power, Scene, Session, Target, no_more};
use crate::{judge::Case, violation::Checked};

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
    let (own, waiting) = (Session::Confirmed, Session::Waiting);
    let (switch, finish): (&[Power], &[Power]) = (&[Power::SwitchSecondFactor], &[Power::SecondFactor]);
    vec![
        action("turn codes in messages on", "enableTwoFactor", 6, own, switch, enable_messages, no_more),
        action("set an app up", "enableTwoFactor", 14, own, &[], enable_app, told_app),
        action("prove an app", "verifyTOTP", 20, Session::Used, switch, prove_app, no_more),
        action("prove a message", "verifyTwoFactorOTP", 8, Session::Used, switch, prove_message, no_more),
        action("finish by an app", "verifyTOTP", 26, waiting, finish, finish_by_app, no_more),
        action("finish by a message", "verifyTwoFactorOTP", 30, waiting, finish, finish_by_message, no_more),
        action("finish by a backup code", "verifyBackupCode", 24, waiting, finish, finish_by_backup, no_more),
        action("send a code", "sendTwoFactorOTP", 24, waiting, &[], send, no_more),
        action("send oneself a code", "sendTwoFactorOTP", 8, Session::Used, &[], send_own, no_more),
        action("new backup codes", "generateBackupCodes", 8, own, &[], generate, told_backup),
        action("show the key", "getTOTPURI", 2, own, &[], show_key, no_more),
        action("turn the second factor off", "disableTwoFactor", 2, own, switch, disable, no_more),
        action("ask what an app shows", "generateTOTP", 1, Session::Unused, &[], ask_app, no_more),
        action("look at backup codes", "viewBackupCodes", 1, Session::Unused, &[], look, no_more),
    ]
}

/// A request by whoever is signed in, with their password.
fn with_password(scene: &mut Scene<'_>, path: &str, mut body: Json) -> Ask {
    let user = scene.own().map(|(_, user)| user).unwrap_or_default();
    let password = scene.password_of(&user);
    body["password"] = password.as_str().into();
    Ask::post(path, &body).claim(|claim| claim.password = Some(password))
}

fn enable_messages(scene: &mut Scene<'_>) -> Ask {
    with_password(scene, "/two-factor/enable", json!({ "method": "otp" }))
}

fn enable_app(scene: &mut Scene<'_>) -> Ask {
    with_password(scene, "/two-factor/enable", json!({}))
}

fn generate(scene: &mut Scene<'_>) -> Ask {
    with_password(scene, "/two-factor/generate-backup-codes", json!({}))
}

fn show_key(scene: &mut Scene<'_>) -> Ask {
    with_password(scene, "/two-factor/get-totp-uri", json!({}))
}

fn disable(scene: &mut Scene<'_>) -> Ask {
    with_password(scene, "/two-factor/disable", json!({}))
}

fn told_app(case: &mut Case<'_>) -> Checked {
    let secret = case.answer.json["totpURI"].as_str().and_then(|uri| uri.split_once("secret="));
    let key = secret.and_then(|(_, rest)| base32::decode(rest.split('&').next()?));
    if let (Some(key), Some(user)) = (key, case.author.acts_for.clone()) {
        case.ledger.second_factors.told_key(&user, key);
    }
    told_backup(case)
}

fn told_backup(case: &mut Case<'_>) -> Checked {
    let codes = case.answer.json["backupCodes"].as_array();
    let codes = codes.map(|codes| codes.iter().filter_map(|code| code.as_str().map(str::to_owned)).collect());
    if let (Some(codes), Some(user)) = (codes, case.author.acts_for.clone()) {
        case.ledger.second_factors.told_backup(&user, codes);
    }
    Ok(())
}

/// A code that is shown: mostly the right one.
fn show(scene: &mut Scene<'_>, path: &str, code: Option<String>, carry: Carry) -> Ask {
    let wrong = code.is_none() || scene.dice.chance(15);
    let code = if wrong { format!("{:06}", scene.dice.below(1_000_000)) } else { code.unwrap_or_default() };
    let trust = carry == Carry::WithoutSession && scene.dice.chance(30);
    let mut ask = Ask::post(path, &json!({ "code": code, "trustDevice": trust })).claim(|claim| {
        claim.code = Some(code);
    });
    ask.carry = carry;
    ask
}

/// The same by a client whose sign-in waits.
fn finish(scene: &mut Scene<'_>, path: &str, code: impl Fn(&mut Scene<'_>, &str) -> Option<String>) -> Ask {
    let challenge = scene.challenge.clone();
    let user = challenge.as_ref().and_then(|challenge| scene.ledger.second_factors.whose(challenge));
    let user = user.map(str::to_owned);
    let code = user.as_deref().and_then(|user| code(scene, user));
    show(scene, path, code, Carry::WithoutSession).claim(|claim| {
        claim.challenge = challenge;
        claim.user = user;
    })
}

/// What the user's app shows, a little early or late: a code opens once.
fn shown(scene: &mut Scene<'_>, user: &str) -> Option<String> {
    let off = [-30_000, 0, 30_000][scene.dice.below(3)];
    scene.ledger.second_factors.app(user, scene.ledger.now + off)
}

fn finish_by_app(scene: &mut Scene<'_>) -> Ask {
    finish(scene, "/two-factor/verify-totp", shown)
}

fn finish_by_message(scene: &mut Scene<'_>) -> Ask {
    finish(scene, "/two-factor/verify-otp", |scene, user| scene.ledger.second_factors.message(user))
}

fn finish_by_backup(scene: &mut Scene<'_>) -> Ask {
    finish(scene, "/two-factor/verify-backup-code", |scene, user| {
        let codes = scene.ledger.second_factors.backup(user);
        scene.dice.pick(&codes).cloned()
    })
}

fn prove_app(scene: &mut Scene<'_>) -> Ask {
    let own = scene.own().and_then(|(id, _)| shown(scene, &id));
    show(scene, "/two-factor/verify-totp", own, Carry::WithoutChallenge)
}

fn prove_message(scene: &mut Scene<'_>) -> Ask {
    let own = scene.own().and_then(|(id, _)| scene.ledger.second_factors.message(&id));
    show(scene, "/two-factor/verify-otp", own, Carry::WithoutChallenge)
}

fn send(scene: &mut Scene<'_>) -> Ask {
    let user = scene.challenge.as_ref().and_then(|challenge| scene.ledger.second_factors.whose(challenge));
    let user = user.map(str::to_owned);
    let mut ask = Ask::post("/two-factor/send-otp", &json!({})).claim(|claim| claim.user = user);
    ask.carry = Carry::WithoutSession;
    ask
}

fn send_own(_: &mut Scene<'_>) -> Ask {
    let mut ask = Ask::post("/two-factor/send-otp", &json!({}));
    ask.carry = Carry::WithoutChallenge;
    ask
}

fn ask_app(_: &mut Scene<'_>) -> Ask {
    Ask::new(Target::Call("generateTOTP", json!({ "secret": "12345678901234567890" })))
}

fn look(scene: &mut Scene<'_>) -> Ask {
    let user = scene.user().map(|(id, _)| id).unwrap_or_default();
    Ask::new(Target::Call("viewBackupCodes", json!({ "userId": user })))
}

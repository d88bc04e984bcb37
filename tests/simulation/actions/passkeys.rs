//! Passkeys: making, using and keeping them. Everybody has one authenticator, and another that is a copy of it or nobody's.

use kernia::testing::{Authenticator, BASE_URL};
use serde_json::{Value, json};

use super::{Action, Ask, Carry, Power, Scene, Session, no_more};
use crate::{
    client,
    judge::Case,
    violation::{Checked, rule},
};

pub(super) fn actions() -> Vec<Action> {
    // What needs a passkey that was made before is too rare to be counted on in an ordinary run.
    const RARE: &[&str] = &["verifyPasskeyAuthentication", "updatePasskey", "deletePasskey"];
    let action = |name, route, weight, session, powers, ask, judge| Action {
        name,
        route,
        weight,
        works: !RARE.contains(&route),
        session,
        powers,
        ask,
        judge,
    };
    let (add, remove, enter): (&[_], &[_], &[_]) =
        (&[Power::AddPasskey], &[Power::RemovePasskey], &[Power::UsePasskey]);
    vec![
        action(
            "ask to make a passkey",
            "generatePasskeyRegistrationOptions",
            4,
            Session::Confirmed,
            &[],
            to_make,
            began,
        ),
        action("ask to use a passkey", "generatePasskeyAuthenticationOptions", 4, Session::Used, &[], to_use, began),
        action("make a passkey", "verifyPasskeyRegistration", 6, Session::Confirmed, add, make, no_more),
        action("sign in by passkey", "verifyPasskeyAuthentication", 6, Session::Unused, enter, sign_in, signed_in),
        action(
            "list passkeys",
            "listPasskeys",
            1,
            Session::Believed,
            &[],
            |_| Ask::get("/passkey/list-user-passkeys"),
            no_more,
        ),
        action("rename a passkey", "updatePasskey", 2, Session::Confirmed, &[], rename, no_more),
        action("remove a passkey", "deletePasskey", 1, Session::Confirmed, remove, remove_one, no_more),
    ]
}

fn to_make(_: &mut Scene<'_>) -> Ask {
    Ask::get("/passkey/generate-register-options")
}

fn to_use(scene: &mut Scene<'_>) -> Ask {
    let mut ask = Ask::get("/passkey/generate-authenticate-options");
    if scene.dice.chance(40) {
        ask.carry = Carry::Nothing;
    }
    ask
}

/// Remembers what the browser is to make or to sign.
fn began(case: &mut Case<'_>) -> Checked {
    if let Some(ceremony) = client::ceremony(case.answer) {
        case.ledger.ceremonies.insert(ceremony, case.answer.json.clone());
    }
    Ok(())
}

/// What the client was told, now and then another.
fn ceremony(scene: &mut Scene<'_>) -> Value {
    if scene.dice.chance(10) {
        return scene.dice.pick(scene.ledger.ceremonies.values()).cloned().unwrap_or_default();
    }
    let own = scene.ceremony.as_ref().and_then(|ceremony| scene.ledger.ceremonies.get(ceremony));
    own.cloned().unwrap_or_default()
}

/// The authenticator of `user`, as often used as time has passed; now and then one that is behind.
fn device(scene: &mut Scene<'_>, user: &str) -> Authenticator {
    let mut device = Authenticator::new(user);
    let step = u32::try_from(scene.ledger.step).unwrap_or_default();
    device.counter = if scene.dice.chance(15) { step / 2 } else { step };
    device
}

fn make(scene: &mut Scene<'_>) -> Ask {
    let asked = ceremony(scene);
    let own = scene.own().map(|(id, _)| id).unwrap_or_default();
    let whose = if scene.dice.chance(85) { own } else { scene.user().map(|(id, _)| id).unwrap_or_default() };
    let response = device(scene, &whose).create(&asked, origin(scene));
    Ask::post("/passkey/verify-registration", &json!({ "response": response, "name": "a key" }))
}

fn sign_in(scene: &mut Scene<'_>) -> Ask {
    let asked = ceremony(scene);
    let owners: Vec<_> = scene.ledger.passkeys.values().cloned().collect();
    let whose = scene.dice.pick(&owners).cloned().or_else(|| scene.user().map(|(id, _)| id)).unwrap_or_default();
    let response = device(scene, &whose).get(&asked, origin(scene));
    Ask::post("/passkey/verify-authentication", &json!({ "response": response })).claim(|claim| {
        claim.user = Some(whose);
    })
}

fn signed_in(case: &mut Case<'_>) -> Checked {
    let entered = case.answer.status == 200;
    let user = case.answer.json["user"]["id"].as_str();
    let right = !entered || user == case.author.acts_for.as_deref();
    rule("only the key opens", right, || case.told())
}

fn origin(scene: &mut Scene<'_>) -> &'static str {
    if scene.dice.chance(5) { "https://evil.example" } else { BASE_URL }
}

/// The id of a passkey: one's own, or anybody's.
fn passkey(scene: &mut Scene<'_>, any: bool) -> String {
    let own = scene.own().map(|(id, _)| id).unwrap_or_default();
    let ids: Vec<_> = scene.ledger.passkeys.iter().filter(|(_, owner)| any || **owner == own).collect();
    scene.dice.pick(ids).map_or_else(|| "madeup".to_owned(), |(id, _)| id.clone())
}

fn rename(scene: &mut Scene<'_>) -> Ask {
    let any = scene.dice.chance(30);
    let name = format!("key {}", scene.dice.below(100));
    Ask::post("/passkey/update-passkey", &json!({ "id": passkey(scene, any), "name": name }))
}

fn remove_one(scene: &mut Scene<'_>) -> Ask {
    Ask::post("/passkey/delete-passkey", &json!({ "id": passkey(scene, false) }))
}

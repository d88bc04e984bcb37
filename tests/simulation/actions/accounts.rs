//! Accounts: the ways to sign in.

use serde_json::json;

use super::{Action, Ask, Power, Scene, Session, no_more};

pub(super) fn actions() -> Vec<Action> {
    // No provider can be configured yet.
    let action = |name, route, weight, session, powers, ask| Action {
        name,
        route,
        weight,
        works: session == Session::Believed,
        session,
        powers,
        ask,
        judge: no_more,
    };
    let unlink: &[_] = &[Power::Unlink];
    vec![
        action("list accounts", "listUserAccounts", 3, Session::Believed, &[], |_| Ask::get("/list-accounts")),
        action("unlink account", "unlinkAccount", 5, Session::Believed, unlink, unlink_account),
        action("ask about account", "accountInfo", 1, Session::Used, &[], |scene| {
            Ask::get(format!("/account-info?accountId={}", account(scene)))
        }),
        action("ask for access token", "getAccessToken", 1, Session::Used, &[], |scene| {
            Ask::post("/get-access-token", &json!({ "accountId": account(scene) }))
        }),
        action("refresh token", "refreshToken", 1, Session::Used, &[], |scene| {
            Ask::post("/refresh-token", &json!({ "accountId": account(scene) }))
        }),
        action("link social account", "linkSocialAccount", 1, Session::Used, &[], |_| {
            Ask::post("/link-social", &json!({ "provider": "github" }))
        }),
    ]
}

/// The id of an account, of anybody's.
fn account(scene: &mut Scene<'_>) -> String {
    let own = scene.own().map(|(_, user)| user).unwrap_or_default();
    let user = if scene.dice.chance(70) { own } else { scene.user().map(|(_, user)| user).unwrap_or_default() };
    scene.dice.pick(&user.accounts).cloned().unwrap_or_else(|| "madeup".to_owned())
}

fn unlink_account(scene: &mut Scene<'_>) -> Ask {
    Ask::post("/unlink-account", &json!({ "accountId": account(scene) }))
}

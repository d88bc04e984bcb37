//! What needs no session and changes nothing.

use serde_json::json;

use super::{Action, Ask, Scene, Session, no_more};

pub(super) fn actions() -> Vec<Action> {
    let action = |name, route, ask| Action {
        name,
        route,
        weight: 1,
        works: ["ok", "deviceCode", "getNonce", "getSiweNonce"].contains(&route),
        session: Session::Unused,
        powers: &[],
        ask,
        judge: no_more,
    };
    vec![
        action("health", "ok", |_| Ask::get("/ok")),
        action("error page", "error", |_| Ask::get("/error?error=access_denied")),
        action("social sign-in", "signInSocial", |scene| {
            let mut body = json!({ "provider": "github" });
            if let Some(page) = scene.page() {
                body["callbackURL"] = page.into();
            }
            Ask::post("/sign-in/social", &body)
        }),
        action("come back from a provider", "callbackOAuth", |scene| {
            Ask::get(format!("/callback/github?code=x&state={}", madeup(scene)))
        }),
        action("come back through the proxy", "oAuthProxyCompletion", |scene| {
            Ask::get(proxied(scene, "/callback/github/oauth-proxy"))
        }),
        action("come back through an old proxy", "oAuthProxy", |scene| {
            Ask::get(proxied(scene, "/oauth-proxy-callback"))
        }),
        action("ask for a device code", "deviceCode", |scene| {
            Ask::post("/device/code", &json!({ "client_id": "tv", "user_id": scene.user().map(|(id, _)| id) }))
        }),
        action("look at a device", "deviceVerify", |scene| Ask::get(format!("/device?user_code={}", madeup(scene)))),
        action("let a device in", "deviceApprove", |scene| {
            Ask::post("/device/approve", &json!({ "userCode": madeup(scene) }))
        }),
        action("turn a device away", "deviceDeny", |scene| {
            Ask::post("/device/deny", &json!({ "userCode": madeup(scene) }))
        }),
        action("poll for a device", "deviceToken", |scene| {
            let grant = "urn:ietf:params:oauth:grant-type:device_code";
            let body = json!({ "grant_type": grant, "device_code": madeup(scene), "client_id": "tv" });
            Ask::post("/device/token", &body)
        }),
        action("open a popup", "oauthPopupStart", |scene| {
            let origin = if scene.dice.chance(50) { crate::setting::TRUSTED } else { "https://evil.example" };
            Ask::get(format!("/oauth-popup/start?provider=github&popupOrigin={origin}"))
        }),
        action("ask for a nonce", "getSiweNonce", |_| Ask::post("/siwe/nonce", &json!({}))),
        action("ask for a nonce as of old", "getNonce", |_| Ask::post("/siwe/get-nonce", &json!({}))),
        action("sign in with a wallet", "verifySiweMessage", |scene| {
            let token = madeup(scene);
            Ask::post("/siwe/verify", &json!({ "message": format!("Nonce: {token}"), "signature": token }))
        }),
        action("tap", "oneTapCallback", |scene| {
            let mut body = json!({ "idToken": madeup(scene) });
            if let Some(page) = scene.page() {
                body["callbackURL"] = page.into();
            }
            Ask::post("/one-tap/callback", &body)
        }),
    ]
}

/// A token of another kind than the one that is wanted.
fn madeup(scene: &mut Scene<'_>) -> String {
    scene.mail("reset-password").map_or_else(|| "madeup".to_owned(), |mail| mail.token)
}

fn proxied(scene: &mut Scene<'_>, path: &str) -> String {
    let page = scene.page().unwrap_or_else(|| "/".to_owned());
    format!("{path}?callbackURL={}&profile={}", kernia::wire::percent::encode_uri_component(&page), madeup(scene))
}

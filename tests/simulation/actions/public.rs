//! What needs no session and changes nothing.

use serde_json::json;

use super::{Action, Ask, Scene, Session, no_more};

pub(super) fn actions() -> Vec<Action> {
    let action = |name, route, ask| Action {
        name,
        route,
        weight: 1,
        works: ["ok", "generateOpenAPISchema", "openAPIReference"].contains(&route),
        session: Session::Unused,
        powers: &[],
        ask,
        judge: no_more,
    };
    vec![
        action("health", "ok", |_| Ask::get("/ok")),
        action("document", "generateOpenAPISchema", |_| Ask::get("/open-api/generate-schema")),
        action("its page", "openAPIReference", |_| Ask::get("/reference")),
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
        action("open a popup", "oauthPopupStart", |scene| {
            let origin = if scene.dice.chance(50) { crate::setting::TRUSTED } else { "https://evil.example" };
            Ask::get(format!("/oauth-popup/start?provider=github&popupOrigin={origin}"))
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

//! What needs no session and changes nothing.

use serde_json::json;

use super::{Action, Ask, Session, no_more};

pub(super) fn actions() -> Vec<Action> {
    let action = |name, route, ask| Action {
        name,
        route,
        weight: 1,
        works: route == "ok",
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
            // A state that is another kind of token.
            let token = scene.mail("reset-password").map_or_else(|| "madeup".to_owned(), |mail| mail.token);
            Ask::get(format!("/callback/github?code=x&state={token}"))
        }),
    ]
}

//! `POST /sign-out`

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Cx, Installation, commit, cookies, event, session},
    engine::{Endpoint, Exit},
    schema::SESSION,
    store::{Batch, Expect, Filter},
    wire::shape::input,
};

/// Ends the session.
pub struct SignOut;

input! {
    /// How to sign out of the provider too.
    pub struct Body {
        /// Where the provider leads to then.
        callback_url "callbackURL": Option<String>,
        /// Answer the provider's address without redirecting.
        disable_redirect "disableRedirect": Option<bool>,
        /// Given to the provider.
        state: Option<String>,
    }
}

/// That it is done, also when there was no session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// True.
    pub success: bool,
}

impl Endpoint<Installation> for SignOut {
    type Body = Option<Body>;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signOut";
    const PATH: &'static str = "/sign-out";

    async fn call(&self, cx: &mut Cx, _: Option<Body>, (): ()) -> Result<Output, Exit> {
        let app = cx.app_arc();
        let own = cookies::read_signed(cx, &app.cookies.session_token);
        let others = app.hooks.sign_outs.iter().flat_map(|hook| hook.tokens(cx));
        let tokens: Vec<_> = own.into_iter().chain(others).collect();
        if !tokens.is_empty() {
            // The cookies go only when the session is gone: whoever is told to be signed out must be.
            let batch = Batch::new().consume(SESSION, Filter::any_of("token", tokens), Expect::Any);
            let ended = commit::commit(cx, batch).await?.into_iter().next().unwrap_or_default();
            for session in ended.rows {
                let detail = vec![("session", session.id().to_owned())];
                event::emit(cx, event::SIGNED_OUT, Some(session.text("userId")), detail).await;
            }
        }
        session::expire_cookies(cx);
        Ok(Output { success: true })
    }
}

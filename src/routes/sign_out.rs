//! `POST /sign-out`

use http::{Method, header};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Cx, Installation, commit, cookies, event, session},
    engine::{Endpoint, Exit},
    oauth,
    schema::SESSION,
    store::{Batch, Expect, Filter, Rows},
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
    /// Where to sign out of the provider too, if it can be left so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether the client is to go there by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<bool>,
}

impl Endpoint<Installation> for SignOut {
    type Body = Option<Body>;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signOut";
    const PATH: &'static str = "/sign-out";

    async fn call(&self, cx: &mut Cx, body: Option<Body>, (): ()) -> Result<Output, Exit> {
        let app = cx.app_arc();
        let body = body.unwrap_or_default();
        let mut user_id = None;
        if let Some(token) = cookies::read_signed(cx, &app.cookies.session_token) {
            // The cookies go only when the session is gone: whoever is told to be signed out must be.
            let batch = Batch::new().consume(SESSION, Filter::eq("token", token), Expect::Any);
            let ended = commit::commit(cx, batch).await?.into_iter().next().and_then(Rows::first);
            if let Some(session) = ended {
                let detail = vec![("session", session.id().to_owned())];
                event::emit(cx, event::SIGNED_OUT, Some(session.text("userId")), detail).await;
                user_id = Some(session.text("userId").to_owned());
            }
        }
        session::expire_cookies(cx);
        let url = match &user_id {
            Some(user) => oauth::end_session_url(cx, user, body.callback_url.as_deref(), body.state.as_deref()).await,
            None => None,
        };
        let redirect = url.is_some().then_some(body.disable_redirect != Some(true));
        if let (Some(url), Some(true)) = (&url, redirect) {
            cx.reply.set_header(header::LOCATION, url);
        }
        Ok(Output { success: true, url, redirect })
    }
}

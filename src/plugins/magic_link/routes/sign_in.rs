//! `POST /sign-in/magic-link`

use std::sync::Arc;

use http::Method;
use serde_json::Value;
use url::form_urlencoded;

use super::super::{logic, options::MagicLinkOptions};
use crate::{
    domain::{Cx, Installation, commit, done::Done, mail},
    engine::{Endpoint, Exit, Message},
    gate,
    schema::VERIFICATION,
    store::Batch,
    wire::shape::{EmailText, JsonMap, input},
};

/// Sends a link that signs in.
///
/// The answer is the same whether or not there is a user with the address.
pub struct SignInMagicLink {
    pub(super) options: Arc<MagicLinkOptions>,
}

input! {
    /// Who signs in.
    pub struct Body {
        /// The address.
        email: EmailText,
        /// The name of a new user.
        name: Option<String>,
        /// Where the browser goes on to.
        callback_url "callbackURL": Option<String>,
        /// Where the browser of a new user goes on to.
        new_user_callback_url "newUserCallbackURL": Option<String>,
        /// Where the browser goes on to when the link is not good.
        error_callback_url "errorCallbackURL": Option<String>,
        /// What the sender of the message is told.
        metadata: Option<JsonMap>,
    }
}

impl Endpoint<Installation> for SignInMagicLink {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signInMagicLink";
    const PATH: &'static str = "/sign-in/magic-link";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        gate::check_form(cx).await?;
        let email = body.email.to_string();
        let token = logic::new_token(cx, &self.options, &email);
        let permission = logic::permission(cx, &self.options, &token, email.clone(), body.name.clone());
        commit::commit(cx, Batch::new().insert(VERIFICATION, permission)).await?;
        let mut message = Message::new(mail::MAGIC_LINK, email);
        message.url = Some(url(cx, &token, &body));
        message.token = Some(token);
        message.metadata = body.metadata.map(Value::Object);
        mail::send(cx, message).await;
        Ok(Done::DONE)
    }
}

/// The link that carries `token` and leads on to the pages that were named.
fn url(cx: &Cx, token: &str, body: &Body) -> String {
    let named = |url: &Option<String>| url.clone().filter(|url| !url.is_empty());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("token", token);
    query.append_pair("callbackURL", &named(&body.callback_url).unwrap_or_else(|| "/".to_owned()));
    for (name, url) in
        [("newUserCallbackURL", &body.new_user_callback_url), ("errorCallbackURL", &body.error_callback_url)]
    {
        if let Some(url) = named(url) {
            query.append_pair(name, &url);
        }
    }
    format!("{}/magic-link/verify?{}", cx.local.base_url, query.finish())
}

//! `POST /request-password-reset`

use std::borrow::Cow;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Cx, Installation, commit, errors, event, mail, password_reset, user},
    engine::{Endpoint, Exit, Message},
    store::Row,
    wire::{
        id::{Alphabet, random_string},
        percent::encode_uri_component,
        shape::{EmailText, input},
    },
};

/// Characters of a reset token.
const TOKEN_LENGTH: usize = 24;

/// Sends a link by which the owner of an address chooses a new password.
pub struct RequestPasswordReset;

input! {
    /// Who has forgotten a password.
    pub struct Body {
        /// The address.
        email: EmailText,
        /// The page that asks for the new password; the token is added to its query.
        redirect_to "redirectTo": Option<String>,
    }
}

/// The same for known and unknown addresses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// True.
    pub status: bool,
    /// What to tell the person.
    pub message: Cow<'static, str>,
}

impl Endpoint<Installation> for RequestPasswordReset {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "requestPasswordReset";
    const PATH: &'static str = "/request-password-reset";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        cx.ensure(cx.app().options.email_and_password.send_reset_password, errors::RESET_PASSWORD_DISABLED)?;
        let user = user::find_by_email(cx, &body.email).await?;
        let user_id = user.as_ref().map(Row::id);
        let token = random_string(cx.entropy(), Alphabet::A62, TOKEN_LENGTH);
        let batch = password_reset::offer(cx, &token, user.as_ref());
        commit::commit(cx, batch).await?;
        event::emit(cx, event::PASSWORD_RESET_REQUESTED, user_id, Vec::new()).await;
        match user {
            Some(user) => send(cx, &user, token, body.redirect_to.as_deref().unwrap_or_default()).await,
            None => mail::pretend(cx, mail::RESET_PASSWORD, &body.email).await,
        }
        Ok(Output {
            status: true,
            message: "If this email exists in our system, check your email for the reset link".into(),
        })
    }
}

async fn send(cx: &mut Cx, user: &Row, token: String, redirect_to: &str) {
    let mut message = Message::new(mail::RESET_PASSWORD, user.text("email"));
    let target = encode_uri_component(redirect_to);
    message.name = Some(user.text("name").to_owned());
    message.url = Some(format!("{}/reset-password/{token}?callbackURL={target}", cx.local.base_url));
    message.token = Some(token);
    mail::send(cx, message).await;
}

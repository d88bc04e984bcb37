//! `POST /delete-user`

use std::borrow::Cow;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Installation, account, commit, errors, event, mail, password,
        session::{self, Freshness, Session, freshness},
        user_deletion,
    },
    engine::{Endpoint, Exit, Message},
    schema::VERIFICATION,
    store::{Batch, Row},
    wire::{percent::encode_uri_component, shape::input},
};

/// Deletes the signed-in user: with a token, with the password, or with a fresh session; or sends the link that does.
pub struct DeleteUser;

input! {
    /// What proves that it is meant.
    pub struct Body {
        /// Where the link of the message leads in the end.
        callback_url "callbackURL": Option<String>,
        /// The user's password. Without it the session must be fresh.
        password: Option<String>,
        /// The token of the message.
        token: Option<String>,
    }
}

/// What was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// True.
    pub success: bool,
    /// Whether the user is gone, or the link is sent.
    pub message: Cow<'static, str>,
}

impl Output {
    /// The user is gone.
    pub(super) const DELETED: Self = Self { success: true, message: Cow::Borrowed("User deleted") };
    const SENT: Self = Self { success: true, message: Cow::Borrowed("Verification email sent") };
}

impl Endpoint<Installation> for DeleteUser {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "deleteUser";
    const PATH: &'static str = "/delete-user";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        let session = session::require_confirmed(cx).await?;
        let app = cx.app_arc();
        let options = &app.options.user.delete_user;
        cx.ensure(options.enabled, errors::BARE_NOT_FOUND)?;
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let credential = match given(body.password) {
            Some(password) => Some(check_password(cx, &session, &password).await?),
            None => None,
        };
        if let Some(token) = given(body.token) {
            user_deletion::with_token(cx, &session, &token).await?;
            return Ok(Output::DELETED);
        }
        if options.send_delete_account_verification {
            send_link(cx, &session, given(body.callback_url)).await?;
            return Ok(Output::SENT);
        }
        let fresh = freshness(&session, &app.options.session, cx.now()) == Freshness::Fresh;
        cx.ensure(fresh || credential.is_some(), errors::SESSION_EXPIRED)?;
        let proof = credential.iter().fold(Batch::new(), account::check_password);
        // What was proven no longer holds: the session has ended, or the password was replaced meanwhile.
        user_deletion::try_delete(cx, &session, proof).await?.map_err(|_| errors::UNAUTHORIZED)?;
        Ok(Output::DELETED)
    }
}

/// Checks the user's password and answers the account that holds it.
async fn check_password(cx: &mut Cx, session: &Session, given: &str) -> Result<Row, Exit> {
    password::check_not_too_long(cx, given)?;
    let credential = account::find_credential(cx, session.user_id()).await?;
    let stored = password::stored(credential.as_ref()).map(str::to_owned);
    let (Some(credential), Some(stored)) = (credential, stored) else {
        return Err(errors::CREDENTIAL_ACCOUNT_NOT_FOUND.into());
    };
    if password::verify_own(cx, session.user_id(), &stored, given).await? {
        return Ok(credential);
    }
    event::emit(cx, event::PASSWORD_REFUSED, Some(session.user_id()), Vec::new()).await;
    Err(errors::INVALID_PASSWORD.into())
}

async fn send_link(cx: &mut Cx, session: &Session, callback_url: Option<String>) -> Result<(), Exit> {
    let token = user_deletion::new_token(cx);
    let permission = user_deletion::permission(cx, &token, session.user_id());
    commit::commit(cx, Batch::new().insert(VERIFICATION, permission)).await?;
    let callback = encode_uri_component(callback_url.as_deref().unwrap_or("/"));
    let base = &cx.local.base_url;
    let mut message = Message::new(mail::DELETE_ACCOUNT, session.user.text("email"));
    message.url = Some(format!("{base}/delete-user/callback?token={token}&callbackURL={callback}"));
    message.name = Some(session.user.text("name").to_owned());
    message.token = Some(token);
    mail::send(cx, message).await;
    Ok(())
}

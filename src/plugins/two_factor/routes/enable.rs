//! `POST /two-factor/enable`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        errors,
        logic::{self, is_verified, same_key},
        options::TwoFactorOptions,
        schema::{BACKUP_CODES, ENABLED, SECRET, TWO_FACTOR, VERIFIED},
    },
    confirm, guess,
};
use crate::{
    domain::{
        Cx, Installation, commit, errors as base, event, id,
        session::{self, Session},
    },
    engine::{Endpoint, Exit},
    schema::USER,
    store::{Batch, Conflict, Expect, Filter, Row},
    wire::{
        envelope,
        shape::{choice, input},
    },
};

/// Sets a second factor up: codes in messages at once, an authenticator app as soon as it has shown a code.
pub struct EnableTwoFactor {
    pub(super) options: Arc<TwoFactorOptions>,
}

choice! {
    /// A kind of second factor.
    pub enum Kind {
        /// Codes in messages.
        Otp = "otp",
        /// An authenticator app.
        Totp = "totp",
    }
}

input! {
    /// What is set up.
    pub struct Body {
        /// The user's password.
        password: Option<String>,
        /// `otp` for codes in messages, `totp` or nothing for an authenticator app.
        method: Option<Kind>,
        /// The name that the app shows.
        issuer: Option<String>,
    }
}

/// What was set up.
#[derive(Clone, Serialize, Deserialize)]
pub struct Output {
    /// `otp` or `totp`.
    pub method: String,
    /// The address that the app reads from a picture: it holds the key.
    #[serde(rename = "totpURI", skip_serializing_if = "Option::is_none")]
    pub totp_uri: Option<String>,
    /// Codes for the day on which the app is lost.
    #[serde(rename = "backupCodes", skip_serializing_if = "Option::is_none")]
    pub backup_codes: Option<Vec<String>>,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("method", &self.method).finish_non_exhaustive()
    }
}

impl Endpoint<Installation> for EnableTwoFactor {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "enableTwoFactor";
    const PATH: &'static str = "/two-factor/enable";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        let options = &*self.options;
        let session = session::require_confirmed(cx).await?;
        let batch = confirm(cx, &session, body.password.as_deref(), options.allow_passwordless).await?;
        match body.method.unwrap_or(Kind::Totp) {
            Kind::Otp => {
                cx.ensure(options.otp_options.send, errors::OTP_NOT_CONFIGURED)?;
                turn_on(cx, &session, batch).await?;
                Ok(Output { method: Kind::Otp.as_str().to_owned(), totp_uri: None, backup_codes: None })
            }
            Kind::Totp => {
                cx.ensure(!options.totp_options.disable, errors::TOTP_NOT_CONFIGURED)?;
                set_up_app(cx, options, &session, body.issuer.as_deref(), batch).await
            }
        }
    }
}

/// Has the user asked for a second factor from now on; the browser gets a new session.
async fn turn_on(cx: &mut Cx, session: &Session, batch: Batch) -> Result<(), Exit> {
    let user = session.user.clone().with(ENABLED, true).with("updatedAt", cx.now());
    let batch = guess::enable(batch, session.user_id());
    session::try_replace(cx, session, user, batch).await?.map_err(refusal)?;
    event::emit(cx, event::TWO_FACTOR_ENABLED, Some(session.user_id()), Vec::new()).await;
    Ok(())
}

/// The session is over, the password was changed, or an app was set up meanwhile.
fn refusal(conflict: Conflict) -> Exit {
    match conflict.statement {
        0 => base::UNAUTHORIZED.into(),
        1 => base::INVALID_PASSWORD.into(),
        _ => errors::TOTP_ALREADY_ENABLED.into(),
    }
}

async fn set_up_app(
    cx: &mut Cx,
    options: &TwoFactorOptions,
    session: &Session,
    issuer: Option<&str>,
    batch: Batch,
) -> Result<Output, Exit> {
    let known = logic::find(cx, session.user_id()).await?;
    if known.as_ref().is_some_and(is_verified) {
        return Err(errors::TOTP_ALREADY_ENABLED.into());
    }
    let key = logic::new_key(cx);
    let codes = options.new_backup_codes(cx);
    let set = Row::new()
        .with(SECRET, envelope::seal(&cx.app().keys, cx.entropy(), &key))
        .with(BACKUP_CODES, options.store_backup_codes(cx, &codes))
        .with(VERIFIED, options.skip_verification_on_enable);
    let batch = match known {
        Some(known) => batch.update(TWO_FACTOR, same_key(&known), set, Expect::Rows(1)),
        None => {
            let user_id = session.user_id();
            // The user's row is there to be locked; that a row is absent locks nothing.
            batch
                .check(USER, Filter::eq("id", user_id), Expect::Rows(1))
                .check(TWO_FACTOR, Filter::eq("userId", user_id), Expect::Rows(0))
                .insert(TWO_FACTOR, set.with("userId", user_id).with("id", id::new(cx, &TWO_FACTOR)))
        }
    };
    if options.skip_verification_on_enable {
        turn_on(cx, session, batch).await?;
    } else {
        let checked = session::check_live(Batch::new(), session).joined(batch);
        commit::try_commit(cx, checked).await?.map_err(refusal)?;
    }
    let app_name = cx.app().options.app_name.clone();
    let issuer = [issuer, options.issuer.as_deref()].into_iter().flatten().find(|name| !name.is_empty());
    let uri = options.uri(issuer.unwrap_or(&app_name), session.user.text("email"), key.as_bytes());
    Ok(Output { method: Kind::Totp.as_str().to_owned(), totp_uri: Some(uri), backup_codes: Some(codes) })
}

//! Signing in with a password, whatever it is that names the user.

use http::header;
use serde::{Deserialize, Serialize};

use super::{
    Cx, account, errors, event,
    guesses::Guess,
    password,
    record::User,
    session::{self, Remember, Session},
    user, verification_link,
    view::View,
};
use crate::{
    engine::{ApiError, Exit},
    store::{Batch, ConflictKind, Filter, Name, Row, StorageError},
    wire::redirect,
};

/// Another sign-in may have replaced the hash by a better one of the same password, so a conflict is worth a second look.
const TRIES: usize = 2;

/// Somebody who wants to sign in. The password's length was checked.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// Which user.
    pub who: Filter,
    /// The password.
    pub password: &'a str,
    /// Whether the session outlives the browser.
    pub remember: Remember,
    /// Where the link of a verification message leads.
    pub callback_url: Option<&'a str>,
    /// What of the user has to be proven, beyond the password.
    pub requires: Requirement,
}

/// What of a user has to be proven.
#[derive(Clone, Debug, Default)]
pub enum Requirement {
    /// The address, where the installation says so.
    #[default]
    Address,
    /// Nothing.
    Nothing,
    /// What this field of theirs says; where it does not, this is the answer.
    Flag(Name, ApiError),
}

/// The answer to a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedIn<U = User> {
    /// Whether the client should go to `url`.
    pub redirect: bool,
    /// The session's token.
    pub token: String,
    /// Where the client asked to go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The user.
    pub user: U,
}

impl SignedIn<View> {
    /// The new session's token and user, and where to go then.
    #[must_use]
    pub fn answer(cx: &mut Cx, session: Session, callback_url: Option<String>) -> Self {
        announce(cx, callback_url.as_deref());
        Self {
            redirect: callback_url.as_deref().is_some_and(|url| !url.is_empty()),
            token: session.token().to_owned(),
            url: callback_url,
            user: View::user(cx, session.user),
        }
    }
}

/// Says where the client goes on to, which it follows although the status is 200.
fn announce(cx: &mut Cx, callback_url: Option<&str>) {
    if let Some(location) = callback_url.filter(|url| !url.is_empty()).and_then(redirect::location) {
        cx.reply.set_header(header::LOCATION, &location);
    }
}

/// Signs in. `None` when there is no such user, the user has no password, or it is another one; each costs one hash, and
/// nothing tells them apart.
///
/// The session is made in the batch that holds the password to what was verified, so none outlives a change of the password
/// that it does not know of.
///
/// # Errors
/// `EMAIL_NOT_VERIFIED`, or the attempt's own error, to somebody who knows the password; [`HashFailure`](crate::engine::HashFailure), what a write hook
/// refused with, or a store that fails.
pub async fn sign_in(cx: &mut Cx, attempt: &Attempt<'_>) -> Result<Option<Session>, Exit> {
    for _ in 0..TRIES {
        let Some((user, credential)) = prove(cx, attempt).await? else { return Ok(None) };
        require_proven(cx, &user, attempt).await?;
        if let Some(session) = issue(cx, user, &credential, attempt).await? {
            return Ok(Some(session));
        }
    }
    fail(cx, None, "changed meanwhile").await;
    Ok(None)
}

/// The user and the account whose password is the right one.
async fn prove(cx: &mut Cx, attempt: &Attempt<'_>) -> Result<Option<(Row, Row)>, Exit> {
    let guess = Guess::count(cx, &named(&attempt.who)).await?;
    let mut user = user::find_with_accounts(cx, attempt.who.clone()).await?;
    let accounts = user.as_mut().map(|user| user.detach(user::ACCOUNTS)).unwrap_or_default();
    let credential = user.as_ref().and_then(|user| account::pick_credential(&accounts, user.id()));
    let stored = password::stored(credential);
    let matches = password::verify_or_burn(cx, stored, attempt.password).await?;
    let reason = match (&user, stored) {
        (None, _) => "unknown user",
        (Some(_), None) => "no password",
        (Some(_), Some(_)) => "wrong password",
    };
    match (user, credential) {
        (Some(user), Some(credential)) if matches => {
            guess.was_right(cx).await?;
            Ok(Some((user, credential.clone())))
        }
        (user, _) => {
            fail(cx, user.as_ref().map(Row::id), reason).await;
            Ok(None)
        }
    }
}

/// What names the account in the request. Each name has its own row of guesses, so that none tells which other belongs to it.
fn named(who: &Filter) -> String {
    match who {
        Filter::Compare { field, value, .. } => format!("{field} {}", value.as_text().unwrap_or_default()),
        other => format!("{other:?}"),
    }
}

async fn require_proven(cx: &mut Cx, user: &Row, attempt: &Attempt<'_>) -> Result<(), Exit> {
    let required = cx.app().options.email_and_password.require_email_verification;
    match &attempt.requires {
        Requirement::Flag(name, error) if !user.flag(name) => {
            fail(cx, Some(user.id()), "not verified").await;
            return Err(error.clone().into());
        }
        Requirement::Address if required && !user.flag("emailVerified") => {}
        _ => return Ok(()),
    }
    if cx.app().options.email_verification.send_on_sign_in {
        verification_link::send(cx, user, attempt.callback_url).await;
    }
    fail(cx, Some(user.id()), "email not verified").await;
    Err(errors::EMAIL_NOT_VERIFIED.into())
}

/// Makes the session; `None` when the password is no longer the one that was verified.
async fn issue(cx: &mut Cx, user: Row, credential: &Row, attempt: &Attempt<'_>) -> Result<Option<Session>, Exit> {
    let better = better_hash(cx, credential, attempt.password).await;
    let rehashed = better.is_some();
    let batch = match better {
        Some(hash) => account::rehash_password(Batch::new(), credential, hash),
        None => account::check_password(Batch::new(), credential),
    };
    let issued = session::try_issue(cx, user, attempt.remember, batch).await;
    if let Err(Exit::Answer(_)) = issued {
        announce(cx, attempt.callback_url);
    }
    match issued? {
        Ok(session) => {
            if rehashed {
                event::emit(cx, event::PASSWORD_REHASHED, Some(session.user_id()), Vec::new()).await;
            }
            Ok(Some(session))
        }
        Err(conflict) if matches!(conflict.kind, ConflictKind::Unique { .. }) => {
            Err(StorageError::Conflict(conflict).into())
        }
        Err(_) => Ok(None),
    }
}

/// The hash that should replace the stored one, if any should.
async fn better_hash(cx: &mut Cx, credential: &Row, password: &str) -> Option<String> {
    let stored = password::stored(Some(credential))?;
    if !password::is_outdated(cx, stored) {
        return None;
    }
    match password::rehash(cx, password).await {
        Ok(hash) => Some(hash),
        // The old hash serves for another day, and whoever signs in should not have to wait for it.
        Err(_) => {
            tracing::warn!("an outdated password hash could not be replaced");
            None
        }
    }
}

async fn fail(cx: &mut Cx, user_id: Option<&str>, reason: &str) {
    event::emit(cx, event::SIGN_IN_FAILED, user_id, vec![("reason", reason.to_owned())]).await;
}

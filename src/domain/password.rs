//! Passwords: length rules, hashing as effects, and the account row that holds the hash.

use super::{Cx, account, errors, guesses::Guess};
use crate::{
    crypto::{
        password::{HashJob, VerifyJob, check_readable, needs_rehash, password_length},
        secret::Secret,
    },
    engine::Exit,
    store::Row,
};

/// Refuses a password that is too long to be looked at.
///
/// # Errors
/// `PASSWORD_TOO_LONG`.
pub fn check_not_too_long(cx: &Cx, password: &str) -> Result<(), Exit> {
    let max = cx.app().options.email_and_password.max_password_length;
    cx.ensure(password_length(password) <= max, errors::PASSWORD_TOO_LONG)
}

/// Refuses a new password outside the configured lengths.
///
/// # Errors
/// `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`.
pub fn check_new(cx: &Cx, password: &str) -> Result<(), Exit> {
    let min = cx.app().options.email_and_password.min_password_length;
    cx.ensure(password_length(password) >= min, errors::PASSWORD_TOO_SHORT)?;
    check_not_too_long(cx, password)
}

/// Hashes a password that a user is to have from now on with the configured function, unless a plugin refuses it.
///
/// # Errors
/// What a hook refused with, or [`HashFailure`](crate::engine::HashFailure).
pub async fn hash(cx: &mut Cx, password: &str) -> Result<String, Exit> {
    let app = cx.app_arc();
    for hook in &app.hooks.passwords {
        hook.run(cx, password).await?;
    }
    rehash(cx, password).await
}

/// Hashes a password that is a user's already.
///
/// # Errors
/// [`HashFailure`](crate::engine::HashFailure).
pub(super) async fn rehash(cx: &mut Cx, password: &str) -> Result<String, Exit> {
    let mut salt = [0; 16];
    cx.entropy().fill(&mut salt);
    let algorithm = cx.app().options.email_and_password.password.wanted();
    Ok(cx.hash(HashJob { password: Secret::from(password), algorithm, salt }).await?)
}

/// Whether `password` is the one of the signed-in user `user_id`, whose stored hash is `stored`. Each wrong one counts as a guess.
///
/// # Errors
/// The refusal of a guess too many (429), [`HashFailure`](crate::engine::HashFailure), or counters that fail.
pub async fn verify_own(cx: &mut Cx, user_id: &str, stored: &str, password: &str) -> Result<bool, Exit> {
    let guess = Guess::count(cx, &format!("user {user_id}")).await?;
    let right = verify(cx, stored, password).await?;
    if right {
        guess.was_right(cx).await?;
    }
    Ok(right)
}

/// Whether `password` is the one that `stored` was made of. Length rules are the caller's. A stored hash that cannot be read
/// matches nothing and costs as much as one that can.
///
/// # Errors
/// [`HashFailure`](crate::engine::HashFailure).
async fn verify(cx: &mut Cx, stored: &str, password: &str) -> Result<bool, Exit> {
    let keys = cx.app().password_keys.clone();
    if let Err(error) = check_readable(stored, &keys) {
        tracing::warn!(%error, "a stored password hash matches no password");
        return burn(cx, password).await;
    }
    let job = VerifyJob { password: Secret::from(password), hash: stored.to_owned(), keys };
    Ok(cx.verify(job).await?)
}

/// Checks the password of a user who may not exist or may have none. Each way costs one hash, so that the time does not tell
/// which it is.
///
/// The hash that is burnt is of the configured kind. While an imported user's hash is still of another kind, the time of an
/// attempt can tell that there is such a user; it no longer can after the user's first sign-in.
///
/// # Errors
/// [`HashFailure`](crate::engine::HashFailure).
pub async fn verify_or_burn(cx: &mut Cx, stored: Option<&str>, password: &str) -> Result<bool, Exit> {
    match stored {
        Some(stored) => verify(cx, stored, password).await,
        None => burn(cx, password).await,
    }
}

async fn burn(cx: &mut Cx, password: &str) -> Result<bool, Exit> {
    let algorithm = cx.app().options.email_and_password.password.wanted();
    cx.verify(VerifyJob::decoy(Secret::from(password), algorithm)).await?;
    Ok(false)
}

/// Whether a sign-in should replace `stored` by a hash of the configured kind.
#[must_use]
pub fn is_outdated(cx: &Cx, stored: &str) -> bool {
    let hashing = &cx.app().options.email_and_password.password;
    hashing.rehash && needs_rehash(stored, &hashing.wanted())
}

/// The password hash of a user's credential account.
#[must_use]
pub fn stored(account: Option<&Row>) -> Option<&str> {
    account.and_then(|account| account.get("password").as_text()).filter(|hash| !hash.is_empty())
}

/// Checks the signed-in user's own password.
///
/// # Errors
/// `PASSWORD_TOO_LONG`, or [`HashFailure`](crate::engine::HashFailure).
pub async fn is_own(cx: &mut Cx, user_id: &str, password: &str) -> Result<bool, Exit> {
    check_not_too_long(cx, password)?;
    let account = account::find_credential(cx, user_id).await?;
    match stored(account.as_ref()) {
        Some(hash) => verify_own(cx, user_id, hash, password).await,
        None => Ok(false),
    }
}

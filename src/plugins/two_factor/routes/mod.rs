//! The endpoints of the two-factor plugin, one file each; `guess` is what the three ways to verify have in common.

pub mod disable;
pub mod enable;
pub mod generate_backup_codes;
pub mod generate_totp;
pub mod get_totp_uri;
pub mod send_otp;
pub mod verify_backup_code;
pub mod verify_otp;
pub mod verify_totp;
pub mod view_backup_codes;

mod guess;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::options::TwoFactorOptions;
use crate::{
    domain::{
        Cx, Route, account,
        api::typed_calls,
        done::Done,
        errors, event, password,
        record::User,
        session::{self, Freshness, Session},
    },
    engine::Exit,
    store::Batch,
    wire::shape::input,
};

typed_calls! {
    /// `POST /two-factor/disable`.
    disable_two_factor: disable::DisableTwoFactor, body => Done;
    /// `POST /two-factor/enable`.
    enable_two_factor: enable::EnableTwoFactor, body => enable::Output;
    /// `POST /two-factor/generate-backup-codes`.
    generate_backup_codes: generate_backup_codes::GenerateBackupCodes, body => generate_backup_codes::Output;
    /// The code that an authenticator app with this key shows now. Server only.
    generate_totp: generate_totp::GenerateTotp, body => generate_totp::Output;
    /// `POST /two-factor/get-totp-uri`.
    get_totp_uri: get_totp_uri::GetTotpUri, body => get_totp_uri::Output;
    /// `POST /two-factor/send-otp`.
    send_two_factor_otp: send_otp::SendTwoFactorOtp => Done;
    /// `POST /two-factor/verify-backup-code`.
    verify_backup_code: verify_backup_code::VerifyBackupCode, body => Verified;
    /// `POST /two-factor/verify-otp`.
    verify_two_factor_otp: verify_otp::VerifyTwoFactorOtp, body => Verified;
    /// `POST /two-factor/verify-totp`.
    verify_totp: verify_totp::VerifyTotp, body => Verified;
    /// The backup codes that a user has left. Server only.
    view_backup_codes: view_backup_codes::ViewBackupCodes, body => generate_backup_codes::Output;
}

input! {
    /// That it is the user who changes or looks at their second factor.
    pub struct Confirmation {
        /// The user's password.
        password: Option<String>,
    }
}

input! {
    /// A code that runs out soon.
    pub struct Code {
        /// The code that was sent, or that the app shows.
        code: String,
        /// Trusts this device: sign-ins from it ask for no second factor for a while.
        trust_device "trustDevice": Option<bool>,
    }
}

/// The answer to a right code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verified<U = User> {
    /// The session's token; absent when no session was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The user.
    pub user: U,
}

pub(super) fn all(options: &Arc<TwoFactorOptions>) -> Vec<Route> {
    let options = || Arc::clone(options);
    vec![
        Route::new(disable::DisableTwoFactor { options: options() }),
        Route::new(enable::EnableTwoFactor { options: options() }),
        Route::new(generate_backup_codes::GenerateBackupCodes { options: options() }),
        Route::new(generate_totp::GenerateTotp { options: options() }),
        Route::new(get_totp_uri::GetTotpUri { options: options() }),
        Route::new(send_otp::SendTwoFactorOtp { options: options() }),
        Route::new(verify_backup_code::VerifyBackupCode { options: options() }),
        Route::new(verify_otp::VerifyTwoFactorOtp { options: options() }),
        Route::new(verify_totp::VerifyTotp { options: options() }),
        Route::new(view_backup_codes::ViewBackupCodes { options: options() }),
    ]
}

/// The identifier of the count of wrong codes of a sign-in that waits.
pub(super) fn attempts_identifier(challenge: &str) -> String {
    format!("2fa-attempts-{challenge}")
}

/// Asks whoever changes their second factor for the password; those who have none and may do without one must have signed in
/// lately. Answers a batch that holds the change to that password.
///
/// # Errors
/// `INVALID_PASSWORD`, `PASSWORD_TOO_LONG`, `SESSION_NOT_FRESH`, `VALIDATION_ERROR`, or a store that fails.
async fn confirm(cx: &mut Cx, session: &Session, given: Option<&str>, allow_passwordless: bool) -> Result<Batch, Exit> {
    const REQUIRED: &str = "[body.password] Invalid input: expected string, received undefined";
    if given.is_none() && !allow_passwordless {
        return Err(errors::VALIDATION_ERROR.message(REQUIRED).into());
    }
    password::check_not_too_long(cx, given.unwrap_or_default())?;
    let credential = account::find_credential(cx, session.user_id()).await?;
    let Some(stored) = password::stored(credential.as_ref()).map(str::to_owned) else {
        if !allow_passwordless {
            return refuse(cx, session).await;
        }
        return match session::freshness(session, &cx.app().options.session, cx.now()) {
            Freshness::Fresh => Ok(Batch::new()),
            Freshness::Stale => Err(errors::SESSION_NOT_FRESH.into()),
        };
    };
    let right = match given.filter(|given| !given.is_empty()) {
        Some(given) => password::verify_own(cx, session.user_id(), &stored, given).await?,
        None => false,
    };
    match credential {
        Some(credential) if right => Ok(account::check_password(Batch::new(), &credential)),
        _ => refuse(cx, session).await,
    }
}

async fn refuse(cx: &mut Cx, session: &Session) -> Result<Batch, Exit> {
    event::emit(cx, event::PASSWORD_REFUSED, Some(session.user_id()), Vec::new()).await;
    Err(errors::INVALID_PASSWORD.into())
}

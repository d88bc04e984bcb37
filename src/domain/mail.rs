//! Messages to people.

use super::{Cx, limit, options::MESSAGES};
use crate::{
    crypto::digest::sha256_base64url,
    engine::{Exit, Message},
    store::HitVerdict,
};

/// The owner follows a link to choose a new password.
pub const RESET_PASSWORD: &str = "reset-password";
/// The owner follows a link to prove an address.
pub const VERIFY_EMAIL: &str = "verify-email";
/// The owner of the old address agrees to a change.
pub const CHANGE_EMAIL_CONFIRMATION: &str = "change-email-confirmation";
/// The owner follows a link to delete the account.
pub const DELETE_ACCOUNT: &str = "delete-account";
/// The owner follows a link to sign in.
pub const MAGIC_LINK: &str = "magic-link";
/// The owner types a code to prove an address.
pub const EMAIL_VERIFICATION_OTP: &str = "email-verification-otp";
/// The owner types a code to sign in.
pub const SIGN_IN_OTP: &str = "sign-in-otp";
/// The owner types a code to choose a new password.
pub const FORGET_PASSWORD_OTP: &str = "forget-password-otp";
/// The owner of a new address types a code to change to it.
pub const CHANGE_EMAIL_OTP: &str = "change-email-otp";
/// The owner of a phone number types a code to prove it.
pub const PHONE_NUMBER_OTP: &str = "phone-number-otp";
/// The owner of a phone number types a code to choose a new password.
pub const PHONE_NUMBER_RESET_OTP: &str = "phone-number-reset-otp";
/// The owner learns that somebody tried to sign up with the address again.
pub const EXISTING_USER_SIGN_UP: &str = "existing-user-sign-up";
/// The owner shows the code to finish a sign-in.
pub const TWO_FACTOR_OTP: &str = "two-factor-otp";

/// The owner learns that the password was changed, reset or set.
pub const PASSWORD_CHANGED_NOTICE: &str = "password-changed-notice";
/// The owner of the old address learns that it was replaced.
pub const EMAIL_CHANGED_NOTICE: &str = "email-changed-notice";
/// The owner learns that a second factor is asked for, or no longer.
pub const TWO_FACTOR_CHANGED_NOTICE: &str = "two-factor-changed-notice";
/// The owner learns that an identity at a provider was linked or unlinked.
pub const ACCOUNT_CHANGED_NOTICE: &str = "account-changed-notice";
/// The owner learns that a passkey was added or removed.
pub const PASSKEY_CHANGED_NOTICE: &str = "passkey-changed-notice";

/// Hands `message` over, unless its address gets too many of the kind. A failure is logged and does not change the answer, which
/// must not tell whether there was anybody to send it to.
pub async fn send(cx: &mut Cx, message: Message) {
    if admits(cx, message.kind, &message.to).await {
        hand_over(cx, message).await;
    }
}

/// Does as much as [sending](send) takes to `to`, who is not to be written to: where messages are counted elsewhere than in this process, that
/// takes its time.
pub async fn pretend(cx: &mut Cx, kind: &'static str, to: &str) {
    let _ = admits(cx, kind, to).await;
}

/// Whether `to` may get one more message of `kind`, which is counted as if it were sent. For what replaces something that was sent
/// before: nobody makes a code worthless by asking for more than are sent.
pub async fn admits(cx: &mut Cx, kind: &'static str, to: &str) -> bool {
    match is_wanted(cx, kind, to).await {
        Ok(true) => true,
        Ok(false) => {
            tracing::warn!(kind, "a message was not sent: its address gets too many");
            false
        }
        Err(exit) => {
            tracing::error!(kind, error = ?exit, "a message was not sent: it could not be counted");
            false
        }
    }
}

/// Hands over a message that its address [may get](admits). A failure is logged.
pub async fn hand_over(cx: &mut Cx, message: Message) {
    let kind = message.kind;
    if let Err(error) = cx.deliver(message).await {
        tracing::error!(kind, %error, "a message was not delivered");
    }
}

async fn is_wanted(cx: &mut Cx, kind: &str, to: &str) -> Result<bool, Exit> {
    let Some(limit) = cx.app().options.rate_limit.messages_per_address.over(MESSAGES) else { return Ok(true) };
    let key = format!("messages|{kind}|{}", sha256_base64url(to.to_lowercase().as_bytes()));
    Ok(limit::verdict(cx, key, limit).await? == HitVerdict::Allowed)
}

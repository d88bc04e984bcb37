//! Messages to people.

use super::Cx;
use crate::engine::Message;

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

/// Hands `message` over. A failure is logged and does not change the answer, which must not tell whether there was anybody
/// to send it to.
pub async fn send(cx: &mut Cx, message: Message) {
    let kind = message.kind;
    if let Err(error) = cx.deliver(message).await {
        tracing::error!(kind, %error, "a message was not delivered");
    }
}

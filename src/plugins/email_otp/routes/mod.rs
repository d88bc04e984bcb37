//! The endpoints of the email OTP plugin, one file each.

pub mod change_email;
pub mod check;
pub mod create;
pub mod get;
pub mod request_email_change;
pub mod request_password_reset;
pub mod reset_password;
pub mod send;
pub mod sign_in;
pub mod verify_email;

use std::sync::Arc;

use super::options::EmailOtpOptions;
use crate::domain::{Route, api::typed_calls, done::Success};

/// The paths whose requests are limited.
pub(super) const LIMITED: &[&str] = &[
    "/email-otp/send-verification-otp",
    "/email-otp/check-verification-otp",
    "/email-otp/verify-email",
    "/sign-in/email-otp",
    "/email-otp/request-password-reset",
    "/email-otp/reset-password",
    "/forget-password/email-otp",
    "/email-otp/request-email-change",
    "/email-otp/change-email",
];

typed_calls! {
    /// `POST /email-otp/change-email`.
    change_email_email_otp: change_email::ChangeEmailOtp, body => Success;
    /// `POST /email-otp/check-verification-otp`.
    check_verification_otp: check::CheckVerificationOtp, body => Success;
    /// A new code, which HTTP does not reach.
    create_verification_otp: create::CreateVerificationOtp, body => String;
    /// `POST /forget-password/email-otp`.
    forget_password_email_otp: request_password_reset::ForgetPasswordOtp, body => Success;
    /// The code that was made last, which HTTP does not reach.
    get_verification_otp: get::GetVerificationOtp, query => get::Output;
    /// `POST /email-otp/request-email-change`.
    request_email_change_email_otp: request_email_change::RequestEmailChangeOtp, body => Success;
    /// `POST /email-otp/request-password-reset`.
    request_password_reset_email_otp: request_password_reset::RequestPasswordResetOtp, body => Success;
    /// `POST /email-otp/reset-password`.
    reset_password_email_otp: reset_password::ResetPasswordOtp, body => Success;
    /// `POST /email-otp/send-verification-otp`.
    send_verification_otp: send::SendVerificationOtp, body => Success;
    /// `POST /sign-in/email-otp`.
    sign_in_email_otp: sign_in::SignInEmailOtp, body => sign_in::Output;
    /// `POST /email-otp/verify-email`.
    verify_email_otp: verify_email::VerifyEmailOtp, body => verify_email::Output;
}

pub(super) fn all(options: &Arc<EmailOtpOptions>) -> Vec<Route> {
    let options = || Arc::clone(options);
    vec![
        Route::new(change_email::ChangeEmailOtp { options: options() }),
        Route::new(check::CheckVerificationOtp { options: options() }),
        Route::new(create::CreateVerificationOtp { options: options() }),
        Route::new(request_password_reset::ForgetPasswordOtp { options: options() }),
        Route::new(get::GetVerificationOtp { options: options() }),
        Route::new(request_email_change::RequestEmailChangeOtp { options: options() }),
        Route::new(request_password_reset::RequestPasswordResetOtp { options: options() }),
        Route::new(reset_password::ResetPasswordOtp { options: options() }),
        Route::new(send::SendVerificationOtp { options: options() }),
        Route::new(sign_in::SignInEmailOtp { options: options() }),
        Route::new(verify_email::VerifyEmailOtp { options: options() }),
    ]
}

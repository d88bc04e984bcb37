//! The endpoints of the phone number plugin, one file each.

pub mod consume;
pub mod request_password_reset;
pub mod reset_password;
pub mod send_otp;
pub mod sign_in;
pub mod verify;

use std::sync::Arc;

use super::options::PhoneNumberOptions;
use crate::domain::{Route, api::typed_calls, done::Done};

typed_calls! {
    /// A guess that does nothing but spend the code, which HTTP does not reach.
    consume_phone_number_otp: consume::ConsumePhoneNumberOtp, body => Done;
    /// `POST /phone-number/request-password-reset`.
    request_password_reset_phone_number: request_password_reset::RequestPasswordResetPhoneNumber, body => Done;
    /// `POST /phone-number/reset-password`.
    reset_password_phone_number: reset_password::ResetPasswordPhoneNumber, body => Done;
    /// `POST /phone-number/send-otp`.
    send_phone_number_otp: send_otp::SendPhoneNumberOtp, body => send_otp::Output;
    /// `POST /sign-in/phone-number`.
    sign_in_phone_number: sign_in::SignInPhoneNumber, body => sign_in::Output;
    /// `POST /phone-number/verify`.
    verify_phone_number: verify::VerifyPhoneNumber, body => verify::Output;
}

pub(super) fn all(options: &Arc<PhoneNumberOptions>) -> Vec<Route> {
    let options = || Arc::clone(options);
    vec![
        Route::new(consume::ConsumePhoneNumberOtp { options: options() }),
        Route::new(request_password_reset::RequestPasswordResetPhoneNumber { options: options() }),
        Route::new(reset_password::ResetPasswordPhoneNumber { options: options() }),
        Route::new(send_otp::SendPhoneNumberOtp { options: options() }),
        Route::new(sign_in::SignInPhoneNumber { options: options() }),
        Route::new(verify::VerifyPhoneNumber { options: options() }),
    ]
}

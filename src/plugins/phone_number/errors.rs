//! The errors of the phone number plugin, each under the status at which it is usually thrown.

use crate::domain::errors::error_codes;

error_codes! {
    /// The code is wrong or spent.
    INVALID_OTP = BAD_REQUEST, "Invalid OTP";
    /// The application does not allow such numbers.
    INVALID_PHONE_NUMBER = BAD_REQUEST, "Invalid phone number";
    /// Wrong number or password; the client does not learn which.
    INVALID_PHONE_NUMBER_OR_PASSWORD = UNAUTHORIZED, "Invalid phone number or password";
    /// The code's time is over.
    OTP_EXPIRED = BAD_REQUEST, "OTP expired";
    /// There is no code.
    OTP_NOT_FOUND = BAD_REQUEST, "OTP not found";
    /// A number is set by proving it.
    PHONE_NUMBER_CANNOT_BE_SET = BAD_REQUEST, "Phone number can only be set by verifying it";
    /// A number is changed by proving the new one.
    PHONE_NUMBER_CANNOT_BE_UPDATED = BAD_REQUEST, "Phone number cannot be updated";
    /// Somebody has the number.
    PHONE_NUMBER_EXIST = BAD_REQUEST, "Phone number already exists";
    /// Nobody has the number.
    PHONE_NUMBER_NOT_EXIST = BAD_REQUEST, "phone number isn't registered";
    /// The number must be proven first.
    PHONE_NUMBER_NOT_VERIFIED = UNAUTHORIZED, "Phone number not verified";
    /// A number that was never proven replaces no password.
    PHONE_NUMBER_PENDING_VERIFICATION = BAD_REQUEST, "Phone number requires account ownership proof";
    /// Codes are not sent here.
    SEND_OTP_NOT_IMPLEMENTED = NOT_IMPLEMENTED, "sendOTP not implemented";
    /// Too many guesses were wrong: a new code has to be asked for.
    TOO_MANY_ATTEMPTS = FORBIDDEN, "Too many attempts";
    /// What cannot be is.
    UNEXPECTED_ERROR = BAD_REQUEST, "Unexpected error";
}

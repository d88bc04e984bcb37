//! The errors of the username plugin, each under the status at which it is usually thrown.

use crate::domain::errors::error_codes;

error_codes! {
    /// The shown form is not allowed.
    INVALID_DISPLAY_USERNAME = BAD_REQUEST, "Display username is invalid";
    /// The name has a character that is not allowed.
    INVALID_USERNAME = BAD_REQUEST, "Username is invalid";
    /// Wrong name or password; the client does not learn which.
    INVALID_USERNAME_OR_PASSWORD = UNAUTHORIZED, "Invalid username or password";
    /// Somebody has the name.
    USERNAME_IS_ALREADY_TAKEN = BAD_REQUEST, "Username is already taken. Please try another.";
    /// The user has a name, and it stays.
    USERNAME_IS_IMMUTABLE = BAD_REQUEST, "Username cannot be updated";
    /// Too long.
    USERNAME_TOO_LONG = BAD_REQUEST, "Username is too long";
    /// Too short.
    USERNAME_TOO_SHORT = BAD_REQUEST, "Username is too short";
}

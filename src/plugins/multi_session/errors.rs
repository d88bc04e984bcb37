//! The errors of the multi-session plugin.

use crate::domain::errors::error_codes;

error_codes! {
    /// The browser has no such session, or no longer.
    INVALID_SESSION_TOKEN = UNAUTHORIZED, "Invalid session token";
}

//! The errors of the popup plugin. The reference's client makes them by itself; no route answers them.

use crate::domain::errors::error_codes;

error_codes! {
    /// The browser did not open the window.
    POPUP_BLOCKED = BAD_REQUEST, "Sign-in popup was blocked by the browser";
    /// The person closed the window.
    POPUP_CLOSED = BAD_REQUEST, "Sign-in popup was closed before completing";
    /// Nobody is signed in.
    POPUP_SIGN_IN_FAILED = BAD_REQUEST, "Popup sign-in failed";
    /// The window has said nothing for too long.
    POPUP_TIMEOUT = BAD_REQUEST, "Sign-in popup timed out";
}

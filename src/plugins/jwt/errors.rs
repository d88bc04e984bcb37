//! The errors of the jwt plugin's server-only calls. The reference throws where they are, without a code.

use crate::domain::errors::error_codes;

error_codes! {
    /// The payload has a time that is no number, or the options of one call cannot be read.
    INVALID_JWT_PAYLOAD = BAD_REQUEST, "The token cannot be made of this";
    /// The key that was asked for has another algorithm than the one that was asked for.
    SIGNING_KEY_MISMATCH = BAD_REQUEST, "The signing key has another algorithm";
    /// The key that was asked for has ended.
    SIGNING_KEY_EXPIRED = BAD_REQUEST, "The signing key has expired";
    /// There is no key of that id, or none is configured for that algorithm.
    SIGNING_KEY_NOT_FOUND = BAD_REQUEST, "Signing key not found";
}

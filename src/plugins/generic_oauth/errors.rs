//! The errors of the generic OAuth plugin.

use http::StatusCode;

use crate::engine::ApiError;
pub use crate::oauth::INVALID_OAUTH_CONFIGURATION;

/// It is not known where codes are exchanged. The log says so; a browser that comes back is told `invalid_code`.
pub const TOKEN_URL_NOT_FOUND: ApiError =
    ApiError::new(StatusCode::BAD_REQUEST, "TOKEN_URL_NOT_FOUND", "Invalid OAuth configuration. Token URL not found.");

/// All of them.
pub const ALL: &[ApiError] = &[INVALID_OAUTH_CONFIGURATION, TOKEN_URL_NOT_FOUND];

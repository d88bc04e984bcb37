//! The endpoints of the jwt plugin, one file each.

pub mod get_jwks;
pub mod get_token;
pub mod sign_jwt;
pub mod verify_jwt;

use std::sync::Arc;

use super::logic::Keys;
use crate::domain::{Route, api::typed_calls};

typed_calls! {
    /// `GET /jwks`.
    get_jwks: get_jwks::GetJwks => get_jwks::Output;
    /// `GET /token`.
    get_token: get_token::GetToken => get_token::Output;
    /// `/sign-jwt`, which HTTP does not reach.
    sign_jwt: sign_jwt::SignJwt, body => get_token::Output;
    /// `/verify-jwt`, which HTTP does not reach.
    verify_jwt: verify_jwt::VerifyJwt, body => verify_jwt::Output;
}

pub(super) fn all(keys: &Arc<Keys>) -> Vec<Route> {
    vec![
        Route::new(get_jwks::GetJwks { keys: Arc::clone(keys) }).at(&keys.options().jwks.jwks_path),
        Route::new(get_token::GetToken { keys: Arc::clone(keys) }),
        Route::new(sign_jwt::SignJwt { keys: Arc::clone(keys) }),
        Route::new(verify_jwt::VerifyJwt { keys: Arc::clone(keys) }),
    ]
}

//! The endpoints of the magic link plugin, one file each.

pub mod sign_in;
pub mod verify;

use std::sync::Arc;

use super::options::MagicLinkOptions;
use crate::domain::{Route, api::typed_calls, done::Done};

typed_calls! {
    /// `GET /magic-link/verify`.
    magic_link_verify: verify::MagicLinkVerify, query => verify::Output;
    /// `POST /sign-in/magic-link`.
    sign_in_magic_link: sign_in::SignInMagicLink, body => Done;
}

pub(super) fn all(options: &Arc<MagicLinkOptions>) -> Vec<Route> {
    vec![
        Route::new(sign_in::SignInMagicLink { options: Arc::clone(options) }),
        Route::new(verify::MagicLinkVerify { options: Arc::clone(options) }),
    ]
}

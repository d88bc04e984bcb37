//! The endpoints of the anonymous plugin, one file each.

pub mod delete_user;
pub mod sign_in;

use std::sync::Arc;

use super::options::AnonymousOptions;
use crate::domain::{Route, api::typed_calls, done::Success};

typed_calls! {
    /// `POST /delete-anonymous-user`.
    delete_anonymous_user: delete_user::DeleteAnonymousUser => Success;
    /// `POST /sign-in/anonymous`.
    sign_in_anonymous: sign_in::SignInAnonymous => sign_in::Output;
}

pub(super) fn all(options: &Arc<AnonymousOptions>) -> Vec<Route> {
    vec![
        Route::new(delete_user::DeleteAnonymousUser { options: Arc::clone(options) }),
        Route::new(sign_in::SignInAnonymous { options: Arc::clone(options) }),
    ]
}

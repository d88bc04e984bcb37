//! The endpoints of the username plugin, one file each.

pub mod is_available;
pub mod sign_in;

use std::sync::Arc;

use super::{logic::Rules, schema::USERNAME};
use crate::{
    domain::{Cx, Route, api::typed_calls, password_sign_in::SignedIn},
    engine::Exit,
    schema::{Row, USER},
    store::{Filter, Query},
};

typed_calls! {
    /// `POST /is-username-available`.
    is_username_available: is_available::IsUsernameAvailable, body => is_available::Output;
    /// `POST /sign-in/username`.
    sign_in_username: sign_in::SignInUsername, body => SignedIn;
}

pub(super) fn all(rules: &Arc<Rules>) -> Vec<Route> {
    vec![
        Route::new(is_available::IsUsernameAvailable { rules: Arc::clone(rules) }),
        Route::new(sign_in::SignInUsername { rules: Arc::clone(rules) }),
    ]
}

/// The user with this name, which is in the form in which names are stored.
pub(super) async fn find_user(cx: &mut Cx, username: &str) -> Result<Option<Row>, Exit> {
    Ok(cx.read(Query::one(USER, Filter::eq(USERNAME, username))).await?.first())
}

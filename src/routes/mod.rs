//! The core endpoints, one file each.

use crate::domain::Route;

mod get_session;
mod ok;
mod sign_up_email;

/// All core routes.
#[must_use]
pub fn all() -> Vec<Route> {
    vec![
        Route::new(get_session::GetSession),
        Route::new(ok::Health),
        Route::new(sign_up_email::SignUpEmail),
    ]
}

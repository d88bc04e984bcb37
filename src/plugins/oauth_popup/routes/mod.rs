//! The endpoint of the popup plugin.

pub mod start;

use crate::domain::{Route, api::typed_calls};

typed_calls! {
    /// `GET /oauth-popup/start`.
    oauth_popup_start: start::OAuthPopupStart, query => ();
}

pub(super) fn all() -> Vec<Route> {
    vec![Route::new(start::OAuthPopupStart)]
}

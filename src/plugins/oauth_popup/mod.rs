//! Sign-in in a popup: the window goes to the provider and back, and hands the session's token to the page that opened it. For pages
//! whose cookies the browser keeps from this server, as in a frame of another site. The token then comes by the bearer plugin.
//!
//! The message goes to the origin that the flow began for and to no other, and that origin must be trusted.

pub mod errors;

mod hooks;
mod logic;
pub mod routes;

use crate::{
    domain::{Hooks, Plugin, Route},
    engine::ApiError,
};

/// Sign-in with providers in a popup.
#[derive(Clone, Copy, Debug, Default)]
pub struct OAuthPopup;

impl Plugin for OAuthPopup {
    fn id(&self) -> &'static str {
        "oauth-popup"
    }

    fn routes(&self) -> Vec<Route> {
        routes::all()
    }

    fn hooks(&self) -> Hooks {
        hooks::all()
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}

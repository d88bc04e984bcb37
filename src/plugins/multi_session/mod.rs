//! The multi-session plugin: several people signed in in one browser, of whom one is at the keyboard.
//!
//! Each session has a cookie of its own, beside that of the active one, so that the browser can change between them. A person has one
//! session in it: signing in again ends the one before.

pub mod errors;

mod hooks;
mod logic;
mod options;
pub mod routes;

use serde_json::Value;

pub use options::MultiSessionOptions;

use crate::{
    domain::{Hooks, Plugin, Route},
    engine::ApiError,
};

/// Several sessions in one browser.
#[derive(Clone, Debug, Default)]
pub struct MultiSession {
    options: MultiSessionOptions,
}

impl MultiSession {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: MultiSessionOptions) -> Self {
        Self { options }
    }
}

impl Plugin for MultiSession {
    fn id(&self) -> &'static str {
        "multi-session"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&self.options).unwrap_or_default()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all()
    }

    fn hooks(&self) -> Hooks {
        hooks::all(self.options.maximum_sessions)
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}

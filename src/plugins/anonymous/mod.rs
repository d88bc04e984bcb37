//! The anonymous plugin: users who have said nothing of themselves, and become somebody at a later sign-in.
//!
//! ```
//! use kernia::plugins::anonymous::{Anonymous, AnonymousOptions};
//!
//! let options = AnonymousOptions::default().on_link_account(async |linked| {
//!     // Move what belongs to linked.anonymous.user_id() to linked.new.user_id().
//!     Ok(())
//! });
//! let plugin = Anonymous::new(options);
//! ```

pub mod errors;

mod hooks;
mod logic;
mod options;
pub mod routes;
mod schema;

use std::sync::Arc;

use serde_json::Value;

pub use options::{AnonymousOptions, Linked};

use crate::{
    domain::{Hooks, Plugin, Route},
    engine::ApiError,
    schema::Table,
};

/// Users who have said nothing of themselves.
#[derive(Clone, Debug, Default)]
pub struct Anonymous {
    options: Arc<AnonymousOptions>,
}

impl Anonymous {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: AnonymousOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for Anonymous {
    fn id(&self) -> &'static str {
        "anonymous"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn tables(&self) -> Vec<Table> {
        schema::tables()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.options)
    }

    fn hooks(&self) -> Hooks {
        hooks::all(&self.options)
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}

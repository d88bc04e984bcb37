//! The username plugin: a name of one's own choice, to sign in with instead of an address.
//!
//! ```
//! use kernia::plugins::username::{Username, UsernameOptions};
//!
//! let options = UsernameOptions::default().username_validator(|name| name != "admin");
//! let plugin = Username::new(options);
//! ```

pub mod errors;

mod hooks;
mod logic;
mod options;
pub mod routes;
mod schema;

use std::sync::Arc;

use serde_json::Value;

pub use options::{Check, Moment, Normalization, Transform, UsernameOptions, ValidationOrder};

use self::logic::Rules;
use crate::{
    domain::{Hooks, Plugin, Route, UniqueError},
    engine::ApiError,
    schema::{Table, USER},
};

/// Names to sign in with.
#[derive(Clone, Debug, Default)]
pub struct Username {
    rules: Arc<Rules>,
}

impl Username {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: UsernameOptions) -> Self {
        Self { rules: Arc::new(Rules::new(options)) }
    }
}

impl Plugin for Username {
    fn id(&self) -> &'static str {
        "username"
    }

    fn options(&self) -> Value {
        serde_json::to_value(self.rules.options()).unwrap_or_default()
    }

    fn tables(&self) -> Vec<Table> {
        schema::tables(&self.rules)
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.rules)
    }

    fn hooks(&self) -> Hooks {
        hooks::all(&self.rules)
    }

    fn unique_errors(&self) -> Vec<UniqueError> {
        let error = errors::USERNAME_IS_ALREADY_TAKEN;
        vec![UniqueError { table: USER, field: schema::USERNAME, error }]
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}

//! The open-api plugin: a document of the routes that this server has (OpenAPI 3.1), and a page that shows it.

mod logic;
mod options;
pub mod routes;

use std::sync::Arc;

use serde_json::Value;

pub use options::OpenApiOptions;

use crate::domain::{Plugin, Route, options::Options};

/// A document of the routes.
#[derive(Clone, Debug, Default)]
pub struct OpenApi {
    options: Arc<OpenApiOptions>,
}

impl OpenApi {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: OpenApiOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for OpenApi {
    fn id(&self) -> &'static str {
        "open-api"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.options)
    }

    fn check(&self, _: &Options) -> Result<(), String> {
        self.options.check()
    }
}

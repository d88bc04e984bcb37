//! The endpoints of the open-api plugin, one file each.

pub mod generate_schema;
pub mod reference;

use std::sync::Arc;

use serde_json::Value;

use super::options::OpenApiOptions;
use crate::domain::{Route, api::typed_calls};

typed_calls! {
    /// `GET /open-api/generate-schema`.
    generate_open_api_schema: generate_schema::GenerateSchema => Value;
    /// `GET /reference`, which answers a page.
    open_api_reference: reference::Reference => ();
}

pub(super) fn all(options: &Arc<OpenApiOptions>) -> Vec<Route> {
    vec![
        Route::new(generate_schema::GenerateSchema),
        Route::new(reference::Reference { options: Arc::clone(options) }).at(&options.path),
    ]
}

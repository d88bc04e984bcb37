//! `GET /open-api/generate-schema`

use http::Method;
use serde_json::Value;

use super::super::logic::document;
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit},
};

/// Answers the document.
pub struct GenerateSchema;

impl Endpoint<Installation> for GenerateSchema {
    type Body = ();
    type Output = Value;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "generateOpenAPISchema";
    const PATH: &'static str = "/open-api/generate-schema";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Value, Exit> {
        Ok(document(cx.app(), &cx.local.base_url))
    }
}

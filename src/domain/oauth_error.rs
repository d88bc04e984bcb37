//! Errors in OAuth's words (RFC 6749 section 5.2), for routes whose clients are not those of the reference.

use std::borrow::Cow;

use http::StatusCode;
use serde::Serialize;

use crate::engine::{Answer, Body, Exit};

/// An error as an OAuth client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OAuthError {
    /// The HTTP status.
    #[serde(skip)]
    pub status: StatusCode,
    /// The code that decides.
    pub error: &'static str,
    /// The text for people.
    #[serde(rename = "error_description")]
    pub description: Cow<'static, str>,
}

impl OAuthError {
    /// An error.
    #[must_use]
    pub fn new(status: StatusCode, error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self { status, error, description: description.into() }
    }

    /// The answer that says so.
    #[must_use]
    pub fn into_answer(self) -> Answer {
        // Two texts are always JSON.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        Answer { status: self.status, body: Body::Json(body.into()) }
    }
}

impl From<OAuthError> for Exit {
    fn from(error: OAuthError) -> Self {
        Self::Answer(error.into_answer())
    }
}

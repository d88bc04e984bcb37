//! A route as one declaration: its path, its input, its output, and what it does.

use std::future::Future;

use http::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{App, Cx, Exit};
use crate::wire::shape::{Mismatch, Shape, Shaped};

/// One route of the API.
///
/// ```text
/// parsed ─► origin check ─► before hooks ─► input validated ─► call ─► after hooks ─► response
/// ```
pub trait Endpoint<A: App>: Send + Sync + 'static {
    /// The methods it answers.
    const METHODS: &'static [Method];
    /// The path below the base path; `:name` is a parameter.
    const PATH: &'static str;
    /// The name of the typed server-side call and of the operation in the OpenAPI document.
    const NAME: &'static str;
    /// The request bodies it reads.
    const MEDIA: Media = Media::Json;
    /// Who may call it.
    const EXPOSURE: Exposure = Exposure::Http;
    /// The body.
    type Body: Input;
    /// The query.
    type Query: Input;
    /// The answer: JSON under status 200.
    type Output: Serialize;

    /// Does it.
    fn call(
        &self,
        cx: &mut Cx<A>,
        body: Self::Body,
        query: Self::Query,
    ) -> impl Future<Output = Result<Self::Output, Exit>> + Send;
}

/// What the answer of an [`Endpoint`] is read as: where the server's own code calls it, and in the API document. A route that only
/// ever redirects or shows a page answers `()`.
pub trait Answers {
    /// The answer.
    type Answer: DeserializeOwned;
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Clients over HTTP, and the server itself.
    Http,
    /// The server itself only; over HTTP the path is unknown.
    ServerOnly,
}

/// Which request bodies a route reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// JSON.
    Json,
    /// JSON, and HTML forms.
    FormOrJson,
    /// None: the body is not looked at.
    Ignored,
}

impl Media {
    /// The content types, in the order in which the reference names them in its refusal.
    #[must_use]
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/json"],
            Self::FormOrJson => &["application/x-www-form-urlencoded", "application/json"],
            Self::Ignored => &[],
        }
    }
}

/// What a route takes: nothing, or a value with a described shape.
pub trait Input: Sized + Send {
    /// The description that is held against the request; `None` takes anything and reads nothing.
    const SHAPE: Option<Shape>;

    /// Reads the validated value.
    ///
    /// # Errors
    /// [`Mismatch`] when the description and the type disagree, which is a bug.
    fn read(parsed: Option<Value>) -> Result<Self, Mismatch>;
}

impl Input for () {
    const SHAPE: Option<Shape> = None;

    fn read(_: Option<Value>) -> Result<Self, Mismatch> {
        Ok(())
    }
}

impl<T: Shaped + Send> Input for T {
    const SHAPE: Option<Shape> = Some(<T as Shaped>::SHAPE);

    fn read(parsed: Option<Value>) -> Result<Self, Mismatch> {
        T::from_parsed(parsed)
    }
}

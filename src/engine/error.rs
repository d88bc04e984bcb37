//! How a handler ends without its output.

use std::borrow::Cow;

use http::StatusCode;

use super::{Answer, HashFailure, SignFailure};
use crate::store::StorageError;

/// An error as the client sees it. A constant: its text never decides anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: StatusCode,
    /// The machine-readable code; some of the reference's errors have none.
    pub code: Option<&'static str>,
    /// The text. `None` is the reference's bare status: an empty body under `application/json`.
    pub message: Option<Cow<'static, str>>,
}

impl ApiError {
    /// An error with a code and a text.
    #[must_use]
    pub const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code: Some(code), message: Some(Cow::Borrowed(message)) }
    }

    /// An error with a text and no code.
    #[must_use]
    pub const fn uncoded(status: StatusCode, message: &'static str) -> Self {
        Self { status, code: None, message: Some(Cow::Borrowed(message)) }
    }

    /// An error with an empty body.
    #[must_use]
    pub const fn bare(status: StatusCode) -> Self {
        Self { status, code: None, message: None }
    }

    /// The same error under another status. The reference's codes do not fix a status; its throw sites do.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same error with another text.
    #[must_use]
    pub fn message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = Some(message.into());
        self
    }
}

/// Something the outside could not do. The client learns a status and an id, the log learns the rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Passwords cannot be hashed now.
    #[error(transparent)]
    Hash(#[from] HashFailure),
    /// Nothing can be signed now.
    #[error(transparent)]
    Sign(#[from] SignFailure),
    /// This code broke its own rules.
    #[error("{0}")]
    Bug(Cow<'static, str>),
}

/// Why a handler stopped before its output.
#[derive(Debug)]
#[non_exhaustive]
pub enum Exit {
    /// The request is refused.
    Refused(ApiError),
    /// The client is sent elsewhere, by 302.
    Redirect(String),
    /// The answer is something else than this route's output.
    Answer(Answer),
    /// The outside failed.
    Fault(Fault),
}

impl From<ApiError> for Exit {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<StorageError> for Exit {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<HashFailure> for Exit {
    fn from(error: HashFailure) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignFailure> for Exit {
    fn from(error: SignFailure) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Fault> for Exit {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

//! The answer of routes with nothing to tell.

use serde::Serialize;

/// `{"status": true}`: the request was carried out.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Done {
    status: bool,
}

impl Done {
    /// The only one.
    pub const DONE: Self = Self { status: true };
}

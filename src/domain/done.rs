//! The answer of routes with nothing to tell.

use serde::{Deserialize, Serialize};

/// `{"status": true}`: the request was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// True.
    pub status: bool,
}

impl Done {
    /// The only one.
    pub const DONE: Self = Self { status: true };
}

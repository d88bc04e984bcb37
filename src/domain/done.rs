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

/// `{"success": true}`: the same where the reference says it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Success {
    /// True.
    pub success: bool,
}

impl Success {
    /// The only one.
    pub const SUCCESS: Self = Self { success: true };
}

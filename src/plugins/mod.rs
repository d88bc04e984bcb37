//! Additions to the core, one folder or file each.

pub mod username;

mod bearer;

pub use bearer::{Bearer, BearerOptions};
pub use username::{Username, UsernameOptions};

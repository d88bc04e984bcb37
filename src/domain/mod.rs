//! What authentication means: the installation's fixed parts, pure decisions, and the verbs that routes and plugins share.

pub mod account;
pub mod commit;
pub mod cookies;
pub mod errors;
pub mod event;
pub mod fields;
pub mod mail;
pub mod options;
pub mod password;
pub mod session;
pub mod user;
pub mod verification;
pub mod verification_link;
pub mod view;

mod address;
mod installation;
mod keys;
mod plugin;
mod request;

pub use address::BaseAddress;
pub use installation::{BuildError, Installation};
pub use plugin::{Draft, Hooks, Plugin, RateRule, WriteHook, WriteKind};
pub use request::RequestState;

/// The context of one request to an [`Installation`].
pub type Cx = crate::engine::Cx<Installation>;
/// A route of an [`Installation`].
pub type Route = crate::engine::Route<Installation>;

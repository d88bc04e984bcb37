//! What authentication means: the installation's fixed parts, pure decisions, and the verbs that routes and plugins share.

pub mod access;
pub mod account;
pub mod account_cookie;
pub mod account_selection;
pub mod api;
pub mod callback;
pub mod code;
pub mod commit;
pub mod cookies;
pub mod done;
pub mod error_page;
pub mod errors;
pub mod event;
pub mod fields;
pub mod guesses;
pub mod host;
pub mod id;
pub mod limit;
pub mod list;
pub mod locales;
pub mod mail;
pub mod mailbox;
pub mod notice;
pub mod oauth_error;
pub mod oauth_state;
pub mod options;
pub mod outgoing;
pub mod password;
pub mod password_reset;
pub mod password_sign_in;
pub mod per_request;
pub mod provider;
pub mod record;
pub mod session;
pub mod social;
pub mod stored_secret;
pub mod user;
pub mod user_deletion;
pub mod user_gate;
pub mod user_import;
pub mod verification;
pub mod verification_link;
pub mod view;

mod address;
mod application_hooks;
mod installation;
mod keys;
mod place;
mod plugin;
mod request;
mod secondary;
mod sign_in;
mod sign_out;
mod tables;
mod text_hooks;
mod written;

pub use address::{BadBaseUrl, BaseAddress};
pub use application_hooks::{RouteAnswer, RouteRequest};
pub use installation::{BuildError, Installation};
pub use place::{Place, Places};
pub use plugin::{
    AfterWriteHook, Draft, Guard, Hooks, Plugin, PromisedSession, RateRule, UniqueError, WayIn, WriteHook, WriteKind,
};
pub use request::RequestState;
pub use sign_in::{SignIn, SignInHook};
pub use sign_out::SignOutHook;
pub use text_hooks::{ArrivalHook, PasswordHook, VerificationSender};

/// The context of one request to an [`Installation`].
pub type Cx = crate::engine::Cx<Installation>;
/// A route of an [`Installation`].
pub type Route = crate::engine::Route<Installation>;

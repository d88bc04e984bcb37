//! Kernia in Axum: its routes beside yours, and whoever is signed in as an extractor.
//!
//! ```
//! use axum::{Router, routing::get};
//! use kernia_axum::{Auth, AuthRouter as _, Session};
//!
//! async fn hello(session: Session) -> String {
//!     format!("Hello {}!", session.user.name)
//! }
//!
//! fn app(auth: Auth) -> Router {
//!     Router::new().route("/hello", get(hello)).with_auth(&auth).with_state(auth)
//! }
//! ```
//!
//! [`Session`], [`User`], [`Fresh`] and [`Require`] answer 401 or 403 by themselves; `Option<Session>` lets strangers in. The
//! router's state must hold an [`Auth`] ([`FromRef`](axum::extract::FromRef)), or it does not compile. The client's address is known
//! if the router is served with `into_make_service_with_connect_info::<SocketAddr>()`.

mod extract;
mod routes;

pub use extract::AuthRejection;
pub use kernia_runtime::*;
pub use routes::{AuthRouter, routes};

kernia_runtime::extractors!();

//! Kernia in Rocket: its routes beside yours, and whoever is signed in as a request guard.
//!
//! ```
//! use kernia_rocket::{Auth, Session, with_auth};
//! use rocket::{Build, Rocket, get, routes};
//!
//! #[get("/hello")]
//! fn hello(session: Session) -> String {
//!     format!("Hello {}!", session.user.name)
//! }
//!
//! fn app(auth: Auth) -> Rocket<Build> {
//!     rocket::build().mount("/", routes![hello]).attach(with_auth(auth))
//! }
//! ```
//!
//! [`with_auth`] is all that an application attaches: it serves the engine's routes, manages the [`Auth`] (`&State<Auth>` in a
//! handler), adds the cookies of renewed sessions to the application's answers, and stops the `Auth` when Rocket stops. Without it
//! an application whose routes have guards of Kernia does not launch.
//!
//! # Guards
//!
//! [`Session`], [`User`], [`Fresh`] and [`Require`] end a request with 401 or 403; it is not forwarded to the next route. Its answer
//! is that of the application's own catcher, if one matches; else what `Auth::builder().on_rejection(..)` says, or the reference's
//! JSON. A catcher learns the reason from [`AuthRejection::of`].
//!
//! `Option<Session>` lets strangers in, and `Result<Session, AuthRejection>` leaves the answer to the handler. Rocket makes `None` of
//! any error, so when it could not be found out who is signed in, the handler of an `Option` runs as for a stranger. Its answer does
//! not get out: an answer below 500 to a request whose session could not be looked up is replaced by that of the failure (503 when a
//! store is down). What the handler has done by then stays done.
//!
//! A guard of the application's own calls `request.guard::<Session>()`. A handler that calls the engine on behalf of its client, as in
//! `auth.api().list_sessions().headers(&head.headers)`, takes a [`Head`].
//!
//! # What Rocket does to requests
//!
//! - It gives guards and routes the path and query as they were sent. Its router decodes segments and skips empty ones, so
//!   `/api//auth/ok` comes to the engine's route; Kernia hands it on, as for any path that does not begin with the base path.
//! - It drops headers that are not UTF-8, and the host of an absolute target in HTTP/1.1 (the `Host` header stands). The authority of
//!   HTTP/2 is the host.
//! - It answers methods that it does not know by itself, with 400.
//! - It takes the method of a posted form from its first field if that is called `_method`.
//! - It waits for the first 14 bytes of a body before it does anything with a request. Only then Kernia's timeout runs, and its limit is
//!   looked at. Put a server with timeouts of its own in front.
//! - The client is the other end of the connection (`Request::remote`), whatever Rocket's `ip_header` says: Kernia has
//!   trusted proxies of its own.
//! - Its shield adds headers to the engine's answers as to all others.
//!
//! # Several
//!
//! Each Rocket instance has the `Auth` of its fairing, which is the one that its guards ask. Others can be served beside it:
//! `rocket.mount("/", kernia_rocket::routes(other))`; their base paths differ.

#![forbid(unsafe_code)]

mod extract;
mod fairing;
mod routes;

pub use extract::{AuthRejection, Head};
pub use fairing::{AuthFairing, with_auth};
pub use kernia_runtime::*;
pub use routes::{request_head, routes};

kernia_runtime::extractors!();

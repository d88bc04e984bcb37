//! Kernia in Actix Web: its routes beside yours, and whoever is signed in as an extractor.
//!
//! ```
//! use actix_web::{App, HttpServer, web};
//! use kernia_actix::{Auth, Session, with_auth};
//!
//! async fn hello(session: Session) -> String {
//!     format!("Hello {}!", session.user.name)
//! }
//!
//! async fn serve(auth: Auth) -> std::io::Result<()> {
//!     let app = move || App::new().wrap(with_auth(&auth)).route("/hello", web::get().to(hello));
//!     HttpServer::new(app).bind("127.0.0.1:3000")?.run().await
//! }
//! ```
//!
//! # Who is signed in
//!
//! [`Session`], [`User`], [`Fresh`] and [`Require`] answer 401 or 403 by themselves. The session is looked up once however many
//! ask, and the cookies of a renewed one are added to the answer. `Option<Session>` lets strangers in; when it cannot be found out
//! who somebody is, the handler gets `None`, for so Actix makes an `Option` of any extractor, but what it answers is discarded, and
//! [`Auth::reject`] answers in its place. The same holds for a `Result<Session, _>` that the handler takes.
//!
//! All of them need [`with_auth`] around them, at the [`App`](actix_web::App) as a rule: without it they answer 500, and the log
//! says what to add. Other middleware asks the [`RequestSession`] in the request's extensions.
//!
//! # Calling routes
//!
//! [`Auth::api`] calls any route from a handler, on behalf of the request whose headers [`request_head`] tells. What the call sets
//! of cookies belongs into the answer: [`add_cookies`].
//!
//! # Several servers
//!
//! A [`Scope`](actix_web::Scope) may have an [`Auth`] of its own, whose base path lies in the scope. Extractors take the innermost.
//!
//! # The end
//!
//! Actix finishes the requests in flight when it is told to stop. After that, `auth.shutdown(patience).await` sends the messages that
//! still wait:
//!
//! ```no_run
//! # async fn run(auth: kernia_actix::Auth) -> std::io::Result<()> {
//! # use actix_web::{App, HttpServer};
//! let served = auth.clone();
//! HttpServer::new(move || App::new().wrap(kernia_actix::with_auth(&served))).bind("127.0.0.1:3000")?.run().await?;
//! auth.shutdown(std::time::Duration::from_secs(10)).await;
//! # Ok(())
//! # }
//! ```

mod body;
mod convert;
mod extract;
mod middleware;
mod routes;

pub use convert::{add_cookies, request_head};
pub use extract::AuthRejection;
pub use kernia_runtime::*;
pub use middleware::{AuthMiddleware, WithAuth, with_auth};
pub use routes::routes;

kernia_runtime::extractors!();

//! The machine: one request in flight as a value that asks for what it needs.
//!
//! ```text
//! Exchange ── step() ──► Step::Perform(effect) ──► a driver performs it ──► supply(outcome) ──► step() …
//!                   └──► Step::Respond(response)
//! ```
//!
//! This module knows HTTP and effects. It knows no table, no cookie and no user.

mod ask;
mod cx;
mod drive;
mod effect;
mod endpoint;
mod error;
mod exchange;
mod hook;
mod record;
mod reply;
mod route;

pub use cx::{App, Cx, Request};
pub use drive::{Io, drive};
pub use effect::{
    Channel, DeliverError, Effect, Event, Fetch, FetchError, FetchPolicy, HashFailure, HostTask, Message, Outcome,
    SignFailure,
};
pub use endpoint::{Answers, Endpoint, Exposure, Input, Media};
pub use error::{ApiError, Exit, Fault};
pub use exchange::{Exchange, Step};
pub use hook::{AfterHook, BeforeHook, HookFuture, PathMatch};
pub use record::{Recorder, Recording, ReplayError};
pub use reply::{Answer, Body, Reply};
pub use route::{Route, RouteConflict, RouteMatch, RouteTable};

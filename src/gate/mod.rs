//! What every request passes, in order. The order is the reference's.
//!
//! ```text
//! limits ─► path ─► address ─► CORS ─► disabled paths ─► rate limit ─► arrival hooks ─► route ─► body
//!        ─► origin check ─► before hooks ─► validation ─► handler ─► after hooks ─► response
//! ```

mod body;
mod cors;
mod intake;
mod origin;
mod outcome;
mod rate_limit;
mod serve;

pub use intake::{Intake, intake};
pub use origin::{CallbackLabel, check_callback, check_form, is_trusted};
pub use serve::{respond, serve, serve_direct};

//! What every Kernia server shares, whatever listens for it: the engine's effects performed on tokio.
//!
//! ```text
//!   a binding (hyper, …)          Kernia                 Backend
//!   request ─────────────► handle ─► Exchange ─ effect ─► storage, hashes, deliveries, events
//!   response ◄──────────── metrics, request id ◄─ outcome ─┘
//! ```
//!
//! Nothing here decides who may do what; that is the engine's.

mod backend;
mod clock;
mod delivery;
mod entropy;
mod hash_pool;
mod janitor;
mod metrics;
mod refusal;
mod request_id;
mod server;

pub use backend::{Backend, BackendBuilder, EventSink, HttpClient};
pub use clock::SystemClock;
pub use delivery::{Deliver, DeliverySettings};
pub use entropy::OsEntropy;
pub use hash_pool::{HashPool, HashPoolStatus};
pub use janitor::JanitorSettings;
pub use refusal::BodyError;
pub use server::{Kernia, KerniaSettings};

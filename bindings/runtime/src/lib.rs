//! What every Kernia server shares, whatever listens for it: the engine's effects performed on tokio.
//!
//! ```text
//!   a binding (hyper, …)          Auth                   Backend
//!   request ─────────────► handle ─► Exchange ─ effect ─► storage, hashes, deliveries, events
//!   response ◄──────────── metrics, request id ◄─ outcome ─┘
//! ```
//!
//! Nothing here decides who may do what; that is the engine's.

mod auth;
mod backend;
mod body;
mod builder;
mod clock;
mod delivery;
mod entropy;
mod extractors;
mod hash_pool;
mod janitor;
mod metrics;
mod refusal;
mod rejection;
mod request_id;
mod session;
mod signer;
#[cfg(feature = "testing")]
pub mod testing;

pub use auth::{Auth, AuthSettings};
pub use backend::{Backend, BackendBuilder, EventSink, HttpClient};
pub use body::BodyCollector;
pub use builder::{AuthBuilder, Sent, StartError};
pub use clock::SystemClock;
pub use delivery::{Deliver, DeliverySettings};
pub use entropy::OsEntropy;
pub use extractors::Added;
pub use hash_pool::{HashPool, HashPoolStatus};
pub use janitor::JanitorSettings;
pub use kernia::{
    domain::record::{SessionRecord, User as UserRecord},
    routes::get_session::Output as SessionOutput,
    wire::shape::JsonMap,
};
pub use refusal::BodyError;
pub use rejection::{Rejection, RequestHead};
pub use session::{Current, FromCurrent, Renewal, RequestSession, Requirement};

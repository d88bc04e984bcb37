//! The one loop that every binding runs.

use std::future::Future;

use bytes::Bytes;
use http::Response;

use super::{Effect, Exchange, Outcome, Step};

/// The outside: performs effects.
pub trait Io: Send + Sync {
    /// Performs `effect` and answers with the outcome of the same name.
    fn perform(&self, effect: Effect) -> impl Future<Output = Outcome> + Send;
}

/// Drives `exchange` to its response with the help of `io`.
pub async fn drive(mut exchange: Exchange, io: &impl Io) -> Response<Bytes> {
    loop {
        match exchange.step() {
            Step::Perform(effect) => exchange.supply(io.perform(effect).await),
            Step::Respond(response) => return response,
        }
    }
}

//! Recording what the outside answered, and answering it again.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::Response;

use super::{Effect, Exchange, Io, Outcome, Step};

/// The outcomes of one exchange, in order.
///
/// With the same request, moment and randomness an [`Exchange`] that is fed these outcomes responds with the same bytes.
#[derive(Debug, Default)]
pub struct Recording {
    steps: Vec<(String, Outcome)>,
}

/// Why a recording does not fit an exchange.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The exchange asked for something else than was recorded.
    #[error("step {step} asks for {asked}, recorded was {recorded}")]
    Diverged {
        /// The position.
        step: usize,
        /// What was asked.
        asked: String,
        /// What was recorded.
        recorded: String,
    },
    /// The exchange asked for more than was recorded.
    #[error("the recording ends before the exchange does, at step {0}")]
    TooShort(usize),
    /// The exchange responded before the recording ended.
    #[error("the exchange ends before the recording does, at step {0}")]
    TooLong(usize),
    /// The recording holds the result of the application's own code, which cannot be copied.
    #[error("step {0} is the application's own code and cannot be replayed")]
    NotReplayable(usize),
}

impl Recording {
    /// How many effects were performed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// True when the response needed nothing from outside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What was asked, in order, in words.
    pub fn effects(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|(asked, _)| asked.as_str())
    }

    /// Feeds the recorded outcomes to `exchange` and returns its response.
    ///
    /// # Errors
    /// [`ReplayError`] when the exchange goes another way than the recorded one.
    pub fn replay(&self, mut exchange: Exchange) -> Result<Response<Bytes>, ReplayError> {
        for (at, (recorded, outcome)) in self.steps.iter().enumerate() {
            match exchange.step() {
                Step::Respond(_) => return Err(ReplayError::TooLong(at)),
                Step::Perform(effect) => {
                    let asked = format!("{effect:?}");
                    if asked != *recorded {
                        return Err(ReplayError::Diverged { step: at, asked, recorded: recorded.clone() });
                    }
                    exchange.supply(copy(outcome).ok_or(ReplayError::NotReplayable(at))?);
                }
            }
        }
        match exchange.step() {
            Step::Respond(response) => Ok(response),
            Step::Perform(_) => Err(ReplayError::TooShort(self.steps.len())),
        }
    }
}

/// An [`Io`] that notes what another one answers.
#[derive(Debug)]
pub struct Recorder<'io, I> {
    io: &'io I,
    recording: Mutex<Recording>,
}

impl<'io, I: Io> Recorder<'io, I> {
    /// Notes what `io` answers.
    pub fn new(io: &'io I) -> Self {
        Self { io, recording: Mutex::default() }
    }

    /// What was noted.
    #[must_use]
    pub fn finish(self) -> Recording {
        self.recording.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<I: Io> Io for Recorder<'_, I> {
    async fn perform(&self, effect: Effect) -> Outcome {
        let asked = format!("{effect:?}");
        let outcome = self.io.perform(effect).await;
        let (noted, outcome) = match copy(&outcome) {
            Some(copy) => (copy, outcome),
            None => (Outcome::Run(Box::new(())), outcome),
        };
        self.recording.lock().unwrap_or_else(PoisonError::into_inner).steps.push((asked, noted));
        outcome
    }
}

fn copy(outcome: &Outcome) -> Option<Outcome> {
    Some(match outcome {
        Outcome::Cache(result) => Outcome::Cache(result.clone()),
        Outcome::Deliver(result) => Outcome::Deliver(result.clone()),
        Outcome::Emit => Outcome::Emit,
        Outcome::Fetch(result) => Outcome::Fetch(match result {
            Ok(response) => Ok(copy_response(response)),
            Err(error) => Err(error.clone()),
        }),
        Outcome::Forget => Outcome::Forget,
        Outcome::Hash(result) => Outcome::Hash(result.clone()),
        Outcome::Limit(verdict) => Outcome::Limit(*verdict),
        Outcome::MakeKey(result) => Outcome::MakeKey(result.clone()),
        Outcome::Read(result) => Outcome::Read(result.clone()),
        Outcome::Run(_) => return None,
        Outcome::Sign(result) => Outcome::Sign(result.clone()),
        Outcome::Verify(result) => Outcome::Verify(result.clone()),
        Outcome::Write(result) => Outcome::Write(result.clone()),
    })
}

fn copy_response(response: &Response<Bytes>) -> Response<Bytes> {
    let mut copy = Response::new(response.body().clone());
    *copy.status_mut() = response.status();
    *copy.headers_mut() = response.headers().clone();
    copy
}

//! The outside world, in memory and at once.

use std::{
    fmt,
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::Response;
use ring::rand::SystemRandom;

use super::placeholder::Watch;
use crate::{
    engine::{
        DeliverError, Effect, Event, Exchange, Fetch, FetchError, HashFailure, Io, Message, Outcome, SignFailure, Step,
    },
    store::{
        Cache, Storage, StorageError,
        memory::{Limiter, MemoryCache, MemoryStore},
    },
    wire::private_jwk::UnusableKey,
};

/// Performs every effect in memory, without waiting for anything.
#[derive(Debug)]
pub struct Outside {
    /// The database.
    pub store: MemoryStore,
    /// Secondary storage.
    pub cache: Arc<MemoryCache>,
    limiter: Arc<Limiter>,
    messages: Arc<Mutex<Vec<Message>>>,
    events: Arc<Mutex<Vec<Event>>>,
    others: Arc<Mutex<Others>>,
    watch: Watch,
}

/// Answers calls to other servers.
type Answers = dyn Fn(&Fetch) -> Result<Response<Bytes>, FetchError> + Send + Sync;

/// Other servers, and what they were asked.
#[derive(Default)]
struct Others {
    answers: Option<Arc<Answers>>,
    asked: Vec<Fetch>,
}

impl fmt::Debug for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Others").field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl Outside {
    /// An empty world around `store`.
    #[must_use]
    pub fn new(store: MemoryStore, cache: MemoryCache) -> Self {
        Self {
            watch: Watch::over(store.schema()),
            store,
            cache: Arc::new(cache),
            limiter: Arc::new(Limiter::new()),
            messages: Arc::default(),
            events: Arc::default(),
            others: Arc::default(),
        }
    }

    /// The same world with a database of its own from now on; messages and events start empty.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            watch: self.watch,
            store: self.store.fork(),
            cache: Arc::clone(&self.cache),
            limiter: Arc::clone(&self.limiter),
            messages: Arc::default(),
            events: Arc::default(),
            others: Arc::clone(&self.others),
        }
    }

    /// Has `answers` play all other servers.
    pub fn answer_fetches(
        &self,
        answers: impl Fn(&Fetch) -> Result<Response<Bytes>, FetchError> + Send + Sync + 'static,
    ) {
        self.others.lock().unwrap_or_else(PoisonError::into_inner).answers = Some(Arc::new(answers));
    }

    /// Takes what other servers were asked so far.
    #[must_use]
    pub fn take_fetches(&self) -> Vec<Fetch> {
        std::mem::take(&mut self.others.lock().unwrap_or_else(PoisonError::into_inner).asked)
    }

    fn fetch(&self, fetch: Fetch) -> Result<Response<Bytes>, FetchError> {
        let answers = self.others.lock().unwrap_or_else(PoisonError::into_inner).answers.clone();
        let answer = match answers {
            Some(answers) => answers(&fetch),
            None => Err(FetchError::Failed("nobody is there".to_owned())),
        };
        self.others.lock().unwrap_or_else(PoisonError::into_inner).asked.push(fetch);
        answer
    }

    /// Takes the messages sent so far.
    #[must_use]
    pub fn take_messages(&self) -> Vec<Message> {
        std::mem::take(&mut *self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the events emitted so far.
    #[must_use]
    pub fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Performs one effect.
    ///
    /// # Panics
    /// When a store waits, which those in memory never do; and when something leaves the server or stays in it that names a row by
    /// a placeholder for its id.
    #[must_use]
    pub fn perform_now(&self, effect: Effect) -> Outcome {
        match effect {
            Effect::Cache(op) => {
                self.watch.cache(&op);
                Outcome::Cache(ready(self.cache.perform(op)))
            }
            Effect::Deliver(message) => {
                self.watch.message(&message);
                self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message);
                Outcome::Deliver(Ok(()))
            }
            Effect::Emit(event) => {
                self.watch.event(&event);
                self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
                Outcome::Emit
            }
            Effect::Fetch(fetch) => Outcome::Fetch(self.fetch(*fetch)),
            Effect::Forget(key) => {
                self.limiter.forget(&key);
                Outcome::Forget
            }
            Effect::Hash(job) => Outcome::Hash(job.run().map_err(|error| HashFailure::Failed(error.to_string()))),
            Effect::Limit(hit) => Outcome::Limit(self.limiter.hit(hit)),
            Effect::MakeKey(job) => Outcome::MakeKey(job.run(&SystemRandom::new()).map_err(unsigned)),
            Effect::Read(query) => Outcome::Read(ready(self.store.read(query))),
            Effect::Run(task) => Outcome::Run(ready(task.0)),
            Effect::Sign(job) => Outcome::Sign(job.run(&SystemRandom::new()).map_err(unsigned)),
            Effect::Verify(job) => Outcome::Verify(Ok(job.run().matches)),
            Effect::Write(batch) => {
                let answer = ready(self.store.write(batch));
                answer.iter().for_each(|rows| self.watch.rows(rows));
                Outcome::Write(answer)
            }
        }
    }

    /// Drives `exchange` to its response.
    #[must_use]
    pub fn finish(&self, mut exchange: Exchange) -> Response<Bytes> {
        loop {
            match exchange.step() {
                Step::Perform(effect) => exchange.supply(self.perform_now(effect)),
                Step::Respond(response) => {
                    self.watch.response(&response);
                    return response;
                }
            }
        }
    }

    /// The outcome of an effect whose dependency is down.
    #[must_use]
    pub fn outage(effect: &Effect) -> Outcome {
        let down = || StorageError::Unavailable("down".to_owned());
        match effect {
            Effect::Cache(_) => Outcome::Cache(Err(down())),
            Effect::Deliver(_) => Outcome::Deliver(Err(DeliverError("down".to_owned()))),
            Effect::Emit(_) => Outcome::Emit,
            Effect::Fetch(_) => Outcome::Fetch(Err(FetchError::Failed("down".to_owned()))),
            Effect::Forget(_) => Outcome::Forget,
            Effect::Hash(_) => Outcome::Hash(Err(HashFailure::Overloaded)),
            Effect::Limit(_) => Outcome::Limit(crate::store::HitVerdict::Denied { retry_after_secs: 1 }),
            Effect::MakeKey(_) => Outcome::MakeKey(Err(SignFailure::Overloaded)),
            Effect::Read(_) => Outcome::Read(Err(down())),
            Effect::Run(_) => Outcome::Run(Box::new(())),
            Effect::Sign(_) => Outcome::Sign(Err(SignFailure::Overloaded)),
            Effect::Verify(_) => Outcome::Verify(Err(HashFailure::Overloaded)),
            Effect::Write(_) => Outcome::Write(Err(down())),
        }
    }
}

impl Io for Outside {
    async fn perform(&self, effect: Effect) -> Outcome {
        self.perform_now(effect)
    }
}

fn unsigned(why: UnusableKey) -> SignFailure {
    SignFailure::Failed(why.to_string())
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a store in memory waited"),
    }
}

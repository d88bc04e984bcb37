//! Many requests at once to a whole server over any store: what may happen once happens once.

mod client;
mod things;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use things::{Guessed, Thing};

use super::{Outside, TestRequest, TestResponse, every_plugin, options};
use crate::{
    Engine, EngineBuilder,
    crypto::entropy::SeededEntropy,
    engine::{Effect, Io, Outcome, drive},
    store::{
        Cache, Storage, StorageError,
        memory::{MemoryCache, MemoryStore},
    },
    wire::date::{FixedClock, Timestamp},
};

/// How many ask at once.
const MANY: usize = 64;
const BASE_PATH: &str = "/api/auth";
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A request under way.
pub type Asking = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;

/// A server whose rows are in stores of somebody else's.
pub struct Many {
    engine: Arc<Engine>,
    outside: Arc<Elsewhere>,
}

/// Stores, and a test's surroundings for all else.
struct Elsewhere {
    storage: Arc<dyn Storage>,
    cache: Option<Arc<dyn Cache>>,
    rest: Outside,
}

impl Io for Elsewhere {
    async fn perform(&self, effect: Effect) -> Outcome {
        match (effect, &self.cache) {
            (Effect::Read(query), _) => Outcome::Read(self.storage.read(query).await),
            (Effect::Write(batch), _) => Outcome::Write(self.storage.write(batch).await),
            (Effect::Cache(op), Some(cache)) => Outcome::Cache(cache.perform(op).await),
            (Effect::Cache(_), None) => Outcome::Cache(Err(StorageError::Unavailable("there is none".to_owned()))),
            (effect, _) => self.rest.perform_now(effect),
        }
    }
}

impl Many {
    /// The server, with every plugin, and with secondary storage or without. Its tables are `engine.schema()`.
    ///
    /// # Panics
    /// Never: the options of tests fit together.
    #[must_use]
    pub fn engine(secondary: bool) -> Engine {
        let mut options = options();
        options.user.delete_user.enabled = true;
        options.user.delete_user.send_delete_account_verification = true;
        let builder = Engine::builder(options, Arc::new(FixedClock::new(NOW)), Arc::new(SeededEntropy::new(11)));
        let builder = every_plugin().into_iter().fold(builder, EngineBuilder::boxed_plugin);
        let builder = if secondary { builder.secondary_storage() } else { builder };
        builder.build().expect("test options fit together")
    }

    /// `engine` over a store that has its tables, and over secondary storage if it is to have one.
    #[must_use]
    pub fn new(engine: Engine, storage: Arc<dyn Storage>, cache: Option<Arc<dyn Cache>>) -> Self {
        let rest = Outside::new(MemoryStore::new(engine.schema()), MemoryCache::new(Arc::new(FixedClock::new(NOW))));
        Self { engine: Arc::new(engine), outside: Arc::new(Elsewhere { storage, cache, rest }) }
    }

    /// Lets 64 requests at once use the same link, code or token, one kind after the other, and then 64 at once guess at what may be
    /// guessed at a few times. `spawn` starts a request and answers a future that waits for it; with Tokio it is `tokio::spawn`, on
    /// a runtime of several threads.
    ///
    /// # Panics
    /// When not exactly one of the 64 gets what it asks for, when a code bears more guesses than it should, or when a request fails.
    pub async fn check<J, E>(&self, mut spawn: impl FnMut(Asking) -> J)
    where
        J: Future<Output = Result<Response<Bytes>, E>>,
        E: fmt::Debug,
    {
        for what in Thing::ALL {
            let requests = what.prepare(self).await;
            let won = self.at_once(*what, &requests, &mut spawn).await;
            assert_eq!(won, 1, "{what:?}");
        }
        for what in Guessed::ALL {
            let (wrong, right) = what.prepare(self).await;
            for _ in 0..=what.allowed() {
                assert_eq!(self.at_once(*what, std::slice::from_ref(&wrong), &mut spawn).await, 0, "{what:?}");
            }
            assert_eq!(self.at_once(*what, &[right], &mut spawn).await, 0, "{what:?} bears more than it should");
        }
    }

    /// Sends these requests by turns, 64 of them at once, and answers how many got what they asked for.
    async fn at_once<J, E>(
        &self,
        what: impl fmt::Debug,
        requests: &[TestRequest],
        spawn: &mut impl FnMut(Asking) -> J,
    ) -> usize
    where
        J: Future<Output = Result<Response<Bytes>, E>>,
        E: fmt::Debug,
    {
        let by_turns = requests.iter().cycle().take(MANY);
        let started: Vec<_> = by_turns.map(|request| spawn(self.asking(request.build(BASE_PATH)))).collect();
        let mut won = 0;
        for asking in started {
            let answer = TestResponse::read(asking.await.expect("a request does not panic"));
            assert!(answer.status < 500, "{what:?}: {} {}", answer.status, answer.text);
            let led_on = answer.status == 302 && !answer.header("location").contains("error=");
            won += usize::from(answer.status == 200 || led_on);
        }
        drop(self.outside.rest.take_messages());
        won
    }

    /// The secret of the message that was sent last.
    fn sent(&self) -> String {
        let message = self.outside.rest.take_messages().pop().expect("there is a message");
        message.token.or(message.otp).expect("it has a secret")
    }

    fn asking(&self, request: Request<Bytes>) -> Asking {
        let (engine, outside) = (Arc::clone(&self.engine), Arc::clone(&self.outside));
        Box::pin(async move { drive(engine.begin(request), &*outside).await })
    }
}

impl fmt::Debug for Many {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Many").finish_non_exhaustive()
    }
}

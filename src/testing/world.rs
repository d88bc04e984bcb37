//! A server and its surroundings.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use super::{Browser, Outside, secondary};
use crate::{
    Engine, EngineBuilder,
    crypto::entropy::SeededEntropy,
    domain::{
        Plugin,
        api::{Api, Caller, ServerCall},
        options::{BaseUrl, Options},
    },
    engine::{Event, Exchange, Message},
    store::{
        Row,
        memory::{MemoryCache, MemoryStore},
    },
    wire::date::{FixedClock, Timestamp},
};

/// The address of every test server.
pub const BASE_URL: &str = "http://localhost:3000";
const START_MILLIS: i64 = 1_767_225_600_000;
const SECRET: &str = "a-secret-for-tests-0123456789-ABCDEFGHIJ";

/// A server in memory.
#[derive(Debug)]
pub struct World {
    /// The engine.
    pub engine: Engine,
    /// What it acts on.
    pub outside: Outside,
    /// Its clock, which stands still unless moved.
    pub clock: Arc<FixedClock>,
}

/// Options for tests: email and password and every message on, hashes that cost next to nothing, no rate limit.
#[must_use]
pub fn options() -> Options {
    let mut options = Options::default();
    options.base_url = Some(BaseUrl::Fixed(BASE_URL.to_owned()));
    options.secret = Some(SECRET.into());
    options.rate_limit.enabled = Some(false);
    options.email_and_password.enabled = true;
    options.email_and_password.send_reset_password = true;
    options.email_and_password.password.memory_kib = 8;
    options.email_and_password.password.iterations = 1;
    options.email_and_password.password.parallelism = 1;
    options.email_verification.send_verification_email = true;
    options
}

impl Default for World {
    fn default() -> Self {
        Self::new(options())
    }
}

impl World {
    /// A server with these options and no plugin.
    ///
    /// # Panics
    /// When the options contradict each other.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self::with_plugins(options, Vec::new())
    }

    /// A server with the test options as changed by `change`.
    #[must_use]
    pub fn changed(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = options();
        change(&mut options);
        Self::new(options)
    }

    /// A server with these options and plugins.
    ///
    /// # Panics
    /// When the options contradict each other.
    #[must_use]
    pub fn with_plugins(options: Options, plugins: Vec<Box<dyn Plugin>>) -> Self {
        Self::built(options, |builder| plugins.into_iter().fold(builder, EngineBuilder::boxed_plugin))
    }

    /// The same with secondary storage. The options say what of it the database holds too.
    ///
    /// # Panics
    /// When the options contradict each other.
    #[must_use]
    pub fn with_secondary_storage(options: Options, plugins: Vec<Box<dyn Plugin>>) -> Self {
        Self::built(options, |builder| {
            plugins.into_iter().fold(builder.secondary_storage(), EngineBuilder::boxed_plugin)
        })
    }

    /// A server with these options and what `build` adds.
    ///
    /// # Panics
    /// When they contradict each other.
    #[must_use]
    pub fn built(options: Options, build: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Self {
        let clock = Arc::new(FixedClock::new(Timestamp::from_millis(START_MILLIS)));
        let builder = Engine::builder(options, clock.clone(), Arc::new(SeededEntropy::new(7)));
        let engine = build(builder).build().expect("test options fit together");
        let outside = Outside::new(MemoryStore::new(engine.schema()), MemoryCache::new(clock.clone()));
        Self { engine, outside, clock }
    }

    /// The routes as typed methods.
    #[must_use]
    pub fn api(&self) -> Api<'_, Self> {
        Api::new(self)
    }

    /// A browser without cookies.
    #[must_use]
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// Begins to answer a request.
    #[must_use]
    pub fn begin(&self, request: Request<Bytes>) -> Exchange {
        self.engine.begin(request)
    }

    /// Answers a request.
    #[must_use]
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.outside.finish(self.begin(request))
    }

    /// Moves the clock on.
    pub fn advance_secs(&self, secs: i64) {
        self.clock.advance_secs(secs);
    }

    /// The rows of a table, in order of insertion, wherever they are.
    #[must_use]
    pub fn rows(&self, table: &str) -> Vec<Row> {
        let places = self.engine.installation().places;
        match table {
            "session" if !places.sessions.database_decides() => secondary::sessions(self),
            "verification" if !places.verifications.database_decides() => secondary::verifications(self),
            _ => self.outside.store.snapshot().remove(table).unwrap_or_default(),
        }
    }

    /// Takes the messages sent so far.
    #[must_use]
    pub fn take_messages(&self) -> Vec<Message> {
        self.outside.take_messages()
    }

    /// Takes the only message sent so far.
    ///
    /// # Panics
    /// When there is none or more than one.
    #[must_use]
    pub fn take_message(&self) -> Message {
        let mut messages = self.take_messages();
        assert_eq!(messages.len(), 1, "messages: {messages:?}");
        messages.remove(0)
    }

    /// Takes the events emitted so far.
    #[must_use]
    pub fn take_events(&self) -> Vec<Event> {
        self.outside.take_events()
    }
}

impl Caller for World {
    async fn call(&self, route: &'static str, call: ServerCall) -> Option<Response<Bytes>> {
        Some(self.outside.finish(self.engine.begin_call(route, call)?))
    }
}

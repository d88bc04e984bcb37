//! Performing the engine's effects.

use std::{
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use kernia::{
    engine::{DeliverError, Effect, Event, Fetch, FetchError, Io, Message, Outcome},
    store::{Batch, Cache, CacheOp, CacheReply, Rows, Storage, StorageError, memory::Limiter},
};
use tokio::time::timeout;

use crate::{Deliver, DeliverySettings, HashPool, delivery::Outbox, metrics::Exposition, signer::Signer};

/// Calls other HTTP servers.
#[async_trait]
pub trait HttpClient: Send + Sync {
    /// Makes the call. The client must hold to the [policy](Fetch::policy).
    ///
    /// # Errors
    /// [`FetchError`].
    async fn fetch(&self, fetch: Fetch) -> Result<Response<Bytes>, FetchError>;
}

/// Told of every [`Event`], on the request's own time: it should be quick.
pub type EventSink = Arc<dyn Fn(&Event) + Send + Sync>;

/// The outside of a server: storage, hashes, deliveries, events. Performs the engine's effects.
pub struct Backend {
    storage: Arc<dyn Storage>,
    storage_timeout: Duration,
    cache: Option<Arc<dyn Cache>>,
    limiter: Limiter,
    hashes: HashPool,
    signer: Signer,
    outbox: Option<Outbox>,
    events: Option<EventSink>,
    http: Option<Arc<dyn HttpClient>>,
    storage_errors: StorageErrors,
}

/// Collects what a [`Backend`] is made of.
pub struct BackendBuilder {
    storage: Arc<dyn Storage>,
    storage_timeout: Duration,
    cache: Option<Arc<dyn Cache>>,
    hashes: HashPool,
    deliver: Option<(Arc<dyn Deliver>, DeliverySettings)>,
    events: Option<EventSink>,
    http: Option<Arc<dyn HttpClient>>,
}

#[derive(Debug, Default)]
struct StorageErrors {
    unavailable: AtomicU64,
    timeout: AtomicU64,
    failed: AtomicU64,
}

impl Backend {
    /// How long one access to storage may take unless something else is asked for.
    pub const DEFAULT_STORAGE_TIMEOUT: Duration = Duration::from_secs(10);

    /// Begins a backend on this database.
    #[must_use]
    pub fn builder(storage: Arc<dyn Storage>) -> BackendBuilder {
        BackendBuilder {
            storage,
            storage_timeout: Self::DEFAULT_STORAGE_TIMEOUT,
            cache: None,
            hashes: HashPool::default(),
            deliver: None,
            events: None,
            http: None,
        }
    }

    /// Changes the database, as the engine's [`Effect::Write`] does.
    ///
    /// # Errors
    /// As [`Storage::write`], and [`StorageError::Timeout`].
    pub async fn write(&self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        self.within(self.storage.write(batch)).await
    }

    /// Takes no more messages, and sends those that wait for at most `patience`. Answers how many were given up.
    pub async fn drain(&self, patience: Duration) -> usize {
        match &self.outbox {
            Some(outbox) => outbox.drain(patience).await,
            None => 0,
        }
    }

    /// How many messages are not sent yet.
    #[cfg(feature = "testing")]
    pub(crate) fn messages_waiting(&self) -> usize {
        self.outbox.as_ref().map_or(0, |outbox| outbox.counts().waiting.load(Ordering::Relaxed))
    }

    async fn cache(&self, op: CacheOp) -> Result<CacheReply, StorageError> {
        let Some(cache) = &self.cache else {
            return Err(StorageError::Failed("no secondary storage is configured".to_owned()));
        };
        self.within(cache.perform(op)).await
    }

    /// Holds an access to the timeout and counts its failure. A conflict is an answer, not a failure.
    async fn within<T>(&self, access: impl Future<Output = Result<T, StorageError>>) -> Result<T, StorageError> {
        let result = timeout(self.storage_timeout, access).await.unwrap_or(Err(StorageError::Timeout));
        let counter = match &result {
            Ok(_) | Err(StorageError::Conflict(_)) => return result,
            Err(StorageError::Unavailable(_)) => &self.storage_errors.unavailable,
            Err(StorageError::Timeout) => &self.storage_errors.timeout,
            Err(_) => &self.storage_errors.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        result
    }

    fn deliver(&self, message: Message) -> Result<(), DeliverError> {
        match &self.outbox {
            Some(outbox) => outbox.accept(message),
            None => Err(DeliverError("no delivery is configured".to_owned())),
        }
    }

    fn emit(&self, event: &Event) {
        tracing::info!(
            target: "kernia::event",
            event = event.name,
            subject = event.subject.as_deref(),
            ip = event.ip.as_deref(),
            user_agent = event.user_agent.as_deref(),
            detail = ?event.detail,
        );
        if let Some(events) = &self.events {
            events(event);
        }
    }

    async fn fetch(&self, fetch: Fetch) -> Result<Response<Bytes>, FetchError> {
        match &self.http {
            Some(client) => client.fetch(fetch).await,
            None => Err(FetchError::Failed("no HTTP client is configured".to_owned())),
        }
    }

    /// Writes the figures of storage, hashes and deliveries.
    pub(crate) fn expose(&self, out: &mut Exposition) {
        let name = "kernia_storage_errors_total";
        out.family(name, "counter", "Accesses to storage that failed, by kind. Conflicts are not failures.");
        let errors = &self.storage_errors;
        for (kind, count) in
            [("unavailable", &errors.unavailable), ("timeout", &errors.timeout), ("failed", &errors.failed)]
        {
            out.sample(name, &[("kind", kind)], count.load(Ordering::Relaxed));
        }
        let hashes = self.hashes.status();
        out.single("kernia_hashes_running", "gauge", "Password hashes that run.", hashes.running);
        out.single("kernia_hashes_queued", "gauge", "Password hashes that wait.", hashes.queued);
        out.single("kernia_hashes_rejected_total", "counter", "Password hashes refused.", hashes.rejected);
        let Some(outbox) = &self.outbox else { return };
        let counts = outbox.counts();
        let name = "kernia_deliveries_total";
        out.family(name, "counter", "Messages to people, by what came of them.");
        out.sample(name, &[("result", "sent")], counts.sent.load(Ordering::Relaxed));
        out.sample(name, &[("result", "failed")], counts.failed.load(Ordering::Relaxed));
        let waiting = counts.waiting.load(Ordering::Relaxed);
        out.single("kernia_deliveries_waiting", "gauge", "Messages that wait or are being sent.", waiting);
    }
}

impl Io for Backend {
    async fn perform(&self, effect: Effect) -> Outcome {
        match effect {
            Effect::Read(query) => Outcome::Read(self.within(self.storage.read(query)).await),
            Effect::Write(batch) => Outcome::Write(self.write(batch).await),
            Effect::Cache(op) => Outcome::Cache(self.cache(op).await),
            Effect::Forget(key) => {
                self.limiter.forget(&key);
                Outcome::Forget
            }
            Effect::Limit(hit) => Outcome::Limit(self.limiter.hit(hit)),
            Effect::Hash(job) => Outcome::Hash(self.hashes.hash(job).await),
            Effect::Verify(job) => Outcome::Verify(self.hashes.verify(job).await),
            Effect::Sign(job) => Outcome::Sign(self.signer.sign(job).await),
            Effect::MakeKey(job) => Outcome::MakeKey(self.signer.make_key(job).await),
            Effect::Deliver(message) => Outcome::Deliver(self.deliver(message)),
            Effect::Emit(event) => {
                self.emit(&event);
                Outcome::Emit
            }
            Effect::Fetch(fetch) => Outcome::Fetch(self.fetch(*fetch).await),
            Effect::Run(task) => Outcome::Run(task.0.await),
            other => {
                // The engine turns the mismatch into a 500.
                tracing::error!(effect = other.name(), "this backend does not know the effect");
                Outcome::Emit
            }
        }
    }
}

impl BackendBuilder {
    /// How long one access to storage may take before it counts as failed.
    #[must_use]
    pub fn storage_timeout(mut self, timeout: Duration) -> Self {
        self.storage_timeout = timeout;
        self
    }

    /// Secondary storage.
    #[must_use]
    pub fn cache(mut self, cache: Arc<dyn Cache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Where passwords are hashed.
    #[must_use]
    pub fn hash_pool(mut self, hashes: HashPool) -> Self {
        self.hashes = hashes;
        self
    }

    /// Who sends messages. Without it every message fails.
    #[must_use]
    pub fn deliver(mut self, deliver: Arc<dyn Deliver>, settings: DeliverySettings) -> Self {
        self.deliver = Some((deliver, settings));
        self
    }

    /// Who is told of events. They are also logged under the target `kernia::event`.
    #[must_use]
    pub fn on_event(mut self, sink: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.events = Some(Arc::new(sink));
        self
    }

    /// Who calls other HTTP servers. Without it every call fails.
    #[must_use]
    pub fn http_client(mut self, client: Arc<dyn HttpClient>) -> Self {
        self.http = Some(client);
        self
    }

    /// Builds the backend. With a delivery it must be called within a tokio runtime.
    #[must_use]
    pub fn build(self) -> Backend {
        Backend {
            storage: self.storage,
            storage_timeout: self.storage_timeout,
            cache: self.cache,
            limiter: Limiter::new(),
            hashes: self.hashes,
            signer: Signer::default(),
            outbox: self.deliver.map(|(deliver, settings)| Outbox::start(deliver, settings)),
            events: self.events,
            http: self.http,
            storage_errors: StorageErrors::default(),
        }
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").field("hashes", &self.hashes).finish_non_exhaustive()
    }
}

impl fmt::Debug for BackendBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendBuilder").finish_non_exhaustive()
    }
}

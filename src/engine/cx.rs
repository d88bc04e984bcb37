//! What a handler sees: its request, its moment, and the effects it may ask for.

use std::{any::Any, future::Future, net::IpAddr, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use super::{
    ApiError, DeliverError, Effect, Event, Exit, Fault, Fetch, FetchError, HashFailure, HostTask, Message, Outcome,
    Reply, SignFailure, ask::Slot,
};
use crate::{
    crypto::{
        entropy::Entropy,
        password::{HashJob, VerifyJob},
    },
    store::{Batch, CacheOp, CacheReply, Hit, HitVerdict, Query, Rows, StorageError},
    wire::{
        date::Timestamp,
        signing::{KeyJob, KeyPair, SignJob},
    },
};

/// What the machine carries for the logic that runs on it.
pub trait App: Send + Sync + Sized + 'static {
    /// State of one request.
    type Local: Default + Send + Sync;

    /// Randomness for this request.
    fn entropy(&self) -> &dyn Entropy;
}

/// The request as handlers and hooks see it.
#[derive(Debug, Default)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path below the base path, as routed.
    pub path: String,
    /// The path of its route, with the names of parameters instead of their values, which may be secrets; empty without a route.
    pub template: &'static str,
    /// The headers. Hooks may add to them.
    pub headers: HeaderMap,
    /// The address at the other end of the connection, if the binding knows it.
    pub peer: Option<IpAddr>,
    /// The values of the route's parameters, not decoded.
    pub params: Vec<(String, String)>,
    /// The parsed query: an object.
    pub query: Value,
    /// The parsed body as it was sent; `None` when there is none. Validated once the hooks before the route, which may change it, have run.
    pub body: Option<Value>,
}

impl Request {
    /// A header as text; absent and unreadable are the same.
    #[must_use]
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A route parameter; empty when the route has none of that name.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// The context of one request.
pub struct Cx<A: App> {
    app: Arc<A>,
    slot: Slot,
    now: Timestamp,
    /// The request.
    pub request: Request,
    /// Headers and cookies gathered for the response.
    pub reply: Reply,
    /// The application's state of this request.
    pub local: A::Local,
}

impl<A: App> Cx<A> {
    pub(crate) fn new(app: Arc<A>, slot: Slot, now: Timestamp, request: Request) -> Self {
        Self { app, slot, now, request, reply: Reply::default(), local: A::Local::default() }
    }

    /// The application.
    #[must_use]
    pub fn app(&self) -> &A {
        &self.app
    }

    /// The application, to keep while the context is borrowed otherwise.
    #[must_use]
    pub fn app_arc(&self) -> Arc<A> {
        Arc::clone(&self.app)
    }

    /// The request's one moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Randomness.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.app.entropy()
    }

    /// Reads from the database.
    ///
    /// # Errors
    /// As [`Storage::read`](crate::store::Storage::read).
    pub async fn read(&mut self, query: Query) -> Result<Rows, StorageError> {
        match self.slot.ask(Effect::Read(query)).await {
            Outcome::Read(result) => result,
            other => Err(StorageError::Failed(mismatch(&other))),
        }
    }

    /// Changes the database, all or nothing. Domain code goes through `commit`, which runs the write hooks.
    ///
    /// # Errors
    /// As [`Storage::write`](crate::store::Storage::write).
    pub async fn write(&mut self, batch: Batch) -> Result<Vec<Rows>, StorageError> {
        match self.slot.ask(Effect::Write(batch)).await {
            Outcome::Write(result) => result,
            other => Err(StorageError::Failed(mismatch(&other))),
        }
    }

    /// Uses secondary storage.
    ///
    /// # Errors
    /// As [`Cache::perform`](crate::store::Cache::perform).
    pub async fn cache(&mut self, op: CacheOp) -> Result<CacheReply, StorageError> {
        match self.slot.ask(Effect::Cache(op)).await {
            Outcome::Cache(result) => result,
            other => Err(StorageError::Failed(mismatch(&other))),
        }
    }

    /// Counts this request against a limit of this process.
    ///
    /// # Errors
    /// [`Fault::Bug`] when the driver answers something else.
    pub async fn limit(&mut self, hit: Hit) -> Result<HitVerdict, Fault> {
        match self.slot.ask(Effect::Limit(hit)).await {
            Outcome::Limit(verdict) => Ok(verdict),
            other => Err(Fault::Bug(mismatch(&other).into())),
        }
    }

    /// Forgets what was counted under `key` in this process.
    ///
    /// # Errors
    /// [`Fault::Bug`] when the driver answers something else.
    pub async fn forget(&mut self, key: String) -> Result<(), Fault> {
        match self.slot.ask(Effect::Forget(key)).await {
            Outcome::Forget => Ok(()),
            other => Err(Fault::Bug(mismatch(&other).into())),
        }
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// [`HashFailure`].
    pub async fn hash(&mut self, job: HashJob) -> Result<String, HashFailure> {
        match self.slot.ask(Effect::Hash(job)).await {
            Outcome::Hash(result) => result,
            other => Err(HashFailure::Failed(mismatch(&other))),
        }
    }

    /// Checks a password.
    ///
    /// # Errors
    /// [`HashFailure`].
    pub async fn verify(&mut self, job: VerifyJob) -> Result<bool, HashFailure> {
        match self.slot.ask(Effect::Verify(job)).await {
            Outcome::Verify(result) => result,
            other => Err(HashFailure::Failed(mismatch(&other))),
        }
    }

    /// Signs with a private key.
    ///
    /// # Errors
    /// [`SignFailure`].
    pub async fn sign(&mut self, job: SignJob) -> Result<Vec<u8>, SignFailure> {
        match self.slot.ask(Effect::Sign(job)).await {
            Outcome::Sign(result) => result,
            other => Err(SignFailure::Failed(mismatch(&other))),
        }
    }

    /// Makes a pair of keys.
    ///
    /// # Errors
    /// [`SignFailure`].
    pub async fn make_key(&mut self, job: KeyJob) -> Result<KeyPair, SignFailure> {
        match self.slot.ask(Effect::MakeKey(job)).await {
            Outcome::MakeKey(result) => result,
            other => Err(SignFailure::Failed(mismatch(&other))),
        }
    }

    /// Calls another server.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn fetch(&mut self, fetch: Fetch) -> Result<http::Response<Bytes>, FetchError> {
        match self.slot.ask(Effect::Fetch(Box::new(fetch))).await {
            Outcome::Fetch(result) => result,
            other => Err(FetchError::Failed(mismatch(&other))),
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`DeliverError`] when it was not accepted.
    pub async fn deliver(&mut self, message: Message) -> Result<(), DeliverError> {
        match self.slot.ask(Effect::Deliver(message)).await {
            Outcome::Deliver(result) => result,
            other => Err(DeliverError(mismatch(&other))),
        }
    }

    /// Tells the application that something happened.
    pub async fn emit(&mut self, event: Event) {
        self.slot.ask(Effect::Emit(event)).await;
    }

    /// Runs the application's own asynchronous code.
    ///
    /// # Errors
    /// [`Fault::Bug`] when the driver answers something of another type.
    pub async fn run<T, F>(&mut self, task: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let task = HostTask(Box::pin(async move { Box::new(task.await) as Box<dyn Any + Send> }));
        match self.slot.ask(Effect::Run(task)).await {
            Outcome::Run(value) => value
                .downcast()
                .map(|value| *value)
                .map_err(|_| Fault::Bug("the driver changed a task's result".into())),
            other => Err(Fault::Bug(mismatch(&other).into())),
        }
    }

    /// Ends the handler with `error` unless `condition` holds.
    ///
    /// # Errors
    /// `error`.
    pub fn ensure(&self, condition: bool, error: ApiError) -> Result<(), Exit> {
        if condition { Ok(()) } else { Err(error.into()) }
    }
}

fn mismatch(outcome: &Outcome) -> String {
    format!("the driver answered {}", outcome.name())
}

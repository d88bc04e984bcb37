//! Everything the outside can be asked to do, and what it can answer. There is no other way out of the engine.

use std::{any::Any, fmt, future::Future, pin::Pin};

use bytes::Bytes;

use crate::{
    crypto::password::{HashJob, VerifyJob},
    store::{Batch, CacheOp, CacheReply, Hit, HitVerdict, Query, Rows, StorageError},
    wire::{
        date::Timestamp,
        signing::{KeyJob, KeyPair, SignJob},
    },
};

/// One thing asked of the outside.
#[derive(Debug)]
#[non_exhaustive]
pub enum Effect {
    /// Use secondary storage.
    Cache(CacheOp),
    /// Send a message to a person.
    Deliver(Message),
    /// Tell the application that something happened.
    Emit(Event),
    /// Call another HTTP server.
    Fetch(Box<Fetch>),
    /// Forget what was counted under this key against limits kept in this process.
    Forget(String),
    /// Hash a password. Slow on purpose: run it away from the reactor, and few at a time.
    Hash(HashJob),
    /// Count a request against a limit kept in this process.
    Limit(Hit),
    /// Make a pair of keys. One for RSA takes up to a second: run it away from the reactor.
    MakeKey(KeyJob),
    /// Read from the database.
    Read(Query),
    /// Run the application's own code.
    Run(HostTask),
    /// Sign with a private key.
    Sign(SignJob),
    /// Check a password against its hash. As slow as hashing.
    Verify(VerifyJob),
    /// Change the database.
    Write(Batch),
}

/// The answer to an [`Effect`]: always the variant of the same name.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// What secondary storage answered.
    Cache(Result<CacheReply, StorageError>),
    /// Whether the message was accepted for delivery.
    Deliver(Result<(), DeliverError>),
    /// The event was taken.
    Emit,
    /// The other server's response.
    Fetch(Result<http::Response<Bytes>, FetchError>),
    /// It is forgotten.
    Forget,
    /// The hash.
    Hash(Result<String, HashFailure>),
    /// Whether the request may pass.
    Limit(HitVerdict),
    /// The keys.
    MakeKey(Result<KeyPair, SignFailure>),
    /// The rows.
    Read(Result<Rows, StorageError>),
    /// What the application's code returned.
    Run(Box<dyn Any + Send>),
    /// The signature.
    Sign(Result<Vec<u8>, SignFailure>),
    /// Whether the password matches.
    Verify(Result<bool, HashFailure>),
    /// The rows of each statement.
    Write(Result<Vec<Rows>, StorageError>),
}

impl Outcome {
    /// The variant's name, for messages about misuse.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cache(_) => "Cache",
            Self::Deliver(_) => "Deliver",
            Self::Emit => "Emit",
            Self::Fetch(_) => "Fetch",
            Self::Forget => "Forget",
            Self::Hash(_) => "Hash",
            Self::Limit(_) => "Limit",
            Self::MakeKey(_) => "MakeKey",
            Self::Read(_) => "Read",
            Self::Run(_) => "Run",
            Self::Sign(_) => "Sign",
            Self::Verify(_) => "Verify",
            Self::Write(_) => "Write",
        }
    }
}

impl Effect {
    /// The variant's name, for traces and messages about misuse.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cache(_) => "Cache",
            Self::Deliver(_) => "Deliver",
            Self::Emit(_) => "Emit",
            Self::Fetch(_) => "Fetch",
            Self::Forget(_) => "Forget",
            Self::Hash(_) => "Hash",
            Self::Limit(_) => "Limit",
            Self::MakeKey(_) => "MakeKey",
            Self::Read(_) => "Read",
            Self::Run(_) => "Run",
            Self::Sign(_) => "Sign",
            Self::Verify(_) => "Verify",
            Self::Write(_) => "Write",
        }
    }
}

/// Mail or text for one person. `Debug` hides the address and the secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is for, for example `reset-password`. The sender chooses its template by this.
    pub kind: &'static str,
    /// What it is sent by.
    pub channel: Channel,
    /// The address or the phone number it goes to.
    pub to: String,
    /// The person's name, if known.
    pub name: Option<String>,
    /// The link to follow.
    pub url: Option<String>,
    /// The one-time token inside the link.
    pub token: Option<String>,
    /// The one-time code to type.
    pub otp: Option<String>,
    /// The new address, when the message asks to confirm a change.
    pub new_email: Option<String>,
    /// What the client that asked for the message has to say to the sender. Anybody may be that client: it is no text for people.
    pub metadata: Option<serde_json::Value>,
}

/// What a [`Message`] is sent by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// Mail, to an address.
    #[default]
    Mail,
    /// Text (SMS and the like), to a phone number.
    Text,
}

impl Message {
    /// A mail with nothing but its purpose and address.
    #[must_use]
    pub fn new(kind: &'static str, to: impl Into<String>) -> Self {
        let (channel, to) = (Channel::Mail, to.into());
        Self { kind, channel, to, name: None, url: None, token: None, otp: None, new_email: None, metadata: None }
    }

    /// A text with nothing but its purpose and phone number.
    #[must_use]
    pub fn text(kind: &'static str, to: impl Into<String>) -> Self {
        Self { channel: Channel::Text, ..Self::new(kind, to) }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Something that happened and that an auditor would want to know. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened, in dotted lower case.
    pub name: &'static str,
    /// When.
    pub at: Timestamp,
    /// The row it happened to, if there is one.
    pub subject: Option<String>,
    /// The client's address, if known.
    pub ip: Option<String>,
    /// The client's user agent.
    pub user_agent: Option<String>,
    /// More facts.
    pub detail: Vec<(&'static str, String)>,
}

/// A call to another HTTP server.
#[derive(Debug)]
pub struct Fetch {
    /// The request, with an absolute URI.
    pub request: http::Request<Bytes>,
    /// Who chose the address.
    pub policy: FetchPolicy,
    /// How old an answer may be, in seconds: the client may have kept one from before, if it was a `200` to a `GET`. `None` asks
    /// the server itself.
    pub max_age: Option<u32>,
}

impl Fetch {
    /// A call that is made anew.
    #[must_use]
    pub fn new(request: http::Request<Bytes>, policy: FetchPolicy) -> Self {
        Self { request, policy, max_age: None }
    }
}

/// Who chose the address of a [`Fetch`], and so what the client must refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FetchPolicy {
    /// The operator: any address.
    Configured,
    /// A user can influence it: `https` and public addresses only, checked after resolution, no redirects.
    Untrusted,
}

/// The application's own asynchronous code.
pub struct HostTask(pub Pin<Box<dyn Future<Output = Box<dyn Any + Send>> + Send>>);

impl fmt::Debug for HostTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostTask")
    }
}

/// Why a password could not be hashed or checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashFailure {
    /// Too many hashes are waiting; try again later.
    #[error("too many password hashes are waiting")]
    Overloaded,
    /// The hash could not be computed.
    #[error("the password hash failed: {0}")]
    Failed(String),
}

/// Why nothing was signed, or no key was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignFailure {
    /// Too much is waiting to be signed; try again later.
    #[error("too many signatures are waiting")]
    Overloaded,
    /// It could not be computed.
    #[error("nothing was signed: {0}")]
    Failed(String),
}

/// Why a message could not be handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("delivery failed: {0}")]
pub struct DeliverError(pub String);

/// Why another server could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is one that must not be called.
    #[error("the address is not allowed")]
    Refused,
    /// The call failed or took too long.
    #[error("the call failed: {0}")]
    Failed(String),
}

//! The tables of the file that are about the server, not about the engine.

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    str::FromStr,
    time::Duration,
};

use kernia_hyper::ServerSettings;
use kernia_runtime::{HashPool, JanitorSettings};
use serde::{Deserialize, Deserializer, de};
use tracing_subscriber::filter::{LevelFilter, Targets};

/// `[server]`. Durations are seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    /// Where clients are answered.
    pub(crate) listen: Address,
    /// How long a request may take.
    pub(crate) request_timeout: NonZeroU64,
    /// How long requests in flight may take once the server was told to stop.
    pub(crate) shutdown_timeout: u64,
    /// How long a client may take to send a request's head, and to begin with the next one.
    pub(crate) header_read_timeout: NonZeroU64,
    /// Where the figures are; without it, nowhere.
    pub(crate) metrics_listen: Option<Address>,
    /// How many passwords are hashed at once; as many as the machine has cores when absent.
    pub(crate) hash_concurrency: Option<NonZeroUsize>,
    /// How many hashes may wait.
    pub(crate) hash_queue: usize,
    /// How many connections may be open.
    pub(crate) max_connections: NonZeroUsize,
}

impl Default for Server {
    fn default() -> Self {
        let connections = ServerSettings::default();
        Self {
            listen: Address(SocketAddr::from(([127, 0, 0, 1], 3000))),
            request_timeout: seconds(30),
            shutdown_timeout: connections.shutdown_timeout.as_secs(),
            header_read_timeout: seconds(connections.header_read_timeout.as_secs()),
            metrics_listen: None,
            hash_concurrency: None,
            hash_queue: HashPool::DEFAULT_QUEUE,
            max_connections: NonZeroUsize::new(connections.max_connections).unwrap_or(NonZeroUsize::MIN),
        }
    }
}

pub(super) fn seconds(count: u64) -> NonZeroU64 {
    NonZeroU64::new(count).unwrap_or(NonZeroU64::MIN)
}

/// An address to listen on, such as `127.0.0.1:3000`, `[::1]:3000` or `localhost:3000`. Port 0 lets the machine choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) SocketAddr);

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let address = numeric.as_deref().unwrap_or(text).parse();
        address.map(Self).map_err(|_| "not an address such as 127.0.0.1:3000")
    }
}

/// `[log]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// The form of a line; `pretty` on a terminal and `json` elsewhere when absent.
    pub(crate) format: Option<LogFormat>,
    /// What is logged.
    pub(crate) level: LogLevel,
}

/// The form of a line in the log.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For programs.
    Json,
    /// For people.
    Pretty,
}

/// A level such as `info`, or several by target such as `info,kernia::request=debug`.
#[derive(Clone, Debug)]
pub(crate) struct LogLevel(pub(crate) Targets);

impl Default for LogLevel {
    fn default() -> Self {
        Self(Targets::new().with_default(tracing::Level::INFO))
    }
}

impl FromStr for LogLevel {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "not a level such as info, or info,kernia::request=debug";
        // A word that is no level would count as a target, and switch all others off.
        let bare = text.split(',').filter(|part| !part.contains('='));
        if !bare.map(str::trim).all(|part| part.parse::<LevelFilter>().is_ok()) {
            return Err(WRONG);
        }
        text.parse().map(Self).map_err(|_| WRONG)
    }
}

/// `[janitor]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Janitor {
    /// Whether expired rows are removed.
    pub(crate) enabled: bool,
    /// How long it rests when nothing is left to remove, in seconds.
    pub(crate) interval: NonZeroU64,
    /// How many rows of each table are removed at once.
    pub(crate) limit: NonZeroU32,
}

impl Default for Janitor {
    fn default() -> Self {
        let JanitorSettings { interval, limit } = JanitorSettings::default();
        Self {
            enabled: true,
            interval: seconds(interval.as_secs()),
            limit: NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN),
        }
    }
}

impl Janitor {
    /// What the runtime is told.
    pub(crate) fn settings(&self) -> Option<JanitorSettings> {
        let Self { enabled, interval, limit } = *self;
        enabled.then(|| JanitorSettings { interval: Duration::from_secs(interval.get()), limit: limit.get() })
    }
}

macro_rules! deserialize_from_str {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

deserialize_from_str!(Address, LogLevel);
pub(super) use deserialize_from_str;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!("localhost:80".parse(), Ok(Address(SocketAddr::from(([127, 0, 0, 1], 80)))));
        assert!("[::1]:0".parse::<Address>().is_ok());
        for text in ["", "3000", "localhost", "example.com:80", "127.0.0.1:x"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn levels() {
        for text in ["info", "warn", "info,kernia::request=debug", "off"] {
            assert!(text.parse::<LogLevel>().is_ok(), "{text}");
        }
        assert!("info,kernia=loud".parse::<LogLevel>().is_err());
    }
}

//! `[secondary_storage]`.

use std::{fmt, num::NonZeroU64, str::FromStr, time::Duration};

use kernia_redis::RedisOptions;
use serde::{Deserialize, Deserializer, de};

use super::sections::{deserialize_from_str, seconds};

/// `[secondary_storage]`. Durations are seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondaryStorage {
    /// Which one.
    pub(crate) url: SecondaryUrl,
    /// What every key begins with.
    #[serde(default = "key_prefix")]
    key_prefix: String,
    /// How long a connection may take to be made.
    #[serde(default = "patience")]
    connect_timeout: NonZeroU64,
    /// How long an answer may take.
    #[serde(default = "patience")]
    response_timeout: NonZeroU64,
}

fn key_prefix() -> String {
    RedisOptions::default().key_prefix
}

fn patience() -> NonZeroU64 {
    seconds(RedisOptions::default().response_timeout.as_secs())
}

impl SecondaryStorage {
    /// What the driver is told.
    pub(crate) fn redis_options(&self) -> RedisOptions {
        let mut options = RedisOptions::default();
        options.key_prefix.clone_from(&self.key_prefix);
        options.connect_timeout = Duration::from_secs(self.connect_timeout.get());
        options.response_timeout = Duration::from_secs(self.response_timeout.get());
        options
    }
}

/// Secondary storage. `Display` tells the kind; the rest may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SecondaryUrl {
    /// `memory:`, the engine's own.
    Memory,
    /// `redis://` or `rediss://`.
    Redis(String),
}

impl FromStr for SecondaryUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("redis" | "rediss", rest)) if rest.starts_with("//") && rest.len() > 2 => {
                Ok(Self::Redis(text.to_owned()))
            }
            _ => Err("no secondary storage; write redis://localhost:6379 or memory:".to_owned()),
        }
    }
}

impl fmt::Display for SecondaryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Redis(url) if url.starts_with("rediss:") => "redis over TLS",
            Self::Redis(_) => "redis",
        })
    }
}

impl fmt::Debug for SecondaryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

deserialize_from_str!(SecondaryUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_by_their_kind() {
        let kind = |text: &str| text.parse::<SecondaryUrl>().map(|url| format!("{url} {url:?}"));
        assert_eq!(kind("memory:").as_deref(), Ok("memory memory"));
        assert_eq!(kind("redis://:hunter2@a.test:1/0").as_deref(), Ok("redis redis"));
        assert_eq!(kind("rediss://a.test").as_deref(), Ok("redis over TLS redis over TLS"));
        for wrong in ["", "redis", "redis:", "redis://", "memory:x", "http://a.test", "localhost:6379"] {
            assert!(kind(wrong).is_err_and(|error| error.contains("memory:")), "{wrong}");
        }
        assert!(!kind("http://:hunter2@a.test").unwrap_err().contains("hunter2"));
    }
}

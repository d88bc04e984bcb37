//! The operations, one round trip each.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use kernia::store::{Cache, CacheOp, CacheReply, StorageError};
use redis::{
    Client, Cmd, FromRedisValue, RedisError, RedisResult, ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::{RedisOptions, error::storage_error, scripts::Scripts};

/// How often a lost connection is tried to be made again before the operation that needs it fails. The next operation tries
/// anew.
const RECONNECTIONS: usize = 1;
/// How long to wait before that.
const RECONNECTION_DELAY: Duration = Duration::from_millis(50);

/// A [`Cache`] in Redis.
///
/// All operations share one connection and do not wait for each other. It is made again when it is lost. Cheap to clone.
#[derive(Clone)]
pub struct RedisCache {
    connection: ConnectionManager,
    scripts: Arc<Scripts>,
    prefix: Arc<str>,
    patience: Duration,
}

impl RedisCache {
    /// Connects to `url`: `redis://`, or `rediss://` for TLS, with the certificates that the system trusts. A password may stand
    /// in it; no message will have it.
    ///
    /// # Errors
    /// [`StorageError::Failed`] when this is no such URL, [`StorageError::Unavailable`] or [`StorageError::Timeout`] when nobody
    /// answers there.
    pub async fn connect(url: &str, options: RedisOptions) -> Result<Self, StorageError> {
        // Where several are linked, none is the default unless somebody says so.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The error would have the URL.
        let client =
            Client::open(url).map_err(|_| StorageError::Failed("this is no URL of a Redis server".to_owned()))?;
        let RedisOptions { key_prefix, connect_timeout, response_timeout } = options;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(connect_timeout))
            .set_response_timeout(Some(response_timeout))
            .set_number_of_retries(RECONNECTIONS)
            .set_min_delay(RECONNECTION_DELAY)
            .set_max_delay(RECONNECTION_DELAY);
        let patience = connect_timeout.saturating_add(response_timeout).saturating_add(RECONNECTION_DELAY);
        let connection = within(patience, ConnectionManager::new_with_config(client, config)).await?;
        Ok(Self { connection, scripts: Arc::new(Scripts::new()), prefix: key_prefix.into(), patience })
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Runs a command that may run twice: when the connection is lost, nobody knows whether it ran once.
    async fn command<T: FromRedisValue>(&self, command: Cmd) -> Result<T, StorageError> {
        let mut connection = self.connection.clone();
        let twice = async {
            match command.query_async(&mut connection).await {
                Err(error) if is_lost(&error) => command.query_async(&mut connection).await,
                answer => answer,
            }
        };
        within(self.patience, twice).await
    }

    /// Runs a script that must run once.
    async fn once<T: FromRedisValue>(&self, script: ScriptInvocation<'_>) -> Result<T, StorageError> {
        let mut connection = self.connection.clone();
        within(self.patience, script.invoke_async(&mut connection)).await
    }

    /// Runs a script that may run twice.
    async fn script<T: FromRedisValue>(&self, script: ScriptInvocation<'_>) -> Result<T, StorageError> {
        let mut connection = self.connection.clone();
        let twice = async {
            match script.invoke_async(&mut connection).await {
                Err(error) if is_lost(&error) => script.invoke_async(&mut connection).await,
                answer => answer,
            }
        };
        within(self.patience, twice).await
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn perform(&self, op: CacheOp) -> Result<CacheReply, StorageError> {
        let scripts = &self.scripts;
        match op {
            CacheOp::Get { key } => Ok(CacheReply::Value(self.command(Cmd::get(self.key(&key))).await?)),
            CacheOp::Set { key, value, ttl_secs } => {
                self.command::<()>(Cmd::set_ex(self.key(&key), value, ttl_secs.max(1))).await?;
                Ok(CacheReply::Done)
            }
            CacheOp::Delete { key } => {
                self.command::<()>(Cmd::del(self.key(&key))).await?;
                Ok(CacheReply::Done)
            }
            CacheOp::Take { key } => {
                let mut take = scripts.take.prepare_invoke();
                take.key(self.key(&key));
                Ok(CacheReply::Value(self.once(take).await?))
            }
            CacheOp::Replace { key, expected, value, ttl_secs } => {
                let mut replace = scripts.replace.prepare_invoke();
                replace.key(self.key(&key)).arg(expected).arg(value).arg(ttl_secs.max(1));
                Ok(CacheReply::Replaced(self.once(replace).await?))
            }
            CacheOp::Increment { key, ttl_secs } => {
                let mut increment = scripts.increment.prepare_invoke();
                increment.key(self.key(&key)).arg(ttl_secs.max(1));
                Ok(CacheReply::Count(self.once(increment).await?))
            }
            CacheOp::IndexPut { key, token, expires_at, now } => {
                let mut put = scripts.index_put.prepare_invoke();
                put.key(self.key(&key)).arg(now.as_millis()).arg(expires_at.as_millis()).arg(token);
                self.script::<()>(put).await?;
                Ok(CacheReply::Done)
            }
            CacheOp::IndexDrop { key, tokens, now } => {
                let mut drop = scripts.index_drop.prepare_invoke();
                drop.key(self.key(&key)).arg(now.as_millis()).arg(tokens);
                self.script::<()>(drop).await?;
                Ok(CacheReply::Done)
            }
            _ => Err(StorageError::Failed("this operation on secondary storage is not known here".to_owned())),
        }
    }
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCache").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

async fn within<T>(patience: Duration, answer: impl Future<Output = RedisResult<T>>) -> Result<T, StorageError> {
    match tokio::time::timeout(patience, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(storage_error(&error)),
        Err(_) => Err(StorageError::Timeout),
    }
}

/// Whether an idle connection turned out to be gone, as after a restart of the server.
fn is_lost(error: &RedisError) -> bool {
    error.is_connection_dropped()
}

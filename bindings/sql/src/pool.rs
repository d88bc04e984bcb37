//! Connections that are kept open.

use std::{
    collections::VecDeque,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use kernia::store::StorageError;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::ServerOptions;

/// Makes connections.
#[async_trait]
pub(crate) trait Connect: Send + Sync + 'static {
    /// What is made. Dropping it closes it.
    type Connection: Send + 'static;

    async fn connect(&self) -> Result<Self::Connection, StorageError>;

    /// Whether the connection is known to be of no more use. Must not ask the server.
    fn is_closed(connection: &Self::Connection) -> bool;
}

/// At most so many connections, the one used last first.
///
/// A connection is lent to one user, and comes back only when that user says that nothing is left on it: one that was
/// dropped half way is closed.
pub(crate) struct Pool<C: Connect>(Arc<Inner<C>>);

struct Inner<C: Connect> {
    connect: C,
    permits: Arc<Semaphore>,
    idle: Mutex<VecDeque<Idle<C::Connection>>>,
    acquire_timeout: Duration,
    connect_timeout: Duration,
    idle_timeout: Duration,
}

struct Idle<T> {
    connection: T,
    since: Instant,
}

/// A connection that is in use.
pub(crate) struct Lease<C: Connect> {
    connection: C::Connection,
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "PostgreSQL's statements say if they were run"))]
    rested: Duration,
    pool: Arc<Inner<C>>,
    _permit: OwnedSemaphorePermit,
}

impl<C: Connect> Pool<C> {
    pub(crate) fn new(connect: C, options: &ServerOptions) -> Self {
        Self(Arc::new(Inner {
            connect,
            permits: Arc::new(Semaphore::new(options.connections.clamp(1, Semaphore::MAX_PERMITS))),
            idle: Mutex::default(),
            acquire_timeout: options.acquire_timeout,
            connect_timeout: options.connect_timeout,
            idle_timeout: options.idle_timeout,
        }))
    }

    /// A connection, a new one if `fresh` or if none is idle.
    pub(crate) async fn acquire(&self, fresh: bool) -> Result<Lease<C>, StorageError> {
        let permit = timeout(self.0.acquire_timeout, Arc::clone(&self.0.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(StorageError::Unavailable("all connections are in use".to_owned()));
        };
        let idle = if fresh { None } else { self.0.take_idle() };
        let (connection, rested) = match idle {
            Some(Idle { connection, since }) => (connection, since.elapsed()),
            None => (self.0.open().await?, Duration::ZERO),
        };
        Ok(Lease { connection, rested, pool: Arc::clone(&self.0), _permit: permit })
    }
}

impl<C: Connect> Inner<C> {
    async fn open(&self) -> Result<C::Connection, StorageError> {
        let opened = timeout(self.connect_timeout, self.connect.connect()).await;
        opened.unwrap_or_else(|_| Err(StorageError::Unavailable("the server does not answer".to_owned())))
    }

    fn take_idle(&self) -> Option<Idle<C::Connection>> {
        let mut idle = self.idle();
        while let Some(last) = idle.pop_back() {
            if last.since.elapsed() < self.idle_timeout && !C::is_closed(&last.connection) {
                return Some(last);
            }
        }
        None
    }

    fn put_back(&self, connection: C::Connection) {
        let mut idle = self.idle();
        idle.push_back(Idle { connection, since: Instant::now() });
        while idle.front().is_some_and(|first| first.since.elapsed() >= self.idle_timeout) {
            idle.pop_front();
        }
    }

    fn idle(&self) -> MutexGuard<'_, VecDeque<Idle<C::Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Connect> Lease<C> {
    /// How long nobody used the connection before.
    #[cfg(feature = "mysql")]
    pub(crate) fn rested(&self) -> Duration {
        self.rested
    }

    /// Gives the connection back for others: no transaction is open on it and no answer outstanding.
    pub(crate) fn give_back(self) {
        let Self { connection, pool, .. } = self;
        pool.put_back(connection);
    }
}

impl<C: Connect> Deref for Lease<C> {
    type Target = C::Connection;

    fn deref(&self) -> &C::Connection {
        &self.connection
    }
}

impl<C: Connect> DerefMut for Lease<C> {
    fn deref_mut(&mut self) -> &mut C::Connection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Numbered(AtomicUsize);

    #[async_trait]
    impl Connect for Numbered {
        type Connection = usize;

        async fn connect(&self) -> Result<usize, StorageError> {
            Ok(self.0.fetch_add(1, Ordering::Relaxed))
        }

        fn is_closed(connection: &usize) -> bool {
            *connection == 7
        }
    }

    fn pool(options: &ServerOptions) -> Pool<Numbered> {
        Pool::new(Numbered::default(), options)
    }

    #[tokio::test]
    async fn only_what_was_given_back_is_lent_again() {
        let pool = pool(&ServerOptions { connections: 2, ..ServerOptions::default() });
        let (first, second) = (pool.acquire(false).await.unwrap(), pool.acquire(false).await.unwrap());
        first.give_back();
        drop(second);
        assert_eq!((*pool.acquire(false).await.unwrap(), *pool.acquire(false).await.unwrap()), (0, 2));
        assert_eq!(pool.0.permits.available_permits(), 2);
    }

    #[tokio::test]
    async fn a_fresh_connection_is_new_and_closed_ones_are_not_lent() {
        let pool = pool(&ServerOptions::default());
        pool.acquire(false).await.unwrap().give_back();
        assert_eq!(*pool.acquire(true).await.unwrap(), 1);
        let mut closed = pool.acquire(true).await.unwrap();
        *closed = 7;
        closed.give_back();
        assert_eq!(*pool.acquire(false).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn connections_that_idle_too_long_are_closed() {
        let pool = pool(&ServerOptions { idle_timeout: Duration::ZERO, ..ServerOptions::default() });
        pool.acquire(false).await.unwrap().give_back();
        assert!(pool.0.idle().is_empty());
    }

    #[tokio::test]
    async fn waiting_for_a_connection_ends() {
        let acquire_timeout = Duration::from_millis(1);
        let pool = pool(&ServerOptions { connections: 1, acquire_timeout, ..ServerOptions::default() });
        let held = pool.acquire(false).await.unwrap();
        assert!(matches!(pool.acquire(false).await.map(|_| ()), Err(StorageError::Unavailable(_))));
        drop(held);
        assert!(pool.acquire(false).await.is_ok());
    }
}

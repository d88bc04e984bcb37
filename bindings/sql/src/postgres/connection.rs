//! One connection, with what is prepared on it.

use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::future::join_all;
use kernia::store::StorageError;
use tokio_postgres::{Client, Config, Error, Statement};

use super::{error::text, tls::MakeTls};
use crate::pool::Connect;

/// Opens connections.
pub(super) struct Connector {
    pub(super) config: Config,
    pub(super) tls: MakeTls,
    /// How many statements a connection keeps.
    pub(super) statements: usize,
}

/// An open connection. When it is dropped it ends in good order, after what was sent on it; a transaction that is not
/// committed by then is taken back.
pub(super) struct Connection {
    pub(super) client: Client,
    prepared: HashMap<String, Prepared>,
    /// How many statements were asked for so far.
    clock: u64,
    capacity: usize,
}

struct Prepared {
    statement: Statement,
    used: u64,
}

#[async_trait]
impl Connect for Connector {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, StorageError> {
        let connected = self.config.connect(self.tls.clone()).await;
        let (client, connection) = connected.map_err(|error| StorageError::Unavailable(text(&error)))?;
        // Its errors are told to whoever waits for an answer.
        tokio::spawn(async move { _ = connection.await });
        Ok(Connection { client, prepared: HashMap::new(), clock: 0, capacity: self.statements.max(1) })
    }

    fn is_closed(connection: &Connection) -> bool {
        connection.client.is_closed()
    }
}

impl Connection {
    /// The statements of these texts, in order; those that are new are prepared together, in one round trip.
    pub(super) async fn prepare(&mut self, texts: &[&str]) -> Result<Vec<Statement>, Error> {
        let mut new: Vec<&str> = texts.iter().copied().filter(|text| !self.prepared.contains_key(*text)).collect();
        new.sort_unstable();
        new.dedup();
        let client = &self.client;
        let mut fresh = HashMap::new();
        for (text, statement) in join_all(new.iter().map(async |text| (*text, client.prepare(text).await))).await {
            fresh.insert(text, statement?);
        }
        let mut statements = Vec::with_capacity(texts.len());
        for text in texts {
            self.clock += 1;
            let known = self.prepared.get_mut(*text).map(|known| {
                known.used = self.clock;
                known.statement.clone()
            });
            statements.extend(known.or_else(|| fresh.get(text).cloned()));
        }
        for (text, statement) in fresh {
            self.keep(text, statement);
        }
        Ok(statements)
    }

    fn keep(&mut self, text: &str, statement: Statement) {
        if self.prepared.len() >= self.capacity {
            let oldest = self.prepared.iter().min_by_key(|(_, known)| known.used).map(|(text, _)| text.clone());
            oldest.and_then(|oldest| self.prepared.remove(&oldest));
        }
        self.prepared.insert(text.to_owned(), Prepared { statement, used: self.clock });
    }
}

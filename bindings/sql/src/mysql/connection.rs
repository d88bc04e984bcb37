//! Opening connections.

use async_trait::async_trait;
use kernia::store::StorageError;
use mysql_async::{Conn, DriverError, Error, Opts, OptsBuilder, SslOpts};

use super::error::text;
use crate::pool::Connect;

/// Opens connections.
pub(super) struct Connector {
    pub(super) opts: Opts,
    /// Whether to do without TLS where the server has none.
    pub(super) plain: bool,
}

#[async_trait]
impl Connect for Connector {
    type Connection = Conn;

    async fn connect(&self) -> Result<Conn, StorageError> {
        let connected = match Conn::new(self.opts.clone()).await {
            Err(Error::Driver(DriverError::NoClientSslFlagFromServer)) if self.plain => {
                Conn::new(OptsBuilder::from_opts(self.opts.clone()).ssl_opts(None::<SslOpts>)).await
            }
            connected => connected,
        };
        connected.map_err(|error| StorageError::Unavailable(text(&error)))
    }

    fn is_closed(connection: &Conn) -> bool {
        connection.is_disconnected()
    }
}

//! One connection that writes, and some that read.

use std::{
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use kernia::store::StorageError;
use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::error::failure;
use crate::{Durability, SqliteOptions};

const MEMORY: &str = ":memory:";

pub(super) struct Connections {
    writer: Mutex<Connection>,
    /// None for a database in memory, which lives in its one connection.
    readers: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Connections {
    pub(super) fn open(path: &Path, options: &SqliteOptions) -> Result<Self, StorageError> {
        let in_memory = path == Path::new(MEMORY);
        if !in_memory && !options.read_only {
            create_private(path)?;
        }
        let writer = connect(path, options).map_err(|error| failure(&error))?;
        let readers = if in_memory { 0 } else { options.readers.max(1) };
        let readers = (0..readers).map(|_| {
            let reader = connect(path, options)?;
            reader.pragma_update(None, "query_only", true)?;
            Ok(Mutex::new(reader))
        });
        let readers = readers.collect::<Result<_, _>>().map_err(|error| failure(&error))?;
        Ok(Self { writer: Mutex::new(writer), readers, next: AtomicUsize::new(0) })
    }

    /// Whether a change touches no disk.
    pub(super) fn in_memory(&self) -> bool {
        self.readers.is_empty()
    }

    /// The connection that writes.
    pub(super) fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that reads, an idle one if there is one.
    pub(super) fn reader(&self) -> MutexGuard<'_, Connection> {
        let count = self.readers.len();
        if count == 0 {
            return self.writer();
        }
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        for step in 0..count {
            if let Ok(reader) = self.readers[first.wrapping_add(step) % count].try_lock() {
                return reader;
            }
        }
        self.readers[first % count].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(path: &Path, options: &SqliteOptions) -> rusqlite::Result<Connection> {
    let access = match options.read_only {
        true => OpenFlags::SQLITE_OPEN_READ_ONLY,
        false => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(options.statements);
    // A plan that does not look at parameters need not be made again for each of them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if !options.read_only {
        connection.pragma_update(None, "journal_mode", "WAL")?;
    }
    let synchronous = match options.durability {
        Durability::Process => "NORMAL",
        Durability::Power => "FULL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A schema that somebody else wrote must not run functions of ours.
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Creates the file so that only its owner can read it; SQLite gives the files beside it the same rights.
#[cfg(unix)]
fn create_private(path: &Path) -> Result<(), StorageError> {
    use std::os::unix::fs::OpenOptionsExt;

    let file = std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    file.map(drop).map_err(|error| StorageError::Unavailable(format!("cannot open {}: {error}", path.display())))
}

#[cfg(not(unix))]
fn create_private(_: &Path) -> Result<(), StorageError> {
    Ok(())
}

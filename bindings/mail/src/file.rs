//! Messages in a file.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use kernia::engine::{DeliverError, Message};
use kernia_runtime::Deliver;

use crate::{SetupError, json};

/// Appends each message to a file, as one JSON object a line: `kind`, `to`, and what there is of `channel`, `url`, `token`, `otp`,
/// `name`, `newEmail` and `metadata`. A file that is made is readable by its owner only (mode 0600).
#[derive(Clone, Debug)]
pub struct FileDelivery {
    path: Arc<Path>,
}

impl FileDelivery {
    /// Delivers into the file at `path`, which is made if it is not there.
    ///
    /// # Errors
    /// [`SetupError::File`] when it cannot be opened for writing.
    pub fn new(path: impl Into<PathBuf>) -> Result<Self, SetupError> {
        let path: Arc<Path> = path.into().into();
        open(&path)?;
        Ok(Self { path })
    }
}

#[async_trait]
impl Deliver for FileDelivery {
    async fn deliver(&self, message: &Message) -> Result<(), DeliverError> {
        let mut line = json::to_vec(message);
        line.push(b'\n');
        let path = Arc::clone(&self.path);
        // Opened anew for each message, so that the file may be moved away; written at once, so that lines stay whole.
        let write = tokio::task::spawn_blocking(move || open(&path)?.write_all(&line));
        let written = write.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        written.map_err(|error| DeliverError(error.to_string()))
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

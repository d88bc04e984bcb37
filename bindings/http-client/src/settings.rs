//! What a client may do.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

/// Limits of a client, and what an operator knows better than the internet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientSettings {
    /// How long a connection may take to be made, TLS not included.
    pub connect_timeout: Duration,
    /// How long a call may take as a whole.
    pub timeout: Duration,
    /// How many bytes an answer may have.
    pub max_answer_bytes: usize,
    /// How many answers are kept for calls that take one from before.
    pub max_kept: usize,
    /// A file with certificates, in PEM form, of authorities to trust besides the public ones.
    pub extra_roots: Option<PathBuf>,
    /// Where hosts are, in the place of what DNS says: for servers behind the operator's own gateway. A port counts where the URL
    /// names none. Calls whose address a user can influence do not look here.
    pub resolve: BTreeMap<String, SocketAddr>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            max_answer_bytes: 1024 * 1024,
            max_kept: 64,
            extra_roots: None,
            resolve: BTreeMap::new(),
        }
    }
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file of extra authorities cannot be read or holds none.
    #[error("{0} has no certificates in PEM form")]
    Roots(String),
    /// TLS cannot be set up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

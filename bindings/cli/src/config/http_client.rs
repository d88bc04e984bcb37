//! `[http_client]`.

use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU64, path::PathBuf, time::Duration};

use kernia_http_client::ClientSettings;
use serde::Deserialize;

use super::sections::seconds;

/// `[http_client]`: how other servers are called. Durations are seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpClientSection {
    /// How long a connection may take to be made.
    connect_timeout: NonZeroU64,
    /// How long a call may take as a whole.
    timeout: NonZeroU64,
    /// Certificates of authorities to trust besides the public ones.
    extra_roots: Option<PathBuf>,
    /// Where hosts are, in the place of what DNS says.
    resolve: BTreeMap<String, SocketAddr>,
}

impl Default for HttpClientSection {
    fn default() -> Self {
        let settings = ClientSettings::default();
        Self {
            connect_timeout: seconds(settings.connect_timeout.as_secs()),
            timeout: seconds(settings.timeout.as_secs()),
            extra_roots: None,
            resolve: BTreeMap::new(),
        }
    }
}

impl HttpClientSection {
    /// What the client is told.
    pub(crate) fn settings(&self) -> ClientSettings {
        let mut settings = ClientSettings::default();
        settings.connect_timeout = Duration::from_secs(self.connect_timeout.get());
        settings.timeout = Duration::from_secs(self.timeout.get());
        settings.extra_roots.clone_from(&self.extra_roots);
        settings.resolve.clone_from(&self.resolve);
        settings
    }
}

//! The log, on standard error.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, registry, util::SubscriberInitExt as _};

use crate::config::{Log, LogFormat};

/// Starts to log. A log that was started before stays.
pub(crate) fn start(log: &Log) {
    let terminal = io::stderr().is_terminal();
    let format = log.format.unwrap_or(if terminal { LogFormat::Pretty } else { LogFormat::Json });
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Pretty => lines.with_ansi(terminal).boxed(),
    };
    let _ = registry().with(lines.with_filter(log.level.0.clone())).try_init();
}

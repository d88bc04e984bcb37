//! The log, on standard error.

use std::{
    fmt,
    io::{self, IsTerminal as _},
};

use tracing::{Subscriber, field::Field};
use tracing_subscriber::{
    Layer,
    field::MakeExt as _,
    fmt::{
        MakeWriter,
        format::{Writer, debug_fn},
    },
    layer::SubscriberExt as _,
    registry,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use crate::config::{Log, LogFormat};

/// Starts to log. A log that was started before stays.
pub(crate) fn start(log: &Log) {
    let terminal = io::stderr().is_terminal();
    let format = log.format.unwrap_or(if terminal { LogFormat::Pretty } else { LogFormat::Json });
    let lines = lines(format, terminal, io::stderr);
    let _ = registry().with(lines.with_filter(log.level.0.clone())).try_init();
}

/// Writes events as lines.
fn lines<S, W>(format: LogFormat, ansi: bool, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    match format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Pretty => lines.with_ansi(ansi).fmt_fields(debug_fn(write_field).delimited(" ")).boxed(),
    }
}

/// Writes a field without letting its value end the line or reach the terminal: clients have a say in values.
fn write_field(out: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    if field.name() != "message" {
        write!(out, "{field}=")?;
    }
    let leaves_the_line = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    format!("{value:?}").chars().try_for_each(|letter| {
        if leaves_the_line(letter) { write!(out, "{}", letter.escape_default()) } else { out.write_char(letter) }
    })
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use super::*;

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn case_193_nothing_that_a_client_says_begins_a_line() {
        const SAID: &str = "x\r\n2026-01-01T00:00:00Z ERROR forged\n\u{1b}[2J\u{1b}]0;title\u{7}\u{85}\u{2028}\u{0}y";
        for (format, ansi) in [(LogFormat::Json, false), (LogFormat::Pretty, false), (LogFormat::Pretty, true)] {
            let written = Written::default();
            let writer = written.clone();
            let subscriber = registry().with(lines(format, ansi, move || writer.clone()));
            tracing::subscriber::with_default(subscriber, || {
                tracing::error!(error = %SAID, detail = ?SAID, text = SAID, "request failed");
                tracing::info!("{SAID}");
            });
            let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
            assert_eq!(text.matches("forged").count(), 4, "{text:?}");
            assert_eq!(text.lines().count(), 2, "{format:?}: {text:?}");
            let controls: Vec<_> = text.chars().filter(|letter| letter.is_control() && *letter != '\n').collect();
            // Whoever reads JSON reads no line end into U+0085.
            assert!(
                ansi || controls.iter().all(|letter| *letter == '\u{85}' && matches!(format, LogFormat::Json)),
                "{text:?}"
            );
            for hostile in ["\u{1b}[2J", "\u{1b}]0", "\r", "\u{7}"] {
                assert!(!text.contains(hostile), "{format:?}: {text:?}");
            }
        }
    }
}

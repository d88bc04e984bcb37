//! How far it is: a bar on a terminal, now and then a line elsewhere. Both on standard error.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::report::Counts;

/// How long nothing may be said without a terminal.
const SILENCE: Duration = Duration::from_secs(10);

/// How far it is.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    length: u64,
    /// The tenth that was said last.
    tenth: u64,
    said: Instant,
}

impl Progress {
    /// For a file of so many bytes.
    pub(super) fn start(length: u64) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}  {elapsed} (about {eta} left)");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, length, tenth: 0, said: Instant::now() }
    }

    pub(super) fn advance(&mut self, position: u64, counts: Counts) {
        let message = format!("{} read, {} imported", counts.records(), counts.created);
        if let Some(bar) = &self.bar {
            bar.set_position(position.min(self.length));
            bar.set_message(message);
            return;
        }
        let percent = position.min(self.length) * 100 / self.length.max(1);
        if percent / 10 > self.tenth || self.said.elapsed() > SILENCE {
            self.tenth = percent / 10;
            self.said = Instant::now();
            // Nobody minds when nobody listens.
            let _ = writeln!(io::stderr(), "import: {percent}%, {message}");
        }
    }

    /// Says something without spoiling the bar.
    pub(super) fn say(&self, text: &str) {
        let write = || {
            let _ = writeln!(io::stderr(), "{text}");
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

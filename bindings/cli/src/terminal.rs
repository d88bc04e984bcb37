//! Talking to a person, or to a program that reads along.

use std::{
    fmt::Display,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
};

/// Colors, on a terminal only and never where `NO_COLOR` is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// For standard output.
    #[must_use]
    pub(crate) fn stdout() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { on: io::stdout().is_terminal() && !refused }
    }

    /// For headings.
    #[must_use]
    pub(crate) fn bold(self, text: impl Display) -> String {
        self.paint("1", text)
    }

    /// For what matters less.
    #[must_use]
    pub(crate) fn dim(self, text: impl Display) -> String {
        self.paint("2", text)
    }

    /// For what is as it should be.
    #[must_use]
    pub(crate) fn good(self, text: impl Display) -> String {
        self.paint("32", text)
    }

    /// For what somebody should look at.
    #[must_use]
    pub(crate) fn warning(self, text: impl Display) -> String {
        self.paint("33", text)
    }

    fn paint(self, code: &str, text: impl Display) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// Writes to standard output.
///
/// # Errors
/// When it is closed.
pub(crate) fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Whether there is somebody to ask.
#[must_use]
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks a question that only `y` or `yes` affirms.
///
/// # Errors
/// When standard input or output is closed.
pub(crate) fn confirm(question: &str) -> io::Result<bool> {
    say(&format!("{question} [y/N] "))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// `1 change`, `2 changes`.
#[must_use]
pub(crate) fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

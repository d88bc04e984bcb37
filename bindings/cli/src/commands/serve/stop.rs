//! Being told to stop.

use std::io;

use tokio::sync::watch;

/// Sets `stop` at the first SIGINT or SIGTERM, and ends the process at the second.
pub(crate) async fn on_signal(stop: watch::Sender<bool>) {
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(error) => {
            tracing::error!(%error, "signals cannot be received; the server will not stop gracefully");
            // As long as this waits, `stop` is not dropped, which would be read as a signal.
            return std::future::pending().await;
        }
    };
    signals.next().await;
    tracing::info!("stopping; once more to stop at once");
    stop.send_replace(true);
    signals.next().await;
    std::process::exit(130);
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

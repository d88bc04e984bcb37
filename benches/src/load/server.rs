//! A server as a child process, watched from outside.

use std::{
    fs, io,
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::Connection;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// `/proc` counts time in hundredths of a second, on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
}

/// Resident memory, in MiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// At this moment.
    pub now: f64,
    /// At most so far.
    pub peak: f64,
}

/// An address of this machine at which nobody listens.
///
/// # Errors
/// When there is none.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

impl Server {
    /// Starts `command`, which is to listen at `address`, and waits until it answers `probe`.
    ///
    /// # Errors
    /// When it ends, or does not answer within half a minute.
    pub async fn start(mut command: Command, address: SocketAddr, probe: &[u8]) -> io::Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut server = Self { address, child };
        let start = Instant::now();
        loop {
            if let Some(status) = server.child.try_wait()? {
                return Err(io::Error::other(format!("{command:?} ended: {status}")));
            }
            if let Ok(mut connection) = Connection::open(address).await
                && connection.ask(probe).await.is_ok()
            {
                return Ok(server);
            }
            if start.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("{command:?} does not answer")));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The processor time that it has used, in user space and in the kernel.
    ///
    /// # Errors
    /// When it is gone.
    pub fn cpu(&self) -> io::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the program is in parentheses and may hold anything; user and system time are the 12th and 13th after it.
        let numbers = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u32 = numbers.skip(11).take(2).filter_map(|number| number.parse::<u32>().ok()).sum();
        Ok(TICK * ticks)
    }

    /// Its resident memory.
    ///
    /// # Errors
    /// When it is gone.
    pub fn memory(&self) -> io::Result<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let mib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or_default() / 1024.0
        };
        Ok(Memory { now: mib("VmRSS:"), peak: mib("VmHWM:") })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

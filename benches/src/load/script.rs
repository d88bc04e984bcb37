//! Who asks what, how often, and whether the answer is right.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{Answer, Connection, Report};

/// What one connection does.
pub trait Script: Send + 'static {
    /// The next request and its kind; `None` when there is nothing left to ask.
    fn next(&mut self) -> Option<(usize, Arc<[u8]>)>;

    /// Looks at the answer to a request of this kind. False when it is not the right one.
    fn accept(&mut self, kind: usize, answer: &Answer<'_>) -> bool;
}

/// When requests are sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Each when the one before it on the same connection is answered.
    Closed,
    /// So many a second over all connections, whether or not answers come. The latency of a request that has to wait for its
    /// connection begins when it should have been sent.
    Rate(f64),
}

/// Asks the same thing over and over.
#[derive(Clone, Debug)]
pub struct Repeat {
    request: Arc<[u8]>,
    accept: fn(&Answer<'_>) -> bool,
    left: usize,
}

impl Repeat {
    /// Asks `request` for ever.
    #[must_use]
    pub fn new(request: Vec<u8>, accept: fn(&Answer<'_>) -> bool) -> Self {
        Self { request: request.into(), accept, left: usize::MAX }
    }

    /// Asks it so many times.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { left: times, ..self }
    }
}

impl Script for Repeat {
    fn next(&mut self) -> Option<(usize, Arc<[u8]>)> {
        self.left = self.left.checked_sub(1)?;
        Some((0, Arc::clone(&self.request)))
    }

    fn accept(&mut self, _: usize, answer: &Answer<'_>) -> bool {
        (self.accept)(answer)
    }
}

/// Runs each script on a connection of its own, for at most `duration`. What is sent by then is awaited.
///
/// # Errors
/// When a connection cannot be made. One that breaks later ends its script and counts as failed.
pub async fn drive<S: Script>(
    address: SocketAddr,
    scripts: Vec<S>,
    pace: Pace,
    duration: Duration,
) -> io::Result<Report> {
    let count = scripts.len();
    let mut connections = Vec::with_capacity(count);
    for script in scripts {
        connections.push((Connection::open(address).await?, script));
    }
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for (at, (connection, script)) in connections.into_iter().enumerate() {
        let schedule = match pace {
            Pace::Closed => None,
            Pace::Rate(rate) => {
                let interval = Duration::from_secs_f64(count as f64 / rate);
                Some((start + interval.mul_f64(at as f64 / count as f64), interval))
            }
        };
        tasks.spawn(run(connection, script, schedule, start, start + duration));
    }
    let mut report = Report::default();
    while let Some(one) = tasks.join_next().await {
        report.merge(one.map_err(io::Error::other)?);
    }
    Ok(report)
}

async fn run(
    mut connection: Connection,
    mut script: impl Script,
    mut schedule: Option<(Instant, Duration)>,
    start: Instant,
    end: Instant,
) -> Report {
    let mut report = Report::default();
    loop {
        let sent = match &mut schedule {
            None => Instant::now(),
            Some((due, interval)) => {
                let planned = *due;
                *due += *interval;
                let late = planned <= Instant::now();
                sleep_until(planned).await;
                // The timer is no finer than a millisecond, which is not the server's doing.
                if late { planned } else { Instant::now() }
            }
        };
        if sent >= end {
            break;
        }
        let Some((kind, request)) = script.next() else { break };
        match connection.ask(&request).await {
            Ok(answer) if script.accept(kind, &answer) => report.note(kind, sent.elapsed()),
            Ok(_) => report.failed += 1,
            Err(_) => {
                report.failed += 1;
                break;
            }
        }
    }
    report.took = start.elapsed();
    report
}

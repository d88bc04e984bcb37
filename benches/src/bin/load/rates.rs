//! How much the server takes before its answers are late.

use std::{
    io::{self, Write as _},
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use kernia_benches::load::{Pace, drive};

use crate::{
    Options, serve,
    visitors::{Guest, Reader, Visitor, sign_up},
};

/// Requests a second that readers make.
const RATES: [f64; 8] = [500.0, 1000.0, 2000.0, 4000.0, 8000.0, 12_000.0, 16_000.0, 20_000.0];
const READERS: usize = 64;
const GUESTS: usize = 4;
/// Of three requests of a guest one computes a hash.
const REQUESTS_A_HASH: f64 = 3.0;
const LIMIT: Duration = Duration::from_millis(10);

pub(crate) async fn run(options: &Options) -> io::Result<()> {
    let duration = Duration::from_secs_f64(options.get("seconds", 5.0)?);
    let hashes: f64 = options.get("hashes", 2.0)?;
    let folder = serve::Folder::new()?;
    let server = serve::start(&folder.0, &options.get("database", folder.database())?).await?;
    let people: Arc<AtomicUsize> = Arc::default();
    let (mut readers, mut guests) = (Vec::new(), Vec::new());
    for _ in 0..READERS {
        let (_, cookies) = sign_up(server.address, &people).await?;
        readers.push(Visitor::Reader(Reader::new(server.address, &cookies)));
    }
    for _ in 0..GUESTS {
        let (email, _) = sign_up(server.address, &people).await?;
        guests.push(Visitor::Guest(Guest::new(server.address, email, Arc::clone(&people))));
    }
    let mut out = io::stdout();
    writeln!(out, "Sign-ins and sign-ups beside the reads: {hashes} a second.\n")?;
    writeln!(
        out,
        "| reads a second, wanted | had | p50, ms | p99, ms | cores of the server | p99 of sign-ins, ms | failed |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |")?;
    let mut best = None;
    for rate in RATES {
        let before = server.cpu()?;
        let reading = drive(server.address, readers.clone(), Pace::Rate(rate), duration);
        // Without guests the machine's own noise is left.
        let visiting = async {
            let guests = if hashes > 0.0 { guests.clone() } else { Vec::new() };
            drive(server.address, guests, Pace::Rate((hashes * REQUESTS_A_HASH).max(1.0)), duration).await
        };
        let (reads, visits) = tokio::try_join!(reading, visiting)?;
        let cores = (server.cpu()? - before).as_secs_f64() / duration.as_secs_f64();
        let (all, hashed) = (reads.of(|_| true), visits.of(|kind| kind == 2 || kind == 3));
        let millis = |took: Duration| took.as_secs_f64() * 1e3;
        let (median, p99) = (all.percentile(0.5), all.percentile(0.99));
        writeln!(
            out,
            "| {rate:.0} | {:.0} | {:.2} | {:.2} | {cores:.2} | {:.0} | {} |",
            reads.rate(),
            millis(median),
            millis(p99),
            millis(hashed.percentile(0.99)),
            reads.failed + visits.failed
        )?;
        if p99 <= LIMIT {
            best = Some(rate);
        }
    }
    match best {
        Some(rate) => writeln!(out, "\nThe 99th percentile of reads stays below 10 ms up to {rate:.0} a second."),
        None => writeln!(out, "\nThe 99th percentile of reads is above 10 ms at every rate."),
    }
}

//! A mixed load for a while, and the server's memory beside it.

use std::{
    io::{self, Write as _},
    sync::Arc,
    time::Duration,
};

use kernia_benches::load::{Pace, drive};

use crate::{
    Options, serve,
    visitors::{Guest, KINDS, Reader, Visitor, sign_up},
};

/// The first of so many parts is warm-up.
const PARTS: u32 = 10;
/// What the memory at the end may exceed that after the warm-up by. The caches of SQLite's connections fill slowly.
const ALLOWANCE_MIB: f64 = 8.0;

pub(crate) async fn run(options: &Options) -> io::Result<()> {
    let minutes: f64 = options.get("minutes", 5.0)?;
    let connections: usize = options.get("connections", 64)?;
    let folder = serve::Folder::new()?;
    let database = options.get("database", folder.database())?;
    let server = serve::start(&folder.0, &database).await?;
    let people = Arc::default();
    let mut visitors = Vec::new();
    for at in 0..connections {
        let (email, cookies) = sign_up(server.address, &people).await?;
        // One connection of eight is a guest's.
        visitors.push(if at % 8 == 0 {
            Visitor::Guest(Guest::new(server.address, email, Arc::clone(&people)))
        } else {
            Visitor::Reader(Reader::new(server.address, &cookies))
        });
    }
    let part = Duration::from_secs_f64(minutes * 60.0 / f64::from(PARTS));
    let mut out = io::stdout();
    writeln!(
        out,
        "| minutes | requests a second | failed | CPU a request, µs | resident, MiB |\n| --- | --- | --- | --- | --- |"
    )?;
    let (mut warm, mut last, mut failed) = (0.0, 0.0, 0);
    for number in 1..=PARTS {
        let before = server.cpu()?;
        let report = drive(server.address, visitors.clone(), Pace::Closed, part).await?;
        let used = (server.cpu()? - before).as_secs_f64() * 1e6 / report.answered() as f64;
        last = server.memory()?.now;
        if number == 1 {
            warm = last;
        }
        failed += report.failed;
        let minute = minutes * f64::from(number) / f64::from(PARTS);
        writeln!(out, "| {minute:.1} | {:.0} | {} | {used:.0} | {last:.1} |", report.rate(), report.failed)?;
        if number == PARTS {
            writeln!(out, "\n| of the last part | requests | p50, ms | p99, ms |\n| --- | --- | --- | --- |")?;
            for (kind, name) in KINDS.iter().enumerate() {
                let of = report.of(|found| found == kind);
                let millis = |share| of.percentile(share).as_secs_f64() * 1e3;
                writeln!(out, "| {name} | {} | {:.2} | {:.2} |", of.len(), millis(0.5), millis(0.99))?;
            }
        }
    }
    writeln!(
        out,
        "\nresident after the warm-up {warm:.1} MiB, at the end {last:.1} MiB, peak {:.1} MiB",
        server.memory()?.peak
    )?;
    if failed > 0 || last > warm + ALLOWANCE_MIB {
        return Err(io::Error::other(format!("{failed} requests failed; memory grew from {warm:.1} to {last:.1} MiB")));
    }
    Ok(())
}

//! Measures Kernia beside the reference, the Python original and a bare server, all under the same loads, and writes a table.
//!
//! `benches/compare/run` prepares the others and calls this. In every round each server is started afresh, one at a time, so that
//! what changes on the machine from minute to minute changes the figures of all; ratios are taken within a round.

mod measure;
mod peers;
mod table;

use std::{env, io, io::Write as _};

use measure::Figures;
use peers::Tools;

/// What the command line says.
struct Settings {
    rounds: usize,
    seconds: f64,
    /// Parts of the names of the servers to measure; empty for all.
    only: Vec<String>,
    /// What is asked besides the reads.
    hashes: Hashes,
}

/// How much is asked that computes hashes, which is most of the time that a round takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hashes {
    None,
    /// As many sign-ins and sign-ups at once as there are connections.
    Connections,
    /// Those, and a burst of sign-ins.
    Burst,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let settings = Settings::read()?;
    let tools = Tools::from_environment()?;
    let peers: Vec<_> = peers::all()
        .into_iter()
        .filter(|peer| settings.only.is_empty() || settings.only.iter().any(|part| peer.name.contains(part.as_str())))
        .collect();
    let mut rounds: Vec<Vec<Figures>> = Vec::new();
    for round in 1..=settings.rounds {
        let mut figures = Vec::new();
        for peer in &peers {
            writeln!(io::stderr(), "round {round}: {}", peer.name)?;
            // One burst tells how much memory it takes.
            let hashes = match settings.hashes {
                Hashes::Burst if round < settings.rounds => Hashes::Connections,
                hashes => hashes,
            };
            figures.push(measure::measure(peer, &tools, settings.seconds, hashes).await?);
        }
        rounds.push(figures);
    }
    write!(io::stdout(), "{}", table::write(&peers, &rounds, &tools)?)
}

impl Settings {
    fn read() -> io::Result<Self> {
        let mut settings = Self { rounds: 3, seconds: 3.0, only: Vec::new(), hashes: Hashes::Burst };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| io::Error::other(format!("{argument} wants a value")));
            match argument.as_str() {
                "--rounds" => settings.rounds = value()?.parse().map_err(io::Error::other)?,
                "--seconds" => settings.seconds = value()?.parse().map_err(io::Error::other)?,
                "--reads" => settings.hashes = Hashes::None,
                "--only" => settings.only = value()?.split(',').map(str::to_owned).collect(),
                _ => return Err(io::Error::other("compare [--rounds N] [--seconds N] [--only PART,PART] [--reads]")),
            }
        }
        Ok(settings)
    }
}

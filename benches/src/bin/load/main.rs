//! `kernia serve` under load for a while: does its memory stay flat, how much can it take, and does the number of users matter.
//!
//! `benches/load` builds everything and calls this:
//! - `load soak [--minutes N] [--connections N]`: readers and people who sign in, up and out, and the server's memory over time;
//! - `load rates`: readers at rising rates beside a few sign-ins a second, until the 99th percentile leaves 10 ms;
//! - `load scale --users N [--database URL]`: random ones of so many users, whose rows are made by SQL.

mod rates;
mod scale;
mod serve;
mod soak;
mod visitors;

use std::{collections::HashMap, env, io};

/// The options of the command line, `--name value` each.
struct Options(HashMap<String, String>);

impl Options {
    fn get<T: std::str::FromStr>(&self, name: &str, usual: T) -> io::Result<T> {
        let Some(text) = self.0.get(name) else { return Ok(usual) };
        text.parse().map_err(|_| io::Error::other(format!("--{name} {text}")))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let mut options = HashMap::new();
    while let Some(name) = arguments.next() {
        let name = name.strip_prefix("--").ok_or_else(|| io::Error::other(name.clone()))?.to_owned();
        let value = arguments.next().ok_or_else(|| io::Error::other(format!("--{name} wants a value")))?;
        options.insert(name, value);
    }
    let options = Options(options);
    match command.as_str() {
        "soak" => soak::run(&options).await,
        "rates" => rates::run(&options).await,
        "scale" => scale::run(&options).await,
        _ => Err(io::Error::other("load soak | rates | scale")),
    }
}

//! The table.

use std::{fmt::Write as _, fs, io};

use crate::{
    measure::{BURST, CONNECTIONS, Cost, Figures, Workload},
    peers::{Kind, Peer, Tools},
};

/// Everything, in Markdown. `rounds` hold the figures of the peers in order.
pub(crate) fn write(peers: &[Peer], rounds: &[Vec<Figures>], tools: &Tools) -> io::Result<String> {
    let mut text = String::new();
    for line in machine()?.into_iter().chain(tools.versions()) {
        let _ = writeln!(text, "- {line}");
    }
    let _ = writeln!(text, "- {} rounds, {CONNECTIONS} connections\n", rounds.len());
    for workload in Workload::ALL {
        let mut rows = Vec::new();
        for (at, peer) in peers.iter().enumerate() {
            let costs: Vec<_> = rounds.iter().filter_map(|round| round[at].cost(workload)).collect();
            if !costs.is_empty() {
                rows.push(row(peer.name, &costs, &ratios(peers, rounds, workload, at)));
            }
        }
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(text, "### {}\n", workload.name());
        text.push_str("| server | CPU a request, µs (least to most) | × Kernia on the same store | requests a second | p50, ms | p99, ms | failed |\n");
        text.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
        rows.iter().for_each(|row| text.push_str(row));
        text.push('\n');
    }
    text.push_str("### Resident memory, MiB\n\n");
    let _ = writeln!(
        text,
        "| server | idle | after reading | peak with {CONNECTIONS} hashes asked for | peak in a burst of {BURST} sign-ins |"
    );
    text.push_str("| --- | --- | --- | --- | --- |\n");
    for (at, peer) in peers.iter().enumerate() {
        let of = |pick: fn(&Figures) -> f64| median(rounds.iter().map(|round| pick(&round[at])).collect());
        let hashing = of(|figures| figures.hashing.peak);
        let burst = rounds.iter().find_map(|round| round[at].burst);
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | {} | {} |",
            peer.name,
            of(|figures| figures.idle.now),
            of(|figures| figures.loaded.now),
            if hashing > 0.0 { format!("{hashing:.0}") } else { "–".to_owned() },
            burst.map_or("–".to_owned(), |memory| format!("{:.0}", memory.peak)),
        );
    }
    Ok(text)
}

fn row(name: &str, costs: &[Cost], ratios: &[f64]) -> String {
    let of = |pick: fn(&Cost) -> f64| -> Vec<f64> { costs.iter().map(pick).collect() };
    let cpu = of(|cost| cost.cpu);
    let (least, most) = cpu.iter().fold((f64::MAX, 0.0_f64), |(least, most), one| (least.min(*one), most.max(*one)));
    format!(
        "| {name} | {} ({} to {}) | {} | {} | {} | {} | {} |\n",
        figure(median(cpu)),
        figure(least),
        figure(most),
        if ratios.is_empty() { "–".to_owned() } else { figure(median(ratios.to_vec())) },
        figure(median(of(|cost| cost.rate))),
        figure(median(of(|cost| cost.median.as_secs_f64() * 1e3))),
        figure(median(of(|cost| cost.p99.as_secs_f64() * 1e3))),
        costs.iter().map(|cost| cost.failed).sum::<usize>(),
    )
}

/// How many times dearer the peer at `at` was than Kernia on the same store, in each round.
fn ratios(peers: &[Peer], rounds: &[Vec<Figures>], workload: Workload, at: usize) -> Vec<f64> {
    let alike = |peer: &Peer| (peer.store, peer.cookie_cache) == (peers[at].store, peers[at].cookie_cache);
    let Some(base) = peers.iter().position(|peer| peer.kind == Kind::Kernia && alike(peer)) else { return Vec::new() };
    rounds.iter().filter_map(|round| Some(round[at].cost(workload)?.cpu / round[base].cost(workload)?.cpu)).collect()
}

/// Three digits, or more where they are before the point.
fn figure(number: f64) -> String {
    match number {
        _ if number >= 1000.0 => {
            let whole = number.round() as u64;
            let (thousands, rest) = (whole / 1000, whole % 1000);
            if thousands >= 1000 { whole.to_string() } else { format!("{thousands},{rest:03}") }
        }
        _ if number >= 100.0 => format!("{number:.0}"),
        _ if number >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() {
        0 => 0.0,
        length if length % 2 == 1 => numbers[middle],
        _ => (numbers[middle - 1] + numbers[middle]) / 2.0,
    }
}

fn machine() -> io::Result<Vec<String>> {
    let cpu = fs::read_to_string("/proc/cpuinfo")?;
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = fs::read_to_string("/proc/meminfo")?;
    let kib: u64 = memory.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let model = model.map_or("", |(_, model)| model);
    Ok(vec![format!("{cores} × {model}, {} GiB, Linux {}", kib >> 20, kernel.trim())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        let texts = [1.234, 12.34, 123.4, 1234.0, 98765.4].map(figure);
        assert_eq!(texts, ["1.23", "12.3", "123", "1,234", "98,765"]);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0]), 2.5);
        assert_eq!(median(Vec::new()), 0.0);
    }
}

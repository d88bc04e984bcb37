//! Counts the instructions of every row under callgrind and compares them with the committed baseline.
//!
//! `instructions` counts and compares, and fails when a row takes more than 3 % more than it did; `instructions renew` writes the
//! baseline anew; `instructions row NAME` does one row's work, for callgrind to watch.
//!
//! A count depends on the code alone as far as that can be had. Each row has a process of its own, with an empty environment (which
//! moves the stack) and fixed randomness and time. The baseline names what else decides, and is not enforced where that differs:
//! the compiler, the C library (its allocator is counted too), valgrind (which hides SHA instructions and the like) and whether the processor
//! has AVX2 (which valgrind passes on). Hash maps keep their random seeds, which move a count by less than 0.1 %.

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    hint::black_box,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use kernia_benches::rows::{ROWS, Row, Work};

/// How much more a row may take than the baseline says.
const TOLERANCE: f64 = 0.03;
const RENEW: &str = "benches/count renew";

/// Instructions of one time, by the row's name.
type Counts = BTreeMap<String, u64>;

/// What was counted, and what besides the code decided it.
#[derive(Debug, PartialEq)]
struct Baseline {
    conditions: Vec<String>,
    counts: Counts,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => check(),
        ["renew"] => renew(),
        ["row", name] => run(name),
        _ => Err(io::Error::other("instructions [renew | row NAME]")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str) -> io::Result<bool> {
    let row = Row::named(name).ok_or_else(|| io::Error::other(format!("there is no row {name:?}")))?;
    let mut work = row.prepare();
    // What is done once only (tables that fill, memory that is asked for) is no part of the count.
    work();
    measured(&mut work, row.times);
    Ok(true)
}

/// What callgrind counts, by this name.
#[inline(never)]
fn measured(work: &mut Work, times: u32) {
    for _ in 0..times {
        black_box(&mut *work)();
    }
}

fn renew() -> io::Result<bool> {
    let baseline = Baseline { conditions: conditions()?, counts: count_all()? };
    fs::write(path(), baseline.to_string())?;
    say(&format!("{baseline}\nwritten to {}", path().display()))?;
    Ok(true)
}

fn check() -> io::Result<bool> {
    let baseline = Baseline::parse(&fs::read_to_string(path())?)?;
    let (here, counts) = (conditions()?, count_all()?);
    let mut good = true;
    for (name, count) in &counts {
        let known = baseline.counts.get(name);
        let verdict = match known.map(|known| *count as f64 / *known as f64 - 1.0) {
            None => "new".to_owned(),
            Some(change) => {
                good &= change <= TOLERANCE;
                format!("{:+.2} %{}", change * 100.0, if change > TOLERANCE { "  TOO MUCH" } else { "" })
            }
        };
        say(&format!("{name:<45}{count:>14}  {verdict}"))?;
    }
    let known: Vec<_> = baseline.counts.keys().collect();
    if baseline.conditions != here {
        say(&format!(
            "\nNot enforced: the baseline was counted with {:?}, this is {here:?}. To count it anew here: {RENEW}",
            baseline.conditions
        ))?;
        return Ok(true);
    }
    if known != counts.keys().collect::<Vec<_>>() {
        say(&format!("\nThe baseline has other rows. To count it anew: {RENEW}"))?;
        return Ok(false);
    }
    if !good {
        say(&format!(
            "\nA row takes over 3 % more instructions. If that is what it should cost, say why in the commit, and: {RENEW}"
        ))?;
    }
    Ok(good)
}

fn count_all() -> io::Result<Counts> {
    let (next, counts) = (AtomicUsize::new(0), Mutex::new(Ok(Counts::new())));
    let one_after_another = || {
        while let Some(row) = ROWS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let count = count(row);
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            match (&mut *counts, count) {
                (Ok(counts), Ok(count)) => _ = counts.insert(row.name.to_owned(), count),
                (all, Err(error)) => *all = Err(error),
                (Err(_), _) => {}
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(one_after_another);
        }
    });
    counts.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn count(row: &Row) -> io::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*instructions::measured*"])
        .arg(env::current_exe()?)
        .args(["row", row.name])
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    let collected = report.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse::<u64>().ok());
    match collected.filter(|collected| output.status.success() && *collected > 0) {
        Some(collected) => Ok(collected / u64::from(row.times)),
        None => Err(io::Error::other(format!("{}: callgrind counted nothing:\n{report}", row.name))),
    }
}

/// What decides a count besides the code.
fn conditions() -> io::Result<Vec<String>> {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let avx2 = cpu.lines().any(|line| line.starts_with("flags") && line.split(' ').any(|flag| flag == "avx2"));
    Ok(vec![
        first_line("rustc", &["--version"])?,
        first_line("getconf", &["GNU_LIBC_VERSION"])?,
        first_line("valgrind", &["--version"])?,
        format!("{}{}", env::consts::ARCH, if avx2 { " with AVX2" } else { "" }),
    ])
}

fn first_line(program: &str, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(program).args(arguments).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

fn say(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

impl Baseline {
    /// Lines `# condition`, then lines `count name`.
    fn parse(text: &str) -> io::Result<Self> {
        let (conditions, counts): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.starts_with('#'));
        let read = |line: &&str| {
            let (count, name) = line.trim_start().split_once(' ')?;
            Some((name.trim().to_owned(), count.parse().ok()?))
        };
        let counts: Option<Counts> = counts.iter().filter(|line| !line.is_empty()).map(read).collect();
        Ok(Self {
            conditions: conditions.into_iter().map(|line| line.trim_start_matches(['#', ' ']).to_owned()).collect(),
            counts: counts.ok_or_else(|| io::Error::other("the baseline cannot be read"))?,
        })
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.conditions.iter().try_for_each(|condition| writeln!(f, "# {condition}"))?;
        self.counts.iter().try_for_each(|(name, count)| writeln!(f, "{count:>12} {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_is_read_as_it_was_written() {
        let counts = ROWS.iter().map(|row| (row.name.to_owned(), 7)).collect();
        let baseline = Baseline { conditions: vec!["rustc 1.89.0".to_owned(), "glibc 2.36".to_owned()], counts };
        assert_eq!(Baseline::parse(&baseline.to_string()).unwrap(), baseline);
        assert!(Baseline::parse("many get-session\n").is_err());
    }

    #[test]
    fn the_committed_baseline_has_every_row() {
        let baseline = Baseline::parse(&fs::read_to_string(path()).unwrap()).unwrap();
        let names: Vec<_> = baseline.counts.keys().map(String::as_str).collect();
        let mut rows: Vec<_> = ROWS.iter().map(|row| row.name).collect();
        rows.sort_unstable();
        assert_eq!(names, rows);
    }

    #[test]
    fn every_row_does_its_work() {
        for row in ROWS {
            let mut work = row.prepare();
            // What is done once only takes seconds without optimization.
            if row.times > 1 {
                work();
                work();
            }
        }
    }
}

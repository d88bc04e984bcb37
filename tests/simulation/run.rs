//! Running histories, and making those that fail small.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::{
    history::{self, Move},
    mutants::Mutant,
    setting::Setting,
    violation::{Checked, Violation},
    world::World,
};

/// The variable that names one history, or a part of one, to run: `seed` or `seed:0,4,7-9`.
pub(crate) const REPLAY: &str = "KERNIA_SIMULATION_REPLAY";

/// What a panic breaks.
pub(crate) const NO_PANIC: &str = "nothing panics";

/// A history that fails.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) seed: u64,
    pub(crate) violation: Violation,
    /// What of the history it takes.
    pub(crate) kept: Vec<usize>,
}

/// Runs the parts of a history that `kept` names.
pub(crate) fn run(
    seed: u64,
    moves: &[Move],
    kept: &[usize],
    mutant: Option<&'static Mutant>,
    traced: bool,
) -> (Checked, World) {
    let mut world = World::new(seed, Setting::draw(seed), mutant, traced);
    let checked = catch_unwind(AssertUnwindSafe(|| {
        kept.iter().try_for_each(|at| world.happen(*at, &moves[*at]))?;
        world.drain()
    }));
    let checked = checked.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let what = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
        Err(Violation { rule: NO_PANIC, what })
    });
    (checked, world)
}

/// What many histories came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The one of the smallest seed that was found to fail.
    pub(crate) failure: Option<Failure>,
    /// How often each action succeeded.
    pub(crate) successes: BTreeMap<&'static str, u64>,
}

/// Runs `count` histories from `first` on, on all cores, until one fails.
pub(crate) fn search(first: u64, count: u64, mutant: Option<&'static Mutant>) -> Outcome {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let outcome: Mutex<Outcome> = Mutex::default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    let seed = first.wrapping_add(at);
                    let moves = history::draw(seed, &Setting::draw(seed));
                    let all: Vec<_> = (0..moves.len()).collect();
                    let (checked, world) = run(seed, &moves, &all, mutant, false);
                    let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
                    for (name, count) in world.successes() {
                        *outcome.successes.entry(name).or_default() += count;
                    }
                    if let Err(violation) = checked {
                        stop.store(true, Ordering::Relaxed);
                        if outcome.failure.as_ref().is_none_or(|known| seed < known.seed) {
                            outcome.failure = Some(Failure { seed, violation, kept: all });
                        }
                    }
                }
            });
        }
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Leaves out of a failing history whatever it fails without: halves first, then smaller pieces, then single moves.
pub(crate) fn shrink(mut failure: Failure, mutant: Option<&'static Mutant>) -> Failure {
    let moves = history::draw(failure.seed, &Setting::draw(failure.seed));
    let fails = |kept: &[usize]| match run(failure.seed, &moves, kept, mutant, false).0 {
        Err(violation) if violation.rule == failure.violation.rule => Some(violation),
        _ => None,
    };
    let mut kept = failure.kept.clone();
    let mut violation = failure.violation.clone();
    let mut piece = kept.len().div_ceil(2);
    loop {
        let mut at = 0;
        let mut smaller = false;
        while at < kept.len() {
            let mut without = kept.clone();
            without.drain(at..(at + piece).min(kept.len()));
            if let Some(found) = fails(&without) {
                (kept, violation, smaller) = (without, found, true);
            } else {
                at += piece;
            }
        }
        if piece > 1 {
            piece = piece.div_ceil(2);
        } else if !smaller {
            break;
        }
    }
    (failure.kept, failure.violation) = (kept, violation);
    failure
}

/// What a developer needs to see of a failure.
pub(crate) fn report(failure: &Failure, mutant: Option<&'static Mutant>) -> String {
    let setting = Setting::draw(failure.seed);
    let moves = history::draw(failure.seed, &setting);
    let (_, world) = run(failure.seed, &moves, &failure.kept, mutant, true);
    let kept: Vec<_> = failure.kept.iter().map(usize::to_string).collect();
    format!(
        "{}\n\n{setting:#?}\n{}\n\nagain: {REPLAY}={}:{}",
        failure.violation,
        world.trace().join("\n"),
        failure.seed,
        kept.join(",")
    )
}

/// Reads what [`REPLAY`] says: the seed and what of its history to keep; all of it when nothing is said.
pub(crate) fn parse(text: &str) -> Option<(u64, Option<Vec<usize>>)> {
    let (seed, kept) = text.split_once(':').map_or((text, None), |(seed, kept)| (seed, Some(kept)));
    let kept = match kept {
        None => None,
        Some(kept) => Some(kept.split(',').map(|at| at.parse().ok()).collect::<Option<Vec<usize>>>()?),
    };
    Some((seed.parse().ok()?, kept))
}

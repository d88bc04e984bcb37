//! Whole installations, simulated: see `README.md` beside this file.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "what is missing fails the test")]

mod actions;
mod client;
mod dice;
mod history;
mod judge;
mod ledger;
mod mail;
mod mutants;
mod run;
mod second_factor;
mod setting;
mod state;
mod violation;
mod world;

use std::collections::BTreeSet;

use setting::Setting;

/// Where the histories of an ordinary run begin, so that it is the same every time.
const FIRST_SEED: u64 = 1;
/// How many histories an ordinary run has.
const HISTORIES: u64 = 1000;
/// Within how many histories each mutant must be seen.
const MUTANT_HISTORIES: u64 = 3000;
/// So many mutants must be seen within as many histories as an ordinary run has.
const SOON: usize = 8;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn every_promise_holds_in_every_history() {
    if let Some((seed, kept)) = std::env::var(run::REPLAY).ok().map(|text| run::parse(&text).expect("seed:move,move")) {
        let moves = history::draw(seed, &Setting::draw(seed));
        let kept = kept.unwrap_or_else(|| (0..moves.len()).collect());
        let (checked, world) = run::run(seed, &moves, &kept, None, true);
        assert!(checked.is_ok(), "{}\n\n{}", checked.unwrap_err(), world.trace().join("\n"));
        return;
    }
    let first = number("KERNIA_SIMULATION_SEED", FIRST_SEED);
    let count = number("KERNIA_SIMULATION_HISTORIES", HISTORIES);
    let outcome = run::search(first, count, None);
    if let Some(failure) = outcome.failure {
        panic!("{}", run::report(&run::shrink(failure, None), None));
    }
    // A simulation in which nothing works shows nothing.
    let rare = actions::all()
        .iter()
        .filter(|action| action.works)
        .filter(|action| outcome.successes.get(action.name).is_none_or(|times| *times < count / 500));
    let rare: Vec<_> = rare.map(|action| (action.name, outcome.successes.get(action.name))).collect();
    assert!(rare.is_empty(), "{rare:?}");
}

#[test]
fn every_mutant_is_seen() {
    let (mut seen, mut unseen, mut soon) = (Vec::new(), Vec::new(), 0);
    for mutant in mutants::ALL {
        match run::search(FIRST_SEED, MUTANT_HISTORIES, Some(mutant)).failure {
            // A mutant that makes the engine fail has not got past it, and proves nothing.
            Some(failure) if ![judge::NO_FAILURE, run::NO_PANIC].contains(&failure.violation.rule) => {
                soon += usize::from(failure.seed < FIRST_SEED + HISTORIES);
                seen.push(format!("{}: seed {}, {}", mutant.name, failure.seed, failure.violation));
            }
            Some(failure) => unseen.push(format!("{}: {}", mutant.name, failure.violation)),
            None => unseen.push(mutant.name.to_owned()),
        }
    }
    assert!(unseen.is_empty() && soon >= SOON, "{soon} soon, unseen: {unseen:#?}\nseen: {seen:#?}");
}

#[test]
fn every_route_is_part_of_it() {
    let world = kernia::testing::World::with_plugins(kernia::testing::options(), kernia::testing::every_plugin());
    let routes: BTreeSet<_> = world.engine.routes().iter().map(|route| route.name).collect();
    let used: BTreeSet<_> = actions::all().iter().map(|action| action.route).collect();
    assert_eq!(routes, used);
}

#[test]
fn a_seed_says_everything() {
    for seed in [3, 4] {
        let moves = history::draw(seed, &Setting::draw(seed));
        let all: Vec<_> = (0..moves.len()).collect();
        let [first, second] = [(); 2].map(|()| run::run(seed, &moves, &all, None, true));
        assert!(first.1.trace() == second.1.trace() && first.0 == second.0, "seed {seed}");
        assert!(moves.iter().filter(|one| matches!(one, history::Move::Ask(_))).count() >= history::REQUESTS);
    }
}

//! The fuzz corpora, replayed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use kernia::testing::fuzz::TARGETS;

fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(of)
}

#[cfg(all(feature = "mongo", feature = "passkey", feature = "sql"))]
fn names(of: &str) -> std::collections::BTreeSet<String> {
    let entries = fs::read_dir(folder(of)).unwrap().map(Result::unwrap);
    entries.map(|entry| entry.path().file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
#[cfg(all(feature = "mongo", feature = "passkey", feature = "sql"))]
fn every_target_has_a_program_and_a_corpus() {
    // The command has one of its own.
    let with_command = TARGETS.iter().map(|target| target.name).chain(["configuration"]).map(str::to_owned).collect();
    assert_eq!(names("fuzz_targets"), with_command);
    assert_eq!(names("corpus"), with_command);
}

#[test]
fn case_226_corpora_pass() {
    for target in TARGETS {
        for entry in fs::read_dir(folder("corpus").join(target.name)).unwrap() {
            (target.run)(&fs::read(entry.unwrap().path()).unwrap());
        }
    }
}

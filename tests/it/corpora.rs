//! The fuzz corpora, replayed.

use std::{fs, path::Path};

use kernia::testing::fuzz;

fn replay(name: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut replayed = 0;
    for entry in fs::read_dir(folder).unwrap() {
        run(&fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed > 0);
}

#[test]
fn requests() {
    replay("request", fuzz::request);
}

#[test]
fn cookies() {
    replay("cookie", fuzz::cookie);
}

#[test]
fn bodies() {
    replay("body", fuzz::body);
}

#[test]
fn tokens() {
    replay("token", fuzz::token);
}

#[test]
fn addresses() {
    replay("address", fuzz::address);
}

#[test]
fn password_hashes() {
    replay("password_hash", fuzz::password_hash);
}

//! Tokens that others signed, verified with their public keys. `tokens.json` was made by `jose`, which the reference uses.

use kernia::wire::{
    date::Timestamp,
    jwk::{Algorithm, JwkSet},
    jws,
    kept_signatures::KeptSignatures,
};
use serde_json::Value;

use super::Work;

const TOKENS: &str = include_str!("tokens.json");
const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

pub(super) fn eddsa() -> Work {
    verify("EdDSA")
}

pub(super) fn es256() -> Work {
    verify("ES256")
}

pub(super) fn rs256() -> Work {
    verify("RS256")
}

/// A token that comes again.
pub(super) fn eddsa_again() -> Work {
    let (token, algorithm, keys) = made("EdDSA");
    let kept = KeptSignatures::new(1);
    let ask = move || assert!(jws::verify_again(&kept, &token, &[algorithm], &keys, NOW, 0).is_ok());
    ask();
    Box::new(ask)
}

fn verify(name: &str) -> Work {
    let (token, algorithm, keys) = made(name);
    Box::new(move || assert!(jws::verify(&token, &[algorithm], &keys, NOW, 0).is_ok()))
}

/// A token, what it is signed with, and the public keys.
fn made(name: &str) -> (String, Algorithm, JwkSet) {
    let all: Value = serde_json::from_str(TOKENS).expect("JSON");
    let (made, algorithm) = (&all[name], Algorithm::named(name).expect("an algorithm"));
    let keys = JwkSet::read(&made["keys"]).expect("a key set");
    let token = made["token"].as_str().expect("a token").to_owned();
    (token, algorithm, keys)
}

//! Password hashes, verified. The stored hashes are of no password; to say so costs as much as to say yes.

use std::sync::Arc;

use kernia::crypto::{
    foreign::{FirebaseParams, Pbkdf2Digest, ScryptParams},
    password::{HashAlgorithm, PasswordKeys, VerifyJob, check_readable},
    secret::Secret,
};

use super::Work;

const PASSWORD: &str = "correct horse battery";
const SALT: &[u8] = &[7; 16];
/// The signer key of a Firebase project: 64 bytes in base64.
const SIGNER_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw==";

pub(super) fn argon2id() -> Work {
    verify(VerifyJob::decoy(password(), HashAlgorithm::default()))
}

pub(super) fn scrypt() -> Work {
    verify(VerifyJob::decoy(password(), HashAlgorithm::Scrypt))
}

pub(super) fn bcrypt() -> Work {
    foreign(format!("$2b$06${}", "abcdefghijklmnopqrstuu".to_owned() + "abcdefghijklmnopqrstuvwxyzABCDE"))
}

pub(super) fn foreign_scrypt() -> Work {
    foreign(ScryptParams { log_n: 10, r: 8, p: 1 }.text(SALT, &[9; 64]))
}

pub(super) fn firebase() -> Work {
    let params = FirebaseParams { key: "app".to_owned(), mem_cost: 10, rounds: 8, salt_separator: vec![7] };
    foreign(params.text(SALT, &[9; 64]))
}

pub(super) fn pbkdf2_sha256() -> Work {
    foreign(Pbkdf2Digest::Sha256.text(1000, SALT, &[9; 32]))
}

pub(super) fn pbkdf2_sha512() -> Work {
    foreign(Pbkdf2Digest::Sha512.text(1000, SALT, &[9; 64]))
}

fn password() -> Secret {
    Secret::from(PASSWORD)
}

fn foreign(hash: String) -> Work {
    let keys = PasswordKeys::new([], [("app", SIGNER_KEY)]).expect("a signer key");
    verify(VerifyJob { password: password(), hash, keys: Arc::new(keys) })
}

fn verify(job: VerifyJob) -> Work {
    // A hash that cannot be read matches nothing either, and costs nothing.
    assert_eq!(check_readable(&job.hash, &job.keys), Ok(()));
    Box::new(move || assert!(!job.run().matches))
}

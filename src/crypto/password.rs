//! Password hashing as jobs: plain data in, a text or a verdict out.
//!
//! A job takes tens of milliseconds and megabytes on purpose. The engine therefore only describes
//! it, and a driver calls `run` on a thread where that does no harm. A password is NFKC-normalized
//! before it is hashed, as the reference does.
//!
//! Two formats are written:
//! - Argon2id as a PHC string, `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`;
//! - scrypt as the reference writes it, `<32 hex digits of salt>:<128 hex digits of key>` with
//!   N = 16384, r = 16, p = 1, where the salt that is hashed is the hexadecimal *text*.
//!
//! Verified are also those of other systems, see [`foreign`](super::foreign).

use std::{fmt, sync::Arc};

use super::secret::Secret;
use super::stored_hash::{StoredHash, normalize};
use super::{argon2id, scrypt_text};

pub use super::argon2id::{Argon2Params, MAX_LANES, MAX_MEMORY_KIB, MAX_PASSES};
pub use super::foreign::UnreadableHash;
pub use super::password_keys::{BadPasswordKey, PasswordKeys};

/// How new passwords are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// Argon2id version 19 with the given cost.
    Argon2id(Argon2Params),
    /// The reference's scrypt, for databases that a Node server reads too.
    Scrypt,
}

impl Default for HashAlgorithm {
    fn default() -> Self {
        Self::Argon2id(Argon2Params::default())
    }
}

/// A password that is to be hashed for storage.
#[derive(Debug, Clone)]
pub struct HashJob {
    /// The password as the user typed it.
    pub password: Secret,
    /// How to hash it.
    pub algorithm: HashAlgorithm,
    /// 16 random bytes, fresh for every hash.
    pub salt: [u8; 16],
}

impl HashJob {
    /// Hashes the password and returns the text to store.
    ///
    /// # Errors
    ///
    /// [`HashError`] when the cost is out of range or its memory cannot be had.
    pub fn run(&self) -> Result<String, HashError> {
        let password = normalize(self.password.expose());
        match self.algorithm {
            HashAlgorithm::Argon2id(cost) => argon2id::hash(&password, &self.salt, cost),
            HashAlgorithm::Scrypt => scrypt_text::hash(&password, &self.salt),
        }
    }
}

/// Why a password could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The cost of the algorithm lies outside its limits.
    #[error("the cost parameters of the password hash are out of range")]
    Parameters,
    /// The memory the cost asks for is not available.
    #[error("the password could not be hashed")]
    Failed,
}

/// A password that is to be compared with a stored hash.
#[derive(Clone)]
pub struct VerifyJob {
    /// The password as the user typed it.
    pub password: Secret,
    /// The stored text, in any format.
    pub hash: String,
    /// The keys that the text may name.
    pub keys: Arc<PasswordKeys>,
}

/// What came of a [`VerifyJob`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the password is the one that was hashed. False for a hash that cannot be read.
    pub matches: bool,
}

impl VerifyJob {
    /// A job that costs what checking a hash of this kind costs, and says no. It stands in for a stored hash that is not
    /// there, so that the time does not tell.
    #[must_use]
    pub fn decoy(password: Secret, algorithm: HashAlgorithm) -> Self {
        let hash = match algorithm {
            HashAlgorithm::Argon2id(cost) => argon2id::decoy(cost),
            HashAlgorithm::Scrypt => scrypt_text::decoy(),
        };
        Self { password, hash, keys: Arc::default() }
    }

    /// Hashes the password with the stored salt and cost and compares in constant time. A hash that is
    /// [unreadable](check_readable) matches nothing.
    #[must_use]
    pub fn run(&self) -> Verdict {
        let stored = StoredHash::parse(&self.hash, &self.keys);
        Verdict { matches: stored.is_ok_and(|stored| stored.matches(&self.password)) }
    }
}

/// Whether a stored text is one that a [`VerifyJob`] can check. Computes no hash.
///
/// # Errors
/// [`UnreadableHash`].
pub fn check_readable(hash: &str, keys: &PasswordKeys) -> Result<(), UnreadableHash> {
    StoredHash::parse(hash, keys).map(|_| ())
}

impl fmt::Debug for VerifyJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyJob").field("password", &self.password).finish_non_exhaustive()
    }
}

/// Whether a stored hash differs from what `wanted` would write, in format or in cost, so that it
/// should be replaced the next time the password is known.
#[must_use]
pub fn needs_rehash(hash: &str, wanted: &HashAlgorithm) -> bool {
    let current = match wanted {
        HashAlgorithm::Argon2id(cost) => argon2id::is_current(hash, *cost),
        HashAlgorithm::Scrypt => scrypt_text::is_current(hash),
    };
    !current
}

/// Length of a password as the reference counts it: UTF-16 code units, before normalization.
#[must_use]
pub fn password_length(password: &str) -> usize {
    password.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRYPT: &str = "000102030405060708090a0b0c0d0e0f:4d0d283f7449d979c31a602cc9bd620e5f53848f484c4bcb2177ed3e814eb13c6103504113a34cc637e58fdfc43bade04dbfd45dea9c309439dcc920e4d0e51d";
    const CHEAP: HashAlgorithm = HashAlgorithm::Argon2id(Argon2Params { memory_kib: 8, passes: 1, lanes: 1 });

    fn hash(password: &str, algorithm: HashAlgorithm) -> String {
        let salt = std::array::from_fn(|index| index as u8);
        let job = HashJob { password: Secret::from(password), algorithm, salt };
        job.run().unwrap()
    }

    fn verify_job(password: &str, hash: &str) -> VerifyJob {
        VerifyJob { password: Secret::from(password), hash: hash.to_owned(), keys: Arc::default() }
    }

    fn verify(password: &str, hash: &str) -> bool {
        let job = verify_job(password, hash);
        job.run().matches
    }

    #[test]
    fn scrypt_verifies_a_normalized_password_of_the_reference() {
        let stored = "811dbf3442fc067b52e64ed7562b18b0:90be5127588baf6217d6c4e7c3315a7cbee34ae6a91736ecb88429e77f69c6a6acd5607c52faaf402afb31a8bca10ef55ac115bad27f7b2b005399541112ff1d";
        assert!(verify("ﬁancé ①", stored));
        assert!(verify("fiance\u{301} 1", stored));
        assert!(!verify("fiance 1", stored));
    }

    #[test]
    fn argon2id_writes_the_default_cost_and_verifies_it() {
        let stored = hash("pässword", HashAlgorithm::default());
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$"));
        assert!(verify("pa\u{308}ssword", &stored));
        assert!(!verify("passw0rd", &stored));
    }

    #[test]
    fn scrypt_hashes_verify() {
        assert!(verify("pässword", SCRYPT));
        assert!(!verify("password", SCRYPT));
    }

    #[test]
    fn a_foreign_argon2id_hash_is_of_the_password_as_typed() {
        // "ﬁ" is one letter, which normalization makes two.
        let salt = [3; 16];
        let Argon2Params { memory_kib, passes, lanes } = Argon2Params { memory_kib: 8, passes: 1, lanes: 1 };
        let raw = argon2id::hash("ﬁsh", &salt, Argon2Params { memory_kib, passes, lanes }).unwrap();
        assert_ne!(raw, hash("ﬁsh", CHEAP));
        assert!(verify("ﬁsh", &raw) && verify("ﬁsh", &hash("ﬁsh", CHEAP)));
        assert!(!verify("fish", &raw) && verify("fish", &hash("ﬁsh", CHEAP)));
    }

    #[test]
    fn decoys_match_nothing() {
        for algorithm in [CHEAP, HashAlgorithm::Scrypt] {
            let job = VerifyJob::decoy(Secret::from(""), algorithm);
            assert_eq!(check_readable(&job.hash, &job.keys), Ok(()));
            assert!(!needs_rehash(&job.hash, &algorithm));
            assert!(!job.run().matches);
        }
    }

    #[test]
    fn unreadable_hashes_match_nothing() {
        for stored in ["", ":", "plain", "$", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv"] {
            assert!(!verify("", stored), "{stored}");
        }
    }

    #[test]
    fn asks_for_a_new_hash_when_format_or_cost_differ() {
        let cheap = hash("x", CHEAP);
        assert!(!needs_rehash(&cheap, &CHEAP));
        assert!(needs_rehash(&cheap, &HashAlgorithm::default()));
        assert!(needs_rehash(&cheap, &HashAlgorithm::Scrypt));
        assert!(!needs_rehash(SCRYPT, &HashAlgorithm::Scrypt));
        assert!(needs_rehash(SCRYPT, &HashAlgorithm::default()));
        assert!(needs_rehash("", &HashAlgorithm::Scrypt));
    }

    #[test]
    fn counts_utf16_code_units() {
        assert_eq!(password_length("pässword"), 8);
        assert_eq!(password_length("😀"), 2);
    }

    #[test]
    fn jobs_print_neither_password_nor_hash() {
        let job = verify_job("hunter2", SCRYPT);
        let printed = format!("{job:?}");
        assert!(!printed.contains("hunter2") && !printed.contains("4d0d283f"));
    }
}

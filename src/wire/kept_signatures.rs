//! Signatures that were found right, so that a token that comes again costs a hash instead of a signature check.

use std::{
    collections::HashSet,
    fmt,
    sync::{Mutex, PoisonError},
};

use ring::digest::{Context, SHA256};

use super::jwk::{Algorithm, Jwk};

const SHARDS: usize = 16;

type Digest = [u8; 32];

/// Signatures that were found right. Whether one is, follows from key, message and signature alone, so keeping the answer changes
/// no answer; wrong ones are not kept, so strangers cannot fill it.
pub struct KeptSignatures {
    shards: Vec<Mutex<Shard>>,
    /// How many of one shard are young.
    room: usize,
}

/// Those of one lock, in two generations: when the young are as many as there is room for, the old make way for them.
#[derive(Default)]
struct Shard {
    young: HashSet<Digest>,
    old: HashSet<Digest>,
}

impl KeptSignatures {
    /// Room for at least `least` signatures, and at most for twice as many and a few.
    #[must_use]
    pub fn new(least: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, room: least.div_ceil(SHARDS).max(1) }
    }

    /// Whether `signature` is `key`'s over `message`, as [`Jwk::verifies`] says.
    #[must_use]
    pub fn verifies(&self, key: &Jwk, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if !key.fits(algorithm) {
            return false;
        }
        let digest = digest(key, algorithm, message, signature);
        if self.with(&digest, |shard| shard.knows(&digest, self.room)) {
            return true;
        }
        let right = key.verifies(algorithm, message, signature);
        if right {
            self.with(&digest, |shard| shard.keep(digest, self.room));
        }
        right
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        let count = |shard: &Mutex<Shard>| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.young.len() + shard.old.len()
        };
        self.shards.iter().map(count).sum()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn with<T>(&self, digest: &Digest, act: impl FnOnce(&mut Shard) -> T) -> T {
        let shard = &self.shards[usize::from(digest[0]) % SHARDS];
        act(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shard {
    fn knows(&mut self, digest: &Digest, room: usize) -> bool {
        if self.young.contains(digest) {
            return true;
        }
        let known = self.old.remove(digest);
        if known {
            self.keep(*digest, room);
        }
        known
    }

    fn keep(&mut self, digest: Digest, room: usize) {
        if self.young.len() >= room {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest);
    }
}

impl fmt::Debug for KeptSignatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptSignatures").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// One hash over everything that decides. Each part goes behind its length, so that no two lists of parts look alike.
fn digest(key: &Jwk, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Digest {
    let [first, second] = key.material();
    let mut context = Context::new(&SHA256);
    for part in [algorithm.name().as_bytes(), first, second, signature, message] {
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::rand::SystemRandom;

    use super::*;
    use crate::wire::{
        private_jwk::PrivateJwk,
        signing::{KeyJob, RSA_BITS},
    };

    /// A key that signs, and its public key.
    fn key(seed: u8) -> (PrivateJwk, Jwk) {
        let job = KeyJob { algorithm: Algorithm::EdDsa, rsa_bits: RSA_BITS[0], seed: [seed; 32] };
        let pair = job.run(&SystemRandom::new()).unwrap();
        let private = PrivateJwk::read(&pair.private, Algorithm::EdDsa).unwrap();
        (private, Jwk::read(pair.public.as_object().unwrap()).unwrap())
    }

    fn sign(key: &PrivateJwk, message: &[u8]) -> Vec<u8> {
        key.sign(message, &SystemRandom::new()).unwrap()
    }

    #[test]
    fn only_right_signatures_are_kept() {
        let kept = KeptSignatures::new(100);
        let ((private, public), (_, other)) = (key(1), key(2));
        let signature = sign(&private, b"message");
        assert!(kept.is_empty());
        for _ in 0..2 {
            assert!(kept.verifies(&public, Algorithm::EdDsa, b"message", &signature));
            assert!(!kept.verifies(&public, Algorithm::EdDsa, b"another", &signature));
            assert!(!kept.verifies(&other, Algorithm::EdDsa, b"message", &signature));
            assert!(!kept.verifies(&public, Algorithm::Es256, b"message", &signature));
            assert_eq!((kept.len(), kept.is_empty()), (1, false));
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let kept = KeptSignatures::new(32);
        let (private, public) = key(1);
        for number in 0..500_u32 {
            let message = number.to_be_bytes();
            assert!(kept.verifies(&public, Algorithm::EdDsa, &message, &sign(&private, &message)));
        }
        assert!((32..=64).contains(&kept.len()), "{}", kept.len());
    }

    proptest! {
        #[test]
        fn keeping_changes_no_answer(asked in prop::collection::vec((0_u8..3, 0_u8..3, 0_u8..3), 1..60)) {
            let kept = KeptSignatures::new(1);
            let keys: Vec<_> = (0..3).map(key).collect();
            for (signer, verifier, message) in asked {
                let signature = sign(&keys[usize::from(signer)].0, &[message]);
                let public = &keys[usize::from(verifier)].1;
                let answer = kept.verifies(public, Algorithm::EdDsa, &[message], &signature);
                prop_assert_eq!(answer, public.verifies(Algorithm::EdDsa, &[message], &signature));
            }
        }
    }
}

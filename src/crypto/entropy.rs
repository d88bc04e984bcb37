//! Random bytes as something the engine is given, and a repeatable source for tests and replays.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::hmac;

/// A source of random bytes.
///
/// The engine never reads the operating system's source itself; a binding passes one in. What is
/// filled in becomes session tokens, nonces and salts, so a source used outside tests must be
/// cryptographically secure.
pub trait Entropy: Send + Sync {
    /// Overwrites all of `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// A repeatable source: the same seed gives the same bytes in the same order of calls.
///
/// For tests and for replaying recorded exchanges. Never for a running server: whoever knows the
/// seed knows every token.
pub struct SeededEntropy {
    key: hmac::Key,
    block: AtomicU64,
}

impl SeededEntropy {
    /// A source that starts at the beginning of the sequence named by `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes()), block: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // A call never shares a block with another, so concurrent calls cannot see equal bytes.
        for chunk in bytes.chunks_mut(32) {
            let block = self.block.fetch_add(1, Ordering::Relaxed);
            let output = hmac::sign(&self.key, &block.to_be_bytes());
            chunk.copy_from_slice(&output.as_ref()[..chunk.len()]);
        }
    }
}

impl fmt::Debug for SeededEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeededEntropy").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(source: &SeededEntropy, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        source.fill(&mut bytes);
        bytes
    }

    #[test]
    fn repeats_for_a_seed_and_differs_between_seeds() {
        let first = draw(&SeededEntropy::new(7), 100);
        assert_eq!(first, draw(&SeededEntropy::new(7), 100));
        assert_ne!(first, draw(&SeededEntropy::new(8), 100));
    }

    #[test]
    fn never_repeats_itself_within_a_sequence() {
        let source = SeededEntropy::new(1);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            assert!(seen.insert(draw(&source, 16)));
        }
    }
}

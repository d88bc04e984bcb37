//! The machine's random source.

use kernia::crypto::entropy::Entropy;
use ring::rand::{SecureRandom, SystemRandom};

/// The operating system's cryptographically secure random source.
#[derive(Clone, Debug)]
pub struct OsEntropy(SystemRandom);

impl OsEntropy {
    /// The source.
    #[must_use]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Default for OsEntropy {
    fn default() -> Self {
        Self::new()
    }
}

impl Entropy for OsEntropy {
    /// # Panics
    /// When the operating system has no random bytes: a token made without them would be worse than none. Inside
    /// an exchange the panic becomes a 500.
    fn fill(&self, bytes: &mut [u8]) {
        assert!(self.0.fill(bytes).is_ok(), "the operating system has no random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_gives_the_same_bytes_twice() {
        let source = OsEntropy::new();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..100 {
            let mut bytes = [0; 16];
            source.fill(&mut bytes);
            assert!(seen.insert(bytes));
        }
    }
}

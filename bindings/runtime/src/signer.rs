//! Signatures and new keys, with the operating system's randomness.

use kernia::{
    engine::{HashFailure, SignFailure},
    wire::{
        private_jwk::UnusableKey,
        signing::{KeyJob, KeyPair, SignJob},
    },
};
use ring::rand::SystemRandom;

use crate::HashPool;

/// Signs on the thread that asks where that takes microseconds, and away from the reactor where it takes longer: then at most as
/// many at once as the machine has cores, apart from password hashes, so that neither waits for the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signer {
    pool: HashPool,
}

impl Signer {
    /// Signs.
    pub(crate) async fn sign(&self, job: SignJob) -> Result<Vec<u8>, SignFailure> {
        if !job.key.is_slow() {
            return job.run(&SystemRandom::new()).map_err(unusable);
        }
        self.pool.run(move || job.run(&SystemRandom::new())).await.map_err(busy)?.map_err(unusable)
    }

    /// Makes a pair of keys.
    pub(crate) async fn make_key(&self, job: KeyJob) -> Result<KeyPair, SignFailure> {
        self.pool.run(move || job.run(&SystemRandom::new())).await.map_err(busy)?.map_err(unusable)
    }
}

fn unusable(why: UnusableKey) -> SignFailure {
    SignFailure::Failed(why.to_string())
}

fn busy(failure: HashFailure) -> SignFailure {
    match failure {
        HashFailure::Overloaded => SignFailure::Overloaded,
        other => SignFailure::Failed(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use kernia::wire::{
        jwk::{Algorithm, Jwk},
        private_jwk::PrivateJwk,
        signing::RSA_BITS,
    };

    use super::*;

    #[tokio::test]
    async fn what_is_signed_with_a_new_key_verifies() {
        let signer = Signer::default();
        for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
            let job = KeyJob { algorithm, rsa_bits: RSA_BITS[0], seed: [7; 32] };
            let pair = signer.make_key(job).await.unwrap();
            let key = PrivateJwk::read(&pair.private, algorithm).unwrap();
            let signature = signer.sign(SignJob { key, message: b"message".to_vec() }).await.unwrap();
            let public = Jwk::read(pair.public.as_object().unwrap()).unwrap();
            assert!(public.verifies(algorithm, b"message", &signature));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_made_is_a_failure() {
        let job = KeyJob { algorithm: Algorithm::Es384, rsa_bits: RSA_BITS[0], seed: [7; 32] };
        assert!(matches!(Signer::default().make_key(job).await, Err(SignFailure::Failed(_))));
    }
}

//! Signatures and new keys as jobs: plain data in, a signature or a pair of keys out.
//!
//! A signature over an elliptic curve takes microseconds, one with RSA a millisecond, and making an RSA key up to a second. Most
//! of them draw randomness while they run. The engine therefore only describes them, and a driver calls `run` where that does no
//! harm, with the operating system's randomness.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    jwk::Algorithm,
    private_jwk::{PrivateJwk, UnusableKey},
};
use crate::crypto::secret::Secret;

pub use ring::rand::SecureRandom;

/// The sizes of RSA keys, in bits.
pub const RSA_BITS: [u32; 3] = [2048, 3072, 4096];

/// Something that is to be signed.
#[derive(Clone)]
pub struct SignJob {
    /// With what.
    pub key: PrivateJwk,
    /// What: for a token, its header and claims with the dot between them.
    pub message: Vec<u8>,
}

impl SignJob {
    /// Signs it.
    ///
    /// # Errors
    /// [`UnusableKey`].
    pub fn run(&self, random: &dyn SecureRandom) -> Result<Vec<u8>, UnusableKey> {
        self.key.sign(&self.message, random)
    }
}

impl fmt::Debug for SignJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignJob").field("key", &self.key).finish_non_exhaustive()
    }
}

/// A pair of keys that is to be made.
#[derive(Clone)]
pub struct KeyJob {
    /// What for: one of those that [`PrivateJwk::read`] names.
    pub algorithm: Algorithm,
    /// The size of an RSA key, one of [`RSA_BITS`].
    pub rsa_bits: u32,
    /// 32 random bytes, fresh for every key, which become a key for `EdDSA`.
    pub seed: [u8; 32],
}

/// A pair of keys.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    /// The public key, an object with the members of its kind only.
    pub public: Value,
    /// The private key as JSON text.
    pub private: Secret,
}

impl KeyJob {
    /// Whether this build can make keys for `algorithm`.
    #[must_use]
    pub fn can_make(algorithm: Algorithm) -> bool {
        const P521: bool = cfg!(feature = "es512");
        const RSA: bool = cfg!(feature = "rsa-keygen");
        match algorithm {
            Algorithm::EdDsa | Algorithm::Es256 => true,
            Algorithm::Es512 => P521,
            Algorithm::Rs256 | Algorithm::Ps256 => RSA,
            _ => false,
        }
    }

    /// Makes it.
    ///
    /// # Errors
    /// [`UnusableKey`] when this build [cannot](Self::can_make), or `random` fails.
    pub fn run(&self, random: &dyn SecureRandom) -> Result<KeyPair, UnusableKey> {
        let pair = match self.algorithm {
            Algorithm::EdDsa => ed25519(&self.seed),
            Algorithm::Es256 => p256(random),
            #[cfg(feature = "es512")]
            Algorithm::Es512 => p521(random),
            #[cfg(feature = "rsa-keygen")]
            Algorithm::Rs256 | Algorithm::Ps256 => rsa(self.rsa_bits, random),
            _ => None,
        };
        pair.ok_or(UnusableKey(self.algorithm))
    }
}

impl fmt::Debug for KeyJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyJob").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("public", &self.public).finish_non_exhaustive()
    }
}

impl KeyPair {
    /// The pair of a public key, whose private key has these members besides.
    fn new(public: Value, secret: &[(&str, &[u8])]) -> Self {
        let mut private = Zeroizing::new(public.to_string());
        private.pop();
        for (name, bytes) in secret {
            let encoded = Zeroizing::new(encode(bytes));
            for part in [",\"", name, "\":\"", &encoded, "\""] {
                private.push_str(part);
            }
        }
        private.push('}');
        Self { public, private: Secret::from(std::mem::take(&mut *private)) }
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn ed25519(seed: &[u8]) -> Option<KeyPair> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    let public = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) });
    Some(KeyPair::new(public, &[("d", seed)]))
}

/// `ring` gives a new key as a PKCS#8 document of fixed form, in which the private key follows these many bytes.
const P256_HEADER: usize = 36;

fn p256(random: &dyn SecureRandom) -> Option<KeyPair> {
    const LENGTH: usize = 32;
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, random).ok()?;
    let scalar = document.as_ref().get(P256_HEADER..P256_HEADER + LENGTH)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), random).ok()?;
    let point = pair.public_key().as_ref();
    // That the parts were found where they are is made sure of here.
    EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, scalar, point, random).ok()?;
    Some(on_curve("P-256", point, scalar))
}

/// The pair of an uncompressed point and its scalar.
fn on_curve(curve: &str, point: &[u8], scalar: &[u8]) -> KeyPair {
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    KeyPair::new(json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) }), &[("d", scalar)])
}

#[cfg(feature = "es512")]
fn p521(random: &dyn SecureRandom) -> Option<KeyPair> {
    let mut scalar = Zeroizing::new([0; 66]);
    loop {
        random.fill(&mut *scalar).ok()?;
        // The order has 521 bits: half of what is drawn so lies below it.
        scalar[0] &= 1;
        if let Ok(key) = p521::ecdsa::SigningKey::from_slice(&*scalar) {
            return Some(on_curve("P-521", key.verifying_key().to_sec1_point(false).as_bytes(), &*scalar));
        }
    }
}

#[cfg(feature = "rsa-keygen")]
fn rsa(bits: u32, random: &dyn SecureRandom) -> Option<KeyPair> {
    use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};

    if !RSA_BITS.contains(&bits) {
        return None;
    }
    let key = rsa::PrivateKey::new(&mut Draw(random), bits as usize).ok()?;
    let [p, q] = key.primes() else { return None };
    let inverse = key.crt_coefficient()?;
    let bytes = |number: &rsa::BoxedUint| Zeroizing::new(number.to_be_bytes_trimmed_vartime());
    let public = json!({ "kty": "RSA", "n": encode(&key.n_bytes()), "e": encode(&key.e_bytes()) });
    let secret = [
        ("d", bytes(key.d())),
        ("p", bytes(p)),
        ("q", bytes(q)),
        ("dp", bytes(key.dp()?)),
        ("dq", bytes(key.dq()?)),
        ("qi", bytes(&inverse)),
    ];
    let secret: Vec<(&str, &[u8])> = secret.iter().map(|(name, bytes)| (*name, &***bytes)).collect();
    Some(KeyPair::new(public, &secret))
}

/// The caller's randomness, in the form that `rsa` takes.
#[cfg(feature = "rsa-keygen")]
struct Draw<'a>(&'a dyn SecureRandom);

#[cfg(feature = "rsa-keygen")]
impl rsa::rand_core::TryRng for Draw<'_> {
    type Error = rsa::Error;

    fn try_next_u32(&mut self) -> Result<u32, rsa::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, rsa::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rsa::Error> {
        self.0.fill(bytes).map_err(|_| rsa::Error::Rng)
    }
}

#[cfg(feature = "rsa-keygen")]
impl rsa::rand_core::TryCryptoRng for Draw<'_> {}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;
    use crate::wire::jwk::Jwk;

    fn make(algorithm: Algorithm) -> Result<KeyPair, UnusableKey> {
        KeyJob { algorithm, rsa_bits: RSA_BITS[0], seed: [7; 32] }.run(&SystemRandom::new())
    }

    #[test]
    fn what_a_new_key_signs_its_public_key_verifies() {
        for algorithm in Algorithm::ALL {
            assert_eq!(make(*algorithm).is_ok(), KeyJob::can_make(*algorithm), "{algorithm:?}");
            let Ok(pair) = make(*algorithm) else { continue };
            let key = PrivateJwk::read(&pair.private, *algorithm).unwrap();
            let job = SignJob { key, message: b"message".to_vec() };
            let signature = job.run(&SystemRandom::new()).unwrap();
            let public = Jwk::read(pair.public.as_object().unwrap()).unwrap();
            assert!(public.verifies(*algorithm, b"message", &signature), "{algorithm:?}");
            assert!(!public.verifies(*algorithm, b"another", &signature), "{algorithm:?}");
        }
    }

    #[cfg(feature = "rsa-keygen")]
    #[test]
    fn an_rsa_key_serves_each_of_its_algorithms_and_none_for_another() {
        use Algorithm::{Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};

        let pair = make(Rs256).unwrap();
        let public = Jwk::read(pair.public.as_object().unwrap()).unwrap();
        let all = [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512];
        for signed in all {
            let key = PrivateJwk::read(&pair.private, signed).unwrap();
            assert!(key.is_slow());
            let signature = SignJob { key, message: b"message".to_vec() }.run(&SystemRandom::new()).unwrap();
            for read in all {
                assert_eq!(public.verifies(read, b"message", &signature), read == signed, "{signed:?} as {read:?}");
            }
        }
        for (bits, right) in [(1024, false), (2047, false), (2048, true)] {
            let job = KeyJob { algorithm: Ps256, rsa_bits: bits, seed: [7; 32] };
            assert_eq!(job.run(&SystemRandom::new()).is_ok(), right, "{bits}");
        }
    }

    #[test]
    fn an_ed25519_key_follows_from_its_seed() {
        assert_eq!(make(Algorithm::EdDsa), make(Algorithm::EdDsa));
        assert_ne!(make(Algorithm::Es256), make(Algorithm::Es256));
    }

    #[test]
    fn the_public_key_has_nothing_of_the_private_one() {
        for algorithm in Algorithm::ALL.iter().filter(|algorithm| KeyJob::can_make(**algorithm)) {
            let pair = make(*algorithm).unwrap();
            let private: Value = serde_json::from_str(pair.private.expose()).unwrap();
            let (public, private) = (pair.public.as_object().unwrap(), private.as_object().unwrap());
            assert!(!public.contains_key("d") && private.contains_key("d"));
            assert!(public.iter().all(|(name, value)| private[name] == *value));
            assert!(!format!("{pair:?}").contains(private["d"].as_str().unwrap()));
        }
    }
}

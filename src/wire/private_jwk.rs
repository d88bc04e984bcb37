//! Private keys as JSON (RFC 7518 section 6, RFC 8037 section 2) or PEM (RFC 7468), and signatures made with them (RFC 7515).

use std::fmt;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rand::SecureRandom,
    rsa::{KeyPairComponents, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
        Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
        RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
    },
};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::jwk::{Algorithm, point};
use crate::crypto::secret::Secret;

type Hidden = Zeroizing<Vec<u8>>;

/// A private key and the one algorithm it is used with. `Debug` prints the algorithm only.
#[derive(Clone)]
pub struct PrivateJwk {
    algorithm: Algorithm,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Ed25519 {
        seed: Hidden,
        public: Vec<u8>,
    },
    /// P-256 or P-384, as the algorithm has it.
    Ec {
        scalar: Hidden,
        point: Vec<u8>,
    },
    /// A PKCS#8 document (RFC 5958) with a key for the algorithm.
    Document(Hidden),
    #[cfg(feature = "es512")]
    P521(Hidden),
    Rsa(Box<Rsa>),
}

#[derive(Clone)]
struct Rsa {
    n: Vec<u8>,
    e: Vec<u8>,
    d: Hidden,
    p: Hidden,
    q: Hidden,
    dp: Hidden,
    dq: Hidden,
    qi: Hidden,
}

/// Why a private key cannot be used. Deliberately says nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the private key cannot be used for {}", .0.name())]
pub struct UnusableKey(pub Algorithm);

impl PrivateJwk {
    /// Reads a key that is JSON text. EdDSA is with Ed25519, and ES512 with the cargo feature `es512` only.
    ///
    /// # Errors
    /// [`UnusableKey`] when it is none, or not one of that algorithm.
    pub fn read(json: &Secret, algorithm: Algorithm) -> Result<Self, UnusableKey> {
        let jwk: Map<String, Value> = serde_json::from_str(json.expose()).map_err(|_| UnusableKey(algorithm))?;
        let material = material(&jwk, algorithm).ok_or(UnusableKey(algorithm))?;
        Ok(Self { algorithm, material })
    }

    /// Reads a key that is a PKCS#8 document in PEM, for any algorithm but ES512. Line breaks may be written `\n`, as where they
    /// were put into one line of an environment. One on a curve of the NIST needs its public key inside.
    ///
    /// # Errors
    /// [`UnusableKey`] when it has another form, or is no key of that algorithm. Whether a key on a curve of the NIST is whole
    /// shows when it is used.
    pub fn read_pem(pem: &Secret, algorithm: Algorithm) -> Result<Self, UnusableKey> {
        let document = pkcs8(pem).filter(|document| is_for(document, algorithm)).ok_or(UnusableKey(algorithm))?;
        Ok(Self { algorithm, material: Material::Document(document) })
    }

    /// What it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether a signature takes a millisecond or more.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        !matches!(self.algorithm, Algorithm::EdDsa | Algorithm::Es256)
    }

    /// Signs `message`.
    ///
    /// # Errors
    /// [`UnusableKey`] when the parts of the key do not belong together, or `random` fails.
    pub fn sign(&self, message: &[u8], random: &dyn SecureRandom) -> Result<Vec<u8>, UnusableKey> {
        self.try_sign(message, random).ok_or(UnusableKey(self.algorithm))
    }

    fn try_sign(&self, message: &[u8], random: &dyn SecureRandom) -> Option<Vec<u8>> {
        match &self.material {
            Material::Ed25519 { seed, public } => {
                let pair = Ed25519KeyPair::from_seed_and_public_key(seed, public).ok()?;
                Some(pair.sign(message).as_ref().to_vec())
            }
            Material::Ec { scalar, point } => {
                let curve = curve(self.algorithm)?;
                let pair = EcdsaKeyPair::from_private_key_and_public_key(curve, scalar, point, random).ok()?;
                Some(pair.sign(random, message).ok()?.as_ref().to_vec())
            }
            Material::Document(document) => self.sign_by(document, message, random),
            #[cfg(feature = "es512")]
            Material::P521(scalar) => {
                use p521::ecdsa::{Signature, SigningKey, signature::Signer};
                let signature: Signature = SigningKey::from_slice(scalar).ok()?.sign(message);
                Some(signature.to_bytes().to_vec())
            }
            Material::Rsa(key) => sign_rsa(&key.pair()?, self.algorithm, message, random),
        }
    }

    fn sign_by(&self, document: &[u8], message: &[u8], random: &dyn SecureRandom) -> Option<Vec<u8>> {
        if self.algorithm == Algorithm::EdDsa {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document).ok()?;
            return Some(pair.sign(message).as_ref().to_vec());
        }
        if let Some(curve) = curve(self.algorithm) {
            let pair = EcdsaKeyPair::from_pkcs8(curve, document, random).ok()?;
            return Some(pair.sign(random, message).ok()?.as_ref().to_vec());
        }
        sign_rsa(&RsaKeyPair::from_pkcs8(document).ok()?, self.algorithm, message, random)
    }
}

fn curve(algorithm: Algorithm) -> Option<&'static EcdsaSigningAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::Es384 => Some(&ECDSA_P384_SHA384_FIXED_SIGNING),
        _ => None,
    }
}

fn padding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    Some(match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &RSA_PSS_SHA256,
        Algorithm::Ps384 => &RSA_PSS_SHA384,
        Algorithm::Ps512 => &RSA_PSS_SHA512,
        _ => return None,
    })
}

fn sign_rsa(pair: &RsaKeyPair, algorithm: Algorithm, message: &[u8], random: &dyn SecureRandom) -> Option<Vec<u8>> {
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(padding(algorithm)?, random, message, &mut signature).ok()?;
    Some(signature)
}

/// The document inside a PEM text.
fn pkcs8(pem: &Secret) -> Option<Hidden> {
    let lines = Zeroizing::new(pem.expose().replace("\\n", "\n"));
    let body = lines.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?.strip_suffix("-----END PRIVATE KEY-----")?;
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    STANDARD.decode(body.as_bytes()).ok().map(Zeroizing::new)
}

/// Whether the document has a key of the algorithm's kind. Reading one on a curve of the NIST whole takes randomness.
fn is_for(document: &[u8], algorithm: Algorithm) -> bool {
    /// The names of the curves (RFC 5480 section 2.1.1.1), as DER.
    const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
    let is_on = |curve: &[u8]| document.windows(curve.len()).any(|bytes| bytes == curve);
    match algorithm {
        Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8_maybe_unchecked(document).is_ok(),
        Algorithm::Es256 => is_on(P256),
        Algorithm::Es384 => is_on(P384),
        _ => padding(algorithm).is_some() && RsaKeyPair::from_pkcs8(document).is_ok(),
    }
}

impl fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateJwk").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Rsa {
    fn pair(&self) -> Option<RsaKeyPair> {
        let components = KeyPairComponents {
            public_key: PublicKeyComponents { n: &*self.n, e: &*self.e },
            d: &**self.d,
            p: &**self.p,
            q: &**self.q,
            dP: &**self.dp,
            dQ: &**self.dq,
            qInv: &**self.qi,
        };
        RsaKeyPair::from_components(&components).ok()
    }
}

fn material(jwk: &Map<String, Value>, algorithm: Algorithm) -> Option<Material> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok().filter(|bytes| !bytes.is_empty());
    let hidden = |name: &str| bytes(name).map(Zeroizing::new);
    Some(match (text("kty")?, text("crv"), algorithm) {
        ("OKP", Some("Ed25519"), Algorithm::EdDsa) => Material::Ed25519 { seed: hidden("d")?, public: bytes("x")? },
        ("EC", Some("P-256"), Algorithm::Es256) => {
            Material::Ec { scalar: hidden("d")?, point: point(&bytes("x")?, &bytes("y")?, 32)? }
        }
        ("EC", Some("P-384"), Algorithm::Es384) => {
            Material::Ec { scalar: hidden("d")?, point: point(&bytes("x")?, &bytes("y")?, 48)? }
        }
        #[cfg(feature = "es512")]
        ("EC", Some("P-521"), Algorithm::Es512) => Material::P521(hidden("d")?),
        ("RSA", ..) if padding(algorithm).is_some() => Material::Rsa(Box::new(Rsa {
            n: bytes("n")?,
            e: bytes("e")?,
            d: hidden("d")?,
            p: hidden("p")?,
            q: hidden("q")?,
            dp: hidden("dp")?,
            dq: hidden("dq")?,
            qi: hidden("qi")?,
        })),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::rand::SystemRandom;

    use super::*;

    /// The private key of RFC 8037 appendix A.1.
    const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// The key of RFC 7515 appendix A.3.
    const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

    fn read(json: &str, algorithm: Algorithm) -> Result<PrivateJwk, UnusableKey> {
        PrivateJwk::read(&Secret::from(json), algorithm)
    }

    #[test]
    fn signs_as_rfc_8037_does() {
        let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let key = read(ED25519, Algorithm::EdDsa).unwrap();
        let signature = key.sign(message.as_bytes(), &SystemRandom::new()).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(signature), expected);
    }

    #[test]
    fn a_key_signs_with_its_own_algorithm_only() {
        for algorithm in Algorithm::ALL {
            assert_eq!(read(ED25519, *algorithm).is_ok(), *algorithm == Algorithm::EdDsa);
            assert_eq!(read(P256, *algorithm).is_ok(), *algorithm == Algorithm::Es256);
        }
    }

    #[test]
    fn over_small_curves_it_signs_quickly() {
        assert!(!read(ED25519, Algorithm::EdDsa).unwrap().is_slow());
        assert!(!read(P256, Algorithm::Es256).unwrap().is_slow());
    }

    #[test]
    fn parts_that_do_not_belong_together_sign_nothing() {
        let mixed = ED25519.replace("\"x\":\"1", "\"x\":\"2");
        let key = read(&mixed, Algorithm::EdDsa).unwrap();
        assert_eq!(key.sign(b"x", &SystemRandom::new()), Err(UnusableKey(Algorithm::EdDsa)));
    }

    #[test]
    fn debug_shows_no_key() {
        let printed = format!("{:?}", read(P256, Algorithm::Es256).unwrap());
        assert_eq!(printed, "PrivateJwk { algorithm: Es256, .. }");
    }

    #[test]
    fn other_pem_documents_are_refused() {
        for pem in
            ["", "-----BEGIN PRIVATE KEY-----", "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----"]
        {
            assert!(PrivateJwk::read_pem(&Secret::from(pem), Algorithm::Es256).is_err(), "{pem}");
        }
    }

    fn pem(document: &[u8]) -> Secret {
        Secret::from(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(document)))
    }

    #[test]
    fn a_document_is_for_its_own_kind_of_algorithm() {
        let random = SystemRandom::new();
        let made = |curve| EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap().as_ref().to_vec();
        let documents = [
            (Algorithm::EdDsa, Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref().to_vec()),
            (Algorithm::Es256, made(&ECDSA_P256_SHA256_FIXED_SIGNING)),
            (Algorithm::Es384, made(&ECDSA_P384_SHA384_FIXED_SIGNING)),
        ];
        for (own, document) in documents {
            for algorithm in Algorithm::ALL {
                let read = PrivateJwk::read_pem(&pem(&document), *algorithm);
                assert_eq!(read.is_ok(), *algorithm == own, "{algorithm:?} by a key for {own:?}");
            }
            let key = PrivateJwk::read_pem(&pem(&document), own).unwrap();
            assert!(key.sign(b"x", &random).is_ok());
        }
    }

    #[test]
    fn a_part_of_a_document_is_refused_at_the_latest_when_it_signs() {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        for end in 0..document.as_ref().len() {
            let read = PrivateJwk::read_pem(&pem(&document.as_ref()[..end]), Algorithm::Es256);
            assert!(read.is_err() || read.unwrap().sign(b"x", &random).is_err(), "{end} bytes");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(json: String) {
            for algorithm in Algorithm::ALL {
                prop_assert!(read(&json, *algorithm).is_err());
            }
        }
    }
}

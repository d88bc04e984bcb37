//! Public keys as JSON (RFC 7517, RFC 7518 section 6, RFC 8037), as a provider publishes them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature;
use serde_json::{Map, Value};

/// How many keys of a set are looked at.
pub const MAX_KEYS: usize = 100;

/// A signature algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1). There is no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the RFCs")]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    /// With the cargo feature `es512`.
    Es512,
    EdDsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// The name in a header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this name. `Ed25519` is the newer name of `EdDSA` with that curve (RFC 9864).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }
}

/// A public key that can verify signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    /// Its name.
    pub kid: Option<String>,
    /// The only algorithm it is for, where it says so.
    alg: Option<Algorithm>,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
    P384(Vec<u8>),
    #[cfg(feature = "es512")]
    P521(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl Jwk {
    /// Reads a key. `None` for one that is not for signatures or that this server cannot use.
    #[must_use]
    pub fn read(jwk: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok().filter(|bytes| !bytes.is_empty());
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                Material::Rsa { n: without_leading_zeros(bytes("n")?), e: without_leading_zeros(bytes("e")?) }
            }
            ("EC", Some("P-256")) => Material::P256(point(&bytes("x")?, &bytes("y")?, 32)?),
            ("EC", Some("P-384")) => Material::P384(point(&bytes("x")?, &bytes("y")?, 48)?),
            #[cfg(feature = "es512")]
            ("EC", Some("P-521")) => Material::P521(point(&bytes("x")?, &bytes("y")?, 66)?),
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes("x")?),
            _ => return None,
        };
        let alg = match text("alg") {
            Some(name) => Some(Algorithm::named(name)?),
            None => None,
        };
        Some(Self { kid: text("kid").map(str::to_owned), alg, material })
    }

    /// The bytes of the public key; no two keys of one kind have the same.
    pub(super) fn material(&self) -> [&[u8]; 2] {
        match &self.material {
            Material::Rsa { n, e } => [n, e],
            Material::P256(key) | Material::P384(key) | Material::Ed25519(key) => [key, &[]],
            #[cfg(feature = "es512")]
            Material::P521(key) => [key, &[]],
        }
    }

    /// Whether the key may be used with `algorithm`: its kind decides, not what a token claims.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.alg.is_none_or(|own| own == algorithm) && self.verifier(algorithm).is_some()
    }

    /// Whether `signature` is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if !self.fits(algorithm) {
            return false;
        }
        match (self.verifier(algorithm), &self.material) {
            (Some(Verifier::Rsa(parameters)), Material::Rsa { n, e }) => {
                signature::RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
            }
            (Some(Verifier::Other(algorithm)), Material::P256(key) | Material::P384(key) | Material::Ed25519(key)) => {
                signature::UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
            }
            #[cfg(feature = "es512")]
            (Some(Verifier::P521), Material::P521(key)) => verifies_p521(key, message, signature),
            _ => false,
        }
    }

    fn verifier(&self, algorithm: Algorithm) -> Option<Verifier> {
        use Algorithm::*;
        Some(match (&self.material, algorithm) {
            (Material::Rsa { .. }, Rs256) => Verifier::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            (Material::Rsa { .. }, Rs384) => Verifier::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            (Material::Rsa { .. }, Rs512) => Verifier::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            (Material::Rsa { .. }, Ps256) => Verifier::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
            (Material::Rsa { .. }, Ps384) => Verifier::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
            (Material::Rsa { .. }, Ps512) => Verifier::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
            (Material::P256(_), Es256) => Verifier::Other(&signature::ECDSA_P256_SHA256_FIXED),
            (Material::P384(_), Es384) => Verifier::Other(&signature::ECDSA_P384_SHA384_FIXED),
            #[cfg(feature = "es512")]
            (Material::P521(_), Es512) => Verifier::P521,
            (Material::Ed25519(_), EdDsa) => Verifier::Other(&signature::ED25519),
            _ => return None,
        })
    }
}

enum Verifier {
    #[cfg(feature = "es512")]
    P521,
    Rsa(&'static signature::RsaParameters),
    Other(&'static dyn signature::VerificationAlgorithm),
}

#[cfg(feature = "es512")]
fn verifies_p521(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    use p521::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
    let key = VerifyingKey::from_sec1_bytes(key);
    let signature = Signature::from_slice(signature);
    key.is_ok_and(|key| signature.is_ok_and(|signature| key.verify(message, &signature).is_ok()))
}

/// Some publish big numbers with a zero in front, which `ring` refuses.
fn without_leading_zeros(mut number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.drain(..zeros);
    number
}

/// An uncompressed point with coordinates of `length` bytes (SEC 1 section 2.3.3).
pub(super) fn point(x: &[u8], y: &[u8], length: usize) -> Option<Vec<u8>> {
    let right = x.len() == length && y.len() == length;
    right.then(|| [&[4], x, y].concat())
}

/// The keys of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JwkSet(pub Vec<Jwk>);

impl JwkSet {
    /// Reads a key set. Keys that cannot be used are left out, as are those beyond [`MAX_KEYS`]. `None` for what is no key set.
    #[must_use]
    pub fn read(document: &Value) -> Option<Self> {
        let keys = document.get("keys")?.as_array()?;
        Some(Self(keys.iter().take(MAX_KEYS).filter_map(|key| Jwk::read(key.as_object()?)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The public key of RFC 8037 appendix A.2.
    fn ed25519() -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
    }

    fn read(key: &Value) -> Option<Jwk> {
        Jwk::read(key.as_object().unwrap())
    }

    #[test]
    fn a_key_is_for_its_own_kind_of_algorithm() {
        let key = read(&ed25519()).unwrap();
        for algorithm in Algorithm::ALL {
            assert_eq!(key.fits(*algorithm), *algorithm == Algorithm::EdDsa, "{algorithm:?}");
        }
        let mut pinned = ed25519();
        pinned["alg"] = json!("EdDSA");
        assert!(read(&pinned).unwrap().fits(Algorithm::EdDsa));
        for odd in ["none", "HS256", "RS256", ""] {
            pinned["alg"] = json!(odd);
            assert!(read(&pinned).is_none_or(|key| !key.fits(Algorithm::EdDsa)), "{odd}");
        }
    }

    #[test]
    fn verifies_the_signature_of_rfc_8037() {
        let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let key = read(&ed25519()).unwrap();
        assert!(key.verifies(Algorithm::EdDsa, message.as_bytes(), &signature));
        assert!(!key.verifies(Algorithm::EdDsa, b"another", &signature));
        assert!(!key.verifies(Algorithm::Es256, message.as_bytes(), &signature));
    }

    #[test]
    fn verifies_over_the_curve_p_384() {
        use ring::{
            rand::SystemRandom,
            signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
        };

        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(48);
        let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
        let key = read(&json!({ "kty": "EC", "crv": "P-384", "x": x, "y": y })).unwrap();
        let signature = pair.sign(&random, b"message").unwrap();
        assert!(key.verifies(Algorithm::Es384, b"message", signature.as_ref()));
        assert!(!key.verifies(Algorithm::Es384, b"another", signature.as_ref()));
        for algorithm in Algorithm::ALL {
            assert_eq!(key.fits(*algorithm), *algorithm == Algorithm::Es384, "{algorithm:?}");
        }
        for (x, y) in [(&x, &x[2..].to_owned()), (&y[2..].to_owned(), &y)] {
            assert_eq!(read(&json!({ "kty": "EC", "crv": "P-384", "x": x, "y": y })), None);
        }
    }

    #[test]
    fn keys_for_other_purposes_are_left_out() {
        let mut encrypting = ed25519();
        encrypting["use"] = json!("enc");
        let shared = json!({ "kty": "oct", "k": "c2VjcmV0" });
        let short = json!({ "kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ" });
        let set = json!({ "keys": [encrypting, shared, short, "text", ed25519()] });
        assert_eq!(JwkSet::read(&set).unwrap().0.len(), 1);
        assert_eq!(JwkSet::read(&json!({ "keys": {} })), None);
        let many = json!({ "keys": vec![ed25519(); MAX_KEYS + 1] });
        assert_eq!(JwkSet::read(&many).unwrap().0.len(), MAX_KEYS);
    }
}

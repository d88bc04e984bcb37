//! A key with which the application proves itself to a provider (RFC 7523 section 2.2).

use serde_json::Value;

use crate::{
    crypto::secret::Secret,
    domain::options::PrivateKeyJwt,
    wire::{jwk::Algorithm, private_jwk::PrivateJwk},
};

/// What a key without further words signs with, by its kind.
const USUAL: [Algorithm; 5] =
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::EdDsa];
/// The longest that an assertion is good, in seconds. Whoever sees one can use it for as long.
const MAX_SECS: i64 = 3600;

/// A key that is ready to sign assertions.
#[derive(Clone, Debug)]
pub struct ClientKey {
    /// The key.
    pub key: PrivateJwk,
    /// The name under which the provider knows it.
    pub key_id: Option<String>,
    /// How long an assertion is good, in seconds.
    pub lifetime_secs: i64,
}

/// Why a key cannot sign assertions. Deliberately says nothing of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientKeyError {
    /// The algorithm is none, or none that can sign.
    #[error("the algorithm of private_key_jwt is none of RS256 to RS512, PS256 to PS512, ES256 to ES512 and EdDSA")]
    Algorithm,
    /// The JWK is for another algorithm than the options say.
    #[error("private_key_jwt.key is for another algorithm than private_key_jwt.algorithm")]
    OtherAlgorithm,
    /// It is no key, or none for the algorithm.
    #[error(
        "private_key_jwt.key is no private key that can be used: it takes a JWK, or PKCS#8 in PEM, of the algorithm's kind"
    )]
    Key,
    /// The lifetime is out of bounds.
    #[error("private_key_jwt.expires_in must be between 1 and 3600 seconds")]
    Lifetime,
}

impl ClientKey {
    /// Reads the key that an operator has given.
    ///
    /// # Errors
    /// [`ClientKeyError`].
    pub fn read(options: &PrivateKeyJwt) -> Result<Self, ClientKeyError> {
        if !(1..=MAX_SECS).contains(&options.expires_in) {
            return Err(ClientKeyError::Lifetime);
        }
        let secret = &options.key.0;
        let jwk = secret.expose().trim_start().starts_with('{').then(|| members(secret)).transpose()?;
        let (own, own_id) = jwk.clone().unwrap_or_default();
        let named = |name: &String| Algorithm::named(name).ok_or(ClientKeyError::Algorithm);
        let (own, wanted) = (own.as_ref().map(named).transpose()?, options.algorithm.as_ref().map(named).transpose()?);
        if let (Some(own), Some(wanted)) = (own, wanted)
            && own != wanted
        {
            return Err(ClientKeyError::OtherAlgorithm);
        }
        let read = |algorithm| match jwk {
            Some(_) => PrivateJwk::read(secret, algorithm),
            None => PrivateJwk::read_pem(secret, algorithm),
        };
        let key = match wanted.or(own) {
            Some(algorithm) => read(algorithm).ok(),
            None => USUAL.into_iter().find_map(|algorithm| read(algorithm).ok()),
        };
        let key_id = options.key_id.clone().filter(|id| !id.is_empty()).or(own_id);
        Ok(Self { key: key.ok_or(ClientKeyError::Key)?, key_id, lifetime_secs: options.expires_in })
    }
}

/// What a JWK says of itself: its algorithm and its name.
fn members(jwk: &Secret) -> Result<(Option<String>, Option<String>), ClientKeyError> {
    let jwk: Value = serde_json::from_str(jwk.expose()).map_err(|_| ClientKeyError::Key)?;
    let text = |name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok((text("alg"), text("kid")))
}

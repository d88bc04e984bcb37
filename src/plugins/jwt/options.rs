//! What an operator can decide about tokens and their keys.

use std::{fmt, future::Future};

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    crypto::secret::Secret,
    domain::{
        host::HostFn,
        options::{ClientIds, Options},
        session::Session,
    },
    engine::ApiError,
    wire::{
        date::Timestamp, jwk::Algorithm, session_cache::CacheStrategy, shape::JsonMap, signing::KeyJob,
        signing::RSA_BITS, time_span::parse_secs,
    },
};

/// The options of the jwt plugin. What takes code is set by the methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct JwtOptions {
    /// The keys.
    pub jwks: JwksOptions,
    /// The tokens.
    pub jwt: TokenOptions,
    /// Whether `/get-session` answers no token in the header `set-auth-jwt`.
    pub disable_setting_jwt_header: bool,
    /// Whether these keys sign the cookie that caches a session, which takes `session.cookie_cache.strategy = "jwt"`. Other
    /// services can believe the cookie then without being able to make one.
    pub session_cookie_cache: bool,
    #[serde(skip)]
    pub(super) sign: Option<HostFn<RemoteSign, String>>,
    #[serde(skip)]
    pub(super) define_payload: Option<HostFn<Session, JsonMap>>,
    #[serde(skip)]
    pub(super) get_subject: Option<HostFn<Session, String>>,
    #[serde(skip)]
    pub(super) get_jwks: Option<HostFn<(), Vec<StoredKey>>>,
    #[serde(skip)]
    pub(super) create_jwk: Option<HostFn<KeyRecord, StoredKey>>,
}

/// The keys. Durations are seconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct JwksOptions {
    /// Where the public keys are published instead of here: `/jwks` is 404 then.
    pub remote_url: Option<String>,
    /// The keys that are made; those for `EdDSA` unless said otherwise.
    pub key_pair_config: Option<KeyPairConfig>,
    /// More kinds of keys, each made when a token is first signed with its algorithm.
    pub key_pair_configs: Vec<KeyPairConfig>,
    /// Whether private keys are stored as they are.
    pub disable_private_key_encryption: bool,
    /// How long a key signs; for ever unless said otherwise.
    pub rotation_interval: Option<i64>,
    /// How much longer its public key is published.
    pub grace_period: i64,
    /// The path of the published keys, below the base path.
    pub jwks_path: String,
}

impl Default for JwksOptions {
    fn default() -> Self {
        Self {
            remote_url: None,
            key_pair_config: None,
            key_pair_configs: Vec::new(),
            disable_private_key_encryption: false,
            rotation_interval: None,
            grace_period: 2_592_000,
            jwks_path: "/jwks".to_owned(),
        }
    }
}

/// A kind of keys.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KeyPairConfig {
    /// What they sign with.
    pub alg: KeyAlgorithm,
    /// The curve for `EdDSA`; there is `Ed25519` only.
    #[serde(default)]
    pub crv: Option<String>,
    /// The size of an RSA key in bits: 2048 (the default), 3072 or 4096.
    #[serde(default)]
    pub modulus_length: Option<u32>,
}

impl KeyPairConfig {
    /// Keys for this algorithm.
    #[must_use]
    pub fn new(alg: KeyAlgorithm) -> Self {
        Self { alg, crv: None, modulus_length: None }
    }

    pub(super) fn rsa_bits(&self) -> u32 {
        self.modulus_length.unwrap_or(RSA_BITS[0])
    }
}

/// What tokens are signed with (RFC 7518 section 3.1, RFC 8037 section 3.1).
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the RFCs")]
pub enum KeyAlgorithm {
    #[default]
    #[serde(rename = "EdDSA")]
    EdDsa,
    #[serde(rename = "ES256")]
    Es256,
    /// With the cargo feature `es512`.
    #[serde(rename = "ES512")]
    Es512,
    /// With the cargo feature `rsa-keygen`.
    #[serde(rename = "PS256")]
    Ps256,
    /// With the cargo feature `rsa-keygen`.
    #[serde(rename = "RS256")]
    Rs256,
}

impl From<KeyAlgorithm> for Algorithm {
    fn from(alg: KeyAlgorithm) -> Self {
        match alg {
            KeyAlgorithm::EdDsa => Self::EdDsa,
            KeyAlgorithm::Es256 => Self::Es256,
            KeyAlgorithm::Es512 => Self::Es512,
            KeyAlgorithm::Ps256 => Self::Ps256,
            KeyAlgorithm::Rs256 => Self::Rs256,
        }
    }
}

/// The tokens.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TokenOptions {
    /// Who issues them, instead of the server's origin.
    pub issuer: Option<String>,
    /// For whom they are, instead of the server's origin: one, or several.
    pub audience: ClientIds,
    /// When they end.
    pub expiration_time: ExpirationTime,
}

/// When a token ends. In a configuration file a number is a moment in seconds since 1970, and a text a span of time: `15m`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "NumberOrText")]
pub enum ExpirationTime {
    /// So many seconds after it was issued.
    After(i64),
    /// In this second since 1970.
    At(i64),
}

impl Default for ExpirationTime {
    fn default() -> Self {
        Self::After(900)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(i64),
    Text(String),
}

impl TryFrom<NumberOrText> for ExpirationTime {
    type Error = String;

    fn try_from(given: NumberOrText) -> Result<Self, String> {
        match given {
            NumberOrText::Number(secs) => Ok(Self::At(secs)),
            NumberOrText::Text(span) => {
                parse_secs(&span).map(Self::After).ok_or_else(|| format!("{span:?} is no span of time like 15m"))
            }
        }
    }
}

impl Serialize for ExpirationTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::After(secs) => serializer.serialize_str(&format!("{secs}s")),
            Self::At(secs) => serializer.serialize_i64(*secs),
        }
    }
}

/// A token for code of the application's own to sign. All of the header, `alg` and `kid` included, is its business.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RemoteSign {
    /// The claims.
    pub claims: JsonMap,
    /// What the header must hold besides.
    pub header: JsonMap,
    /// The key that the caller asks for.
    pub signing_key_id: Option<String>,
    /// The algorithm that the caller asks for.
    pub signing_algorithm: Option<KeyAlgorithm>,
}

/// A key as it is stored.
#[derive(Clone)]
pub struct KeyRecord {
    /// The public key, JSON text.
    pub public_key: String,
    /// The private key: JSON text, or that sealed as a JSON string.
    pub private_key: Secret,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops to sign.
    pub expires_at: Option<Timestamp>,
    /// What it signs with; the configured algorithm where there is nothing.
    pub alg: Option<String>,
    /// Its curve.
    pub crv: Option<String>,
}

/// A key and its name.
#[derive(Clone)]
pub struct StoredKey {
    /// The name, which tokens carry as `kid`.
    pub id: String,
    /// The key.
    pub key: KeyRecord,
}

impl JwtOptions {
    /// Has tokens signed elsewhere. Takes `jwks.remote_url` and `jwks.key_pair_config`, which other plugins tell clients of.
    #[must_use]
    pub fn sign<F>(mut self, sign: impl Fn(RemoteSign) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String, ApiError>> + Send + 'static,
    {
        self.sign = Some(HostFn::new(sign));
        self
    }

    /// What a token says of a session, instead of all that clients see of its user.
    #[must_use]
    pub fn define_payload<F>(mut self, define: impl Fn(Session) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<JsonMap, ApiError>> + Send + 'static,
    {
        self.define_payload = Some(HostFn::new(define));
        self
    }

    /// Whom a token is about (`sub`), instead of the user's id.
    #[must_use]
    pub fn get_subject<F>(mut self, subject: impl Fn(Session) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String, ApiError>> + Send + 'static,
    {
        self.get_subject = Some(HostFn::new(subject));
        self
    }

    /// Where keys are read from, instead of the database.
    #[must_use]
    pub fn get_jwks<F>(mut self, get: impl Fn(()) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<StoredKey>, ApiError>> + Send + 'static,
    {
        self.get_jwks = Some(HostFn::new(get));
        self
    }

    /// Where a new key is stored, instead of the database.
    #[must_use]
    pub fn create_jwk<F>(mut self, create: impl Fn(KeyRecord) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<StoredKey, ApiError>> + Send + 'static,
    {
        self.create_jwk = Some(HostFn::new(create));
        self
    }

    /// The kind of keys that are made unless another is asked for.
    pub(super) fn primary(&self) -> KeyPairConfig {
        self.jwks.key_pair_config.clone().unwrap_or_else(|| KeyPairConfig::new(KeyAlgorithm::default()))
    }

    pub(super) fn check(&self, installation: &Options) -> Result<(), String> {
        let JwksOptions { remote_url, key_pair_config, jwks_path, grace_period, .. } = &self.jwks;
        let remote = remote_url.as_ref().is_some_and(|url| !url.is_empty());
        if self.sign.is_some() && !remote {
            return Err("jwks.remote_url must be set where tokens are signed elsewhere".to_owned());
        }
        if remote && key_pair_config.is_none() {
            return Err("jwks.key_pair_config.alg must be set where there is a jwks.remote_url".to_owned());
        }
        if !jwks_path.starts_with('/') || jwks_path.contains("..") {
            return Err("jwks.jwks_path must begin with '/' and not contain '..'".to_owned());
        }
        if self.sign.is_none() {
            key_pair_config.iter().chain(&self.jwks.key_pair_configs).try_for_each(can_make)?;
        }
        let cache = &installation.session.cookie_cache;
        if self.session_cookie_cache {
            if cache.strategy != CacheStrategy::Jwt {
                return Err("session_cookie_cache takes session.cookie_cache.strategy = \"jwt\"".to_owned());
            }
            if self.sign.is_some() {
                return Err("session_cookie_cache takes keys of this server's own".to_owned());
            }
            if self.jwks.rotation_interval.is_some() && cache.max_age > *grace_period {
                tracing::warn!("a rotated key stops to verify cached sessions before their cookie ends");
            }
        }
        Ok(())
    }
}

fn can_make(config: &KeyPairConfig) -> Result<(), String> {
    let algorithm = Algorithm::from(config.alg);
    if !KeyJob::can_make(algorithm) {
        let feature = if algorithm == Algorithm::Es512 { "es512" } else { "rsa-keygen" };
        return Err(format!("keys for {} take the cargo feature `{feature}`", algorithm.name()));
    }
    if config.crv.as_deref().is_some_and(|crv| crv != "Ed25519" || config.alg != KeyAlgorithm::EdDsa) {
        return Err(format!("there is no curve {:?} for {}", config.crv, algorithm.name()));
    }
    if !RSA_BITS.contains(&config.rsa_bits()) {
        return Err(format!("jwks.key_pair_config.modulus_length must be one of {RSA_BITS:?}"));
    }
    Ok(())
}

impl fmt::Debug for KeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRecord").field("alg", &self.alg).finish_non_exhaustive()
    }
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey").field("id", &self.id).finish_non_exhaustive()
    }
}

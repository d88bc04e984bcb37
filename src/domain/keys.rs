//! From configured secrets to keys that are ready for use.

use super::options::{Mode, Options};
use crate::crypto::{
    hmac::Signer,
    secret::{PLACEHOLDER_SECRET, SecretError, SecretKeys},
};

/// Why the configured secrets cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum KeyError {
    #[error("no secret is configured")]
    Missing,
    #[error("the secret is the well-known placeholder")]
    Placeholder,
    #[error(transparent)]
    Invalid(#[from] SecretError),
}

/// The keys that `options` configure, and the prepared key of signed cookies.
pub(crate) fn keys(options: &Options) -> Result<(SecretKeys, Signer), KeyError> {
    let single = options.secret.as_ref().map(|secret| secret.0.clone()).filter(|secret| !secret.is_empty());
    let keys = if options.secrets.is_empty() {
        SecretKeys::single(single.ok_or(KeyError::Missing)?)
    } else {
        let versions = options.secrets.iter().map(|entry| (entry.version, entry.value.0.clone())).collect();
        SecretKeys::rotated(versions, single)?
    };
    if keys.signing().expose() == PLACEHOLDER_SECRET && options.mode == Mode::Production {
        return Err(KeyError::Placeholder);
    }
    if let Some(weakness) = crate::crypto::secret::weakness(keys.signing()) {
        tracing::warn!(?weakness, "the secret is weak; generate one with `kernia secret`");
    }
    let signer = Signer::new(keys.signing().expose().as_bytes());
    Ok((keys, signer))
}

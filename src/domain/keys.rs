//! From configured secrets to keys that are ready for use.

use super::options::{Mode, Options};
use crate::crypto::{
    hmac::Signer,
    secret::{SecretError, SecretKeys, Weakness, weakness},
};

/// Why the configured secrets cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum KeyError {
    #[error("no secret is configured")]
    Missing,
    #[error("the secret is the well-known placeholder")]
    Placeholder,
    #[error("the secret has fewer than 32 characters and can be guessed; generate one with `kernia secret`")]
    Short,
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
    match (weakness(keys.signing()), options.mode) {
        (Some(Weakness::Placeholder), Mode::Production) => return Err(KeyError::Placeholder),
        (Some(Weakness::Short), Mode::Production) => return Err(KeyError::Short),
        (Some(weakness), _) => tracing::warn!(?weakness, "the secret is weak; generate one with `kernia secret`"),
        (None, _) => {}
    }
    let signer = Signer::new(keys.signing().expose().as_bytes());
    Ok((keys, signer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_takes_no_secret_that_can_be_guessed() {
        let refused = |mode, secret: &str| {
            let mut options = Options::default();
            options.mode = mode;
            options.secret = Some(secret.into());
            keys(&options).is_err()
        };
        let (short, enough) = ("x".repeat(31), "x".repeat(32));
        assert!(refused(Mode::Production, &short) && !refused(Mode::Development, &short));
        assert!(!refused(Mode::Production, &enough), "a weak one of good length is warned of");
    }
}

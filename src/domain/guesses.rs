//! Guesses at one account's password, wherever they come from (NIST SP 800-63B-4, section 3.2.2).

use super::{Cx, limit, options::FAILURES};
use crate::{crypto::digest::sha256_base64url, engine::Exit};

/// A guess that is counted and not judged yet.
#[derive(Debug)]
pub struct Guess {
    key: Option<String>,
}

impl Guess {
    /// Counts a guess at the password of `whose`: what names the account in the request, whether or not there is such an account.
    /// It is counted before the password is looked at, so that guesses that meet do not pass the limit together.
    ///
    /// # Errors
    /// The refusal of one that is too many (429), or counters that fail.
    pub async fn count(cx: &mut Cx, whose: &str) -> Result<Self, Exit> {
        let rule = cx.app().options.rate_limit.failures_per_account;
        let Some(limit) = rule.over(FAILURES).filter(|_| limit::is_on(cx.app())) else {
            return Ok(Self { key: None });
        };
        // Counters may lie in a database: they need not tell who signs in.
        let key = format!("guesses|{}", sha256_base64url(whose.as_bytes()));
        limit::count(cx, key.clone(), limit).await?;
        Ok(Self { key: Some(key) })
    }

    /// It was right: those before it are forgotten.
    ///
    /// # Errors
    /// Counters that fail.
    pub async fn was_right(self, cx: &mut Cx) -> Result<(), Exit> {
        match self.key {
            Some(key) => limit::forget(cx, key).await,
            None => Ok(()),
        }
    }
}

//! Cookies and tokens, read and verified.

use kernia::{
    crypto::{entropy::SeededEntropy, hmac::Signer, secret::SecretKeys},
    wire::{
        cookie::{Cookies, sign_cookie_value},
        date::Timestamp,
        jwt::{sign_hs256, verify_hs256, with_times},
        session_cache::{CacheStrategy, SessionCache},
    },
};

use super::Work;
use crate::{Answer, SECRET, TOKEN};

const NAME: &str = "better-auth.session_token";
const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);
const CLAIMS: &str =
    r#"{"sub":"abcdefghijklmnopqrstuvwxyzABCDEF","email":"ada@example.com","iss":"http://localhost:3000","aud":"app"}"#;

/// The session's cookie among others: found, decoded, verified.
pub(super) fn signed() -> Work {
    let signer = Signer::new(SECRET.as_bytes());
    let header = format!("theme=dark; {NAME}={}; lang=en", sign_cookie_value(&signer, TOKEN));
    Box::new(move || {
        let cookies = Cookies::parse(&header);
        assert_eq!(cookies.get_signed(NAME, &signer).as_deref(), Some(TOKEN));
    })
}

pub(super) fn compact() -> Work {
    cache(CacheStrategy::Compact)
}

pub(super) fn jwt() -> Work {
    cache(CacheStrategy::Jwt)
}

pub(super) fn jwe() -> Work {
    cache(CacheStrategy::Jwe)
}

fn cache(strategy: CacheStrategy) -> Work {
    let cache = SessionCache::new(strategy, &SecretKeys::single(SECRET.into()));
    let payload = serde_json::to_string(&Answer::fixed()).unwrap_or_default();
    let cookie = cache.encode(&SeededEntropy::new(1), NOW, Some(300), &payload);
    Box::new(move || assert!(cache.decode(NOW, &cookie).is_some()))
}

pub(super) fn hs256() -> Work {
    let signer = Signer::new(SECRET.as_bytes());
    let token = sign_hs256(&signer, &with_times(CLAIMS, NOW, 3600));
    Box::new(move || assert!(verify_hs256(&token, &signer, NOW, 0).is_ok()))
}

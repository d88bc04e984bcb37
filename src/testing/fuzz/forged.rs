//! What the server signed or sealed, forged: whatever is believed must be what was written.

use http::HeaderValue;

use super::source::Source;
use crate::{
    crypto::{entropy::SeededEntropy, hmac::Signer, secret::SecretKeys},
    wire::{
        cookie::{
            Chunks, CookieAttributes, Cookies, SetCookie, chunk, existing_chunks, read_chunked, sign_cookie_value,
        },
        date::Timestamp,
        envelope,
        jwe::{ACCOUNT_SALT, JweKeys, SESSION_SALT},
        jwt::{sign_hs256, verify_hs256, with_times},
        session_cache::{CacheStrategy, SessionCache},
    },
};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NAME: &str = "better-auth.session_token";
const DATA: &str = "better-auth.session_data";
const VALUE: &str = "n79Zhqm4THVZgBj2Otpgx97JITsv83Vt";
const PAYLOAD: &str =
    r#"{"session":{"token":"t","n":1.50},"user":{"name":"Ada"},"updatedAt":1767225600000,"version":"1"}"#;
const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

fn keys() -> SecretKeys {
    SecretKeys::single(SECRET.into())
}

fn signer(keys: &SecretKeys) -> Signer {
    Signer::new(keys.signing().expose().as_bytes())
}

/// A `Cookie` header around a signed cookie, and a `Set-Cookie` line.
///
/// # Panics
/// When a signed value is believed that was not signed.
pub(super) fn cookie(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let keys = keys();
    let signer = signer(&keys);
    // Once as it is, once as edits of a genuine header.
    let genuine = format!("a=b; {NAME}={}; {DATA}.0=x; {DATA}.1=y", sign_cookie_value(&signer, VALUE));
    for header in [text.as_ref(), &Source::new(data).forge(&genuine)] {
        let cookies = Cookies::parse(header);
        for name in [NAME, "a", DATA] {
            if let Some(value) = cookies.get_signed(name, &signer) {
                assert_eq!(value, VALUE, "a forged cookie was believed");
            }
            assert!(cookies.get(name).is_none() || cookies.mentions(name), "a cookie was found and is not there");
        }
        assert!(cookies.entries().all(|(name, _)| cookies.mentions(name)));
        let _ = (read_chunked(&cookies, DATA), existing_chunks(&cookies, DATA));
        let line = HeaderValue::from_str(header).ok();
        if let Some(cookie) = line.as_ref().and_then(|line| SetCookie::parse(line.to_str().ok()?)) {
            assert!(HeaderValue::from_str(&cookie.to_string()).is_ok(), "not fit for a header: {cookie:?}");
        }
    }
}

/// Signed cookie values and sealed columns.
///
/// # Panics
/// When a value opens that is not the one that was sealed.
pub(super) fn sealed(data: &[u8]) {
    let rotated = SecretKeys::rotated(
        vec![(2, "the second secret of this server".into()), (1, SECRET.into())],
        Some(SECRET.into()),
    );
    for keys in [Some(keys()), rotated.ok()].into_iter().flatten() {
        let sealed = envelope::seal(&keys, &SeededEntropy::new(1), VALUE);
        for text in [String::from_utf8_lossy(data).as_ref(), &Source::new(data).forge(&sealed)] {
            if let Ok(opened) = envelope::open(&keys, text) {
                assert_eq!(opened.expose(), VALUE, "a forged value was opened");
            }
            let _ = envelope::looks_sealed(text);
        }
    }
}

/// The `session_data` cookie in each of its forms, also where another is expected.
///
/// # Panics
/// When a payload is believed that was not written.
pub(super) fn session_cache(data: &[u8]) {
    let keys = keys();
    let mut source = Source::new(data);
    let strategies = [CacheStrategy::Compact, CacheStrategy::Jwt, CacheStrategy::Jwe];
    let (written, read) = (*source.pick(&strategies), *source.pick(&strategies));
    let encoded = SessionCache::new(written, &keys).encode(&SeededEntropy::new(1), NOW, Some(300), PAYLOAD);
    let forged = source.forge(&encoded);
    let chunks = match chunk(DATA, &forged, &CookieAttributes::default()) {
        Chunks::One(cookie) => vec![cookie],
        Chunks::Many(cookies) => cookies,
        Chunks::TooLarge => Vec::new(),
    };
    let header: String = chunks.iter().map(|cookie| format!("{}={}; ", cookie.name, cookie.value())).collect();
    let cookies = Cookies::parse(&header);
    let joined = read_chunked(&cookies, DATA).unwrap_or_default().into_owned();
    let cache = SessionCache::new(read, &keys);
    for text in [forged.as_str(), joined.as_str(), String::from_utf8_lossy(data).as_ref()] {
        if let Some(decoded) = cache.decode(NOW, text) {
            assert_eq!(written, read, "a cache of another form was believed");
            let payload = decoded.payload_json;
            assert!(payload.starts_with(&PAYLOAD[..PAYLOAD.len() - 1]), "a forged cache was believed: {payload}");
            assert!(decoded.expires_at <= NOW.plus_secs(300), "a cache outlives its cookie");
        }
    }
}

/// Tokens: signed ones, and encrypted ones of another purpose.
///
/// # Panics
/// When a claim is believed that was not made.
pub(super) fn jwt(data: &[u8]) {
    let keys = keys();
    let signer = signer(&keys);
    let claims = with_times(PAYLOAD, NOW, 300);
    let mut source = Source::new(data);
    let encrypted = source.rarely(2);
    let genuine = if encrypted {
        JweKeys::new(&keys, ACCOUNT_SALT).encrypt(&SeededEntropy::new(1), &claims)
    } else {
        sign_hs256(&signer, &claims)
    };
    for text in [source.forge(&genuine).as_str(), String::from_utf8_lossy(data).as_ref()] {
        if let Ok(verified) = verify_hs256(text, &signer, NOW, 0) {
            assert_eq!(verified.json(), claims, "a forged token was believed");
        }
        assert!(verify_hs256(text, &signer, NOW.plus_secs(300), 0).is_err(), "a token outlives its time");
        if let Ok(decrypted) = JweKeys::new(&keys, ACCOUNT_SALT).decrypt(text, NOW) {
            assert_eq!(decrypted.json(), claims, "a forged token was believed");
        }
        assert!(
            JweKeys::new(&keys, SESSION_SALT).decrypt(text, NOW).is_err(),
            "a token of another purpose was believed"
        );
    }
}

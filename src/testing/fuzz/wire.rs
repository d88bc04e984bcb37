//! Decoders of what requests consist of.

use crate::{
    crypto::password::{HashAlgorithm, PasswordKeys, check_readable, needs_rehash},
    wire::{
        date::Timestamp,
        form, json,
        origin::{OriginPattern, Relative, is_safe_relative, origin_of},
        path::RequestPath,
        query,
        redirect::{append_query_params, location, with_query},
    },
};

/// The last second of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// JSON, forms and queries.
///
/// # Panics
/// When what was read is written and read again as something else.
pub(super) fn body(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(value) = json::parse_body(data, data.len()) {
        let again = json::parse_body(value.to_string().as_bytes(), usize::MAX);
        assert_eq!(again.ok(), Some(value), "JSON has two readings");
    }
    let _ = form::parse(data);
    let _ = query::parse(&text);
    // Years of more than four digits are written as the nearest of four.
    if let Some(moment) = Timestamp::parse(&text).filter(|moment| (0..=LAST_SECOND).contains(&moment.as_secs())) {
        assert_eq!(Timestamp::parse(&moment.to_iso()), Some(moment), "a moment has two readings");
    }
}

/// Paths, origins and redirect targets.
///
/// # Panics
/// When two parts of the server would see different paths, or a relative target leaves its origin.
pub(super) fn address(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let path = RequestPath::resolve(&text, "/api/auth");
    let again = RequestPath::resolve(path.pathname(), "/api/auth");
    assert_eq!(path.pathname(), again.pathname(), "a path has two forms");
    if is_safe_relative(&text) {
        assert!(stays(&text), "a target leaves its origin");
    }
    let (pattern, candidate) = text.split_once('\n').unwrap_or(("https://*.app.test", &text));
    let _ = OriginPattern::parse(pattern).matches(candidate, Relative::Allowed);
    let _ = origin_of(candidate);
    let exact = OriginPattern::parse("https://app.test");
    if exact.matches(candidate, Relative::Refused) {
        let origin = url::Url::parse(candidate).map(|url| url.origin().ascii_serialization());
        assert_eq!(origin.as_deref(), Ok("https://app.test"), "an exact pattern trusts another origin");
    }
}

/// Targets with parameters added.
///
/// # Panics
/// When what comes out could not stand in a header, or a relative target leaves its origin.
pub(super) fn redirect(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (target, value) = text.split_once('\n').unwrap_or((&text, "x"));
    let pairs = [("error", value), ("token", "t")];
    for written in [location(target), append_query_params(target, &pairs)].into_iter().flatten() {
        assert!(written.bytes().all(|byte| byte.is_ascii_graphic()), "not fit for a header: {written:?}");
        assert!(!target.starts_with('/') || stays(&written), "a target leaves its origin: {written}");
    }
    if let Some(page) = with_query("https://app.test", target, &pairs) {
        let url = url::Url::parse(&page).expect("an absolute target is a URL");
        let tokens: Vec<_> = url.query_pairs().filter(|(name, _)| name == "token").collect();
        assert!(tokens.len() == 1 && tokens[0].1 == "t", "{page}");
        assert!(!is_safe_relative(target) || stays(&page), "a target leaves its origin: {page}");
    }
}

/// A stored password hash of any kind. None is computed.
pub(super) fn password_hash(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let keys = PasswordKeys::new([("app", "pepper")], [("app", "AAAA")]).unwrap_or_default();
    let _ = check_readable(text, &keys);
    let _ = needs_rehash(text, &HashAlgorithm::default());
    let _ = needs_rehash(text, &HashAlgorithm::Scrypt);
}

fn stays(target: &str) -> bool {
    let joined = url::Url::parse("https://app.test").and_then(|base| base.join(target));
    joined.is_ok_and(|url| url.origin().ascii_serialization() == "https://app.test")
}

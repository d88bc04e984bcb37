//! What the golden tables and the rules say.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// What the reference's functions answered: every pattern held against every URL.
const VECTORS: &str = include_str!("vectors.json");

#[derive(Deserialize)]
struct Vectors {
    urls: Vec<Entry>,
    relative: Vec<String>,
    accepted: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Entry {
    url: String,
    origin: Option<String>,
    host: Option<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(VECTORS).unwrap()
}

/// The reference lets an entry without a scheme match every scheme that has a host, `javascript:` included.
fn is_stricter_here(pattern: &str, url: &str) -> bool {
    let scheme = Url::parse(url).map(|url| url.scheme().to_owned()).unwrap_or_default();
    has_wildcard(pattern) && !pattern.contains("://") && !matches!(&*scheme, "http" | "https")
}

#[test]
fn verdicts_are_those_of_the_reference() {
    let Vectors { urls, accepted, .. } = vectors();
    assert!(urls.len() * accepted.len() > 10_000);
    for (pattern, accepted) in &accepted {
        let compiled = OriginPattern::parse(pattern);
        for Entry { url, .. } in &urls {
            let expected = accepted.contains(url) && !is_stricter_here(pattern, url);
            assert_eq!(compiled.matches(url, Relative::Refused), expected, "{pattern:?} {url:?}");
        }
    }
}

#[test]
fn origins_and_hosts_are_those_of_the_reference() {
    for Entry { url, origin, host } in vectors().urls {
        assert_eq!(origin_of(&url), origin, "{url:?}");
        assert_eq!(host_of(&url), host, "{url:?}");
    }
}

#[test]
fn relative_urls_are_trusted_as_in_the_reference_and_only_where_asked_for() {
    let Vectors { urls, relative, .. } = vectors();
    let trusted = TrustedOrigins::parse(["https://app.test"]);
    for Entry { url, .. } in urls.iter().filter(|entry| entry.url.starts_with('/')) {
        assert_eq!(trusted.trusts(url, Relative::Allowed), relative.contains(url), "{url:?}");
        assert!(!trusted.trusts(url, Relative::Refused), "{url:?}");
    }
}

#[test]
fn a_path_that_resolves_to_two_slashes_is_not_safe() {
    for url in [
        "/.//evil.test",
        "/..//evil.test",
        "/a/..//evil.test",
        "/%2e//evil.test",
        "/a/%2e%2E//evil.test",
        "//..",
        "//../x",
    ] {
        assert!(!is_safe_relative(url), "{url}");
    }
}

#[test]
fn a_host_pattern_never_matches_a_scheme_that_runs_code() {
    let pattern = OriginPattern::parse("*.app.test");
    assert!(pattern.matches("https://a.app.test/x", Relative::Refused));
    assert!(!pattern.matches("javascript://a.app.test/%0aalert(1)", Relative::Refused));
    assert!(!pattern.matches("myapp://a.app.test", Relative::Refused));
}

#[test]
fn a_custom_url_with_a_name_and_no_host_is_not_a_url() {
    let pattern = OriginPattern::parse("myapp://");
    assert!(pattern.matches("myapp://name@host", Relative::Refused));
    for url in ["myapp://@", "myapp://name@/x", "myapp://name@:80"] {
        assert!(!pattern.matches(url, Relative::Refused), "{url}");
    }
}

#[test]
fn one_entry_that_trusts_is_enough() {
    let trusted = TrustedOrigins::parse(["https://a.test", "myapp://", "*.b.test"]);
    for url in ["https://a.test/x", "myapp://any/where", "http://x.b.test"] {
        assert!(trusted.trusts(url, Relative::Refused), "{url}");
    }
    assert!(!trusted.trusts("https://b.test", Relative::Refused));
    assert!(!TrustedOrigins::default().trusts("https://a.test", Relative::Allowed));
}

const URL_LIKE: &str = "(https?:|myapp:|/)?[/\\\\]{0,3}[ab.@:%2fF5c?#\t]{0,14}";

proptest! {
    #[test]
    fn a_safe_relative_url_stays_on_its_origin(url in "/[/\\\\ab.@:%2eEfF5c?#\t\u{85}]{0,14}") {
        if is_safe_relative(&url) {
            let base = Url::parse("https://app.test/deep/page?x").unwrap();
            let first = base.join(&url);
            prop_assert!(first.is_ok());
            let first = first.unwrap();
            prop_assert_eq!(first.origin(), base.origin());
            // Also after a router has rebuilt a relative URL from the resolved one.
            let rebuilt = &first[url::Position::BeforePath..];
            prop_assert_eq!(base.join(rebuilt).unwrap().origin(), base.origin());
        }
    }

    #[test]
    fn an_exact_entry_trusts_its_own_origin_only(url in URL_LIKE) {
        if OriginPattern::parse("https://a.b").matches(&url, Relative::Refused) {
            let parsed = Url::parse(&url).unwrap();
            prop_assert_eq!(parsed.scheme(), "https");
            prop_assert_eq!(parsed.host_str(), Some("a.b"));
            prop_assert_eq!(parsed.port(), None);
        }
    }

    #[test]
    fn a_wildcard_entry_trusts_hosts_below_its_own_only(url in URL_LIKE) {
        for pattern in ["*.a.b", "https://*.a.b", "http*://*.a.b"] {
            if OriginPattern::parse(pattern).matches(&url, Relative::Refused) {
                let parsed = Url::parse(&url).unwrap();
                prop_assert!(parsed.host_str().unwrap().ends_with(".a.b"));
            }
        }
    }

    #[test]
    fn any_pattern_meets_any_url(pattern in any::<String>(), url in any::<String>()) {
        let _ = OriginPattern::parse(&pattern).matches(&url, Relative::Allowed);
        let _ = (origin_of(&url), host_of(&url));
    }
}

//! Redirect targets with parameters added. What comes out is always fit for a `Location` header: visible ASCII only.
//!
//! Nothing here decides whether a target is trusted; see [`origin`](super::origin).

use url::{Position, Url, form_urlencoded};

/// Stands in for the origin of a root-relative target while it is parsed.
const PLACEHOLDER: &str = "https://kernia.invalid";

/// A target as it may stand in a `Location` header. One of visible ASCII stays as it is; otherwise line ends and tabs
/// are dropped and the rest is encoded, as a browser would do on reading it.
///
/// `None` for a target that is neither an absolute URL nor root-relative, and for one that would leave its origin
/// although it looks relative.
#[must_use]
pub fn location(target: &str) -> Option<String> {
    append_query_params(target, &[])
}

/// Adds parameters to the query of an absolute or root-relative URL, before its fragment. The query that is there
/// stays as it is written, also where it has the same names.
///
/// Follows the reference's `appendQueryParams`, which throws where this gives `None`. One case is stricter: a
/// relative target whose resolved path begins with two slashes (`/..//host`) would name another host and is refused.
#[must_use]
pub fn append_query_params(input: &str, pairs: &[(&str, &str)]) -> Option<String> {
    let relative = input.starts_with('/');
    if input.starts_with("//") || input.starts_with("/\\") {
        return None;
    }
    let mut url = if relative { Url::parse(PLACEHOLDER).ok()?.join(input).ok()? } else { Url::parse(input).ok()? };
    if relative && (url.origin().ascii_serialization() != PLACEHOLDER || url.path().starts_with("//")) {
        return None;
    }
    let added = encoded(pairs);
    if added.is_empty() {
        return Some(if is_visible_ascii(input) { input.to_owned() } else { written(&url, relative) });
    }
    let query = match url.query() {
        None | Some("") => added,
        Some(query) if query.ends_with('&') => format!("{query}{added}"),
        Some(query) => format!("{query}&{added}"),
    };
    url.set_query(Some(&query));
    Some(written(&url, relative))
}

/// Resolves `target` against `base` and sets parameters: each name keeps its first place and loses its other values.
/// The result is absolute.
///
/// Follows the reference's `redirectCallback`: `new URL(target, base)` and `searchParams.set`. `None` where that
/// throws.
#[must_use]
pub fn with_query(base: &str, target: &str, pairs: &[(&str, &str)]) -> Option<String> {
    let mut url = Url::parse(base).ok()?.join(target).ok()?;
    if pairs.is_empty() {
        return Some(written(&url, false));
    }
    let mut query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    for (name, value) in pairs {
        let mut seen = false;
        query.retain_mut(|(known, old)| {
            if known != name {
                return true;
            }
            (*value).clone_into(old);
            !std::mem::replace(&mut seen, true)
        });
        if !seen {
            query.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    url.set_query(Some(&encoded(&query)));
    Some(written(&url, false))
}

fn encoded<T: AsRef<str>>(pairs: &[(T, T)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn written(url: &Url, relative: bool) -> String {
    let text = if relative { &url[Position::BeforePath..] } else { url.as_str() };
    // A URL writes itself in visible ASCII, but for spaces in the path of a scheme without `//`.
    text.replace(' ', "%20")
}

fn is_visible_ascii(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    /// The reference's answers; `null` where it throws.
    const VECTORS: &str = include_str!("redirect/vectors.json");

    #[derive(Deserialize)]
    struct Row {
        input: String,
        pairs: Vec<(String, String)>,
        append: Option<String>,
        set: Option<String>,
    }

    fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
        pairs.iter().map(|(name, value)| (&**name, &**value)).collect()
    }

    #[test]
    fn targets_are_extended_as_in_the_reference() {
        let rows: Vec<Row> = serde_json::from_str(VECTORS).unwrap();
        assert!(rows.len() > 150);
        for row in rows {
            let pairs = borrowed(&row.pairs);
            assert_eq!(with_query("https://base.test/api/auth", &row.input, &pairs), row.set, "{:?}", row.input);
            let appended = append_query_params(&row.input, &pairs);
            if ["/.//evil.test", "/..//evil.test"].contains(&&*row.input) {
                assert_eq!(appended, None);
            } else if pairs.is_empty() && !is_visible_ascii(&row.input) {
                // The reference returns such a target raw.
                assert!(appended.is_none_or(|target| is_visible_ascii(&target)));
            } else {
                assert_eq!(appended, row.append, "{:?} {pairs:?}", row.input);
            }
        }
    }

    #[test]
    fn line_ends_and_other_scripts_never_reach_a_header() {
        assert_eq!(location("/x\r\nSet-Cookie: a=b").as_deref(), Some("/xSet-Cookie:%20a=b"));
        assert_eq!(location("https://bücher.test/é").as_deref(), Some("https://xn--bcher-kva.test/%C3%A9"));
        assert_eq!(append_query_params("/cb", &[("error", "é\r\nx")]).as_deref(), Some("/cb?error=%C3%A9%0D%0Ax"));
    }

    #[test]
    fn a_relative_target_that_names_a_host_is_refused() {
        for target in ["//e", "/\\e", "/.//e", "/a/..//e", "/%2e//e", "/\t/e", "/.\\/e"] {
            assert_eq!(append_query_params(target, &[("a", "b")]), None, "{target:?}");
        }
    }

    proptest! {
        #[test]
        fn every_target_that_comes_out_is_visible_ascii(
            target in "(https?://|myapp:|/)?\\PC{0,12}[\r\n\t ]?\\PC{0,6}",
            pairs in proptest::collection::vec((any::<String>(), any::<String>()), 0..3),
        ) {
            let pairs = borrowed(&pairs);
            for made in [
                location(&target),
                append_query_params(&target, &pairs),
                with_query("https://base.test/x", &target, &pairs),
            ].into_iter().flatten() {
                prop_assert!(is_visible_ascii(&made), "{made:?}");
            }
        }

        #[test]
        fn a_relative_target_stays_relative(target in "/[/\\\\.a%2e?#\t\n]{0,12}") {
            if let Some(made) = append_query_params(&target, &[("a", "b")]) {
                let base = Url::parse("https://app.test/").unwrap();
                prop_assert_eq!(base.join(&made).unwrap().origin(), base.origin());
            }
        }
    }
}

//! The path of a request, brought into one form before anything looks at it.
//!
//! Routing, disabled paths, rate limits and skip lists all read the same [`RequestPath`], so that no spelling of a
//! path can pass a policy and still reach the route the policy is about.

use std::borrow::Cow;

/// A request target, resolved as the reference's `new URL(request.url)` resolves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPath<'a> {
    pathname: Cow<'a, str>,
    query: &'a str,
    /// Where the part below the base path begins, when the path is below it or is it.
    below_base: Option<usize>,
}

impl<'a> RequestPath<'a> {
    /// Resolves a request target such as `/api/auth/sign-in/email?x=1` below `base_path` such as `/api/auth`.
    ///
    /// Dot segments are resolved, also in their `%2e` spellings, backslashes become slashes, and characters that a
    /// URL's path cannot hold are percent-encoded (WHATWG URL, path state). Nothing is decoded: `%2F` is not a
    /// slash. A path that is already in this form is borrowed.
    #[must_use]
    pub fn resolve(target: &'a str, base_path: &str) -> Self {
        let target = target.split('#').next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pathname = normalize(path);
        let base = base_path.trim_end_matches('/');
        let below_base = pathname
            .strip_prefix(base)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .map(|rest| pathname.len() - rest.len());
        Self { pathname, query, below_base }
    }

    /// The whole path, base included.
    #[must_use]
    pub fn pathname(&self) -> &str {
        &self.pathname
    }

    /// The query without its `?`, as it was sent.
    #[must_use]
    pub const fn query(&self) -> &'a str {
        self.query
    }

    /// The path for the router, `None` when no route can have it: outside the base path, the bare base path, or two
    /// slashes in a row. A trailing slash stays and matters.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        let path = self.pathname.get(self.below_base?..)?;
        (!path.is_empty() && !path.contains("//")).then_some(path)
    }

    /// The path for disabled paths, rate limits and skip lists: below the base path where it is there, the whole
    /// path elsewhere, without trailing slashes, never empty.
    #[must_use]
    pub fn policy(&self) -> &str {
        let path = self.pathname.get(self.below_base.unwrap_or(0)..).unwrap_or_default();
        let path = path.trim_end_matches('/');
        if path.is_empty() { "/" } else { path }
    }
}

fn normalize(path: &str) -> Cow<'_, str> {
    if is_normal(path) {
        return Cow::Borrowed(path);
    }
    let path = path.strip_prefix(['/', '\\']).unwrap_or(path);
    let mut segments: Vec<&str> = Vec::new();
    let mut rest = Some(path);
    while let Some(current) = rest {
        let (segment, next) = match current.split_once(['/', '\\']) {
            Some((segment, next)) => (segment, Some(next)),
            None => (current, None),
        };
        rest = next;
        let dots = dot_segment(segment);
        if dots == Some(Dots::Two) {
            segments.pop();
        }
        if dots.is_none() {
            segments.push(segment);
        } else if rest.is_none() {
            segments.push("");
        }
    }
    let mut normal = String::with_capacity(path.len() + 1);
    for segment in segments {
        normal.push('/');
        push_encoded(&mut normal, segment);
    }
    if normal.is_empty() {
        normal.push('/');
    }
    Cow::Owned(normal)
}

fn is_normal(path: &str) -> bool {
    path.starts_with('/')
        && path.bytes().all(|byte| is_path_byte(byte) && byte != b'\\')
        && !path.split('/').any(|segment| dot_segment(segment).is_some())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dots {
    One,
    Two,
}

/// `.` and `..`, each dot possibly written `%2e`.
fn dot_segment(segment: &str) -> Option<Dots> {
    let after_dot = |text: &'_ str| -> Option<usize> {
        match text.as_bytes() {
            [b'.', ..] => Some(1),
            [b'%', b'2', b'e' | b'E', ..] => Some(3),
            _ => None,
        }
    };
    let rest = segment.get(after_dot(segment)?..)?;
    if rest.is_empty() {
        return Some(Dots::One);
    }
    (after_dot(rest) == Some(rest.len())).then_some(Dots::Two)
}

/// Everything but the URL standard's path percent-encode set.
fn is_path_byte(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e) && !b"\"#<>?`{}".contains(&byte)
}

fn push_encoded(out: &mut String, segment: &str) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in segment.bytes() {
        if is_path_byte(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    /// The reference's answers: `[base, target, pathname, route or null, policy path, query]`.
    const VECTORS: &str = include_str!("path/vectors.json");

    #[test]
    fn targets_resolve_as_in_the_reference() {
        type Row = (String, String, String, Option<String>, String, String);
        let rows: Vec<Row> = serde_json::from_str(VECTORS).unwrap();
        assert!(rows.len() > 200);
        for (base, target, pathname, route, policy, query) in rows {
            let path = RequestPath::resolve(&target, &base);
            assert_eq!(path.pathname(), pathname, "{target:?}");
            assert_eq!(path.route(), route.as_deref(), "{base} {target:?}");
            assert_eq!(path.policy(), policy, "{base} {target:?}");
            assert_eq!(path.query(), query, "{target:?}");
        }
    }

    #[test]
    fn a_normal_path_is_borrowed() {
        let path = RequestPath::resolve("/api/auth/get-session?a", "/api/auth/");
        assert!(matches!(path.pathname, Cow::Borrowed("/api/auth/get-session")));
        assert_eq!(path.route(), Some("/get-session"));
    }

    #[test]
    fn a_target_without_a_path_is_the_root() {
        assert_eq!(RequestPath::resolve("", "/api").pathname(), "/");
        assert_eq!(RequestPath::resolve("?a", "/api").pathname(), "/");
        assert_eq!(RequestPath::resolve("*", "/api").pathname(), "/*");
    }

    const HOSTILE: &str = "[/\\\\.ab%2eEé;?#:@ ]{0,14}";

    proptest! {
        #[test]
        fn resolving_twice_changes_nothing(target in HOSTILE, base in "(/[ab]{1,2}){0,2}") {
            let first = RequestPath::resolve(&target, &base);
            let again = RequestPath::resolve(first.pathname(), &base);
            prop_assert_eq!(again.pathname(), first.pathname());
            prop_assert_eq!(again.route(), first.route());
            prop_assert_eq!(again.policy(), first.policy());
            prop_assert!(matches!(again.pathname, Cow::Borrowed(_)));
        }

        #[test]
        fn a_route_and_its_policy_differ_by_trailing_slashes_only(target in HOSTILE) {
            let path = RequestPath::resolve(&target, "/a");
            if let Some(route) = path.route() {
                let trimmed = route.trim_end_matches('/');
                prop_assert_eq!(path.policy(), if trimmed.is_empty() { "/" } else { trimmed });
            }
        }

        #[test]
        fn the_path_is_that_of_a_url_parser(path in "/[/\\\\.ab%2eEé;:@]{0,14}") {
            let url = Url::parse(&format!("http://host.test{path}")).unwrap();
            let resolved = RequestPath::resolve(&path, "");
            prop_assert_eq!(resolved.pathname(), url.path());
        }

        #[test]
        fn any_text_resolves(target in any::<String>(), base in any::<String>()) {
            let path = RequestPath::resolve(&target, &base);
            prop_assert!(path.pathname().is_ascii());
            let _ = (path.route(), path.policy(), path.query());
        }
    }
}

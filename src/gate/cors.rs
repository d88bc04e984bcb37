//! Cross-origin requests from trusted origins. The reference leaves this to the framework; see `docs/differences.md`.

use http::{HeaderName, Method, StatusCode, header};

use super::is_trusted;
use crate::{
    domain::Cx,
    engine::Answer,
    wire::origin::{Relative, origin_of},
};

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const MAX_HEADER_LIST: usize = 1024;

/// Adds what a browser needs to show the response to a page of another, trusted origin; answers its preflight.
pub(super) fn apply(cx: &mut Cx) -> Option<Answer> {
    let app = cx.app_arc();
    let origin = cx.request.header(header::ORIGIN)?.to_owned();
    if !app.options.cors.enabled || !is_foreign_page(cx, &origin) || !is_trusted(cx, &origin, Relative::Refused) {
        return None;
    }
    cx.reply.set_header(header::ACCESS_CONTROL_ALLOW_ORIGIN, &origin);
    cx.reply.set_header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    cx.reply.set_header(header::VARY, "Origin");
    let preflight =
        cx.request.method == Method::OPTIONS && cx.request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !preflight {
        return None;
    }
    cx.reply.set_header(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    if let Some(wanted) = cx.request.header(header::ACCESS_CONTROL_REQUEST_HEADERS).and_then(header_names) {
        cx.reply.set_header(header::ACCESS_CONTROL_ALLOW_HEADERS, &wanted);
    }
    cx.reply.set_header(header::ACCESS_CONTROL_MAX_AGE, &app.options.cors.max_age.to_string());
    Some(Answer::empty(StatusCode::NO_CONTENT))
}

/// Whether this is the origin of a web page as browsers write it, and not our own.
fn is_foreign_page(cx: &Cx, origin: &str) -> bool {
    let own = cx.local.base_url.strip_prefix(origin).is_some_and(|path| path.is_empty() || path.starts_with('/'));
    !own && origin_of(origin).is_some_and(|page| page == origin)
}

/// The list again, if it holds nothing but header names.
fn header_names(list: &str) -> Option<String> {
    if list.len() > MAX_HEADER_LIST {
        return None;
    }
    let names: Option<Vec<_>> =
        list.split(',').map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok()).collect();
    Some(names?.iter().map(HeaderName::as_str).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_header_names_are_repeated() {
        assert_eq!(
            header_names("Content-Type, x-captcha-response").as_deref(),
            Some("content-type, x-captcha-response")
        );
        assert_eq!(header_names("content-type\r\nx: y"), None);
        assert_eq!(header_names(&"a".repeat(2000)), None);
    }
}

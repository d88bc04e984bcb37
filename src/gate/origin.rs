//! Where a request comes from, and where it asks to be sent: the reference's origin check and form CSRF check.

use http::{Method, StatusCode, header};
use serde_json::Value;

use crate::{
    domain::{BaseAddress, Cx, cookies, errors, event, options::OriginCheck},
    engine::{ApiError, Exit},
    wire::{
        json::truthy,
        origin::{Relative, origin_of},
    },
};

/// Which field of a request names the page to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackLabel {
    /// `callbackURL`.
    Callback,
    /// `redirectTo`.
    Redirect,
    /// `errorCallbackURL`.
    ErrorCallback,
    /// `newUserCallbackURL`.
    NewUserCallback,
}

impl CallbackLabel {
    const BODY_FIELDS: [(&'static str, Self); 4] = [
        ("callbackURL", Self::Callback),
        ("redirectTo", Self::Redirect),
        ("errorCallbackURL", Self::ErrorCallback),
        ("newUserCallbackURL", Self::NewUserCallback),
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Callback => "callbackURL",
            Self::Redirect => "redirectURL",
            Self::ErrorCallback => "errorCallbackURL",
            Self::NewUserCallback => "newUserCallbackURL",
        }
    }

    fn error(self) -> ApiError {
        match self {
            Self::Callback => errors::INVALID_CALLBACK_URL,
            Self::Redirect => errors::INVALID_REDIRECT_URL,
            Self::ErrorCallback => errors::INVALID_ERROR_CALLBACK_URL,
            Self::NewUserCallback => errors::INVALID_NEW_USER_CALLBACK_URL,
        }
    }
}

/// Whether the origin check may be passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Demand {
    /// Only requests with cookies must name a trusted origin.
    IfCookies,
    /// Every request must.
    Always,
}

/// Checks a request that may change something: its origin, and every page it names.
pub(super) async fn check(cx: &mut Cx, policy_path: &str) -> Result<(), Exit> {
    if matches!(cx.request.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    check_origin(cx, policy_path, Demand::IfCookies).await?;
    if skips_redirects(cx, policy_path) {
        return Ok(());
    }
    for (field, label) in CallbackLabel::BODY_FIELDS {
        let in_body = cx.request.body.as_ref().and_then(|body| body.get(field)).filter(|value| truthy(value));
        let in_query = || cx.request.query.get(field).filter(|value| truthy(value));
        let named = if label == CallbackLabel::Callback { in_body.or_else(in_query) } else { in_body };
        match named {
            None => {}
            Some(Value::String(url)) => accept(cx, url, label)?,
            Some(_) => {
                let error = ApiError::uncoded(StatusCode::BAD_REQUEST, "");
                return Err(error.message(format!("Invalid {}: expected a string", label.name())).into());
            }
        }
    }
    Ok(())
}

/// Checks the page that a `GET` route names in its query (the reference's `originCheck`).
///
/// # Errors
/// `INVALID_CALLBACK_URL`.
pub fn check_callback(cx: &Cx, url: Option<&str>) -> Result<(), Exit> {
    if cx.local.direct || skips_redirects(cx, cx.request.path.trim_end_matches('/')) {
        return Ok(());
    }
    url.filter(|url| !url.is_empty()).map_or(Ok(()), |url| accept(cx, url, CallbackLabel::Callback))
}

fn accept(cx: &Cx, url: &str, label: CallbackLabel) -> Result<(), Exit> {
    if is_trusted(cx, url, Relative::Allowed) {
        return Ok(());
    }
    tracing::warn!(
        label = label.name(),
        "a redirect target is not trusted; add its origin to trusted_origins if it is yours"
    );
    Err(label.error().into())
}

/// Checks a sign-in or sign-up that a form on another site may have sent (the reference's `formCsrfMiddleware`).
///
/// # Errors
/// `CROSS_SITE_NAVIGATION_LOGIN_BLOCKED`, `MISSING_OR_NULL_ORIGIN`, `INVALID_ORIGIN`.
pub async fn check_form(cx: &mut Cx) -> Result<(), Exit> {
    if skips_csrf(cx) || cx.local.direct {
        return Ok(());
    }
    let path = cx.request.path.trim_end_matches('/').to_owned();
    if cookies::sent_by_client(cx) {
        return check_origin(cx, &path, Demand::IfCookies).await;
    }
    let said = |name: &str| cx.request.header(name).map(str::trim).filter(|value| !value.is_empty());
    let (site, mode, dest) = (said("sec-fetch-site"), said("sec-fetch-mode"), said("sec-fetch-dest"));
    if site == Some("cross-site") && mode == Some("navigate") {
        event::emit(cx, event::ORIGIN_REFUSED, None, vec![("reason", "cross-site navigation".to_owned())]).await;
        return Err(errors::CROSS_SITE_NAVIGATION_LOGIN_BLOCKED.into());
    }
    let browser = site.is_some() || mode.is_some() || dest.is_some();
    if browser || said("origin").is_some() || said("referer").is_some() {
        return check_origin(cx, &path, Demand::Always).await;
    }
    Ok(())
}

async fn check_origin(cx: &mut Cx, policy_path: &str, demand: Demand) -> Result<(), Exit> {
    if skips_csrf(cx) || skips_redirects(cx, policy_path) {
        return Ok(());
    }
    if demand == Demand::IfCookies && !cookies::sent_by_client(cx) {
        return Ok(());
    }
    let error = match claimed_origin(cx) {
        None => errors::MISSING_OR_NULL_ORIGIN,
        Some(origin) if is_trusted(cx, &origin, Relative::Refused) => return Ok(()),
        Some(_) => errors::INVALID_ORIGIN,
    };
    tracing::warn!("a request's origin is not trusted; add it to trusted_origins if it is yours");
    event::emit(cx, event::ORIGIN_REFUSED, None, vec![("path", policy_path.to_owned())]).await;
    Err(error.into())
}

/// The origin that a request claims: `Origin`, else `Referer`. A null origin that the browser calls same-origin is our own.
fn claimed_origin(cx: &Cx) -> Option<String> {
    let origin = cx.request.header(header::ORIGIN).filter(|origin| !origin.is_empty());
    if origin == Some("null") && cx.request.header("sec-fetch-site") == Some("same-origin") {
        let own = BaseAddress::FromRequest.of_request(&cx.request.headers, &cx.app().options);
        return own.and_then(|own| origin_of(&own));
    }
    let claimed = origin.or_else(|| cx.request.header(header::REFERER))?;
    (!claimed.is_empty() && claimed != "null").then(|| claimed.to_owned())
}

/// Whether `url` leads to (or is) an origin that this server trusts.
#[must_use]
pub fn is_trusted(cx: &Cx, url: &str, relative: Relative) -> bool {
    let of_request = &cx.local.trusted_origins;
    if cx.app().trusted_origins.trusts(url, relative) || of_request.trusts(url, relative) {
        return true;
    }
    match cx.app().base {
        BaseAddress::FromRequest => {
            let own = origin_of(&cx.local.base_url);
            own.is_some_and(|own| crate::wire::origin::OriginPattern::parse(&own).matches(url, relative))
        }
        BaseAddress::Fixed(_) | BaseAddress::PerHost(_) => false,
    }
}

fn skips_csrf(cx: &Cx) -> bool {
    let advanced = &cx.app().options.advanced;
    match (advanced.disable_csrf_check, &advanced.disable_origin_check) {
        (Some(disabled), _) => disabled,
        // The reference ties both checks together unless the CSRF switch is set.
        (None, Some(OriginCheck::Everywhere(true))) => true,
        (None, _) => false,
    }
}

fn skips_redirects(cx: &Cx, policy_path: &str) -> bool {
    match &cx.app().options.advanced.disable_origin_check {
        None => false,
        Some(OriginCheck::Everywhere(everywhere)) => *everywhere,
        Some(OriginCheck::Paths(paths)) => {
            paths.iter().any(|path| is_at_or_below(policy_path, path.trim_end_matches('/')))
        }
    }
}

fn is_at_or_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_path_ends_at_a_segment() {
        assert!(is_at_or_below("/public/data", "/public/data"));
        assert!(is_at_or_below("/public/data/1", "/public/data"));
        assert!(!is_at_or_below("/public/database", "/public/data"));
    }
}

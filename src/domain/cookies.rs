//! The cookies of an installation: their names, their attributes, and reading and writing them.

use http::{HeaderValue, header};

use super::{
    Cx, Installation,
    options::{CookieOverride, Options},
};
use crate::wire::{
    cookie::{CookieAttributes, Cookies, SameSite, SetCookie, sign_cookie_value},
    percent::encode_uri_component,
};

/// A cookie's name and attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct CookieSpec {
    /// The name on the wire.
    pub name: String,
    /// The attributes.
    pub attributes: CookieAttributes,
}

/// The core cookies.
#[derive(Clone, Debug)]
pub struct AuthCookies {
    /// The session's token, signed.
    pub session_token: CookieSpec,
    /// The session itself, believed for a while.
    pub session_data: CookieSpec,
    /// Marks a session that ends with the browser, signed.
    pub dont_remember: CookieSpec,
}

impl AuthCookies {
    /// The core cookies under `options`.
    #[must_use]
    pub fn new(options: &Options, base_url: Option<&str>) -> Self {
        let with_age = |seconds| CookieOverride { max_age: Some(seconds), ..CookieOverride::default() };
        Self {
            session_token: cookie(options, base_url, "session_token", &with_age(options.session.expires_in)),
            session_data: cookie(options, base_url, "session_data", &with_age(options.session.cookie_cache.max_age)),
            dont_remember: cookie(options, base_url, "dont_remember", &CookieOverride::default()),
        }
    }
}

/// The cookie called `key`, as the reference's `createAuthCookie` makes it: defaults, then the installation's attributes, then the
/// caller's, then those configured for this cookie.
#[must_use]
pub fn cookie(options: &Options, base_url: Option<&str>, key: &str, overrides: &CookieOverride) -> CookieSpec {
    let advanced = &options.advanced;
    let secure = is_secure(options, base_url);
    let configured = advanced.cookies.get(key);
    let prefix = advanced.cookie_prefix.as_deref().unwrap_or("better-auth");
    let bare = configured.and_then(|settings| settings.name.clone()).unwrap_or_else(|| format!("{prefix}.{key}"));
    let mut attributes = CookieAttributes {
        path: Some("/".to_owned()),
        http_only: true,
        secure,
        same_site: Some(SameSite::Lax),
        domain: shared_domain(options, base_url),
        ..CookieAttributes::default()
    };
    apply(&mut attributes, &advanced.default_cookie_attributes);
    apply(&mut attributes, overrides);
    if let Some(settings) = configured {
        apply(&mut attributes, &settings.attributes);
    }
    let name = if secure { format!("__Secure-{bare}") } else { bare };
    CookieSpec { name, attributes }
}

fn is_secure(options: &Options, base_url: Option<&str>) -> bool {
    use super::options::{BaseUrl, Mode, Protocol};
    if let Some(forced) = options.advanced.use_secure_cookies {
        return forced;
    }
    match (&options.base_url, base_url) {
        (Some(BaseUrl::PerHost(hosts)), _) if hosts.protocol == Some(Protocol::Https) => true,
        (Some(BaseUrl::PerHost(hosts)), _) if hosts.protocol == Some(Protocol::Http) => false,
        (_, Some(url)) => url.starts_with("https://"),
        (_, None) => options.mode == Mode::Production,
    }
}

fn shared_domain(options: &Options, base_url: Option<&str>) -> Option<String> {
    let shared = &options.advanced.cross_sub_domain_cookies;
    if !shared.enabled {
        return None;
    }
    let host = || url::Url::parse(base_url?).ok()?.host_str().map(str::to_owned);
    shared.domain.clone().or_else(host)
}

fn apply(attributes: &mut CookieAttributes, overrides: &CookieOverride) {
    if overrides.max_age.is_some() {
        attributes.max_age = overrides.max_age;
    }
    if overrides.domain.is_some() {
        attributes.domain.clone_from(&overrides.domain);
    }
    if overrides.path.is_some() {
        attributes.path.clone_from(&overrides.path);
    }
    if overrides.same_site.is_some() {
        attributes.same_site = overrides.same_site;
    }
    attributes.http_only = overrides.http_only.unwrap_or(attributes.http_only);
    attributes.secure = overrides.secure.unwrap_or(attributes.secure);
    attributes.partitioned = overrides.partitioned.unwrap_or(attributes.partitioned);
}

/// The request's cookies.
#[must_use]
pub fn of_request(cx: &Cx) -> Cookies<'_> {
    Cookies::parse(cx.request.header(header::COOKIE).unwrap_or_default())
}

/// The value of a signed cookie; `None` when it is absent or its signature is wrong.
#[must_use]
pub fn read_signed(cx: &Cx, spec: &CookieSpec) -> Option<String> {
    of_request(cx).get_signed(&spec.name, &cx.app().signer).map(std::borrow::Cow::into_owned)
}

/// Puts a signed cookie into the request as if the client had sent it, in the place of one of the same name.
pub fn present_signed(cx: &mut Cx, spec: &CookieSpec, value: &str) {
    let signed = sign_cookie_value(&cx.app().signer, value);
    let others = of_request(cx).entries().filter(|(name, _)| *name != spec.name);
    let mut line: String = others.map(|(name, value)| format!("{name}={}; ", encode_uri_component(&value))).collect();
    line.push_str(&spec.name);
    line.push('=');
    line.push_str(&signed);
    let sent = sent_by_client(cx);
    if let Ok(line) = HeaderValue::try_from(line) {
        cx.request.headers.insert(header::COOKIE, line);
        cx.local.cookies_are_presented = !sent;
    }
}

/// Whether the client itself sent cookies, as a browser does also where the page had no part in it. Those that a hook has
/// [presented](present_signed) do not count.
#[must_use]
pub fn sent_by_client(cx: &Cx) -> bool {
    cx.request.headers.contains_key(header::COOKIE) && !cx.local.cookies_are_presented
}

/// Sets a signed cookie.
pub fn set_signed(cx: &mut Cx, name: &str, value: &str, attributes: CookieAttributes) {
    let cookie = SetCookie::signed(name, value, &cx.app().signer, attributes);
    cx.reply.push_cookie(cookie);
}

/// Expires a cookie, and takes back values of it (whole or in chunks) that this request has set.
pub fn expire(cx: &mut Cx, spec: &CookieSpec) {
    let chunk_prefix = format!("{}.", spec.name);
    cx.reply.retract_cookies(|name| name == spec.name || name.starts_with(&chunk_prefix));
    cx.reply.push_cookie(SetCookie::expired(&spec.name, &spec.attributes));
}

impl Installation {
    /// A cookie of a plugin's own, under the installation's rules.
    #[must_use]
    pub fn cookie(&self, key: &str, overrides: &CookieOverride) -> CookieSpec {
        cookie(&self.options, self.base.fixed().map(AsRef::as_ref), key, overrides)
    }
}

//! What the fuzz targets run. Plain functions, so that the stable toolchain replays their corpora as tests.

use std::cell::RefCell;

use bytes::Bytes;
use http::{Method, Request};

use super::{World, options};
use crate::{
    crypto::{
        hmac::Signer,
        password::{HashAlgorithm, PasswordKeys, check_readable, needs_rehash},
        secret::SecretKeys,
    },
    wire::{
        cookie::{Cookies, SetCookie, read_chunked},
        date::Timestamp,
        envelope, form, json,
        jwt::verify_hs256,
        origin::{OriginPattern, Relative, is_safe_relative, origin_of},
        path::RequestPath,
        query,
        session_cache::{CacheStrategy, SessionCache},
    },
};

const EMAIL: &str = "ada@example.com";
/// After so many requests the world is made anew, so that it stays small.
const REQUESTS_A_WORLD: usize = 500;

struct Target {
    world: World,
    cookie: String,
    requests: usize,
}

thread_local! {
    static TARGET: RefCell<Option<Target>> = const { RefCell::new(None) };
}

fn target() -> Target {
    let mut options = options();
    options.user.change_email.enabled = true;
    options.user.delete_user.enabled = true;
    options.session.cookie_cache.enabled = true;
    options.trusted_origins = vec!["https://*.app.test".to_owned(), "myapp://".to_owned()];
    let world = World::new(options);
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Target { world, cookie: cookies.join("; "), requests: 0 }
}

/// A whole request: a line `METHOD target`, header lines, an empty line, a body. `$COOKIE` in a header stands for the cookies
/// of a signed-in person.
///
/// # Panics
/// When the answer is a 5xx, or the database contradicts itself afterwards.
pub fn request(data: &[u8]) {
    TARGET.with_borrow_mut(|slot| {
        let target = slot.get_or_insert_with(target);
        let Some(request) = read_request(data, &target.cookie) else { return };
        let line = format!("{} {}", request.method(), request.uri());
        let response = target.world.answer(request);
        assert!(!response.status().is_server_error(), "{line}: {response:?}");
        check(&target.world);
        target.requests += 1;
        if target.requests >= REQUESTS_A_WORLD {
            *slot = None;
        }
    });
}

fn read_request(data: &[u8], cookie: &str) -> Option<Request<Bytes>> {
    let split = data.windows(2).position(|pair| pair == b"\n\n").unwrap_or(data.len());
    let (head, rest) = data.split_at(split);
    let body = Bytes::copy_from_slice(rest.get(2..).unwrap_or_default());
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, path) = first.split_once(' ')?;
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).ok()?).uri(path);
    for line in lines {
        let at = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(at);
        let value = String::from_utf8_lossy(&value[1..]).trim().replace("$COOKIE", cookie);
        request = request.header(name, value);
    }
    if !body.is_empty() {
        request = request.header("content-length", body.len());
    }
    request.body(body).ok()
}

fn check(world: &World) {
    let tables = world.outside.store.snapshot();
    let rows = |name: &str| tables.get(name).map_or(&[][..], Vec::as_slice);
    for user in rows("user") {
        assert!(rows("account").iter().any(|account| account.text("userId") == user.id()), "a user without an account");
    }
    for session in rows("session") {
        assert!(rows("user").iter().any(|user| user.id() == session.text("userId")), "a session without its user");
    }
}

/// Everything that reads a cookie.
pub fn cookie(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let keys = SecretKeys::single("0123456789abcdef0123456789abcdef".into());
    let signer = Signer::new(keys.signing().expose().as_bytes());
    let cookies = Cookies::parse(&text);
    let _ = cookies.get_signed("better-auth.session_token", &signer);
    let _ = SetCookie::parse(&text);
    let now = Timestamp::from_secs(1_767_225_600);
    let raw = read_chunked(&cookies, "better-auth.session_data").unwrap_or_else(|| text.clone());
    for strategy in [CacheStrategy::Compact, CacheStrategy::Jwt, CacheStrategy::Jwe] {
        assert!(SessionCache::new(strategy, &keys).decode(now, &raw).is_none(), "a forged session was believed");
    }
}

/// JSON, forms and queries.
pub fn body(data: &[u8]) {
    let _ = json::parse_body(data, data.len());
    let _ = form::parse(data);
    let _ = query::parse(&String::from_utf8_lossy(data));
    let _ = Timestamp::parse(&String::from_utf8_lossy(data));
}

/// Tokens and sealed values.
pub fn token(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let keys = SecretKeys::single("0123456789abcdef0123456789abcdef".into());
    let signer = Signer::new(keys.signing().expose().as_bytes());
    assert!(verify_hs256(&text, &signer, Timestamp::UNIX_EPOCH, 0).is_err(), "a forged token was believed");
    assert!(envelope::open(&keys, &text).is_err(), "a forged value was opened");
}

/// Paths, origins and redirect targets.
///
/// # Panics
/// When two parts of the server would see different paths, or a relative target leaves its origin.
pub fn address(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let path = RequestPath::resolve(&text, "/api/auth");
    let again = RequestPath::resolve(path.pathname(), "/api/auth");
    assert_eq!(path.pathname(), again.pathname(), "a path has two forms");
    if is_safe_relative(&text) {
        let joined = url::Url::parse("https://app.test").and_then(|base| base.join(&text));
        assert!(
            joined.is_ok_and(|url| url.origin().ascii_serialization() == "https://app.test"),
            "a target leaves its origin"
        );
    }
    let (pattern, candidate) = text.split_once('\n').unwrap_or(("https://*.app.test", &text));
    let _ = OriginPattern::parse(pattern).matches(candidate, Relative::Allowed);
    let _ = origin_of(candidate);
}

/// A stored password hash of any kind. None is computed.
pub fn password_hash(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let keys = PasswordKeys::new([("app", "pepper")], [("app", "AAAA")]).unwrap_or_default();
    let _ = check_readable(text, &keys);
    let _ = needs_rehash(text, &HashAlgorithm::default());
    let _ = needs_rehash(text, &HashAlgorithm::Scrypt);
}

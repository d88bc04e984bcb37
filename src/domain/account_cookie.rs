//! The account that a browser last signed in with, in an encrypted cookie: for servers that keep no tokens.

use serde_json::{Map, Value};

use super::{Cx, cookies, cookies::CookieSpec, fields, options::CookieOverride};
use crate::{
    schema::ACCOUNT,
    store::Row,
    wire::{
        cookie::{expire_chunks, read_chunked, replace_chunks},
        jwe::{ACCOUNT_SALT, JweKeys},
    },
};

/// Writes the cookie, if the installation uses it. Chunks of an older, longer value are expired.
pub fn store(cx: &mut Cx, account: &Row) {
    if !cx.app().options.account.store_account_cookie {
        return;
    }
    let spec = spec(cx);
    let lifetime = spec.attributes.max_age.unwrap_or_default();
    let keys = JweKeys::new(&cx.app().keys, ACCOUNT_SALT);
    let Ok(members) = serde_json::to_string(&members(account)) else { return };
    let sealed = keys.encrypt_for(cx.entropy(), &members, cx.now(), lifetime);
    cx.reply.retract_cookies(|name| name == spec.name || is_chunk(name, &spec.name));
    let replaced = replace_chunks(&cookies::of_request(cx), &spec.name, &sealed, &spec.attributes);
    replaced.into_iter().for_each(|cookie| cx.reply.push_cookie(cookie));
}

/// The account in the request's cookie.
#[must_use]
pub fn read(cx: &Cx) -> Option<Row> {
    let app = cx.app();
    if !app.options.account.store_account_cookie {
        return None;
    }
    let sealed = read_chunked(&cookies::of_request(cx), &spec(cx).name)?;
    let claims = JweKeys::new(&app.keys, ACCOUNT_SALT).decrypt(&sealed, cx.now()).ok()?;
    let account: Map<String, Value> = claims.read().ok()?;
    Some(fields::row_from_json(app.schema.table(&ACCOUNT)?, &account))
}

/// Renews the cookie beside the session of `user_id`, or expires one of somebody else's.
pub fn renew(cx: &mut Cx, user_id: &str) {
    let name = spec(cx).name;
    let pending = |cookie: &crate::wire::cookie::SetCookie| cookie.name == name || is_chunk(&cookie.name, &name);
    if cx.reply.cookies().iter().any(pending) {
        return;
    }
    match read(cx) {
        Some(account) if account.text("userId") == user_id => store(cx, &account),
        Some(_) => discard(cx),
        None => {}
    }
}

/// Expires the cookie and its chunks, if the installation uses it.
pub fn discard(cx: &mut Cx) {
    if !cx.app().options.account.store_account_cookie {
        return;
    }
    let spec = spec(cx);
    cookies::expire(cx, &spec);
    let sent = expire_chunks(&cookies::of_request(cx), &spec.name, &spec.attributes);
    sent.into_iter().for_each(|cookie| cx.reply.push_cookie(cookie));
}

fn is_chunk(name: &str, of: &str) -> bool {
    name.strip_prefix(of).is_some_and(|rest| rest.starts_with('.'))
}

fn members(account: &Row) -> Map<String, Value> {
    let json = |value| serde_json::to_value(value).unwrap_or_default();
    account.fields().map(|(name, value)| (name.as_str().to_owned(), json(value))).collect()
}

fn spec(cx: &Cx) -> CookieSpec {
    let max_age = Some(cx.app().options.session.cookie_cache.max_age);
    cx.app().cookie("account_data", &CookieOverride { max_age, ..CookieOverride::default() })
}

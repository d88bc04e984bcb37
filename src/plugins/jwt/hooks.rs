//! Tokens beside a session: in a header of `/get-session`, and as the cookie that caches it.

use std::sync::Arc;

use http::HeaderName;
use serde::Deserialize;

use super::logic::{Keys, Wanted, object, origin};
use crate::{
    domain::{
        Cx, Hooks,
        session::{self, CachePayload, CacheSigner},
    },
    engine::{AfterHook, Exit, Fault, PathMatch},
    wire::{jws, session_cache::Decoded, shape::JsonMap},
};

const SET_AUTH_JWT: HeaderName = HeaderName::from_static("set-auth-jwt");
/// What sets the cookie's token apart from all others (RFC 8725 section 3.11).
const CACHE_TYPE: &str = "better-auth.session-cache+jwt";
const CACHE_AUDIENCE: &str = "better-auth:session-cache";
/// Who has issued it where the server does not know its own origin.
const CACHE_ISSUER: &str = "better-auth:session-cache";
/// How far clocks may differ that make and read it, in seconds.
const CACHE_TOLERANCE_SECS: u32 = 15;

pub(super) fn all(keys: &Arc<Keys>) -> Hooks {
    if keys.options().disable_setting_jwt_header {
        return Hooks::default();
    }
    let keys = Arc::clone(keys);
    let after = AfterHook::new(PathMatch::One("/get-session"), move |cx, _| {
        let keys = Arc::clone(&keys);
        Box::pin(async move { answer_token(cx, &keys).await })
    });
    Hooks { after: vec![after], ..Hooks::default() }
}

async fn answer_token(cx: &mut Cx, keys: &Keys) -> Result<(), Exit> {
    let Some(session) = session::known(cx).cloned() else { return Ok(()) };
    let token = keys.token_of(cx, session).await?;
    cx.reply.set_header(SET_AUTH_JWT, &token);
    cx.reply.expose_header(SET_AUTH_JWT.as_str());
    Ok(())
}

pub(super) fn cache_signer(keys: &Arc<Keys>) -> Option<CacheSigner> {
    if !keys.options().session_cookie_cache {
        return None;
    }
    let (to_sign, to_read) = (Arc::clone(keys), Arc::clone(keys));
    Some(CacheSigner::new(
        move |cx, payload| {
            let keys = Arc::clone(&to_sign);
            Box::pin(async move { sign_cache(cx, &keys, payload).await })
        },
        move |cx, value| {
            let keys = Arc::clone(&to_read);
            Box::pin(async move { read_cache(cx, &keys, value).await })
        },
    ))
}

fn cache_issuer(cx: &Cx) -> String {
    let own = origin(cx);
    if own.is_empty() { CACHE_ISSUER.to_owned() } else { own }
}

async fn sign_cache(cx: &mut Cx, keys: &Keys, payload: CachePayload) -> Result<String, Exit> {
    let written = serde_json::from_str(&payload.json);
    let mut claims = object(written.map_err(|_| Fault::Bug("a session's cookie holds no JSON".into()))?);
    let now = cx.now().as_secs();
    claims.extend([
        ("sid".to_owned(), payload.token.into()),
        ("sub".to_owned(), payload.user_id.into()),
        ("iat".to_owned(), now.into()),
        ("exp".to_owned(), now.saturating_add(payload.lifetime_secs).into()),
        ("iss".to_owned(), cache_issuer(cx).into()),
        ("aud".to_owned(), CACHE_AUDIENCE.into()),
    ]);
    let header = JsonMap::from_iter([("typ".to_owned(), CACHE_TYPE.into())]);
    keys.sign_here(cx, &claims, header, &Wanted::default()).await
}

/// Whom the cookie says it is about, inside and outside.
#[derive(Deserialize)]
struct About {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    session: Token,
    user: Id,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

async fn read_cache(cx: &mut Cx, keys: &Keys, value: &str) -> Result<Option<Decoded>, Exit> {
    let typed = jws::read_header(value).is_ok_and(|header| header.get("typ").is_some_and(|typ| typ == CACHE_TYPE));
    if !typed {
        return Ok(None);
    }
    let Some(claims) = keys.authentic(cx, value, CACHE_TOLERANCE_SECS).await? else { return Ok(None) };
    let Ok(about) = claims.read::<About>() else { return Ok(None) };
    let ours = about.iss == cache_issuer(cx) && about.aud == CACHE_AUDIENCE;
    let whole = about.sub == about.user.id && about.sid == about.session.token;
    let expires_at = claims.expires_at().filter(|end| *end >= cx.now());
    Ok(expires_at.filter(|_| ours && whole).map(|expires_at| Decoded { payload_json: claims.into_json(), expires_at }))
}

//! The cookies of a browser's sessions.

use crate::{
    domain::{
        Cx,
        cookies::{self, CookieSpec},
        session::{self, Session},
    },
    engine::Exit,
};

/// How many such cookies of one request are looked at.
const MAX_COOKIES: usize = 32;

/// The cookie of the session with this token: that of the active session, under another name.
pub(super) fn cookie(cx: &Cx, token: &str) -> CookieSpec {
    let CookieSpec { name, attributes } = cx.app().cookies.session_token.clone();
    CookieSpec { name: format!("{name}_multi-{}", token.to_lowercase()), attributes }
}

/// The tokens that the request has in cookies of their own, validly signed, each once.
pub(super) fn tokens(cx: &Cx) -> Vec<String> {
    let prefix = format!("{}_multi-", cx.app().cookies.session_token.name);
    let sent = cookies::of_request(cx);
    let mut found = Vec::new();
    for (name, _) in sent.entries().filter(|(name, _)| name.starts_with(&prefix)).take(MAX_COOKIES) {
        let token = sent.get_signed(name, &cx.app().signer).map(std::borrow::Cow::into_owned);
        found.extend(token.filter(|token| name[prefix.len()..] == token.to_lowercase() && !found.contains(token)));
    }
    found
}

/// The token of the request's cookie for the session `named`.
pub(super) fn token_of(cx: &Cx, named: &str) -> Option<String> {
    cookies::read_signed(cx, &cookie(cx, named)).filter(|token| token.to_lowercase() == named.to_lowercase())
}

/// The session with this token, if it lives.
pub(super) async fn live(cx: &mut Cx, token: &str) -> Result<Option<Session>, Exit> {
    let found = session::from_store(cx, token).await?;
    Ok(found.filter(|session| session::is_live(session, &cx.app().options.session, cx.now())))
}

//! The cookies that carry a session.

use super::{Remember, Session, cache};
use crate::domain::{Cx, account_cookie, cookies, oauth_state, options::StateStrategy};

/// Sets the session's cookies. [`Remember::AsBefore`] keeps what the browser's own marker says.
pub fn set_cookies(cx: &mut Cx, session: Session, remember: Remember) {
    let app = cx.app_arc();
    let forget = forgets(cx, remember);
    let spec = &app.cookies.session_token;
    let mut attributes = spec.attributes.clone();
    attributes.max_age = (!forget).then_some(app.options.session.expires_in);
    cookies::set_signed(cx, &spec.name, session.token(), attributes);
    mark(cx, remember);
    cache::store(cx, &session, forget);
    cx.local.new_session = Some(session);
}

/// Lets the cookie that describes the browser's session, where there are such cookies, describe it as it is now.
pub fn describe(cx: &mut Cx, session: &Session) {
    let forget = is_marked(cx);
    cache::store(cx, session, forget);
}

/// Whether the session ends with the browser.
pub(super) fn forgets(cx: &Cx, remember: Remember) -> bool {
    match remember {
        Remember::Yes => false,
        Remember::No => true,
        Remember::AsBefore => is_marked(cx),
    }
}

fn is_marked(cx: &Cx) -> bool {
    cookies::read_signed(cx, &cx.app().cookies.dont_remember).is_some()
}

/// Sets the marker of a browser whose session ends with it, or takes it away.
pub(super) fn mark(cx: &mut Cx, remember: Remember) {
    let app = cx.app_arc();
    let spec = &app.cookies.dont_remember;
    if forgets(cx, remember) {
        cookies::set_signed(cx, &spec.name, "true", spec.attributes.clone());
    } else if is_marked(cx) {
        cookies::expire(cx, spec);
    }
}

/// Expires every cookie that carries or describes a session.
pub fn expire_cookies(cx: &mut Cx) {
    expire_carriers(cx);
    let app = cx.app_arc();
    cookies::expire(cx, &app.cookies.dont_remember);
}

/// As [`expire_cookies`], but a browser whose next session is to end with it stays marked.
pub(super) fn expire_carriers(cx: &mut Cx) {
    let app = cx.app_arc();
    cookies::expire(cx, &app.cookies.session_token);
    cache::discard(cx);
    account_cookie::discard(cx);
    if app.options.account.store_state_strategy == StateStrategy::Cookie {
        let spec = oauth_state::sealed_cookie(cx, None);
        cookies::expire(cx, &spec);
    }
}

/// Takes back the cookies that this request has set for a session.
pub(super) fn withdraw_cookies(cx: &mut Cx) {
    let app = cx.app_arc();
    let carriers = [&app.cookies.session_token, &app.cookies.session_data, &app.cookies.dont_remember];
    let carries = |name: &str| {
        carriers
            .iter()
            .any(|spec| name.strip_prefix(&spec.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    cx.reply.retract_cookies(carries);
    cx.local.unsigned_cache = None;
}

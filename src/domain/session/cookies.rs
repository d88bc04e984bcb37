//! The cookies that carry a session.

use super::{Remember, Session, cache};
use crate::domain::{Cx, account_cookie, cookies, oauth_state, options::StateStrategy};

/// Sets the session's cookies. [`Remember::AsBefore`] keeps what the browser's own marker says.
pub fn set_cookies(cx: &mut Cx, session: Session, remember: Remember) {
    let app = cx.app_arc();
    let marked = cookies::read_signed(cx, &app.cookies.dont_remember).is_some();
    let forget = match remember {
        Remember::Yes => false,
        Remember::No => true,
        Remember::AsBefore => marked,
    };
    let spec = &app.cookies.session_token;
    let mut attributes = spec.attributes.clone();
    attributes.max_age = (!forget).then_some(app.options.session.expires_in);
    cookies::set_signed(cx, &spec.name, session.token(), attributes);
    if forget {
        let spec = &app.cookies.dont_remember;
        cookies::set_signed(cx, &spec.name, "true", spec.attributes.clone());
    } else if marked {
        cookies::expire(cx, &app.cookies.dont_remember);
    }
    cache::store(cx, &session, forget);
    cx.local.new_session = Some(session);
}

/// Expires every cookie that carries or describes a session.
pub fn expire_cookies(cx: &mut Cx) {
    let app = cx.app_arc();
    cookies::expire(cx, &app.cookies.session_token);
    cache::discard(cx);
    account_cookie::discard(cx);
    if app.options.account.store_state_strategy == StateStrategy::Cookie {
        let spec = oauth_state::sealed_cookie(cx, None);
        cookies::expire(cx, &spec);
    }
    cookies::expire(cx, &app.cookies.dont_remember);
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

//! Notices: users are told by mail when that by which they sign in changes (OWASP ASVS 6.3.7).

use super::{Cx, event, mail, user};
use crate::{engine::Message, store::Row, wire::email::is_undeliverable};

/// What users are told of, by the event's name. A changed address is told of by [`email_changed`]: the notice goes to the old one.
const TOLD: &[(&str, &str)] = &[
    (event::PASSWORD_CHANGED, mail::PASSWORD_CHANGED_NOTICE),
    (event::PASSWORD_RESET, mail::PASSWORD_CHANGED_NOTICE),
    (event::PASSWORD_SET, mail::PASSWORD_CHANGED_NOTICE),
    (event::TWO_FACTOR_ENABLED, mail::TWO_FACTOR_CHANGED_NOTICE),
    (event::TWO_FACTOR_DISABLED, mail::TWO_FACTOR_CHANGED_NOTICE),
    (event::ACCOUNT_LINKED, mail::ACCOUNT_CHANGED_NOTICE),
    (event::ACCOUNT_UNLINKED, mail::ACCOUNT_CHANGED_NOTICE),
    (event::PASSKEY_ADDED, mail::PASSKEY_CHANGED_NOTICE),
    (event::PASSKEY_REMOVED, mail::PASSKEY_CHANGED_NOTICE),
];

/// The kind of the notice of an event, where notices are on and it has one.
pub(super) fn kind_of(cx: &Cx, event: &str) -> Option<&'static str> {
    let told = TOLD.iter().find(|(name, _)| *name == event)?;
    cx.app().options.security_notices.then_some(told.1)
}

/// Tells the user `user_id` of what just happened. What fails is logged: it has happened all the same.
pub(super) async fn tell(cx: &mut Cx, kind: &'static str, user_id: &str) {
    match user::find_by_id(cx, user_id).await {
        Ok(Some(user)) => send(cx, kind, &user, None).await,
        Ok(None) => {}
        Err(exit) => tracing::error!(kind, error = ?exit, "a user was not told of a change"),
    }
}

/// Tells the owner of the address that `old` has that `new_email` is in its place, if notices are on.
pub async fn email_changed(cx: &mut Cx, old: &Row, new_email: &str) {
    if cx.app().options.security_notices {
        send(cx, mail::EMAIL_CHANGED_NOTICE, old, Some(new_email)).await;
    }
}

async fn send(cx: &mut Cx, kind: &'static str, user: &Row, new_email: Option<&str>) {
    if is_undeliverable(user.text("email")) {
        return;
    }
    let mut message = Message::new(kind, user.text("email"));
    message.name = Some(user.text("name").to_owned()).filter(|name| !name.is_empty());
    message.new_email = new_email.map(str::to_owned);
    mail::send(cx, message).await;
}

//! Security-relevant happenings, for the application and the log.

use http::header;

use super::{Cx, notice};
use crate::engine::Event;

/// A user was made.
pub const USER_CREATED: &str = "user.created";
/// A user changed.
pub const USER_UPDATED: &str = "user.updated";
/// A user and everything of theirs was removed.
pub const USER_DELETED: &str = "user.deleted";
/// Somebody signed in.
pub const SIGNED_IN: &str = "session.created";
/// A session was taken over by a token that its owner had asked for.
pub const SESSION_TAKEN_OVER: &str = "session.taken_over";
/// What belonged to an anonymous user was handed to whoever they have signed in as.
pub const ANONYMOUS_LINKED: &str = "user.anonymous_linked";
/// A sign-in was refused.
pub const SIGN_IN_FAILED: &str = "sign_in.failed";
/// Somebody has given the first proof and is asked for another.
pub const SIGN_IN_HELD: &str = "sign_in.held";
/// Somebody signed out.
pub const SIGNED_OUT: &str = "session.ended";
/// Sessions were ended by their owner.
pub const SESSION_REVOKED: &str = "session.revoked";
/// A password was changed by somebody who knew the old one.
pub const PASSWORD_CHANGED: &str = "password.changed";
/// A password was replaced through the mailbox.
pub const PASSWORD_RESET: &str = "password.reset";
/// A reset was asked for.
pub const PASSWORD_RESET_REQUESTED: &str = "password.reset_requested";
/// A user who had no password was given one by the server.
pub const PASSWORD_SET: &str = "password.set";
/// Somebody who is signed in gave a wrong password as their own.
pub const PASSWORD_REFUSED: &str = "password.refused";
/// A stored hash was replaced by one of the configured kind.
pub const PASSWORD_REHASHED: &str = "password.rehashed";
/// A user is asked for a second factor from now on.
pub const TWO_FACTOR_ENABLED: &str = "two_factor.enabled";
/// A user is asked for no second factor any more.
pub const TWO_FACTOR_DISABLED: &str = "two_factor.disabled";
/// An address was verified.
pub const EMAIL_VERIFIED: &str = "email.verified";
/// An address was changed.
pub const EMAIL_CHANGED: &str = "email.changed";
/// An identity at a provider was linked to a user.
pub const ACCOUNT_LINKED: &str = "account.linked";
/// An account was unlinked.
pub const ACCOUNT_UNLINKED: &str = "account.unlinked";
/// A user has a passkey more.
pub const PASSKEY_ADDED: &str = "passkey.added";
/// A user has a passkey less.
pub const PASSKEY_REMOVED: &str = "passkey.removed";
/// A request was refused for its origin.
pub const ORIGIN_REFUSED: &str = "request.origin_refused";
/// A request was refused for its frequency.
pub const RATE_LIMITED: &str = "request.rate_limited";

/// Emits `name` about the row `subject`, and tells the user where they are to be told.
pub async fn emit(cx: &mut Cx, name: &'static str, subject: Option<&str>, detail: Vec<(&'static str, String)>) {
    let event = Event {
        name,
        at: cx.now(),
        subject: subject.map(str::to_owned),
        ip: cx.local.client_ip.clone(),
        user_agent: cx.request.header(header::USER_AGENT).map(str::to_owned),
        detail,
    };
    cx.emit(event).await;
    if let (Some(kind), Some(user_id)) = (notice::kind_of(cx, name), subject) {
        // Rare: it must not make every future that emits as large as itself.
        Box::pin(notice::tell(cx, kind, user_id)).await;
    }
}

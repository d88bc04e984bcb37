//! Signing in by a mailbox: whoever has read what was sent there is its user, or becomes one.

use super::{
    Cx, WayIn, account, commit, event,
    session::{self, Remember, Session},
    user,
};
use crate::{
    engine::{ApiError, Exit},
    schema::{ACCOUNT, USER},
    store::{Batch, Expect, Filter, Op, Row, StorageError, Value},
};

/// Another request may make or change the same user at the same time; its outcome is then the ground for a second look.
const TRIES: usize = 3;

/// Somebody who has read what was sent to an address.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The address.
    pub email: &'a str,
    /// What they are if nobody has the address: a new user's fields beyond the address, or why nobody can be made of what they said.
    /// `None` where nobody may become a user.
    pub newcomer: Option<Result<Row, ApiError>>,
    /// The way in which a new user came, for events.
    pub method: &'static str,
}

/// What becomes of a reader.
#[derive(Debug)]
pub enum Admission {
    /// They are signed in.
    Admitted {
        /// The session.
        session: Box<Session>,
        /// Whether the user is new.
        is_new: bool,
    },
    /// Nobody has the address, and nobody may become its user. What was read is spent.
    Unknown,
    /// What was read was spent meanwhile.
    Spent,
}

/// Signs in whoever has read what `spent` spends: all in one batch.
///
/// A user whose address was never proven may have been made by somebody else: everything by which one could sign in as them so
/// far goes, sessions included, before they are signed in, as in the reference's `revokeUnprovenAccountAccess`.
///
/// # Errors
/// Why nobody can be made of a newcomer, what a write hook refused with, or a store that fails.
pub async fn sign_in(cx: &mut Cx, reader: &Reader<'_>, spent: &Batch) -> Result<Admission, Exit> {
    for _ in 0..TRIES {
        let known = user::find_by_email(cx, reader.email).await?;
        let (is_new, proves) = (known.is_none(), known.as_ref().is_some_and(|user| !user.flag("emailVerified")));
        let (user, batch) = match (known, &reader.newcomer) {
            (Some(user), _) if proves => {
                let batch = prove(cx, spent.clone(), &user);
                (user.with("emailVerified", true).with("updatedAt", cx.now()), batch)
            }
            (Some(user), _) => {
                let unchanged = as_found(&user);
                (user, spent.clone().check(USER, unchanged, Expect::Rows(1)))
            }
            (None, Some(newcomer)) => {
                let fields = newcomer.clone()?.with("emailVerified", true);
                let user = user::new(cx, reader.email, fields);
                (user.clone(), spent.clone().insert(USER, user))
            }
            (None, None) => return turn_away(cx, spent).await,
        };
        match session::try_issue(cx, user, Remember::AsBefore, batch).await? {
            Ok(session) => {
                tell(cx, &session, is_new.then_some(reader.method), proves).await;
                return Ok(Admission::Admitted { session: Box::new(session), is_new });
            }
            Err(conflict) if conflict.statement < spent.statements.len() => return lost(cx).await,
            Err(conflict) if is_new && !conflict.is_unique(&USER, "email") => {
                return Err(StorageError::Conflict(conflict).into());
            }
            Err(_) => {}
        }
    }
    lost(cx).await
}

/// Adds to `batch` that the address of `user`, which was never proven, is proven now, and that everything goes by which one could
/// sign in as them so far, sessions included. The batch fails when the address was changed or proven meanwhile.
#[must_use]
pub fn prove(cx: &Cx, batch: Batch, user: &Row) -> Batch {
    let open = Filter::Or(vec![Filter::eq("emailVerified", false), Filter::eq("emailVerified", Value::Null)]);
    let set = Row::new().with("emailVerified", true);
    let batch = batch.update(USER, as_found(user).and(open), set, Expect::Rows(1));
    close_ways_in(cx, batch, user.id(), Filter::eq("userId", user.id()))
}

/// Adds to `batch` that everything goes by which one could sign in as `user_id` so far, sessions included, but for a password.
#[must_use]
pub fn close_other_ways_in(cx: &Cx, batch: Batch, user_id: &str) -> Batch {
    let other = Filter::compare("providerId", Op::Ne, account::CREDENTIAL);
    close_ways_in(cx, batch, user_id, Filter::eq("userId", user_id).and(other))
}

fn close_ways_in(cx: &Cx, batch: Batch, user_id: &str, accounts: Filter) -> Batch {
    let mut batch = batch.delete(ACCOUNT, accounts, Expect::Any);
    for way in cx.app().plugins.iter().flat_map(|plugin| plugin.ways_in()) {
        batch = match way {
            WayIn::Rows { table, user_id: field } => batch.delete(table, Filter::eq(field, user_id), Expect::Any),
            WayIn::Field(name) => {
                let given = Filter::eq("id", user_id).and(Filter::compare(name.clone(), Op::Ne, Value::Null));
                batch.update(USER, given, Row::new().with(name, Value::Null), Expect::Any)
            }
        };
    }
    session::delete_all_of(cx, batch, user_id)
}

/// The user, with the address that was read.
fn as_found(user: &Row) -> Filter {
    Filter::eq("id", user.id()).and(Filter::eq("email", user.text("email")))
}

async fn turn_away(cx: &mut Cx, spent: &Batch) -> Result<Admission, Exit> {
    if commit::try_commit(cx, spent.clone()).await?.is_err() {
        return lost(cx).await;
    }
    event::emit(cx, event::SIGN_IN_FAILED, None, vec![("reason", "unknown user".to_owned())]).await;
    Ok(Admission::Unknown)
}

async fn lost(cx: &mut Cx) -> Result<Admission, Exit> {
    event::emit(cx, event::SIGN_IN_FAILED, None, vec![("reason", "spent meanwhile".to_owned())]).await;
    Ok(Admission::Spent)
}

async fn tell(cx: &mut Cx, session: &Session, new_by: Option<&str>, proves: bool) {
    let user_id = Some(session.user_id());
    if let Some(method) = new_by {
        event::emit(cx, event::USER_CREATED, user_id, vec![("method", method.to_owned())]).await;
    }
    if proves {
        event::emit(cx, event::EMAIL_VERIFIED, user_id, Vec::new()).await;
        event::emit(cx, event::SESSION_REVOKED, user_id, vec![("reason", "address proven".to_owned())]).await;
    }
}

//! Bringing in users of another system, many at once.

mod known;

use serde::{Deserialize, Serialize};

use self::known::{Found, Known};
use super::{Cx, account, commit, errors, id, user, user_gate::UserSource};
use crate::{
    crypto::{password::check_readable, secret::Secret},
    engine::Exit,
    schema::{ACCOUNT, USER},
    store::{Batch, ConflictKind, Row, Value},
    wire::email::is_email,
};

/// The most users that are brought in at once.
pub const MAX_USERS: usize = 1000;

/// A user of another system.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ImportedUser {
    /// The user's row. Without an `id`, or with one that is not of the server's kind, it gets a new one.
    pub row: Row,
    /// The password's hash, in any format that this server [verifies](crate::crypto::foreign).
    pub password_hash: Option<Secret>,
    /// Identities at providers: rows with `providerId` and `accountId`.
    pub identities: Vec<Row>,
}

impl ImportedUser {
    /// A user who cannot sign in yet.
    #[must_use]
    pub fn new(row: Row) -> Self {
        Self { row, ..Self::default() }
    }
}

/// What came of one user.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(tag = "fate", rename_all = "lowercase")]
pub enum Fate {
    /// The user is there now.
    Created {
        /// The id.
        id: String,
    },
    /// The user was brought in before.
    Present {
        /// The id.
        id: String,
    },
    /// Somebody else has this already.
    Taken {
        /// The field whose value is taken.
        field: String,
    },
    /// The user cannot be stored.
    Refused {
        /// Why.
        message: String,
    },
}

/// Whether users are really brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// They are.
    Import,
    /// All is checked and nothing written.
    Rehearse,
}

/// Brings in `users`, in one batch with all that are new, and says what came of each. Users whom the database or a write hook
/// refuses do not keep the others out. Doing it again changes nothing.
///
/// Somebody with the same address counts as brought in before when something else agrees too: the moment of creation, the
/// password hash, an identity, or an id that was kept.
///
/// # Errors
/// More than [`MAX_USERS`] users, or a store that fails: then either all of the new users are there or none.
pub async fn import(cx: &mut Cx, users: Vec<ImportedUser>, purpose: Purpose) -> Result<Vec<Fate>, Exit> {
    cx.local.user_source = Some(UserSource::of("import"));
    if users.len() > MAX_USERS {
        return Err(errors::VALIDATION_ERROR.message(format!("at most {MAX_USERS} users at once")).into());
    }
    let drafts: Vec<_> = users.into_iter().map(|user| Draft::new(cx, user)).collect();
    let mut known = Known::read(cx, drafts.iter().filter_map(|draft| draft.as_ref().ok())).await?;
    let mut fates: Vec<_> = drafts.iter().map(|draft| settle(draft, &mut known)).collect();
    let fresh: Vec<_> = (0..fates.len()).filter(|at| fates[*at].is_none()).collect();
    let together = fresh.iter().filter_map(|at| drafts[*at].as_ref().ok());
    match write(cx, together, purpose).await? {
        Ok(ids) => {
            for (at, id) in fresh.iter().zip(ids) {
                fates[*at] = Some(Fate::Created { id });
            }
        }
        // Somebody is refused, and nothing says who.
        Err(_) => {
            for at in &fresh {
                let Ok(draft) = &drafts[*at] else { continue };
                fates[*at] = Some(match write(cx, [draft].into_iter(), purpose).await? {
                    Ok(ids) => Fate::Created { id: ids.concat() },
                    Err(refused) => refused,
                });
            }
        }
    }
    Ok(fates.into_iter().flatten().collect())
}

/// A user as the rows that would be stored.
struct Draft {
    user: Row,
    keeps_id: bool,
    credential: Option<Row>,
    identities: Vec<Row>,
}

impl Draft {
    fn new(cx: &Cx, imported: ImportedUser) -> Result<Self, String> {
        let ImportedUser { row: mut user, password_hash, mut identities } = imported;
        let email = user::normalize_email(user.text("email"));
        if !is_email(&email) {
            return Err("the e-mail address is missing or not one".to_owned());
        }
        user.set("email", email);
        let keeps_id = id::may_be_chosen(cx, user.id());
        if !keeps_id {
            user.set("id", id::new(cx, &USER));
        }
        let incomplete = |row: &Row| row.text("providerId").is_empty() || row.text("accountId").is_empty();
        if identities.iter().any(incomplete) {
            return Err("an identity lacks its provider or its id there".to_owned());
        }
        for identity in &mut identities {
            identity.set("id", id::new(cx, &ACCOUNT));
            identity.set("userId", user.id());
        }
        let credential = password_hash.map(|hash| {
            check_readable(hash.expose(), &cx.app().password_keys).map_err(|error| error.to_string())?;
            Ok::<_, String>(account::new_credential(cx, user.id(), hash.expose().to_owned()))
        });
        Ok(Self { keeps_id, credential: credential.transpose()?, identities, user })
    }

    fn add_to(&self, batch: Batch) -> Batch {
        let accounts = self.credential.iter().chain(&self.identities);
        accounts.fold(batch.insert(USER, self.user.clone()), |batch, account| batch.insert(ACCOUNT, account.clone()))
    }
}

/// What comes of a user who is not new.
fn settle(draft: &Result<Draft, String>, known: &mut Known) -> Option<Fate> {
    let draft = match draft {
        Ok(draft) => draft,
        Err(message) => return Some(Fate::Refused { message: message.clone() }),
    };
    match known.find(draft) {
        Found::Nobody => {
            known.remember(draft);
            None
        }
        Found::Same(id) => Some(Fate::Present { id }),
        Found::Another(field) => Some(Fate::Taken { field }),
    }
}

/// Writes users in one batch, all or none, and answers their ids; those that the database would make are empty in a rehearsal.
/// Inside, what would become of a user whose batch is refused.
async fn write<'d>(
    cx: &mut Cx,
    drafts: impl Iterator<Item = &'d Draft>,
    purpose: Purpose,
) -> Result<Result<Vec<String>, Fate>, Exit> {
    let mut batch = Batch::new();
    let mut users = Vec::new();
    for draft in drafts {
        users.push((batch.statements.len(), draft));
        batch = draft.add_to(batch);
    }
    if batch.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let written = match purpose {
        Purpose::Import => commit::try_commit(cx, batch).await,
        Purpose::Rehearse => commit::rehearse(cx, batch).await.map(|()| Ok(Vec::new())),
    };
    match written {
        Ok(Ok(mut rows)) => {
            let stored = |(at, draft): (usize, &Draft)| match purpose {
                Purpose::Import => Ok(commit::inserted(&mut rows, at)?.id().to_owned()),
                Purpose::Rehearse => Ok(id::shown(cx, draft.user.id()).to_owned()),
            };
            Ok(Ok(users.into_iter().map(stored).collect::<Result<_, Exit>>()?))
        }
        Ok(Err(conflict)) => match conflict.kind {
            ConflictKind::Unique { field, .. } => Ok(Err(Fate::Taken { field: field.as_str().to_owned() })),
            other => Ok(Err(Fate::Refused { message: other.to_string() })),
        },
        Err(Exit::Refused(error)) => {
            let message = error.message.map_or_else(|| error.status.to_string(), |text| text.into_owned());
            Ok(Err(Fate::Refused { message }))
        }
        Err(exit) => Err(exit),
    }
}

/// A value that can be looked up: text that is not empty.
fn key(value: &Value) -> Option<&str> {
    value.as_text().filter(|text| !text.is_empty())
}

//! A signed-in user makes an identity at a provider one of their own.

use super::{
    admit::{described, is_vouched, pass_gate},
    profile::Identity,
};
use crate::{
    domain::{
        Cx, account, commit, event,
        fields::Action,
        provider::{Provider, Tokens},
        session::{self, Session},
        user,
        user_gate::GateStep,
    },
    engine::Exit,
    schema::ACCOUNT,
    store::{Batch, Expect, Filter, Row},
};

/// As in `admit`.
const TRIES: usize = 3;

/// A user, and the identity that they link.
#[derive(Clone, Copy)]
pub struct Linking<'a> {
    /// The provider.
    pub provider: &'a Provider,
    /// Who they are there.
    pub identity: &'a Identity,
    /// The tokens to keep.
    pub tokens: &'a Tokens,
    /// What was granted, if the provider has said it.
    pub granted: Option<&'a [String]>,
    /// The user.
    pub user_id: &'a str,
    /// The user's address.
    pub email: &'a str,
    /// The session in which they link, which must not have ended meanwhile.
    pub session: Option<&'a Session>,
}

/// Why an identity cannot be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Neither is the provider trusted, nor does it say that the address is verified; or nothing is linked here at all.
    NotAllowed,
    /// The identity's address is not the user's.
    DifferentEmail,
    /// The identity is another user's.
    TakenByAnother,
    /// The session has ended, or another request was faster.
    Changed,
}

/// Links the identity, or renews its tokens if it is the user's already.
///
/// # Errors
/// What a write hook refused with, or a store that fails.
pub async fn link(cx: &mut Cx, linking: &Linking<'_>, known_may: bool) -> Result<Result<(), Obstacle>, Exit> {
    pass_gate(cx, linking.provider, linking.identity, GateStep::LinkAccount, linking.user_id).await?;
    let vouched = is_vouched(cx, linking.provider, linking.identity).await?;
    for _ in 0..TRIES {
        let known = account::find_by_key(cx, &linking.provider.id, &linking.identity.subject).await?;
        let own = known.iter().all(|account| account.text("userId") == linking.user_id);
        let allowed = allowed(cx, linking, vouched);
        // A client that shows an ID token of its own account again is not asked about addresses.
        let renews = known_may && own && !known.is_empty();
        match allowed {
            _ if known_may && !own => return Ok(Err(Obstacle::TakenByAnother)),
            Err(obstacle) if !renews => return Ok(Err(obstacle)),
            _ if !own => return Ok(Err(Obstacle::TakenByAnother)),
            _ => {}
        }
        let mut batch = Batch::new();
        if let Some(session) = linking.session {
            batch = session::check_live(batch, session);
        }
        let set = linking.tokens.columns(cx).with("providerId", linking.provider.id.as_str());
        let new = known.is_empty();
        batch = match known.first() {
            Some(account) => renew(batch, linking, account, set),
            None => account::link(cx, batch, as_new(linking, set)),
        };
        batch = describe(cx, batch, linking)?;
        match commit::try_commit(cx, batch).await? {
            Ok(_) => {
                if new {
                    let detail = vec![("provider", linking.provider.id.clone())];
                    event::emit(cx, event::ACCOUNT_LINKED, Some(linking.user_id), detail).await;
                }
                return Ok(Ok(()));
            }
            // The check: the session has ended meanwhile.
            Err(conflict) if linking.session.is_some() && conflict.statement == 0 => break,
            Err(_) => {}
        }
    }
    Ok(Err(Obstacle::Changed))
}

fn allowed(cx: &Cx, linking: &Linking<'_>, vouched: bool) -> Result<(), Obstacle> {
    let options = &cx.app().options.account.account_linking;
    if !vouched || !options.enabled {
        return Err(Obstacle::NotAllowed);
    }
    let same = linking.identity.email().map(user::normalize_email) == Some(user::normalize_email(linking.email));
    if same || options.allow_different_emails { Ok(()) } else { Err(Obstacle::DifferentEmail) }
}

fn renew(batch: Batch, linking: &Linking<'_>, account: &Row, mut set: Row) -> Batch {
    let merged = account::merged_scope(account.text("scope"), linking.granted.unwrap_or_default());
    if linking.granted.is_some() && !merged.is_empty() {
        set.set("scope", merged);
    }
    let own = Filter::eq("id", account.id()).and(Filter::eq("userId", linking.user_id));
    batch.update(ACCOUNT, own, set, Expect::Rows(1))
}

fn as_new(linking: &Linking<'_>, set: Row) -> Row {
    let row = set.with("accountId", linking.identity.subject.as_str()).with("userId", linking.user_id);
    match linking.granted {
        Some(scopes) => row.with("scope", scopes.join(",")),
        None => row,
    }
}

/// Adds that the user gets the identity's name and image, if that is wanted. What does not fit the user's fields is left.
fn describe(cx: &Cx, batch: Batch, linking: &Linking<'_>) -> Result<Batch, Exit> {
    if !cx.app().options.account.account_linking.update_user_info_on_link {
        return Ok(batch);
    }
    match described(cx, linking.identity, Action::Update) {
        Ok(set) if !set.is_empty() => {
            let own = Filter::eq("id", linking.user_id);
            Ok(batch.update(crate::schema::USER, own, set, Expect::Rows(1)))
        }
        Ok(_) => Ok(batch),
        Err(Exit::Refused(_)) => Ok(batch),
        Err(exit) => Err(exit),
    }
}

//! Whom an identity signs in: its owner, the user with its address, or somebody new.

use super::profile::Identity;
use crate::{
    domain::{
        Cx, RouteRequest, account, account_cookie, commit, event,
        fields::{Action, parse_input},
        id,
        provider::{Provider, Tokens},
        session::{self, Remember, Session},
        user,
        user_gate::{self, GateStep, UserSource},
        verification_link,
    },
    engine::Exit,
    schema::{ACCOUNT, USER},
    store::{Batch, Conflict, Expect, Filter, Row},
};

/// Another request may decide for the same identity at the same time; its outcome is then the ground for a second look.
const TRIES: usize = 3;

/// Somebody who was at a provider.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    /// The provider.
    pub provider: &'a Provider,
    /// Who they are there.
    pub identity: &'a Identity,
    /// Their address there.
    pub email: &'a str,
    /// The tokens to keep.
    pub tokens: &'a Tokens,
    /// What was granted, for a new account.
    pub scope: Option<&'a str>,
    /// Where they go on to; the link of a verification message leads there too.
    pub callback_url: Option<&'a str>,
    /// Whether they may not become a new user.
    pub disable_sign_up: bool,
    /// Whether the provider's word on a user replaces what is known.
    pub override_user_info: bool,
}

/// What becomes of an arrival.
#[derive(Debug)]
pub enum Admission {
    /// They are signed in.
    Admitted {
        /// The session.
        session: Box<Session>,
        /// Whether the user is new.
        is_new: bool,
    },
    /// They are not, for this reason.
    Refused(&'static str),
}

/// The user is there and has to verify the address first.
pub const EMAIL_NOT_VERIFIED: &str = "email_not_verified";
const ACCOUNT_NOT_LINKED: &str = "account not linked";
const SIGNUP_DISABLED: &str = "signup disabled";
const UNABLE_TO_LINK: &str = "unable to link account";
const UNABLE_TO_UPDATE: &str = "unable to update account";
const UNABLE_TO_CREATE_SESSION: &str = "unable to create session";
const AMBIGUOUS: &str = "internal server error";

/// What is to be written, and the user as they are then.
struct Plan {
    batch: Batch,
    user: Row,
    is_new: bool,
    /// Whether the address was verified when they came. What the provider has just verified counts from the next sign-in on.
    verified: bool,
}

/// Signs in whoever has arrived, or refuses. User, account, and session are one batch, held to what was decided on.
///
/// # Errors
/// What a write hook refused with, a field of the application that lacks, or a store that fails.
pub async fn admit(cx: &mut Cx, arrival: &Arrival<'_>) -> Result<Admission, Exit> {
    for _ in 0..TRIES {
        let plan = match plan(cx, arrival).await? {
            Ok(plan) => plan,
            Err(reason) => return refuse(cx, reason).await,
        };
        match carry_out(cx, arrival, plan).await? {
            Ok(admission) => return Ok(admission),
            Err(conflict) if arrival.override_user_info && conflict.is_unique(&USER, "email") => {
                return refuse(cx, UNABLE_TO_UPDATE).await;
            }
            Err(_) => {}
        }
    }
    refuse(cx, UNABLE_TO_CREATE_SESSION).await
}

async fn refuse(cx: &mut Cx, reason: &'static str) -> Result<Admission, Exit> {
    event::emit(cx, event::SIGN_IN_FAILED, None, vec![("reason", reason.to_owned())]).await;
    Ok(Admission::Refused(reason))
}

async fn plan(cx: &mut Cx, arrival: &Arrival<'_>) -> Result<Result<Plan, &'static str>, Exit> {
    let mut owners = account::find_by_key(cx, &arrival.provider.id, &arrival.identity.subject).await?;
    match owners.len() {
        0 => {}
        1 => {
            let mut account = owners.remove(0);
            return match account.detach(account::OWNER).into_iter().next() {
                Some(user) => {
                    pass_gate(cx, arrival.provider, arrival.identity, GateStep::SignIn, user.id()).await?;
                    returning(cx, arrival, user, &account).map(Ok)
                }
                None => Ok(Err(UNABLE_TO_LINK)),
            };
        }
        _ => {
            tracing::error!(provider = %arrival.provider.id, "several accounts have the same id at the provider");
            return Ok(Err(AMBIGUOUS));
        }
    }
    match user::find_by_email(cx, arrival.email).await? {
        Some(user) if may_link(cx, arrival, &user).await? => {
            pass_gate(cx, arrival.provider, arrival.identity, GateStep::LinkAccount, user.id()).await?;
            linking(cx, arrival, user).map(Ok)
        }
        Some(_) => Ok(Err(ACCOUNT_NOT_LINKED)),
        None if arrival.disable_sign_up => Ok(Err(SIGNUP_DISABLED)),
        None => {
            cx.local.user_source = Some(UserSource::provider(&arrival.provider.id, &arrival.identity.profile));
            registering(cx, arrival).map(Ok)
        }
    }
}

/// Asks the application about a user of whom a provider says something.
///
/// # Errors
/// Its objection.
pub(super) async fn pass_gate(
    cx: &mut Cx,
    provider: &Provider,
    identity: &Identity,
    step: GateStep,
    user_id: &str,
) -> Result<(), Exit> {
    let mut user = identity.user.clone();
    user.insert("id".to_owned(), user_id.into());
    user.insert("emailVerified".to_owned(), identity.email_verified().into());
    if let Some(email) = identity.email() {
        user.insert("email".to_owned(), user::normalize_email(email).into());
    }
    user_gate::pass(cx, step, user, UserSource::provider(&provider.id, &identity.profile)).await
}

/// Whether a sign-in may link the identity to a user only because both have the same address: the provider must vouch for it,
/// and so must this server, or whoever registered it first takes over what its owner brings.
async fn may_link(cx: &mut Cx, arrival: &Arrival<'_>, user: &Row) -> Result<bool, Exit> {
    let linking = &cx.app().options.account.account_linking;
    let known = !linking.require_local_email_verified || user.flag("emailVerified");
    if !known || !linking.enabled || linking.disable_implicit_linking {
        return Ok(false);
    }
    is_vouched(cx, arrival.provider, arrival.identity).await
}

/// Whether an identity's address may be believed: the provider says that it is verified, or is trusted.
///
/// # Errors
/// When the application's own code cannot be run.
pub(super) async fn is_vouched(cx: &mut Cx, provider: &Provider, identity: &Identity) -> Result<bool, Exit> {
    let app = cx.app_arc();
    if identity.email_verified() || app.options.account.account_linking.trusted_providers.contains(&provider.id) {
        return Ok(true);
    }
    let Some(trust) = &app.trusted_providers else { return Ok(false) };
    let request = RouteRequest::of(cx);
    Ok(cx.run(trust.run(request)).await?.contains(&provider.id))
}

/// The identity's owner comes back.
fn returning(cx: &Cx, arrival: &Arrival<'_>, user: Row, account: &Row) -> Result<Plan, Exit> {
    let own = Filter::eq("id", account.id()).and(Filter::eq("userId", user.id()));
    let batch = if cx.app().options.account.update_account_on_sign_in {
        let set = arrival.tokens.columns(cx).with("providerId", arrival.provider.id.as_str());
        Batch::new().update(ACCOUNT, own, set, Expect::Rows(1))
    } else {
        Batch::new().check(ACCOUNT, own, Expect::Rows(1))
    };
    let set = verified_by(arrival, &user);
    settle(cx, arrival, batch, user, set)
}

/// The identity becomes one of a user with the same address.
fn linking(cx: &Cx, arrival: &Arrival<'_>, user: Row) -> Result<Plan, Exit> {
    let unchanged = Filter::eq("id", user.id())
        .and(Filter::eq("email", user.get("email").clone()))
        .and(Filter::eq("emailVerified", user.get("emailVerified").clone()));
    let batch = Batch::new().check(USER, unchanged, Expect::Rows(1));
    let batch = account::link(cx, batch, new_account(cx, arrival, user.id()));
    let mut set = verified_by(arrival, &user);
    if cx.app().options.account.account_linking.update_user_info_on_link {
        for (name, value) in described(cx, arrival.identity, Action::Update)? {
            set.set(name, value);
        }
    }
    settle(cx, arrival, batch, user, set)
}

/// Somebody new.
fn registering(cx: &Cx, arrival: &Arrival<'_>) -> Result<Plan, Exit> {
    let now = cx.now();
    let mut user = described(cx, arrival.identity, Action::Create)?
        .with("email", user::normalize_email(arrival.email))
        .with("emailVerified", arrival.identity.email_verified())
        .with("createdAt", now)
        .with("updatedAt", now);
    user.set("id", id::new(cx, &USER));
    let batch = Batch::new().insert(USER, user.clone());
    let batch = account::link(cx, batch, new_account(cx, arrival, user.id()));
    let verified = arrival.identity.email_verified();
    Ok(Plan { batch, user, is_new: true, verified })
}

fn new_account(cx: &Cx, arrival: &Arrival<'_>, user_id: &str) -> Row {
    let mut row = arrival
        .tokens
        .columns(cx)
        .with("providerId", arrival.provider.id.as_str())
        .with("accountId", arrival.identity.subject.as_str())
        .with("userId", user_id);
    if let Some(scope) = arrival.scope {
        row.set("scope", scope);
    }
    row
}

/// The provider's word verifies the address that is the user's.
fn verified_by(arrival: &Arrival<'_>, user: &Row) -> Row {
    let same = user::normalize_email(arrival.email) == user.text("email");
    if arrival.identity.email_verified() && !user.flag("emailVerified") && same {
        return Row::new().with("emailVerified", true);
    }
    Row::new()
}

fn overridden(cx: &Cx, arrival: &Arrival<'_>, user: &Row) -> Result<Row, Exit> {
    let email = user::normalize_email(arrival.email);
    let before = email == user.text("email") && user.flag("emailVerified");
    let verified = before || arrival.identity.email_verified();
    Ok(described(cx, arrival.identity, Action::Update)?.with("email", email).with("emailVerified", verified))
}

/// The fields of a user that a profile sets, but for the address. Those that are not for input stay as they are.
pub(super) fn described(cx: &Cx, identity: &Identity, action: Action) -> Result<Row, Exit> {
    let added = cx.app().added_fields(&USER);
    let mut told = identity.user.clone();
    told.retain(|name, _| added.iter().any(|field| field.name.as_str() == name && field.input));
    let mut row = parse_input(added, &told, action, cx.now(), cx.entropy())?;
    let text = |name: &str| identity.user.get(name).and_then(serde_json::Value::as_str);
    match (text("name"), action) {
        (Some(name), _) => row.set("name", name),
        (None, Action::Create) => row.set("name", ""),
        (None, Action::Update) => {}
    }
    if let Some(image) = text("image") {
        row.set("image", image);
    }
    Ok(row)
}

/// The plan for a user whom `set` changes, unless everything is replaced.
fn settle(cx: &Cx, arrival: &Arrival<'_>, batch: Batch, mut user: Row, set: Row) -> Result<Plan, Exit> {
    let set = if arrival.override_user_info { overridden(cx, arrival, &user)? } else { set };
    let before = user.flag("emailVerified");
    if set.is_empty() {
        return Ok(Plan { batch, user, is_new: false, verified: before });
    }
    for (name, value) in set.fields() {
        user.set(name.clone(), value.clone());
    }
    user.set("updatedAt", cx.now());
    let verified = if arrival.override_user_info { user.flag("emailVerified") } else { before };
    let own = Filter::eq("id", user.id());
    Ok(Plan { batch: batch.update(USER, own, set, Expect::Rows(1)), user, is_new: false, verified })
}

/// Writes the plan and signs in, unless the address has to be verified first.
async fn carry_out(cx: &mut Cx, arrival: &Arrival<'_>, plan: Plan) -> Result<Result<Admission, Conflict>, Exit> {
    let app = cx.app_arc();
    let Plan { batch, user, is_new, verified } = plan;
    let required = arrival.provider.options.require_email_verification;
    let waits = required && !verified;
    let (user, session) = if waits {
        match commit::try_commit(cx, batch).await? {
            Ok(mut rows) if is_new => (commit::inserted(&mut rows, 0)?, None),
            Ok(_) => (user, None),
            Err(conflict) => return Ok(Err(conflict)),
        }
    } else {
        match session::try_issue(cx, user, Remember::AsBefore, batch).await? {
            Ok(session) => (session.user.clone(), Some(session)),
            Err(conflict) => return Ok(Err(conflict)),
        }
    };
    if is_new {
        let detail = vec![("method", arrival.provider.id.clone())];
        event::emit(cx, event::USER_CREATED, Some(user.id()), detail).await;
    }
    let options = &app.options.email_verification;
    let sends = if is_new { options.send_on_sign_up.unwrap_or(required) } else { waits && options.send_on_sign_in };
    if sends && !verified {
        verification_link::send(cx, &user, arrival.callback_url).await;
    }
    if app.options.account.store_account_cookie {
        let stored = account::find_by_key(cx, &arrival.provider.id, &arrival.identity.subject).await?;
        if let Some(account) = stored.first() {
            account_cookie::store(cx, account);
        }
    }
    Ok(Ok(match session {
        Some(session) => Admission::Admitted { session: Box::new(session), is_new },
        None => Admission::Refused(EMAIL_NOT_VERIFIED),
    }))
}

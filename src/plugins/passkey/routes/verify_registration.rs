//! `POST /passkey/verify-registration`

use std::sync::Arc;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    super::{
        PasskeyRecord, errors,
        logic::{Credential, Party, Refusal, Registered, Registration, Rules},
        schema::{CREDENTIAL_ID, PASSKEY},
    },
    ceremony::{Kind, Pending},
};
use crate::{
    domain::{
        Cx, Installation, RouteRequest, commit, errors as base,
        event::{self, PASSKEY_ADDED, USER_CREATED},
        id,
        record::{SessionRecord, User},
        session::{self, Remember, Session, Source},
        user,
        view::View,
    },
    engine::{ApiError, Endpoint, Exit},
    schema::{Row, USER, Value},
    store::{Batch, Conflict, Expect, Filter, Rows, StorageError},
    wire::shape::{TextRule, input, text},
};

/// Keeps the passkey that a browser has made.
pub struct VerifyRegistration {
    pub(super) rules: Arc<Rules>,
}

text! {
    /// Text without the spaces around it.
    pub struct TrimmedText = [TextRule::Trim];
}

input! {
    /// What the browser has made.
    pub struct Body {
        /// The answer of the authenticator (`RegistrationResponseJSON` of WebAuthn Level 3).
        response: Json,
        /// What the passkey is called.
        name: Option<TrimmedText>,
        /// Whether its owner is signed in with that.
        create_session "createSession": Option<bool>,
    }
}

/// The passkey, and the session if there is one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<P = PasskeyRecord, S = SessionRecord, U = User> {
    /// The passkey.
    #[serde(flatten)]
    pub passkey: P,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<S>,
    /// Its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<U>,
}

impl Endpoint<Installation> for VerifyRegistration {
    type Body = Body;
    type Output = Output<View, View, View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyPasskeyRegistration";
    const PATH: &'static str = "/passkey/verify-registration";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View, View, View>, Exit> {
        let required = self.rules.options.registration.require_session;
        let fresh = if required { Some(session::require_fresh(cx).await?) } else { None };
        let party = self.rules.party(cx).ok_or_else(unfit)?;
        let pending = Pending::find(cx, &self.rules, Kind::Registration).await?;
        let planned = match fresh {
            Some(session) => self.plan(cx, &body, &pending, &party, Some(session)).await,
            None => match session::current(cx, Source::Store).await {
                Ok(session) => self.plan(cx, &body, &pending, &party, session).await,
                Err(exit) => Err(exit),
            },
        };
        let plan = pending.or_end(cx, planned).await?;
        let done = carry_out(cx, plan, body.create_session == Some(true)).await;
        pending.or_end(cx, done).await
    }
}

/// The answer is not acceptable, as the reference says where it has looked no further.
fn unfit() -> ApiError {
    errors::FAILED_TO_VERIFY_REGISTRATION.status(StatusCode::BAD_REQUEST)
}

/// What is to be written, and what is answered when one of its statements no longer fits.
struct Plan {
    batch: Batch,
    meanings: Vec<(usize, ApiError)>,
    owner: Owner,
    passkey_at: usize,
}

/// Whose the passkey is.
enum Owner {
    Known(String),
    New(Row),
}

impl Plan {
    fn check(&mut self, add: impl FnOnce(Batch) -> Batch, meaning: ApiError) {
        self.meanings.push((self.batch.statements.len(), meaning));
        self.batch = add(std::mem::take(&mut self.batch));
    }

    fn meaning(&self, conflict: Conflict) -> Exit {
        if conflict.is_unique(&USER, "email") {
            return base::USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL.into();
        }
        let known = self.meanings.iter().find(|(at, _)| *at == conflict.statement);
        known.map_or_else(|| StorageError::Conflict(conflict).into(), |(_, error)| error.clone().into())
    }
}

impl VerifyRegistration {
    async fn plan(
        &self,
        cx: &mut Cx,
        body: &Body,
        pending: &Pending,
        party: &Party,
        session: Option<Session>,
    ) -> Result<Plan, Exit> {
        let user = &pending.kept.user;
        let not_yours = errors::YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY;
        let stranger = |id: &str| session.as_ref().is_some_and(|session| session.user_id() != id);
        cx.ensure(!stranger(&user.id), not_yours.clone())?;
        let credential = party.register(&pending.kept.challenge, &body.response).map_err(|refusal| match refusal {
            Refusal::Unsigned => unfit(),
            Refusal::Unfit => errors::FAILED_TO_VERIFY_REGISTRATION,
        })?;
        let decided = self.ask(cx, pending, &credential).await?;
        let given = decided.user_id.filter(|id| !id.is_empty());
        cx.ensure(!given.as_deref().is_some_and(stranger), not_yours.clone())?;
        cx.ensure(session.is_none() || decided.new_user.is_none(), not_yours)?;
        let owner = match decided.new_user {
            Some(row) => Owner::New(new_user(cx, row)?),
            None => Owner::Known(given.unwrap_or_else(|| user.id.clone())),
        };
        let said = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        let name = body.name.as_deref().and_then(said);
        let name = name.or_else(|| decided.name.as_deref().map(str::trim).and_then(said));
        Ok(planned(cx, pending, session.as_ref(), owner, &credential, name))
    }

    async fn ask(&self, cx: &mut Cx, pending: &Pending, credential: &Credential) -> Result<Registration, Exit> {
        let Some(decide) = &self.rules.options.registration.after_verification else {
            return Ok(Registration::default());
        };
        let mut user = pending.kept.user.clone();
        if user.name.is_empty() {
            user.name.clone_from(&user.id);
        }
        let context = pending.kept.context.clone();
        let registered = Registered { request: RouteRequest::of(cx), user, context, credential: credential.clone() };
        Ok(cx.run(decide.ask(registered)).await??)
    }
}

/// The user whom the application wants made.
fn new_user(cx: &Cx, row: Row) -> Result<Row, ApiError> {
    if row.text("email").is_empty() || row.text("name").is_empty() {
        return Err(errors::RESOLVED_USER_INVALID);
    }
    let email = user::normalize_email(row.text("email"));
    let id = if id::may_be_chosen(cx, row.id()) { row.id().to_owned() } else { id::new(cx, &USER) };
    Ok(row.with("email", email).with("id", id))
}

fn planned(
    cx: &Cx,
    pending: &Pending,
    session: Option<&Session>,
    owner: Owner,
    credential: &Credential,
    name: Option<String>,
) -> Plan {
    let spent = vec![(0, errors::CHALLENGE_NOT_FOUND)];
    let mut plan = Plan { batch: pending.spend(cx), meanings: spent, owner, passkey_at: 0 };
    // One credential is one passkey, whoever says that it is theirs (WebAuthn section 7.1 step 26).
    let same = Filter::eq(CREDENTIAL_ID, credential.id.as_str());
    plan.check(|batch| batch.check(PASSKEY, same, Expect::Rows(0)), errors::PREVIOUSLY_REGISTERED);
    if let Some(session) = session {
        plan.check(|batch| session::check_live(batch, session), base::UNAUTHORIZED);
    }
    let user_id = match &plan.owner {
        Owner::Known(id) => id.clone(),
        Owner::New(row) => row.id().to_owned(),
    };
    match &plan.owner {
        Owner::Known(_) => {
            let there = Filter::eq("id", user_id.as_str());
            plan.check(|batch| batch.check(USER, there, Expect::Rows(1)), errors::FAILED_TO_VERIFY_REGISTRATION);
        }
        Owner::New(row) => plan.batch = std::mem::take(&mut plan.batch).insert(USER, row.clone()),
    }
    plan.passkey_at = plan.batch.statements.len();
    let row = Row::new()
        .with("name", name.map_or(Value::Null, Value::from))
        .with("publicKey", credential.public_key.as_str())
        .with("userId", user_id)
        .with(CREDENTIAL_ID, credential.id.as_str())
        .with("counter", i64::from(credential.counter))
        .with("deviceType", credential.device_type())
        .with("backedUp", credential.backed_up)
        .with("transports", credential.transports.as_str())
        .with("createdAt", cx.now())
        .with("aaguid", credential.aaguid.as_str())
        .with("id", id::new(cx, &PASSKEY));
    plan.batch = plan.batch.insert(PASSKEY, row);
    plan
}

async fn carry_out(cx: &mut Cx, mut plan: Plan, sign_in: bool) -> Result<Output<View, View, View>, Exit> {
    let batch = std::mem::take(&mut plan.batch);
    let (mut rows, session) =
        if sign_in { sign_in_with(cx, &plan, batch).await? } else { (keep(cx, &plan, batch).await?, None) };
    let passkey = commit::inserted(&mut rows, plan.passkey_at)?;
    let owner = passkey.text("userId").to_owned();
    if matches!(plan.owner, Owner::New(_)) {
        event::emit(cx, USER_CREATED, Some(&owner), vec![("method", "passkey".to_owned())]).await;
    }
    let detail = vec![("passkey", passkey.id().to_owned())];
    event::emit(cx, PASSKEY_ADDED, Some(&owner), detail).await;
    let (session, user) = session.map(|Session { row, user }| (row, user)).unzip();
    Ok(Output {
        passkey: View::of(cx, PASSKEY, passkey),
        session: session.map(|row| View::session(cx, row)),
        user: user.map(|row| View::user(cx, row)),
    })
}

async fn keep(cx: &mut Cx, plan: &Plan, batch: Batch) -> Result<Vec<Rows>, Exit> {
    commit::try_commit(cx, batch).await?.map_err(|conflict| plan.meaning(conflict))
}

async fn sign_in_with(cx: &mut Cx, plan: &Plan, batch: Batch) -> Result<(Vec<Rows>, Option<Session>), Exit> {
    let user = match &plan.owner {
        Owner::Known(id) => user::find_by_id(cx, id).await?.ok_or(errors::USER_NOT_FOUND)?,
        Owner::New(row) => row.clone(),
    };
    let issued = session::try_issue_with_rows(cx, user, Remember::AsBefore, batch).await?;
    let (session, rows) = issued.map_err(|conflict| plan.meaning(conflict))?;
    Ok((rows, Some(session)))
}

//! `POST /passkey/verify-authentication`

use std::sync::Arc;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    super::{
        errors,
        logic::{Assertion, Authenticated, Party, Refusal, Rules},
        schema::{CREDENTIAL_ID, PASSKEY},
    },
    ceremony::{Kind, Pending},
};
use crate::{
    domain::{
        Cx, Installation, RouteRequest,
        event::{self, SIGN_IN_FAILED},
        record::{SessionRecord, User},
        session::{self, Remember, Session},
        view::View,
    },
    engine::{Endpoint, Exit},
    schema::{Row, USER},
    store::{Batch, Expect, Filter, Query, StorageError, With},
    wire::shape::{JsonMap, input},
};

/// Signs in whoever has a passkey.
pub struct VerifyAuthentication {
    pub(super) rules: Arc<Rules>,
}

input! {
    /// What the authenticator has signed.
    pub struct Body {
        /// Its answer (`AuthenticationResponseJSON` of WebAuthn Level 3).
        response: JsonMap,
    }
}

/// The session and its user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<S = SessionRecord, U = User> {
    /// The session.
    pub session: S,
    /// Its user.
    pub user: U,
}

/// Another sign-in with the same passkey may have moved its counter, so that a conflict is worth a second look.
const TRIES: usize = 2;
const OWNER: &str = "owner";

impl Endpoint<Installation> for VerifyAuthentication {
    type Body = Body;
    type Output = Output<View, View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyPasskeyAuthentication";
    const PATH: &'static str = "/passkey/verify-authentication";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View, View>, Exit> {
        let party = self.rules.party(cx).ok_or(errors::ORIGIN_MISSING)?;
        let pending = Pending::find(cx, &self.rules, Kind::Authentication).await?;
        let signed_in = self.sign_in(cx, &pending, &party, body.response.into()).await;
        if let Err(Exit::Refused(error)) = &signed_in {
            let reason = error.code.unwrap_or("passkey").to_owned();
            event::emit(cx, SIGN_IN_FAILED, None, vec![("reason", reason)]).await;
        }
        let Session { row, user } = pending.or_end(cx, signed_in).await?;
        Ok(Output { session: View::session(cx, row), user: View::user(cx, user) })
    }
}

impl VerifyAuthentication {
    async fn sign_in(&self, cx: &mut Cx, pending: &Pending, party: &Party, answer: Json) -> Result<Session, Exit> {
        let mut asked = false;
        let mut spend = pending.spend(cx);
        for _ in 0..TRIES {
            let mut passkey = find(cx, &answer).await?;
            let owner = passkey.detach(OWNER).into_iter().next();
            let Assertion { counter, verified } = party
                .authenticate(&pending.kept.challenge, &pending.kept.offered, &answer, &passkey)
                .map_err(|refusal| match refusal {
                    Refusal::Unfit => errors::AUTHENTICATION_FAILED,
                    Refusal::Unsigned => errors::AUTHENTICATION_FAILED.status(StatusCode::UNAUTHORIZED),
                })?;
            if !std::mem::replace(&mut asked, true) {
                self.ask(cx, &passkey, counter).await?;
            }
            let owner = owner.ok_or(errors::OWNER_NOT_FOUND)?;
            cx.local.two_factors = verified;
            let same = Filter::eq("id", passkey.id()).and(Filter::eq("counter", passkey.get("counter").clone()));
            let set = Row::new().with("counter", i64::from(counter));
            let counter_at = spend.statements.len();
            let batch = spend.clone().update(PASSKEY, same, set, Expect::Rows(1));
            match session::try_issue(cx, owner, Remember::AsBefore, batch).await? {
                Ok(session) => return Ok(session),
                Err(conflict) if conflict.statement == counter_at => {}
                Err(conflict) if conflict.statement < counter_at => return Err(errors::CHALLENGE_NOT_FOUND.into()),
                Err(conflict) => return Err(StorageError::Conflict(conflict).into()),
            }
            if !cx.app().places.verifications.in_database() {
                // Of two stores it was the other one that refused: the challenge is spent, by this request.
                spend = Batch::new();
            }
        }
        Err(errors::AUTHENTICATION_FAILED.into())
    }

    async fn ask(&self, cx: &mut Cx, passkey: &Row, new_counter: u32) -> Result<(), Exit> {
        let Some(decide) = &self.rules.options.authentication.after_verification else { return Ok(()) };
        let verified = Authenticated { request: RouteRequest::of(cx), passkey: passkey.clone(), new_counter };
        Ok(cx.run(decide.ask(verified)).await??)
    }
}

/// The passkey that an answer names, with its owner.
async fn find(cx: &mut Cx, answer: &Json) -> Result<Row, Exit> {
    let id = answer.get("id").and_then(Json::as_str).filter(|id| !id.is_empty());
    let id = id.ok_or_else(not_found)?;
    let owner = With { name: OWNER.into(), table: USER, local: "userId".into(), foreign: "id".into() };
    let query = Query::one(PASSKEY, Filter::eq(CREDENTIAL_ID, id)).with(owner);
    cx.read(query).await?.first().ok_or_else(|| not_found().into())
}

fn not_found() -> crate::engine::ApiError {
    errors::PASSKEY_NOT_FOUND.status(StatusCode::UNAUTHORIZED)
}

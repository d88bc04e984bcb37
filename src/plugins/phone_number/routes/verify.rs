//! `POST /phone-number/verify`

use std::sync::Arc;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::super::{
    errors,
    logic::{self, Proof, Purpose},
    options::PhoneNumberOptions,
    schema::{PHONE_NUMBER, PHONE_NUMBER_VERIFIED},
};
use crate::{
    domain::{
        Cx, Installation, commit, errors as base, event,
        fields::{Action, parse_input},
        record::User,
        session::{self, Remember, Source},
        user,
        view::View,
    },
    engine::{ApiError, Endpoint, Exit},
    schema::USER,
    store::{Expect, Filter, Row},
    wire::{email::PLACEHOLDER_DOMAIN, id::generate_id, shape::input},
};

/// Proves a number with a code: signs its user in, gives it to whoever is signed in, or makes a user of whoever has it.
pub struct VerifyPhoneNumber {
    pub(super) options: Arc<PhoneNumberOptions>,
}

input! {
    /// A proof. Unknown keys may be additional fields of a new user.
    pub struct Body (passthrough rest) {
        /// The number.
        phone_number "phoneNumber": String,
        /// The code.
        code: String,
        /// Whether nobody is signed in by it.
        disable_session "disableSession": Option<bool>,
        /// Whether whoever is signed in gets the number.
        update_phone_number "updatePhoneNumber": Option<bool>,
    }
}

/// Whose number it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<U = User> {
    /// True.
    pub status: bool,
    /// The token of the session, unless nobody is signed in by it.
    pub token: Option<String>,
    /// The user.
    pub user: U,
}

/// Nobody has the number, and nobody becomes a user by it.
const NOBODY: ApiError = ApiError::new(StatusCode::BAD_REQUEST, "FAILED_TO_UPDATE_USER", "Failed to update user");

impl Endpoint<Installation> for VerifyPhoneNumber {
    type Body = Body;
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyPhoneNumber";
    const PATH: &'static str = "/phone-number/verify";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View>, Exit> {
        let number = &body.phone_number;
        let proof = logic::judge(cx, &self.options, number, Purpose::Verification, &body.code).await?;
        let (user, token) = match body.update_phone_number {
            Some(true) => self.give(cx, number, proof).await?,
            _ => self.prove(cx, &body, proof).await?,
        };
        logic::tell(cx, &self.options, number, &user).await?;
        Ok(Output { status: true, token, user: View::user(cx, user) })
    }
}

impl VerifyPhoneNumber {
    /// Gives the number to whoever is signed in.
    async fn give(&self, cx: &mut Cx, number: &str, proof: Proof) -> Result<(Row, Option<String>), Exit> {
        let Some(session) = session::current(cx, Source::Store).await? else {
            return Err(logic::refuse(cx, proof, base::USER_NOT_FOUND.status(StatusCode::UNAUTHORIZED)).await);
        };
        if logic::find_user(cx, number).await?.is_some() {
            return Err(logic::refuse(cx, proof, errors::PHONE_NUMBER_EXIST).await);
        }
        let batch = session::check_live(proof.spent(cx), &session);
        let set = Row::new().with(PHONE_NUMBER, number).with(PHONE_NUMBER_VERIFIED, true);
        let batch = batch.update(USER, Filter::eq("id", session.user_id()), set, Expect::Rows(1));
        commit::try_commit(cx, batch).await?.map_err(|_| errors::INVALID_OTP)?;
        let token = session.token().to_owned();
        let user = session.user.with(PHONE_NUMBER, number).with(PHONE_NUMBER_VERIFIED, true);
        event::emit(cx, event::USER_UPDATED, Some(user.id()), Vec::new()).await;
        Ok((user.with("updatedAt", cx.now()), Some(token)))
    }

    /// Signs in whoever has the number, or makes a user of them.
    async fn prove(&self, cx: &mut Cx, body: &Body, proof: Proof) -> Result<(Row, Option<String>), Exit> {
        let number = body.phone_number.as_str();
        let known = logic::find_user(cx, number).await?;
        let is_new = known.is_none();
        let (user, batch) = match known {
            Some(user) => {
                let own = Filter::eq("id", user.id()).and(Filter::eq(PHONE_NUMBER, number));
                let set = Row::new().with(PHONE_NUMBER_VERIFIED, true);
                let batch = proof.spent(cx).update(USER, own, set, Expect::Rows(1));
                (user.with(PHONE_NUMBER_VERIFIED, true).with("updatedAt", cx.now()), batch)
            }
            None => match self.newcomer(cx, body)? {
                Some(user) => (user.clone(), proof.spent(cx).insert(USER, user)),
                None => return Err(logic::refuse(cx, proof, NOBODY).await),
            },
        };
        let (user, token) = if body.disable_session == Some(true) {
            let user_at = batch.statements.len() - 1;
            match commit::try_commit(cx, batch).await? {
                Ok(mut rows) if is_new => (commit::inserted(&mut rows, user_at)?, None),
                Ok(_) => (user, None),
                Err(_) => return Err(errors::INVALID_OTP.into()),
            }
        } else {
            let issued = session::try_issue(cx, user.clone(), Remember::AsBefore, batch).await;
            if let (Err(Exit::Answer(_)), false) = (&issued, is_new) {
                // The number is proven, although the session has to wait.
                logic::tell(cx, &self.options, number, &user).await?;
            }
            let session = issued?.map_err(|_| errors::INVALID_OTP)?;
            let token = session.token().to_owned();
            (session.user, Some(token))
        };
        if is_new {
            let detail = vec![("method", "phone-number".to_owned())];
            event::emit(cx, event::USER_CREATED, Some(user.id()), detail).await;
        }
        Ok((user, token))
    }

    /// A new user with this number; `None` where nobody becomes one by it.
    fn newcomer(&self, cx: &Cx, body: &Body) -> Result<Option<Row>, ApiError> {
        let Some(sign_up) = &self.options.sign_up_on_verification else { return Ok(None) };
        let number = body.phone_number.as_str();
        let added = parse_input(cx.app().added_fields(&USER), &body.rest, Action::Create, cx.now(), cx.entropy())?;
        let email = match &sign_up.temp_email {
            Some(make) => make(number),
            // Nobody can guess it.
            None => format!("{}@phone-number.{PLACEHOLDER_DOMAIN}", generate_id(cx.entropy())),
        };
        let name = sign_up.temp_name.as_ref().map_or_else(|| number.to_owned(), |make| make(number));
        let fields = added.with("name", name).with(PHONE_NUMBER, number).with(PHONE_NUMBER_VERIFIED, true);
        Ok(Some(user::new(cx, &email, fields)))
    }
}

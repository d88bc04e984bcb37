//! `GET /device`

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::{
    errors,
    logic::{PENDING, find_by_user_code, is_expired, refused},
    schema::DEVICE_CODE,
};
use crate::{
    domain::{
        Cx, Installation, commit,
        session::{self, Session, Source},
    },
    engine::{Endpoint, Exit},
    store::{Batch, Expect, Filter, Query as Find, Row, Value},
    wire::shape::input,
};

/// Says what a device asks for. The first who asks while signed in is the one who decides.
pub struct DeviceVerify;

input! {
    /// Which device.
    pub struct Query {
        /// The code that it shows.
        user_code: String,
    }
}

/// What is known of the request.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Output {
    /// The code, as it was typed.
    pub user_code: String,
    /// `pending`, `approved` or `denied`.
    pub status: String,
    /// What whoever decides is told besides.
    #[serde(flatten)]
    pub review: Option<Review>,
}

/// Who asks for what.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Review {
    /// The client.
    pub client_id: Option<String>,
    /// The scopes.
    pub scope: Option<String>,
}

impl Endpoint<Installation> for DeviceVerify {
    type Body = ();
    type Output = Output;
    type Query = Query;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "deviceVerify";
    const PATH: &'static str = "/device";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<Output, Exit> {
        let row = find_by_user_code(cx, &query.user_code).await?;
        let mut row = row.ok_or_else(|| refused("invalid_request", errors::INVALID_USER_CODE))?;
        if is_expired(&row, cx) {
            return Err(refused("expired_token", errors::EXPIRED_USER_CODE));
        }
        let session = session::current(cx, Source::Store).await?;
        if let Some(session) = &session
            && row.text("userId").is_empty()
            && row.text("status") == PENDING
        {
            row = claim(cx, row, session).await?;
        }
        let theirs = session.is_some_and(|session| row.text("userId") == session.user_id());
        let told = |name: &str| Some(row.text(name).to_owned()).filter(|text| !text.is_empty());
        let review = theirs.then(|| Review { client_id: told("clientId"), scope: told("scope") });
        Ok(Output { user_code: query.user_code, status: row.text("status").to_owned(), review })
    }
}

/// Makes the session's user the one who decides, unless somebody else was faster.
async fn claim(cx: &mut Cx, row: Row, session: &Session) -> Result<Row, Exit> {
    let unclaimed =
        Filter::eq("id", row.id()).and(Filter::eq("status", PENDING)).and(Filter::eq("userId", Value::Null));
    let set = Row::new().with("userId", session.user_id());
    let batch = Batch::new().update(DEVICE_CODE, unclaimed, set, Expect::Rows(1));
    if commit::try_commit(cx, batch).await?.is_ok() {
        return Ok(row.with("userId", session.user_id()));
    }
    let now = cx.read(Find::one(DEVICE_CODE, Filter::eq("id", row.id()))).await?.first();
    now.ok_or_else(|| refused("invalid_request", errors::INVALID_USER_CODE))
}

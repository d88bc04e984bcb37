//! `POST /device/token`

use std::sync::Arc;

use http::{Method, header};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::super::{
    errors,
    logic::{APPROVED, DENIED, PENDING, Rules, find, invalid, is_expired, refused},
    schema::DEVICE_CODE,
};
use crate::{
    domain::{
        Cx, Installation, commit,
        session::{self, Session},
        user,
    },
    engine::{Endpoint, Exit},
    store::{Batch, Expect, Filter, Row},
    wire::shape::{Literal, Mismatch, Shape, Shaped, input},
};

/// The grant of RFC 8628 section 3.4.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Gives a device its session, once the user has approved (RFC 8628 section 3.4).
pub struct DeviceToken {
    pub(super) rules: Arc<Rules>,
}

/// That it is this grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grant;

impl Shaped for Grant {
    const SHAPE: Shape = Shape::Literal(Literal::Text(GRANT));

    fn from_parsed(value: Option<Json>) -> Result<Self, Mismatch> {
        if value.as_ref().and_then(Json::as_str) == Some(GRANT) { Ok(Self) } else { Err(Mismatch) }
    }

    fn to_json(&self) -> Option<Json> {
        Some(GRANT.into())
    }
}

input! {
    /// What the device asks with.
    pub struct Body {
        /// Which grant it is.
        grant_type: Grant,
        /// The device's code.
        device_code: String,
        /// The client.
        client_id: String,
    }
}

/// The session.
#[derive(Clone, Deserialize, Serialize)]
pub struct Output {
    /// Its token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// How long it lasts, in seconds.
    pub expires_in: i64,
    /// What was asked for.
    pub scope: String,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

impl Endpoint<Installation> for DeviceToken {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "deviceToken";
    const PATH: &'static str = "/device/token";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        cx.reply.set_header(header::CACHE_CONTROL, "no-store");
        cx.reply.set_header(header::PRAGMA, "no-cache");
        self.rules.check_client(cx, &body.client_id).await?;
        let row = find(cx, "deviceCode", &body.device_code).await?;
        let row = row.ok_or_else(|| refused("invalid_grant", errors::INVALID_DEVICE_CODE))?;
        if !row.text("clientId").is_empty() && row.text("clientId") != body.client_id {
            return Err(invalid("invalid_grant", "Client ID mismatch").into());
        }
        if is_early(&row, cx) {
            return Err(refused("slow_down", errors::POLLING_TOO_FREQUENTLY));
        }
        if is_expired(&row, cx) {
            forget(cx, &row).await?;
            return Err(refused("expired_token", errors::EXPIRED_DEVICE_CODE));
        }
        match row.text("status") {
            PENDING => {
                poll(cx, &row).await?;
                Err(refused("authorization_pending", errors::AUTHORIZATION_PENDING))
            }
            DENIED => {
                forget(cx, &row).await?;
                Err(refused("access_denied", errors::ACCESS_DENIED))
            }
            APPROVED if !row.text("userId").is_empty() => {
                let session = redeem(cx, &row, &body.client_id).await?;
                Ok(Output {
                    access_token: session.token().to_owned(),
                    token_type: "Bearer".to_owned(),
                    expires_in: session.expires_at().millis_since(cx.now()) / 1000,
                    scope: row.text("scope").to_owned(),
                })
            }
            _ => Err(refused("server_error", errors::INVALID_DEVICE_CODE_STATUS)),
        }
    }
}

/// Whether the device was here too short a time ago (RFC 8628 section 3.5).
fn is_early(row: &Row, cx: &Cx) -> bool {
    let interval = row.get("pollingInterval").as_int().unwrap_or_default();
    row.date("lastPolledAt").is_some_and(|last| interval != 0 && cx.now().millis_since(last) < interval)
}

/// Remembers that the device was here. Of two questions at once, one came too early.
async fn poll(cx: &mut Cx, row: &Row) -> Result<(), Exit> {
    let as_read = Filter::eq("id", row.id()).and(Filter::eq("lastPolledAt", row.get("lastPolledAt").clone()));
    let set = Row::new().with("lastPolledAt", cx.now());
    let batch = Batch::new().update(DEVICE_CODE, as_read, set, Expect::Rows(1));
    let polled = commit::try_commit(cx, batch).await?;
    polled.map(|_| ()).map_err(|_| refused("slow_down", errors::POLLING_TOO_FREQUENTLY))
}

async fn forget(cx: &mut Cx, row: &Row) -> Result<(), Exit> {
    let batch = Batch::new().delete(DEVICE_CODE, Filter::eq("id", row.id()), Expect::Any);
    commit::commit(cx, batch).await.map(|_| ())
}

/// Spends the approval and makes the session in one stroke.
async fn redeem(cx: &mut Cx, row: &Row, client: &str) -> Result<Session, Exit> {
    let Some(user) = user::find_by_id(cx, row.text("userId")).await? else {
        return Err(refused("invalid_grant", errors::USER_NOT_FOUND));
    };
    let approved = Filter::eq("id", row.id())
        .and(Filter::eq("status", APPROVED))
        .and(Filter::eq("clientId", client))
        .and(Filter::eq("userId", row.text("userId")));
    let batch = Batch::new().consume(DEVICE_CODE, approved, Expect::Rows(1)).check(
        crate::schema::USER,
        Filter::eq("id", user.id()),
        Expect::Rows(1),
    );
    let issued = session::try_issue_told(cx, user, batch).await?;
    issued.map_err(|_| refused("invalid_grant", errors::INVALID_DEVICE_CODE))
}

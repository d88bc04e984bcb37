//! The endpoints of the device flow, one file each.

pub mod approve;
pub mod code;
pub mod deny;
pub mod token;
pub mod verify;

use std::sync::Arc;

use http::StatusCode;

use super::{
    errors,
    logic::{PENDING, Rules, find_by_user_code, is_expired, refused},
    schema::DEVICE_CODE,
};
use crate::{
    domain::{
        Cx, Route,
        api::typed_calls,
        commit,
        done::Success,
        oauth_error::OAuthError,
        session::{self, Source},
    },
    engine::Exit,
    store::{Batch, Expect, Filter, Row},
    wire::shape::input,
};

typed_calls! {
    /// `POST /device/approve`.
    device_approve: approve::DeviceApprove, body => Success;
    /// `POST /device/code`.
    device_code: code::DeviceCode, body => code::Output;
    /// `POST /device/deny`.
    device_deny: deny::DeviceDeny, body => Success;
    /// `POST /device/token`.
    device_token: token::DeviceToken, body => token::Output;
    /// `GET /device`.
    device_verify: verify::DeviceVerify, query => verify::Output;
}

pub(super) fn all(rules: &Arc<Rules>) -> Vec<Route> {
    vec![
        Route::new(approve::DeviceApprove),
        Route::new(code::DeviceCode { rules: Arc::clone(rules) }),
        Route::new(deny::DeviceDeny),
        Route::new(token::DeviceToken { rules: Arc::clone(rules) }),
        Route::new(verify::DeviceVerify),
    ]
}

input! {
    /// Which request is decided.
    pub struct Decision {
        /// The code that the device shows.
        user_code "userCode": String,
    }
}

/// Sets the status of the request that the signed-in user has asked about before. `not_theirs` is told to anybody else.
async fn decide(cx: &mut Cx, user_code: &str, status: &str, not_theirs: &'static str) -> Result<Success, Exit> {
    let session = session::current(cx, Source::Store).await?;
    let session = session.ok_or_else(|| refused("unauthorized", errors::AUTHENTICATION_REQUIRED))?;
    let row = find_by_user_code(cx, user_code).await?;
    let row = row.ok_or_else(|| refused("invalid_request", errors::INVALID_USER_CODE))?;
    if is_expired(&row, cx) {
        return Err(refused("expired_token", errors::EXPIRED_USER_CODE));
    }
    if row.text("status") != PENDING {
        return Err(refused("invalid_request", errors::DEVICE_CODE_ALREADY_PROCESSED));
    }
    if row.text("userId").is_empty() {
        return Err(refused("invalid_request", errors::DEVICE_CODE_NOT_CLAIMED));
    }
    if row.text("userId") != session.user_id() {
        return Err(OAuthError::new(StatusCode::FORBIDDEN, "access_denied", not_theirs).into());
    }
    let undecided =
        Filter::eq("id", row.id()).and(Filter::eq("status", PENDING)).and(Filter::eq("userId", session.user_id()));
    let set = Row::new().with("status", status);
    let batch = session::check_live(Batch::new(), &session).update(DEVICE_CODE, undecided, set, Expect::Rows(1));
    match commit::try_commit(cx, batch).await? {
        Ok(_) => Ok(Success::SUCCESS),
        // The check: the session has ended meanwhile.
        Err(conflict) if conflict.statement == 0 => Err(refused("unauthorized", errors::AUTHENTICATION_REQUIRED)),
        Err(_) => Err(refused("invalid_request", errors::DEVICE_CODE_ALREADY_PROCESSED)),
    }
}

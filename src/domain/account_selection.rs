//! Naming one of the signed-in user's accounts, for what is done with its provider's tokens.

use http::StatusCode;
use serde_json::Value;

use super::{
    Cx, account_cookie, errors,
    session::{self, Source},
};
use crate::{
    engine::{ApiError, Exit},
    schema::ACCOUNT,
    store::{Filter, Query, Row},
    wire::shape::{Literal, Mismatch, Shape, Shaped, input, one_of},
};

/// `true`, and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Yes;

impl Shaped for Yes {
    const SHAPE: Shape = Shape::Literal(Literal::Bool(true));

    fn from_parsed(value: Option<Value>) -> Result<Self, Mismatch> {
        if value == Some(Value::Bool(true)) { Ok(Self) } else { Err(Mismatch) }
    }

    fn to_json(&self) -> Option<Value> {
        Some(Value::Bool(true))
    }
}

input! {
    /// The account with this id.
    pub struct ById (strict) {
        /// The id of the account's row.
        account_id "accountId": String,
        /// Whose account it is: for the server's own code, where nobody is signed in. It is not looked at otherwise.
        user_id "userId": Option<String>,
    }
}

input! {
    /// The account that the browser last signed in with.
    pub struct FromCookie (strict) {
        /// `true`.
        use_account_cookie "useAccountCookie": Yes,
        /// Whose account it is: for the server's own code, where nobody is signed in. It is not looked at otherwise.
        user_id "userId": Option<String>,
    }
}

one_of! {
    /// Which account is meant.
    pub enum AccountSelection {
        /// One of those in the database.
        ById(ById),
        /// The one in the browser's account cookie.
        FromCookie(FromCookie),
    }
}

impl AccountSelection {
    fn user_id(&self) -> Option<&str> {
        let (Self::ById(ById { user_id, .. }) | Self::FromCookie(FromCookie { user_id, .. })) = self;
        user_id.as_deref().filter(|id| !id.is_empty())
    }
}

const NOBODY: ApiError =
    ApiError::new(StatusCode::BAD_REQUEST, "USER_ID_OR_SESSION_REQUIRED", "Either userId or session is required");

/// The account that `selection` names, of the signed-in user, or of whom the server's own code names when it calls for nobody. The
/// session is confirmed by the store, for what is done with tokens must not outlive a revoked session.
///
/// # Errors
/// 401 without a body when nobody is signed in, `USER_ID_OR_SESSION_REQUIRED` when the server's own code names nobody,
/// `ACCOUNT_NOT_FOUND` when the user has no such account.
pub async fn find(cx: &mut Cx, selection: &AccountSelection) -> Result<Row, Exit> {
    let user_id = owner(cx, selection).await?;
    let account = match selection {
        AccountSelection::ById(by_id) => {
            let own = Filter::eq("id", &by_id.account_id).and(Filter::eq("userId", user_id));
            cx.read(Query::one(ACCOUNT, own)).await?.first()
        }
        AccountSelection::FromCookie(_) => account_cookie::read(cx).filter(|account| account.text("userId") == user_id),
    };
    Ok(account.ok_or(errors::ACCOUNT_NOT_FOUND)?)
}

/// Whose account it is. A session counts more than a name, and a call for somebody who has none is refused.
async fn owner(cx: &mut Cx, selection: &AccountSelection) -> Result<String, Exit> {
    if let Some(session) = session::current(cx, Source::Store).await? {
        return Ok(session.user_id().to_owned());
    }
    cx.ensure(cx.local.direct && cx.request.headers.is_empty(), errors::BARE_UNAUTHORIZED)?;
    Ok(selection.user_id().ok_or(NOBODY)?.to_owned())
}

/// That the provider of `account` is not configured.
#[must_use]
pub fn unsupported(account: &Row) -> ApiError {
    errors::PROVIDER_NOT_SUPPORTED.message(format!("Provider {} is not supported.", account.text("providerId")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::shape::{Root, read};

    fn refusal(body: Value) -> String {
        read::<AccountSelection>(Some(&body)).unwrap_err().message(Root::Body)
    }

    #[test]
    fn exactly_one_account_is_named() {
        assert!(matches!(read(Some(&json!({"accountId": "a"}))), Ok(AccountSelection::ById(_))));
        assert!(matches!(read(Some(&json!({"useAccountCookie": true}))), Ok(AccountSelection::FromCookie(_))));
        for wrong in
            [json!({}), json!({"useAccountCookie": false}), json!({"accountId": "a", "useAccountCookie": true})]
        {
            assert_eq!(refusal(wrong), "[body] Invalid input");
        }
        assert_eq!(refusal(json!({"accountId": "a", "x": 1})), "[body] Unrecognized key: \"x\"");
    }
}

//! Naming one of the signed-in user's accounts, for what is done with its provider's tokens.

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
        /// Not looked at where there is a session, whose user it is then.
        user_id "userId": Option<String>,
    }
}

input! {
    /// The account that the browser last signed in with.
    pub struct FromCookie (strict) {
        /// `true`.
        use_account_cookie "useAccountCookie": Yes,
        /// Not looked at where there is a session, whose user it is then.
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

/// The account of the signed-in user that `selection` names. The session is confirmed by the store, for what is done with
/// tokens must not outlive a revoked session.
///
/// # Errors
/// 401 without a body when nobody is signed in, `ACCOUNT_NOT_FOUND` when the user has no such account.
pub async fn find(cx: &mut Cx, selection: &AccountSelection) -> Result<Row, Exit> {
    let session = session::current(cx, Source::Store).await?.ok_or(errors::BARE_UNAUTHORIZED)?;
    let account = match selection {
        AccountSelection::ById(by_id) => {
            let own = Filter::eq("id", &by_id.account_id).and(Filter::eq("userId", session.user_id()));
            cx.read(Query::one(ACCOUNT, own)).await?.first()
        }
        AccountSelection::FromCookie(_) => {
            account_cookie::read(cx).filter(|account| account.text("userId") == session.user_id())
        }
    };
    Ok(account.ok_or(errors::ACCOUNT_NOT_FOUND)?)
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

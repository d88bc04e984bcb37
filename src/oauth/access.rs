//! The access tokens of an account: as stored, or renewed.

use super::{token_endpoint, tokens::open};
use crate::{
    domain::{
        Cx, account_cookie, commit,
        provider::{Provider, Tokens},
    },
    engine::Exit,
    schema::ACCOUNT,
    store::{Batch, Expect, Filter, Query, Row},
    wire::date::Timestamp,
};

/// An access token with less than this left is as good as expired, in milliseconds.
const RENEWAL_MARGIN_MILLIS: i64 = 5000;

/// What opens the provider's API on a user's behalf.
#[derive(Clone, Default)]
pub struct AccessTokens {
    /// The access token; empty when there is none.
    pub access_token: String,
    /// When it expires.
    pub access_token_expires_at: Option<Timestamp>,
    /// The ID token.
    pub id_token: Option<String>,
}

/// The access token of `account`, renewed if it is about to expire and can be. `None` when that fails.
///
/// # Errors
/// When the store cannot answer.
pub async fn valid_access_token(cx: &mut Cx, provider: &Provider, account: &Row) -> Result<Option<AccessTokens>, Exit> {
    let expires_at = account.date("accessTokenExpiresAt");
    let expired = expires_at.is_some_and(|moment| moment.millis_since(cx.now()) < RENEWAL_MARGIN_MILLIS);
    let refreshable = provider.token.refreshes && !account.text("refreshToken").is_empty();
    if !(expired && refreshable) {
        return Ok(stored(cx, account));
    }
    match refresh(cx, provider, account).await? {
        Some(renewed) => Ok(stored(cx, &renewed.account)),
        None => Ok(None),
    }
}

fn stored(cx: &Cx, account: &Row) -> Option<AccessTokens> {
    Some(AccessTokens {
        access_token: open(cx, account.text("accessToken"))?,
        access_token_expires_at: account.date("accessTokenExpiresAt"),
        id_token: Some(account.text("idToken").to_owned()).filter(|token| !token.is_empty()),
    })
}

/// An account with new tokens.
pub struct Renewed {
    /// The account as it is stored now.
    pub account: Row,
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// When the new access token expires, if the provider has said it.
    pub access_token_expires_at: Option<Timestamp>,
}

/// Gets new tokens for `account` and stores them. If another request does the same at the same time, the tokens that were stored
/// last are answered, and none is lost. `None` when the provider refuses.
///
/// # Errors
/// When the store cannot answer.
pub async fn refresh(cx: &mut Cx, provider: &Provider, account: &Row) -> Result<Option<Renewed>, Exit> {
    let Some(refresh_token) = open(cx, account.text("refreshToken")) else { return Ok(None) };
    let Some(tokens) = token_endpoint::refresh(cx, provider, &refresh_token).await? else {
        return others(cx, account).await;
    };
    let set = columns(cx, &tokens, account);
    let mut now = account.clone();
    for (name, value) in set.fields() {
        now.set(name.clone(), value.clone());
    }
    // An account that lives in a cookie only has no row.
    if !account.id().is_empty() {
        let as_read = Filter::eq("id", account.id())
            .and(Filter::eq("refreshToken", account.get("refreshToken").clone()))
            .and(Filter::eq("accessToken", account.get("accessToken").clone()));
        let batch = Batch::new().update(ACCOUNT, as_read, set, Expect::Rows(1));
        if commit::try_commit(cx, batch).await?.is_err() {
            return others(cx, account).await;
        }
    }
    account_cookie::store(cx, &now);
    Ok(Some(Renewed {
        access_token: tokens.access_token.unwrap_or_default(),
        refresh_token: tokens.refresh_token.unwrap_or(refresh_token),
        access_token_expires_at: tokens.access_token_expires_at,
        account: now,
    }))
}

/// The refresh token that was sent is kept where the provider gives no new one.
fn columns(cx: &Cx, tokens: &Tokens, account: &Row) -> Row {
    let mut set = tokens.columns(cx);
    if tokens.refresh_token.is_none() {
        set.set("refreshToken", account.get("refreshToken").clone());
    }
    set
}

/// What another request has stored meanwhile, if it has.
async fn others(cx: &mut Cx, account: &Row) -> Result<Option<Renewed>, Exit> {
    if account.id().is_empty() {
        return Ok(None);
    }
    let now = cx.read(Query::one(ACCOUNT, Filter::eq("id", account.id()))).await?.first();
    let Some(now) = now.filter(|now| now.text("accessToken") != account.text("accessToken")) else {
        return Ok(None);
    };
    let (Some(access_token), Some(refresh_token)) =
        (open(cx, now.text("accessToken")), open(cx, now.text("refreshToken")))
    else {
        return Ok(None);
    };
    let access_token_expires_at = now.date("accessTokenExpiresAt");
    account_cookie::store(cx, &now);
    Ok(Some(Renewed { account: now, access_token, refresh_token, access_token_expires_at }))
}

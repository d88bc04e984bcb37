//! Signing out of the provider too (OpenID Connect RP-Initiated Logout 1.0).

use std::cmp::Reverse;

use super::discovery;
use crate::{
    domain::{Cx, account, provider::Provider},
    store::Row,
    wire::redirect::with_query,
};

/// Where a browser that has signed out here is sent to sign out of the provider of `user_id` too: of the account that was used
/// last and whose provider can be left so. It comes back to `callback_url` and brings `state`. `None` when there is no such
/// provider, and when anything fails: signing out here is done then all the same.
pub async fn end_session_url(
    cx: &mut Cx,
    user_id: &str,
    callback_url: Option<&str>,
    state: Option<&str>,
) -> Option<String> {
    if cx.app().providers.iter().all(|provider| provider.logout.is_none()) {
        return None;
    }
    let base_url = cx.local.base_url.to_string();
    let back = callback_url.filter(|url| !url.is_empty());
    let mut accounts = account::all_of(cx, user_id).await.ok()?;
    accounts.sort_by_key(|account| Reverse(account.date("updatedAt")));
    let mut seen: Vec<String> = Vec::new();
    for account in &accounts {
        let id = account.text("providerId");
        if seen.iter().any(|seen| seen == id) {
            continue;
        }
        seen.push(id.to_owned());
        let Some(provider) = cx.app().provider(id).filter(|provider| provider.logout.is_some()).cloned() else {
            continue;
        };
        let Some(provider) = discovery::complete(cx, &provider).await else { continue };
        if let Some(url) = url(&provider, &base_url, account, back, state) {
            return Some(url);
        }
    }
    None
}

fn url(provider: &Provider, base_url: &str, account: &Row, back: Option<&str>, state: Option<&str>) -> Option<String> {
    let logout = provider.logout.as_ref().filter(|logout| !logout.endpoint.is_empty())?;
    let usual = logout.redirect_uri.as_deref().filter(|uri| !uri.is_empty());
    let back = match back.or(usual) {
        Some(url) => Some(with_query(base_url, url, &[])?),
        None => None,
    };
    let hint = Some(account.text("idToken")).filter(|token| !token.is_empty());
    let mut parameters: Vec<(&str, &str)> = hint.map(|token| ("id_token_hint", token)).into_iter().collect();
    if let Some(back) = &back {
        parameters.extend([("post_logout_redirect_uri", back.as_str()), ("client_id", provider.client_id())]);
        parameters.extend(state.filter(|state| !state.is_empty()).map(|state| ("state", state)));
    } else if hint.is_none() {
        parameters.push(("client_id", provider.client_id()));
    }
    with_query(&logout.endpoint, &logout.endpoint, &parameters)
}

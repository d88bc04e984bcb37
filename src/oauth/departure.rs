//! Sending a browser to a provider.

use http::{StatusCode, header};
use serde::{Deserialize, Serialize};

use super::authorization::{AuthorizationRequest, authorization_url};
use crate::{
    domain::{
        Cx,
        oauth_state::{self, Intent},
        provider::Provider,
    },
    engine::{ApiError, Exit, Fault},
    wire::shape::Record,
};

/// What a client asks of the provider.
#[derive(Clone, Copy, Default)]
pub struct Wishes<'a> {
    /// Scopes beyond the usual ones.
    pub scopes: Option<&'a [String]>,
    /// Whom the provider should suggest.
    pub login_hint: Option<&'a str>,
    /// More parameters of the authorization request.
    pub additional: Option<&'a Record<String>>,
    /// Whether the client does not want to be sent there, but told where.
    pub disable_redirect: Option<bool>,
}

/// Where a browser is sent.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Away {
    /// The provider's address, with this request's parameters.
    pub url: String,
    /// Whether the client is to go there by itself.
    pub redirect: bool,
}

/// It is not known where the provider's page is.
pub const INVALID_OAUTH_CONFIGURATION: ApiError =
    ApiError::new(StatusCode::BAD_REQUEST, "INVALID_OAUTH_CONFIGURATION", "Invalid OAuth configuration");

/// Remembers what the browser wants, and answers where it is to go.
///
/// # Errors
/// [`INVALID_OAUTH_CONFIGURATION`], when the store cannot answer, and when the provider's address is none.
pub async fn depart(cx: &mut Cx, provider: &Provider, intent: Intent<'_>, wishes: &Wishes<'_>) -> Result<Away, Exit> {
    let intent = Intent { provider: &provider.id, wants_nonce: provider.requires_nonce, ..intent };
    let departure = oauth_state::begin(cx, &intent).await?;
    cx.ensure(!provider.authorization.endpoint.is_empty(), INVALID_OAUTH_CONFIGURATION)?;
    let request = AuthorizationRequest {
        state: &departure.state,
        code_verifier: &departure.code_verifier,
        nonce: departure.nonce.as_deref(),
        redirect_uri: &provider.redirect_uri(&cx.local.base_url),
        scopes: wishes.scopes.unwrap_or_default(),
        login_hint: wishes.login_hint,
        additional: wishes.additional.map_or(&[], |record| &record.0),
    };
    let unusable = || Fault::Bug(format!("the authorization endpoint of {} is no address", provider.id).into());
    let url = authorization_url(provider, &request).ok_or_else(unusable)?;
    let redirect = wishes.disable_redirect != Some(true);
    if redirect {
        cx.reply.set_header(header::LOCATION, &url);
    }
    Ok(Away { url, redirect })
}

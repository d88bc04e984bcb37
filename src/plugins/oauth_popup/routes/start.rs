//! `GET /oauth-popup/start`

use http::Method;
use serde_json::{Map, Value};

use super::super::logic::{Opener, Outcome, marker, page};
use crate::{
    domain::{Cx, Installation, cookies, errors, oauth_state::Intent},
    engine::{Endpoint, Exit},
    gate,
    oauth::{self, Wishes},
    wire::{origin::Relative, shape::input},
};

/// Sends a popup to a provider. The window itself comes here, so that its cookies are this server's own.
pub struct OAuthPopupStart;

input! {
    /// Who signs in where, and for which page.
    pub struct Query {
        /// The provider.
        provider: String,
        /// The origin of the page that has opened the popup.
        popup_origin "popupOrigin": String,
        /// What tells this popup from others of that page.
        popup_nonce "popupNonce": Option<String>,
        /// Where the page wants to go then.
        callback_url "callbackURL": Option<String>,
        /// Where it wants to go when it failed.
        error_callback_url "errorCallbackURL": Option<String>,
        /// Where it wants to go with a new user.
        new_user_callback_url "newUserCallbackURL": Option<String>,
        /// Scopes to ask for, with commas between them.
        scopes: Option<String>,
        /// `true` makes a new user even if the provider is configured not to.
        request_sign_up "requestSignUp": Option<String>,
        /// Data that comes back with the callback: a JSON object.
        additional_data "additionalData": Option<String>,
    }
}

impl Endpoint<Installation> for OAuthPopupStart {
    type Body = ();
    type Output = ();
    type Query = Query;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "oauthPopupStart";
    const PATH: &'static str = "/oauth-popup/start";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<(), Exit> {
        cx.ensure(gate::is_trusted(cx, &query.popup_origin, Relative::Refused), errors::INVALID_ORIGIN)?;
        let opener = Opener { popup_origin: query.popup_origin, popup_nonce: query.popup_nonce.unwrap_or_default() };
        let pages = [
            (&query.callback_url, "invalid_callback_url"),
            (&query.error_callback_url, "invalid_error_callback_url"),
            (&query.new_user_callback_url, "invalid_new_user_callback_url"),
        ];
        for (url, code) in pages {
            let named = url.as_deref().filter(|url| !url.is_empty());
            if let Some(url) = named.filter(|url| !gate::is_trusted(cx, url, Relative::Allowed)) {
                return Err(failed(cx, &opener, code, &format!("Untrusted URL: {url}")));
            }
        }
        let known = cx.app().provider(&query.provider).is_some();
        if !known {
            return Err(failed(cx, &opener, "provider_not_found", &format!("Unknown provider: {}", query.provider)));
        }
        let Ok(provider) = oauth::configured(cx, &query.provider).await else {
            return Err(failed(cx, &opener, "popup_sign_in_failed", "Failed to start the OAuth flow."));
        };
        let base_url = cx.local.base_url.clone();
        let callback_url = query.callback_url.as_deref().filter(|url| !url.is_empty()).unwrap_or(&base_url);
        let additional = query.additional_data.as_deref().and_then(object);
        let scopes: Option<Vec<String>> = query
            .scopes
            .filter(|scopes| !scopes.is_empty())
            .map(|scopes| scopes.split(',').map(str::to_owned).collect());
        let intent = Intent {
            callback_url: Some(callback_url),
            error_url: query.error_callback_url.as_deref(),
            new_user_url: query.new_user_callback_url.as_deref(),
            request_sign_up: (query.request_sign_up.as_deref() == Some("true")).then_some(true),
            additional_data: additional.as_ref(),
            ..Intent::default()
        };
        let wishes = Wishes { scopes: scopes.as_deref(), disable_redirect: Some(true), ..Wishes::default() };
        let away = oauth::depart(cx, &provider, intent, &wishes).await?;
        let spec = marker(cx);
        let marked = serde_json::to_string(&opener).unwrap_or_default();
        cookies::set_signed(cx, &spec.name, &marked, spec.attributes);
        Err(Exit::Redirect(away.url))
    }
}

/// The page that tells the opener why the popup went nowhere.
fn failed(cx: &mut Cx, opener: &Opener, code: &str, description: &str) -> Exit {
    Exit::Answer(page(cx, opener, &Outcome::Failed { code, description: Some(description) }))
}

fn object(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

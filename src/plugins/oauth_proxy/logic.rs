//! What travels between the two servers, and how it is sealed.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::options::OAuthProxyOptions;
use crate::{
    crypto::{
        hkdf::derive_purpose_keys,
        secret::{Secret, SecretKeys},
    },
    domain::{BaseAddress, Cx},
    gate,
    oauth::{Exchanged, Identity, Tokens},
    wire::{
        date::Timestamp,
        envelope,
        origin::{Relative, origin_of},
    },
};

/// How far the clock of production may be ahead, in seconds.
const TOLERANCE_SECS: f64 = 10.0;

/// What is sealed: no value of one purpose is one of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// What the preview remembers of the browser.
    State,
    /// That, and the `state` it belongs to: the `state` parameter that the provider sees.
    Package,
    /// Who came back to production.
    Profile,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::State => "oauth-proxy-state",
            Self::Package => "oauth-proxy-package",
            Self::Profile => "oauth-proxy-profile",
        }
    }
}

/// The options, as decisions.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxy {
    options: OAuthProxyOptions,
}

impl Proxy {
    pub(super) fn new(options: OAuthProxyOptions) -> Self {
        Self { options }
    }

    /// What was decided.
    pub(super) fn options(&self) -> &OAuthProxyOptions {
        &self.options
    }

    /// Where production is, if it is configured to be elsewhere.
    pub(super) fn production_url(&self) -> Option<&str> {
        self.options.production_url.as_deref().map(|url| url.trim_end_matches('/')).filter(|url| !url.is_empty())
    }

    /// Whether the browser goes to the provider as without a proxy: this server is production, or the request says so.
    pub(super) fn is_skipped(&self, cx: &Cx) -> bool {
        if cx.request.header("x-skip-oauth-proxy").is_some_and(|said| !said.is_empty()) {
            return true;
        }
        let production = self.production_url().map_or_else(|| origin_of(&cx.local.base_url), origin_of);
        let current = match &self.options.current_url {
            Some(url) => origin_of(url),
            None if cx.local.direct => return false,
            None => asked_origin(cx),
        };
        production == current
    }

    /// Where this server is for the browser. Whatever a request claims counts only if it is trusted, for whoever is there gets
    /// sealed profiles.
    pub(super) fn current_origin(&self, cx: &Cx) -> Option<String> {
        if let Some(url) = &self.options.current_url {
            return origin_of(url);
        }
        let asked =
            asked_origin(cx).filter(|origin| !cx.local.direct && gate::is_trusted(cx, origin, Relative::Refused));
        asked.or_else(|| origin_of(&cx.local.base_url))
    }

    pub(super) fn seal(&self, cx: &Cx, purpose: Purpose, text: &str) -> String {
        envelope::seal(&self.keys(cx, purpose), cx.entropy(), text)
    }

    /// What was sealed for `purpose` with the secret that both servers have.
    pub(super) fn open(&self, cx: &Cx, purpose: Purpose, sealed: &str) -> Option<Secret> {
        envelope::open(&self.keys(cx, purpose), sealed).ok()
    }

    fn keys(&self, cx: &Cx, purpose: Purpose) -> SecretKeys {
        match &self.options.secret {
            Some(secret) => derive_purpose_keys(&SecretKeys::single(secret.0.clone()), purpose.name()),
            None => derive_purpose_keys(&cx.app().keys, purpose.name()),
        }
    }

    /// Whether something that was sealed at `timestamp`, in milliseconds since 1970, is neither too old nor from the future.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn is_fresh(&self, timestamp: f64, now: Timestamp) -> bool {
        let age = (now.as_millis() as f64 - timestamp) / 1000.0;
        age <= self.options.max_age as f64 && age >= -TOLERANCE_SECS
    }
}

/// The origin that the request was sent to.
fn asked_origin(cx: &Cx) -> Option<String> {
    let url = BaseAddress::FromRequest.of_request(&cx.request.headers, &cx.app().options)?;
    origin_of(&url)
}

/// The `state` parameter that the provider sees.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Package {
    pub(super) state: String,
    pub(super) state_cookie: String,
    #[serde(rename = "isOAuthProxy")]
    pub(super) is_oauth_proxy: bool,
}

/// Who came back to production, and what the preview is to make of it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Passport {
    user_info: Person,
    account: Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    /// The `state` that the preview has remembered.
    pub(super) state: String,
    #[serde(rename = "callbackURL")]
    pub(super) callback_url: String,
    #[serde(rename = "newUserURL", skip_serializing_if = "Option::is_none")]
    pub(super) new_user_url: Option<String>,
    #[serde(rename = "errorURL", skip_serializing_if = "Option::is_none")]
    pub(super) error_url: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) disable_sign_up: bool,
    /// When it was sealed, in milliseconds since 1970.
    pub(super) timestamp: f64,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    id: String,
    email: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(default)]
    email_verified: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    provider_id: String,
    account_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// Where the preview sends the browser on to, once it is signed in.
pub(super) struct Onward<'a> {
    pub(super) state: &'a str,
    pub(super) callback_url: String,
    pub(super) new_user_url: Option<String>,
    pub(super) error_url: Option<String>,
    pub(super) disable_sign_up: bool,
}

impl Passport {
    /// Of somebody who came back from the provider called `provider`. `None` when they have no address.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn of(provider: &str, exchanged: &Exchanged, onward: Onward<'_>, now: Timestamp) -> Option<Self> {
        let Exchanged { tokens, identity } = exchanged;
        let text = |name: &str| identity.user.get(name).and_then(Value::as_str).map(str::to_owned);
        let moment = |moment: Option<Timestamp>| moment.map(Timestamp::to_iso);
        let scopes = Some(tokens.scopes.clone()).filter(|scopes| !scopes.is_empty());
        Some(Self {
            user_info: Person {
                id: identity.subject.clone(),
                email: identity.email()?.to_owned(),
                name: text("name").unwrap_or_default(),
                image: text("image"),
                email_verified: identity.email_verified(),
            },
            account: Account {
                provider_id: provider.to_owned(),
                account_id: identity.subject.clone(),
                access_token: tokens.access_token.clone(),
                refresh_token: tokens.refresh_token.clone(),
                id_token: tokens.id_token.clone(),
                access_token_expires_at: moment(tokens.access_token_expires_at),
                refresh_token_expires_at: moment(tokens.refresh_token_expires_at),
                scope: scopes.as_ref().map(|scopes| scopes.join(",")),
            },
            profile: identity.profile.as_object().cloned(),
            scopes,
            state: onward.state.to_owned(),
            callback_url: onward.callback_url,
            new_user_url: onward.new_user_url,
            error_url: onward.error_url,
            disable_sign_up: onward.disable_sign_up,
            timestamp: now.as_millis() as f64,
        })
    }

    /// The provider.
    pub(super) fn provider(&self) -> &str {
        &self.account.provider_id
    }

    /// Whoever it is about, as if they had come back here. `None` when a moment is none.
    pub(super) fn exchanged(&self) -> Option<Exchanged> {
        let account = &self.account;
        let moment = |text: &Option<String>| text.as_deref().map(|text| Timestamp::parse(text).ok_or(())).transpose();
        let scopes = self.scopes.clone().unwrap_or_else(|| crate::domain::account::scopes(text_of(&account.scope)));
        let tokens = Tokens {
            access_token: account.access_token.clone(),
            refresh_token: account.refresh_token.clone(),
            id_token: account.id_token.clone(),
            access_token_expires_at: moment(&account.access_token_expires_at).ok()?,
            refresh_token_expires_at: moment(&account.refresh_token_expires_at).ok()?,
            scopes,
            raw: Map::new(),
        };
        let person = &self.user_info;
        let members = [
            ("name", Some(person.name.as_str().into())),
            ("email", Some(person.email.as_str().into())),
            ("image", person.image.as_deref().map(Value::from)),
            ("emailVerified", Some(person.email_verified.into())),
        ];
        let user = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let profile = Value::Object(self.profile.clone().unwrap_or_default());
        Some(Exchanged { tokens, identity: Identity { subject: account.account_id.clone(), user, profile } })
    }
}

fn text_of(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// Reads what was sealed as JSON.
pub(super) fn read<T: DeserializeOwned>(opened: &Secret) -> Option<T> {
    serde_json::from_str(opened.expose()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    #[test]
    fn what_is_sealed_is_good_for_a_minute() {
        let proxy = Proxy::default();
        let fresh = |millis: i64| {
            #[allow(clippy::cast_precision_loss)]
            proxy.is_fresh(NOW.plus_millis(millis).as_millis() as f64, NOW)
        };
        assert!(fresh(0) && fresh(-60_000) && fresh(10_000));
        assert!(!fresh(-60_001) && !fresh(10_001));
        assert!(!proxy.is_fresh(f64::NAN, NOW));
    }

    #[test]
    fn a_passport_of_the_reference_is_read() {
        let passport = json!({
            "userInfo": { "id": "7", "email": "ada@example.com", "name": "", "emailVerified": true, "more": 1 },
            "account": {
                "providerId": "github", "accountId": "7", "accessToken": "a",
                "accessTokenExpiresAt": "2026-01-01T00:00:00.000Z", "scope": "a,b", "more": 1,
            },
            "state": "s", "callbackURL": "/in", "timestamp": 1,
        });
        let passport: Passport = serde_json::from_value(passport).unwrap();
        let Exchanged { tokens, identity } = passport.exchanged().unwrap();
        assert_eq!((identity.subject.as_str(), identity.email()), ("7", Some("ada@example.com")));
        assert!(identity.email_verified() && !passport.disable_sign_up);
        assert_eq!((tokens.access_token.as_deref(), tokens.scope().as_str()), (Some("a"), "a,b"));
        assert_eq!(tokens.access_token_expires_at, Timestamp::parse("2026-01-01T00:00:00.000Z"));
    }
}

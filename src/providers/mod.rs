//! The providers that Kernia knows: one row each. What a row says, `oauth` does.
//!
//! A plain provider takes its addresses, its scopes, where its profiles are and what they say:
//!
//! ```ignore
//! fn polar(options: &SocialProvider) -> Provider {
//!     let mut row = Provider::new("polar", "Polar", "https://polar.sh/oauth2/authorize", "https://api.polar.sh/v1/oauth2/token");
//!     row.authorization.scopes = texts(&["openid", "profile", "email"]);
//!     row.authorization.parameters = told("prompt", &options.prompt);
//!     row.profile = ProfileSource::Endpoint(UserInfo::get("https://api.polar.sh/v1/oauth2/userinfo"));
//!     row.user.name = Name::First(vec!["/public_name", "/username"]);
//!     row.user.image = vec!["/avatar_url"];
//!     row.subject = vec!["/id"];
//!     row
//! }
//! ```

mod enterprise;
mod id_token;
mod plain;
mod preset;
mod quirky;

pub use preset::{Preset, PresetError, PresetPlace, document, generic, preset};

use crate::domain::{
    options::{Options, SocialProvider},
    provider::Provider,
};

/// Makes a provider from what the operator says of it.
type Row = fn(&SocialProvider) -> Provider;

/// Every provider, by its name in routes and options.
pub const TABLE: &[(&str, Row)] = &[
    ("apple", id_token::apple),
    ("atlassian", plain::atlassian),
    ("cloudflare", plain::cloudflare),
    ("cognito", enterprise::cognito),
    ("discord", quirky::discord),
    ("dropbox", plain::dropbox),
    ("facebook", quirky::facebook),
    ("figma", plain::figma),
    ("github", quirky::github),
    ("gitlab", enterprise::gitlab),
    ("google", id_token::google),
    ("huggingface", plain::huggingface),
    ("kakao", plain::kakao),
    ("kick", plain::kick),
    ("line", id_token::line),
    ("linear", plain::linear),
    ("linkedin", plain::linkedin),
    ("microsoft", enterprise::microsoft),
    ("naver", plain::naver),
    ("notion", plain::notion),
    ("paybin", id_token::paybin),
    ("paypal", enterprise::paypal),
    ("polar", plain::polar),
    ("railway", plain::railway),
    ("reddit", quirky::reddit),
    ("roblox", plain::roblox),
    ("salesforce", enterprise::salesforce),
    ("slack", plain::slack),
    ("spotify", plain::spotify),
    ("tiktok", quirky::tiktok),
    ("twitch", id_token::twitch),
    ("twitter", quirky::twitter),
    ("vercel", plain::vercel),
    ("vk", quirky::vk),
    ("wechat", quirky::wechat),
    ("zoom", plain::zoom),
];

/// The options name a provider that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("social_providers: there is no provider called {0:?}")]
pub struct UnknownProvider(pub String);

/// The providers that `options` name and do not turn off.
///
/// # Errors
/// [`UnknownProvider`].
pub fn resolve(options: &Options) -> Result<Vec<Provider>, UnknownProvider> {
    let named = options.social_providers.iter().filter(|(_, own)| own.enabled);
    named.map(|(name, own)| row(name, own).ok_or_else(|| UnknownProvider(name.clone()))).collect()
}

/// The provider called `name` as `options` make it.
#[must_use]
pub fn row(name: &str, options: &SocialProvider) -> Option<Provider> {
    let (_, row) = TABLE.iter().find(|(known, _)| *known == name)?;
    let mut provider = row(options);
    if provider.missing.is_none() && provider.authorization.client_parameter != "client_key" {
        provider.missing = options.client_id.first().is_none().then_some("client_id");
    }
    if let Some(endpoint) = options.authorization_endpoint.as_ref().filter(|endpoint| !endpoint.is_empty()) {
        provider.authorization.endpoint.clone_from(endpoint);
    }
    if let Some(mode) = &options.response_mode {
        provider.authorization.parameters.retain(|(name, _)| *name != "response_mode");
        provider.authorization.parameters.push(("response_mode", mode.clone()));
    }
    provider.options = options.clone();
    Some(provider)
}

/// Owned copies, for scopes.
fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

/// The parameter `name`, if the operator has said what it is.
fn told(name: &'static str, value: &Option<String>) -> Vec<(&'static str, String)> {
    value.iter().filter(|value| !value.is_empty()).map(|value| (name, value.clone())).collect()
}

/// That a provider needs a secret, and none is there.
fn secret_missing(options: &SocialProvider) -> Option<&'static str> {
    let absent = options.client_secret.as_ref().is_none_or(|secret| secret.0.is_empty());
    (absent && options.private_key_jwt.is_none()).then_some("client_secret")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_called_what_the_table_calls_it() {
        for (name, _) in TABLE {
            assert_eq!(row(name, &SocialProvider::default()).unwrap().id, *name);
        }
        assert!(TABLE.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn a_provider_without_credentials_is_not_configured() {
        for (name, _) in TABLE {
            assert!(row(name, &SocialProvider::default()).unwrap().missing.is_some(), "{name}");
            let mut own = SocialProvider { client_id: "id".into(), ..SocialProvider::default() };
            own.client_secret = Some("secret".into());
            own.client_key = Some("key".into());
            (own.domain, own.region) = (Some("pool.test".to_owned()), Some("eu-west-1".to_owned()));
            own.user_pool_id = Some("pool".to_owned());
            assert_eq!(row(name, &own).unwrap().missing, None, "{name}");
        }
    }

    #[test]
    fn apple_takes_a_secret_or_all_of_a_key() {
        let mut own = SocialProvider { client_id: "id".into(), ..SocialProvider::default() };
        let missing = |own: &SocialProvider| row("apple", own).unwrap().missing;
        assert_eq!(missing(&own), Some("client_secret"));
        own.private_key = Some("key".into());
        assert_eq!(missing(&own), Some("team_id"));
        own.team_id = Some("team".to_owned());
        assert_eq!(missing(&own), Some("key_id"));
        own.key_id = Some("key".to_owned());
        assert_eq!(missing(&own), None);
    }

    #[test]
    fn unknown_names_are_refused_and_disabled_ones_left_out() {
        let mut options = Options::default();
        options.social_providers.insert("githib".to_owned(), SocialProvider::default());
        assert_eq!(resolve(&options).unwrap_err(), UnknownProvider("githib".to_owned()));
        options.social_providers.values_mut().for_each(|own| own.enabled = false);
        assert!(resolve(&options).unwrap().is_empty());
    }
}

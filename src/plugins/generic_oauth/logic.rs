//! From what an operator says to a provider.

use url::Url;

use super::options::{Authentication, ClientAuthentication, GenericOauthConfig};
use crate::{
    domain::{
        account,
        options::{
            SecretText,
            TokenEndpointAuth::{self, PrivateKeyJwt},
        },
        provider::{Discovery, Logout, ProfileSource, Provider, UserInfo},
    },
    providers::{PresetPlace, document, generic, preset},
};

/// The provider that `config` describes.
///
/// # Errors
/// What is wrong with it, for people to read.
pub(super) fn provider(config: &GenericOauthConfig) -> Result<Provider, String> {
    let wrong = |problem: String| match config.provider_id.as_str() {
        "" => problem,
        id => format!("provider {id}: {problem}"),
    };
    let mut provider = known(config).map_err(wrong)?;
    match provider.id.as_str() {
        "" => return Err("a provider has no provider_id".to_owned()),
        account::CREDENTIAL => {
            return Err(format!("no provider may be called {}, as passwords are", account::CREDENTIAL));
        }
        _ => {}
    }
    check_addresses(config).map_err(wrong)?;
    authorization(&mut provider, config);
    token_endpoint(&mut provider, config).map_err(wrong)?;
    discovery(&mut provider, config).map_err(wrong)?;
    if let (Some(url), ProfileSource::OpenId(endpoint)) = (given(&config.user_info_url), &mut provider.profile) {
        *endpoint = Some(UserInfo::get(url));
    }
    if !config.disable_provider_logout {
        let endpoint = given(&config.end_session_endpoint).unwrap_or_default().to_owned();
        provider.logout = Some(Logout { endpoint, redirect_uri: config.post_logout_redirect_uri.clone() });
    }
    provider.allow_idp_initiated = config.allow_idp_initiated;
    provider.hooks = config.hooks.clone();
    if config.client_id.is_empty() {
        provider.missing = Some("client_id");
    }
    let options = &mut provider.options;
    options.client_id = config.client_id.as_str().into();
    options.client_secret.clone_from(&config.client_secret);
    options.private_key_jwt.clone_from(&config.private_key_jwt);
    options.redirect_uri.clone_from(&config.redirect_uri);
    options.disable_implicit_sign_up = config.disable_implicit_sign_up;
    options.disable_sign_up = config.disable_sign_up;
    options.override_user_info_on_sign_in = config.override_user_info;
    options.require_email_verification = config.require_email_verification;
    if let Some(scopes) = &config.scopes {
        options.scope.clone_from(scopes);
    }
    Ok(provider)
}

/// What is known before the operator says more.
fn known(config: &GenericOauthConfig) -> Result<Provider, String> {
    let mut provider = match config.preset {
        Some(name) => {
            let (issuer, domain) = (config.issuer.as_deref(), config.domain.as_deref());
            let place = PresetPlace { issuer, domain, tenant_id: config.tenant_id.as_deref() };
            preset(name, place).map_err(|error| error.to_string())?
        }
        None => generic("", "", ""),
    };
    if !config.provider_id.is_empty() {
        provider.id.clone_from(&config.provider_id);
    }
    provider.name = config.name.clone().unwrap_or_else(|| provider.id.clone());
    Ok(provider)
}

fn check_addresses(config: &GenericOauthConfig) -> Result<(), String> {
    let addresses = [
        ("authorization_url", &config.authorization_url),
        ("token_url", &config.token_url),
        ("user_info_url", &config.user_info_url),
        ("discovery_url", &config.discovery_url),
        ("end_session_endpoint", &config.end_session_endpoint),
    ];
    for (option, address) in addresses {
        let Some(address) = given(address) else { continue };
        if !Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err(format!("{option} {address:?} is not an http or https URL"));
        }
    }
    Ok(())
}

fn authorization(provider: &mut Provider, config: &GenericOauthConfig) {
    let way = &mut provider.authorization;
    if let Some(url) = given(&config.authorization_url) {
        url.clone_into(&mut way.endpoint);
    }
    if let Some(kind) = given(&config.response_type) {
        way.response_type = kind.to_owned().into();
    }
    way.pkce = config.pkce;
    let told =
        [("prompt", &config.prompt), ("access_type", &config.access_type), ("response_mode", &config.response_mode)];
    let told = told.into_iter().filter_map(|(name, value)| Some((name, given(value)?.to_owned())));
    way.parameters.extend(told);
    way.more_parameters = pairs(&config.authorization_url_params);
}

fn token_endpoint(provider: &mut Provider, config: &GenericOauthConfig) -> Result<(), String> {
    let endpoint = &mut provider.token;
    if let Some(url) = given(&config.token_url) {
        url.clone_into(&mut endpoint.endpoint);
    }
    endpoint.verifier = config.pkce;
    endpoint.more_headers = secrets(&config.authorization_headers);
    endpoint.more_parameters = pairs(&config.token_url_params);
    endpoint.refresh_parameters = pairs(&config.refresh_token_params);
    endpoint.access_token_lifetime = config.access_token_expires_in;
    let has_secret = config.client_secret.as_ref().is_some_and(|secret| !secret.0.is_empty());
    let basic = config.authentication == Authentication::Basic;
    let method = match config.token_endpoint_auth {
        Some(ClientAuthentication { method }) if config.private_key_jwt.is_some() && method != PrivateKeyJwt => {
            return Err("private_key_jwt is another way than token_endpoint_auth".to_owned());
        }
        Some(authentication) => Some(authentication.method),
        None if config.private_key_jwt.is_some() => Some(PrivateKeyJwt),
        None => basic.then_some(TokenEndpointAuth::ClientSecretBasic),
    };
    let takes_secret =
        matches!(method, Some(TokenEndpointAuth::ClientSecretBasic | TokenEndpointAuth::ClientSecretPost));
    if method.is_some() && takes_secret != has_secret {
        let verb = if takes_secret { "needs" } else { "excludes" };
        let option = match () {
            () if config.token_endpoint_auth.is_some() => "token_endpoint_auth",
            () if config.private_key_jwt.is_some() => "private_key_jwt",
            () => "authentication",
        };
        return Err(format!("{option} {verb} a client_secret"));
    }
    (endpoint.auth, endpoint.refresh_auth) = (method, method);
    Ok(())
}

fn discovery(provider: &mut Provider, config: &GenericOauthConfig) -> Result<(), String> {
    if let Some(url) = given(&config.discovery_url) {
        let known = provider.discovery.take().unwrap_or_else(|| document(""));
        provider.discovery = Some(Discovery { url: url.to_owned(), ..known });
    }
    match &mut provider.discovery {
        Some(discovery) => {
            discovery.headers = secrets(&config.discovery_headers);
            discovery.issuer = given(&config.issuer).map(str::to_owned);
            discovery.requires_keys |= config.require_id_token_verification;
            discovery.binds_nonce = !config.disable_id_token_nonce_binding;
        }
        None if config.require_id_token_verification => {
            return Err("require_id_token_verification needs a discovery_url".to_owned());
        }
        None => {}
    }
    Ok(())
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

fn pairs(parameters: &std::collections::BTreeMap<String, String>) -> Vec<(String, String)> {
    parameters.clone().into_iter().collect()
}

fn secrets(headers: &std::collections::BTreeMap<String, SecretText>) -> Vec<(String, SecretText)> {
    headers.clone().into_iter().collect()
}

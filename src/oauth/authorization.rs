//! Where a browser is sent to sign in (RFC 6749 section 4.1.1).

use url::{Url, form_urlencoded};

use crate::{
    crypto::digest::sha256_base64url,
    domain::{
        provider::{MoreScopes, Provider, Quirk},
        social::RESERVED_PARAMETERS,
    },
    wire::{percent::encode_uri_component, redirect::append_query_params},
};

/// What a request adds to what is known of the provider.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationRequest<'a> {
    /// Comes back with the answer.
    pub state: &'a str,
    /// What the code challenge is made from.
    pub code_verifier: &'a str,
    /// What the ID token must carry.
    pub nonce: Option<&'a str>,
    /// Where the provider sends the browser back to.
    pub redirect_uri: &'a str,
    /// Scopes beyond the usual ones.
    pub scopes: &'a [String],
    /// Whom the provider should suggest.
    pub login_hint: Option<&'a str>,
    /// More parameters. Those that the server sets are passed over.
    pub additional: &'a [(String, String)],
}

/// The order in which the reference writes parameters. Others follow as they come.
const ORDER: &[&str] = &[
    "response_type",
    "client_id",
    "state",
    "scope",
    "redirect_uri",
    "duration",
    "display",
    "login_hint",
    "nonce",
    "prompt",
    "hd",
    "access_type",
    "response_mode",
    "code_challenge_method",
    "code_challenge",
    "claims",
];

/// The same for providers that call the client id something else.
const OWN_ORDER: &[&str] = &["scope", "response_type", "client_key", "appid", "redirect_uri", "state", "lang"];

/// The scope of OpenID Connect.
const OPENID: &str = "openid";

/// The S256 code challenge of a verifier (RFC 7636 section 4.2).
#[must_use]
pub fn code_challenge(verifier: &str) -> String {
    sha256_base64url(verifier.as_bytes())
}

/// Where the browser is sent. `None` when the provider's endpoint is no address.
#[must_use]
pub fn authorization_url(provider: &Provider, request: &AuthorizationRequest<'_>) -> Option<String> {
    let mut parameters = parameters(provider, request);
    let at = parameters.iter().position(|(name, _)| name == "scope");
    let scope_last = if provider.quirk == Some(Quirk::Cognito) { at.map(|at| parameters.remove(at)) } else { None };
    let endpoint = without(&provider.authorization.endpoint, &parameters)?;
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut url = append_query_params(&endpoint, &pairs)?;
    if let Some((_, scope)) = scope_last {
        url = format!("{url}&scope={}", encode_uri_component(&scope));
    }
    if let Some(fragment) = provider.authorization.fragment {
        url = format!("{url}#{fragment}");
    }
    Some(url)
}

fn parameters(provider: &Provider, request: &AuthorizationRequest<'_>) -> Vec<(String, String)> {
    let way = &provider.authorization;
    let scopes = scopes(provider, request.scopes);
    let client = if way.client_parameter == "client_key" {
        provider.options.client_key.as_deref().unwrap_or_default()
    } else {
        provider.client_id()
    };
    let mut parameters = Parameters::default();
    parameters.set("response_type", &way.response_type);
    parameters.set(way.client_parameter, client);
    parameters.set("state", request.state);
    if !scopes.is_empty() {
        parameters.set("scope", &scopes.join(way.scope_separator));
    }
    parameters.set("redirect_uri", request.redirect_uri);
    if let Some(hint) = request.login_hint.filter(|hint| way.login_hint && !hint.is_empty()) {
        parameters.set("login_hint", hint);
    }
    if let Some(nonce) = request.nonce {
        parameters.set("nonce", nonce);
    }
    if way.pkce {
        parameters.set("code_challenge_method", "S256");
        parameters.set("code_challenge", &code_challenge(request.code_verifier));
    }
    way.parameters.iter().for_each(|(name, value)| parameters.set(name, value));
    if let Some(permissions) = provider.options.permissions.filter(|_| is_bot(provider, &scopes)) {
        parameters.set("permissions", &permissions.to_string());
    }
    let mut ordered = parameters.in_order(if way.client_parameter == "client_id" { ORDER } else { OWN_ORDER });
    let own = |name: &str| name == way.client_parameter || RESERVED_PARAMETERS.contains(&name);
    let requested = if way.additional { request.additional } else { &[] };
    let additional = way.more_parameters.iter().chain(requested).filter(|(name, _)| !own(name));
    additional.for_each(|(name, value)| ordered.set(name, value));
    way.fixed.iter().for_each(|(name, value)| ordered.set(name, value));
    ordered.0
}

fn is_bot(provider: &Provider, scopes: &[String]) -> bool {
    provider.quirk == Some(Quirk::Discord) && scopes.iter().any(|scope| scope == "bot")
}

fn scopes(provider: &Provider, requested: &[String]) -> Vec<String> {
    let way = &provider.authorization;
    let usual = if provider.options.disable_default_scope { &[][..] } else { &way.scopes[..] };
    let configured = &provider.options.scope[..];
    match way.more_scopes {
        MoreScopes::ConfiguredFirst => [usual, configured, requested].concat(),
        MoreScopes::RequestedFirst => [usual, requested, configured].concat(),
        MoreScopes::OpenId => {
            let mut all = [usual, requested, configured].concat();
            if all.iter().all(|scope| scope != OPENID) {
                all.insert(0, OPENID.to_owned());
            }
            all
        }
        MoreScopes::Nothing => Vec::new(),
        MoreScopes::Distinct => {
            let mut distinct: Vec<String> = Vec::new();
            for scope in [usual, configured, requested].concat() {
                if !distinct.contains(&scope) {
                    distinct.push(scope);
                }
            }
            distinct
        }
    }
}

/// The endpoint without those parameters of its own that the request sets. The rest of its query stays as it is written.
fn without(endpoint: &str, parameters: &[(String, String)]) -> Option<String> {
    let mut url = Url::parse(endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let Some(query) = url.query() else { return Some(endpoint.to_owned()) };
    let stays = |pair: &&str| {
        let name = form_urlencoded::parse(pair.as_bytes()).next().map(|(name, _)| name.into_owned());
        name.is_some_and(|name| !parameters.iter().any(|(set, _)| *set == name))
    };
    let kept = query.split('&').filter(|pair| !pair.is_empty()).filter(stays).collect::<Vec<_>>().join("&");
    url.set_query((!kept.is_empty()).then_some(&kept));
    Some(url.into())
}

/// Parameters by name; setting one again replaces it in its place.
#[derive(Default)]
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    fn in_order(mut self, order: &[&str]) -> Self {
        let place = |name: &str| order.iter().position(|known| *known == name).unwrap_or(order.len());
        self.0.sort_by_key(|(name, _)| place(name));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn provider() -> Provider {
        let mut provider = Provider::new("p", "P", "https://p.test/authorize", "https://p.test/token");
        provider.options.client_id = "id".into();
        provider
    }

    fn request() -> AuthorizationRequest<'static> {
        AuthorizationRequest {
            state: "s",
            code_verifier: VERIFIER,
            nonce: None,
            redirect_uri: "http://localhost/cb",
            scopes: &[],
            login_hint: None,
            additional: &[],
        }
    }

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        assert_eq!(code_challenge(VERIFIER), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn clients_replace_neither_reserved_nor_fixed_parameters() {
        let mut provider = provider();
        provider.authorization.pkce = false;
        provider.authorization.parameters = vec![("prompt", "consent".to_owned())];
        provider.authorization.fixed = vec![("audience", "api".to_owned())];
        let additional: Vec<_> =
            [("state", "x"), ("client_id", "x"), ("audience", "x"), ("prompt", "login"), ("more", "1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into();
        let url = authorization_url(&provider, &AuthorizationRequest { additional: &additional, ..request() });
        let expected = "https://p.test/authorize?response_type=code&client_id=id&state=s\
                        &redirect_uri=http%3A%2F%2Flocalhost%2Fcb&prompt=login&audience=api&more=1";
        assert_eq!(url.as_deref(), Some(expected));
    }

    #[test]
    fn the_endpoint_keeps_its_own_query() {
        let mut provider = provider();
        provider.authorization.pkce = false;
        provider.authorization.endpoint = "https://p.test/authorize?state=old&sig=a%20b&x".to_owned();
        let url = authorization_url(&provider, &request()).unwrap();
        assert!(url.starts_with("https://p.test/authorize?sig=a%20b&x&response_type=code&"), "{url}");
        provider.authorization.endpoint = "javascript:alert(1)".to_owned();
        assert_eq!(authorization_url(&provider, &request()), None);
    }
}

//! What becomes of an operator's words.

use serde_json::{Value, json};

use super::{GenericOauth, GenericOauthOptions};
use crate::domain::{
    Plugin as _,
    options::{Options, TokenEndpointAuth},
    provider::{ProfileSource, Provider},
};

fn plugin(config: Value) -> GenericOauth {
    let options: GenericOauthOptions = serde_json::from_value(json!({ "config": config })).unwrap();
    GenericOauth::new(options)
}

fn provider(config: Value) -> Provider {
    let plugin = plugin(json!([config]));
    plugin.check(&Options::default()).unwrap();
    plugin.providers().remove(0)
}

fn refusal(config: Value) -> String {
    plugin(config).check(&Options::default()).unwrap_err()
}

#[test]
fn what_is_said_is_what_the_provider_is() {
    let provider = provider(json!({
        "provider_id": "forge", "client_id": "id", "client_secret": "hush",
        "authorization_url": "https://f.test/a", "token_url": "https://f.test/t", "user_info_url": "https://f.test/me",
        "scopes": ["one"], "redirect_uri": "https://app.test/back", "response_type": "code id_token",
        "response_mode": "form_post", "prompt": "login", "access_type": "offline", "pkce": false,
        "authorization_url_params": { "audience": "api" }, "token_url_params": { "resource": "r" },
        "refresh_token_params": { "scope": "two" }, "authorization_headers": { "X-Key": "k" },
        "authentication": "basic", "access_token_expires_in": 60, "disable_sign_up": true, "override_user_info": true,
        "disable_implicit_sign_up": true, "require_email_verification": true, "allow_idp_initiated": true,
        "end_session_endpoint": "https://f.test/out", "post_logout_redirect_uri": "/bye",
    }));
    assert_eq!((provider.id.as_str(), provider.name.as_str(), provider.missing), ("forge", "forge", None));
    let way = &provider.authorization;
    assert_eq!(
        (way.endpoint.as_str(), way.response_type.as_ref(), way.pkce),
        ("https://f.test/a", "code id_token", false)
    );
    let named: Vec<_> = way.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(named, ["prompt=login", "access_type=offline", "response_mode=form_post"]);
    assert_eq!(way.more_parameters, [("audience".to_owned(), "api".to_owned())]);
    let token = &provider.token;
    assert_eq!((token.endpoint.as_str(), token.verifier), ("https://f.test/t", false));
    assert_eq!(token.auth, Some(TokenEndpointAuth::ClientSecretBasic));
    assert_eq!((token.refresh_auth, token.access_token_lifetime), (token.auth, Some(60)));
    assert_eq!(token.more_headers[0].0, "X-Key");
    assert!(matches!(&provider.profile, ProfileSource::OpenId(Some(user)) if user.url == "https://f.test/me"));
    let options = &provider.options;
    assert!(options.disable_sign_up && options.disable_implicit_sign_up && options.override_user_info_on_sign_in);
    assert!(options.require_email_verification && provider.allow_idp_initiated);
    assert_eq!(provider.redirect_uri("http://here"), "https://app.test/back");
    assert_eq!(provider.logout.unwrap().endpoint, "https://f.test/out");
}

#[test]
fn a_preset_fills_what_is_not_said() {
    let slack = provider(json!({ "preset": "slack", "client_id": "id", "client_secret": "s", "scopes": ["openid"] }));
    assert_eq!((slack.id.as_str(), slack.options.scope.as_slice()), ("slack", &["openid".to_owned()][..]));
    let line = provider(json!({ "preset": "line", "provider_id": "line-jp", "client_id": "id" }));
    assert_eq!((line.id.as_str(), line.options.scope.len()), ("line-jp", 3));
    let okta = provider(
        json!({ "preset": "okta", "issuer": "https://o.test/", "client_id": "id", "disable_provider_logout": true }),
    );
    assert!(okta.logout.is_none() && okta.discovery.is_some_and(|own| own.binds_nonce && !own.requires_keys));
    assert_eq!(provider(json!({ "preset": "gumroad" })).missing, Some("client_id"));
}

#[test]
fn contradictions_are_named() {
    for (config, expected) in [
        (json!([{ "client_id": "id" }]), "a provider has no provider_id"),
        (
            json!([{ "provider_id": "credential", "client_id": "id" }]),
            "no provider may be called credential, as passwords are",
        ),
        (
            json!([{ "provider_id": "a", "client_id": "1" }, { "provider_id": "a", "client_id": "2" }]),
            "two providers are called a",
        ),
        (
            json!([{ "provider_id": "a", "authentication": "basic" }]),
            "provider a: authentication needs a client_secret",
        ),
        (
            json!([{ "provider_id": "a", "token_endpoint_auth": { "method": "client_secret_post" } }]),
            "provider a: token_endpoint_auth needs a client_secret",
        ),
        (
            json!([{ "provider_id": "a", "client_secret": "s", "token_endpoint_auth": { "method": "none" } }]),
            "provider a: token_endpoint_auth excludes a client_secret",
        ),
        (
            json!([{ "provider_id": "a", "require_id_token_verification": true }]),
            "provider a: require_id_token_verification needs a discovery_url",
        ),
        (
            json!([{ "provider_id": "a", "token_url": "ftp://f" }]),
            "provider a: token_url \"ftp://f\" is not an http or https URL",
        ),
        (json!([{ "preset": "okta" }]), "issuer is missing"),
    ] {
        assert_eq!(refusal(config.clone()), expected, "{config}");
    }
}

#[test]
fn case_225_options_that_are_written_out_show_no_secret() {
    let config = json!([{
        "provider_id": "a", "client_id": "id", "client_secret": "hush",
        "discovery_headers": { "x": "hush" }, "authorization_headers": { "y": "hush" },
    }]);
    let plugin = plugin(config);
    assert!(!plugin.options().to_string().contains("hush"));
    assert!(!format!("{plugin:?}").contains("hush"));
    assert!(!format!("{:?}", plugin.providers()).contains("hush"));
}

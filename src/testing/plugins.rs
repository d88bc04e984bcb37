//! The plugins that there are.

use crate::{
    domain::Plugin,
    plugins::{
        Bearer, EmailOtp, GenericOauth, GenericOauthConfig, GenericOauthOptions, Jwt, MagicLink, OAuthPopup,
        OAuthProxy, OneTap, Username,
    },
};

/// Every plugin, with its usual options: for tests that hold for all of them.
#[must_use]
pub fn every_plugin() -> Vec<Box<dyn Plugin>> {
    let mut described = GenericOauthConfig::new("op", "client");
    described.discovery_url = Some("https://op.test/.well-known/openid-configuration".to_owned());
    described.allow_idp_initiated = true;
    vec![
        Box::new(Bearer::default()),
        Box::new(EmailOtp::default()),
        Box::new(GenericOauth::new(GenericOauthOptions::of([described]))),
        Box::new(Jwt::default()),
        Box::new(MagicLink::default()),
        Box::new(OAuthPopup),
        Box::new(OAuthProxy::default()),
        Box::new(OneTap::default()),
        #[cfg(feature = "passkey")]
        Box::new(crate::plugins::Passkey::default()),
        Box::new(Username::default()),
    ]
}

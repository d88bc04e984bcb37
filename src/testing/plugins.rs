//! The plugins that there are.

use crate::{
    domain::Plugin,
    plugins::{
        Anonymous, Bearer, DeviceAuthorization, EmailOtp, GenericOauth, GenericOauthConfig, GenericOauthOptions, I18n,
        I18nOptions, Jwt, MagicLink, MultiSession, OAuthPopup, OAuthProxy, OneTap, OneTimeToken, OpenApi, PhoneNumber,
        Siwe, SiweOptions, TwoFactor, TwoFactorOptions, Username,
    },
};

/// Every plugin with routes, with its usual options but that messages are sent: for tests that hold for all of them.
#[must_use]
pub fn every_plugin() -> Vec<Box<dyn Plugin>> {
    let mut two_factor = TwoFactorOptions::default();
    two_factor.otp_options.send = true;
    let mut described = GenericOauthConfig::new("op", "client");
    described.discovery_url = Some("https://op.test/.well-known/openid-configuration".to_owned());
    described.allow_idp_initiated = true;
    vec![
        Box::new(Anonymous::default()),
        Box::new(Bearer::default()),
        Box::new(DeviceAuthorization::default()),
        Box::new(EmailOtp::default()),
        Box::new(GenericOauth::new(GenericOauthOptions::of([described]))),
        Box::new(I18n::new(I18nOptions::default().translate("xx", [("UNAUTHORIZED", "translated")]))),
        Box::new(Jwt::default()),
        Box::new(MagicLink::default()),
        Box::new(MultiSession::default()),
        Box::new(OAuthPopup),
        Box::new(OAuthProxy::default()),
        Box::new(OneTap::default()),
        Box::new(OneTimeToken::default()),
        Box::new(OpenApi::default()),
        #[cfg(feature = "passkey")]
        Box::new(crate::plugins::Passkey::default()),
        Box::new(PhoneNumber::default()),
        Box::new(Siwe::new(SiweOptions::new("localhost:3000"))),
        Box::new(TwoFactor::new(two_factor)),
        Box::new(Username::default()),
    ]
}

//! The plugins that there are.

use crate::{
    domain::Plugin,
    plugins::{Bearer, EmailOtp, I18n, I18nOptions, Jwt, MagicLink, OAuthPopup, OAuthProxy, OneTap, OpenApi, Username},
};

/// Every plugin, with its usual options: for tests that hold for all of them.
#[must_use]
pub fn every_plugin() -> Vec<Box<dyn Plugin>> {
    vec![
        Box::new(Bearer::default()),
        Box::new(EmailOtp::default()),
        Box::new(I18n::new(I18nOptions::default().translate("xx", [("UNAUTHORIZED", "translated")]))),
        Box::new(Jwt::default()),
        Box::new(MagicLink::default()),
        Box::new(OAuthPopup),
        Box::new(OAuthProxy::default()),
        Box::new(OneTap::default()),
        Box::new(OpenApi::default()),
        Box::new(Username::default()),
    ]
}

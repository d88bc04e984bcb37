//! The plugins that there are.

use crate::{
    domain::Plugin,
    plugins::{Bearer, DeviceAuthorization, Jwt, OAuthPopup, OAuthProxy, OneTap, Siwe, SiweOptions, Username},
};

/// Every plugin, with its usual options: for tests that hold for all of them.
#[must_use]
pub fn every_plugin() -> Vec<Box<dyn Plugin>> {
    vec![
        Box::new(Bearer::default()),
        Box::new(DeviceAuthorization::default()),
        Box::new(Jwt::default()),
        Box::new(OAuthPopup),
        Box::new(OAuthProxy::default()),
        Box::new(OneTap::default()),
        Box::new(Siwe::new(SiweOptions::new("localhost:3000"))),
        Box::new(Username::default()),
    ]
}

//! Additions to the core, one folder or file each.

pub mod device_authorization;
pub mod jwt;
pub mod oauth_popup;
pub mod oauth_proxy;
pub mod one_tap;
#[cfg(feature = "siwe")]
pub mod siwe;
pub mod username;

mod bearer;

pub use bearer::{Bearer, BearerOptions};
pub use device_authorization::{DeviceAuthorization, DeviceAuthorizationOptions};
pub use jwt::{Jwt, JwtOptions};
pub use oauth_popup::OAuthPopup;
pub use oauth_proxy::{OAuthProxy, OAuthProxyOptions};
pub use one_tap::{OneTap, OneTapOptions};
#[cfg(feature = "siwe")]
pub use siwe::{Siwe, SiweOptions};
pub use username::{Username, UsernameOptions};

//! Additions to the core, one folder or file each.

pub mod jwt;
pub mod oauth_popup;
pub mod oauth_proxy;
pub mod one_tap;
pub mod two_factor;
pub mod username;

mod bearer;

pub use bearer::{Bearer, BearerOptions};
pub use jwt::{Jwt, JwtOptions};
pub use oauth_popup::OAuthPopup;
pub use oauth_proxy::{OAuthProxy, OAuthProxyOptions};
pub use one_tap::{OneTap, OneTapOptions};
pub use two_factor::{TwoFactor, TwoFactorOptions};
pub use username::{Username, UsernameOptions};

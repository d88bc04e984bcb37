//! Additions to the core, one folder or file each.

pub mod email_otp;
pub mod generic_oauth;
pub mod jwt;
pub mod magic_link;
pub mod oauth_popup;
pub mod oauth_proxy;
pub mod one_tap;
#[cfg(feature = "passkey")]
pub mod passkey;
pub mod username;

mod bearer;

pub use bearer::{Bearer, BearerOptions};
pub use email_otp::{EmailOtp, EmailOtpOptions};
pub use generic_oauth::{GenericOauth, GenericOauthConfig, GenericOauthOptions};
pub use jwt::{Jwt, JwtOptions};
pub use magic_link::{MagicLink, MagicLinkOptions};
pub use oauth_popup::OAuthPopup;
pub use oauth_proxy::{OAuthProxy, OAuthProxyOptions};
pub use one_tap::{OneTap, OneTapOptions};
#[cfg(feature = "passkey")]
pub use passkey::{Passkey, PasskeyOptions};
pub use username::{Username, UsernameOptions};

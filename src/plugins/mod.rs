//! Additions to the core, one folder or file each.

pub mod email_otp;
pub mod jwt;
pub mod magic_link;
pub mod oauth_popup;
pub mod oauth_proxy;
pub mod one_tap;
pub mod open_api;
pub mod username;

mod bearer;
mod i18n;

pub use bearer::{Bearer, BearerOptions};
pub use email_otp::{EmailOtp, EmailOtpOptions};
pub use i18n::{Detection, I18n, I18nOptions, Translations};
pub use jwt::{Jwt, JwtOptions};
pub use magic_link::{MagicLink, MagicLinkOptions};
pub use oauth_popup::OAuthPopup;
pub use oauth_proxy::{OAuthProxy, OAuthProxyOptions};
pub use one_tap::{OneTap, OneTapOptions};
pub use open_api::{OpenApi, OpenApiOptions};
pub use username::{Username, UsernameOptions};

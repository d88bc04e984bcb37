//! Additions to the core, one folder or file each.

pub mod anonymous;
pub mod captcha;
pub mod device_authorization;
pub mod email_otp;
pub mod generic_oauth;
pub mod have_i_been_pwned;
pub mod jwt;
pub mod magic_link;
pub mod multi_session;
pub mod oauth_popup;
pub mod oauth_proxy;
pub mod one_tap;
pub mod one_time_token;
pub mod open_api;
#[cfg(feature = "passkey")]
pub mod passkey;
pub mod phone_number;
#[cfg(feature = "siwe")]
pub mod siwe;
pub mod two_factor;
pub mod username;

mod bearer;
mod custom_session;
mod i18n;
mod last_login_method;

pub use anonymous::{Anonymous, AnonymousOptions};
pub use bearer::{Bearer, BearerOptions};
pub use captcha::{Captcha, CaptchaOptions, CaptchaProvider};
pub use custom_session::CustomSession;
pub use device_authorization::{DeviceAuthorization, DeviceAuthorizationOptions};
pub use email_otp::{EmailOtp, EmailOtpOptions};
pub use generic_oauth::{GenericOauth, GenericOauthConfig, GenericOauthOptions};
pub use have_i_been_pwned::{HaveIBeenPwned, HaveIBeenPwnedOptions};
pub use i18n::{Detection, I18n, I18nOptions};
pub use jwt::{Jwt, JwtOptions};
pub use last_login_method::{Arrival as LoginArrival, LastLoginMethod, LastLoginMethodOptions};
pub use magic_link::{MagicLink, MagicLinkOptions};
pub use multi_session::{MultiSession, MultiSessionOptions};
pub use oauth_popup::OAuthPopup;
pub use oauth_proxy::{OAuthProxy, OAuthProxyOptions};
pub use one_tap::{OneTap, OneTapOptions};
pub use one_time_token::{OneTimeToken, OneTimeTokenOptions};
pub use open_api::{OpenApi, OpenApiOptions};
#[cfg(feature = "passkey")]
pub use passkey::{Passkey, PasskeyOptions};
pub use phone_number::{PhoneNumber, PhoneNumberOptions};
#[cfg(feature = "siwe")]
pub use siwe::{Siwe, SiweOptions};
pub use two_factor::{TwoFactor, TwoFactorOptions};
pub use username::{Username, UsernameOptions};

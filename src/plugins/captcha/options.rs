//! What an operator can decide about captchas.

use std::future::Future;

use http::Uri;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{RouteRequest, host::HostFn, options::SecretText},
    engine::ApiError,
    wire::wildcard::path_matches,
};

/// The paths that are guarded unless the options name others, as in the reference.
pub const DEFAULT_ENDPOINTS: [&str; 3] = ["/sign-up/email", "/sign-in/email", "/request-password-reset"];

/// Who makes captchas, and says whether one was solved.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CaptchaProvider {
    /// Turnstile, of Cloudflare.
    CloudflareTurnstile,
    /// reCAPTCHA, of Google, of the second kind or the third.
    GoogleRecaptcha,
    /// hCaptcha.
    Hcaptcha,
    /// CaptchaFox.
    Captchafox,
    /// The application itself; see [`CaptchaOptions::checked_by`].
    #[serde(skip)]
    Own,
}

impl CaptchaProvider {
    /// Its name, as in the reference.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudflareTurnstile => "cloudflare-turnstile",
            Self::GoogleRecaptcha => "google-recaptcha",
            Self::Hcaptcha => "hcaptcha",
            Self::Captchafox => "captchafox",
            Self::Own => "own",
        }
    }

    fn site_verify_url(self) -> &'static str {
        match self {
            Self::CloudflareTurnstile => "https://challenges.cloudflare.com/turnstile/v0/siteverify",
            Self::GoogleRecaptcha => "https://www.google.com/recaptcha/api/siteverify",
            Self::Hcaptcha => "https://api.hcaptcha.com/siteverify",
            Self::Captchafox => "https://api.captchafox.com/siteverify",
            Self::Own => "",
        }
    }
}

/// The options of captchas. What takes code is set by the method, the rest can be read from a configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CaptchaOptions {
    /// Who makes the captchas.
    pub provider: CaptchaProvider,
    /// What proves to the provider that it is this application who asks.
    pub secret_key: Option<SecretText>,
    /// The guarded paths, in which `*` stands for any run of characters; by default [`DEFAULT_ENDPOINTS`].
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// Where the provider is asked, if not where it usually is.
    pub site_verify_url_override: Option<String>,
    /// hCaptcha and CaptchaFox: the site that captchas must have been made for.
    pub site_key: Option<String>,
    /// reCAPTCHA of the third kind: how sure Google must be that it was a person, from 0 to 1; by default 0.5.
    pub min_score: Option<f64>,
    /// Turnstile and reCAPTCHA: the action that captchas must have been made for.
    pub expected_action: Option<String>,
    /// Turnstile and reCAPTCHA: the hosts of pages on which captchas may be solved; all, if there is none.
    #[serde(default)]
    pub allowed_hostnames: Vec<String>,
    #[serde(skip)]
    pub(super) own: Option<HostFn<RouteRequest, bool>>,
}

impl CaptchaOptions {
    /// Captchas of `provider`, which knows this application by the secret key.
    #[must_use]
    pub fn new(provider: CaptchaProvider, secret_key: impl Into<SecretText>) -> Self {
        Self { secret_key: Some(secret_key.into()), ..Self::of(provider) }
    }

    /// No captchas: `check` says whether a request is a person's, of which it sees what can be seen before its query and its body are
    /// read. This is what the reference offers for Vercel's BotID.
    #[must_use]
    pub fn checked_by<F>(check: impl Fn(RouteRequest) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<bool, ApiError>> + Send + 'static,
    {
        Self { own: Some(HostFn::new(check)), ..Self::of(CaptchaProvider::Own) }
    }

    fn of(provider: CaptchaProvider) -> Self {
        Self {
            provider,
            secret_key: None,
            endpoints: Vec::new(),
            site_verify_url_override: None,
            site_key: None,
            min_score: None,
            expected_action: None,
            allowed_hostnames: Vec::new(),
            own: None,
        }
    }

    /// Whether requests to `path` need a captcha.
    pub(super) fn guards(&self, path: &str) -> bool {
        if self.endpoints.is_empty() {
            return DEFAULT_ENDPOINTS.contains(&path);
        }
        self.endpoints.iter().any(|rule| path_matches(rule, path))
    }

    /// Where the provider is asked.
    pub(super) fn site_verify_url(&self) -> &str {
        let own = self.site_verify_url_override.as_deref().filter(|url| !url.is_empty());
        own.unwrap_or(self.provider.site_verify_url())
    }

    /// What is wrong with the options. One that the provider says nothing about would guard against nothing.
    pub(super) fn check(&self) -> Result<(), String> {
        use CaptchaProvider::{Captchafox, CloudflareTurnstile, GoogleRecaptcha, Hcaptcha, Own};
        let name = self.provider.name();
        if (self.provider == Own) != self.own.is_some() {
            return Err("a check of the application's own is the provider, or there is none".to_owned());
        }
        if self.own.is_none() && self.secret_key.as_ref().is_none_or(|key| key.0.expose().is_empty()) {
            return Err("secret_key is missing".to_owned());
        }
        let has_host = |url: &str| url.parse::<Uri>().is_ok_and(|url| url.host().is_some());
        if self.own.is_none() && !has_host(self.site_verify_url()) {
            return Err(format!("site_verify_url_override is no address: {}", self.site_verify_url()));
        }
        let told = [
            ("site_key", self.site_key.is_some(), &[Hcaptcha, Captchafox][..]),
            ("min_score", self.min_score.is_some(), &[GoogleRecaptcha]),
            ("expected_action", self.expected_action.is_some(), &[CloudflareTurnstile, GoogleRecaptcha]),
            ("allowed_hostnames", !self.allowed_hostnames.is_empty(), &[CloudflareTurnstile, GoogleRecaptcha]),
        ];
        match told.into_iter().find(|(_, set, by)| *set && !by.contains(&self.provider)) {
            Some((option, ..)) => Err(format!("{option} is nothing that {name} tells of")),
            None => Ok(()),
        }
    }
}

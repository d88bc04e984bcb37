//! Captchas: requests to some paths bring the token of a captcha that was solved, in the header `x-captcha-response`. The service that
//! made the captcha is asked about it, once for each request, before anything else of the request is looked at.
//!
//! ```
//! use kernia::plugins::captcha::{Captcha, CaptchaOptions, CaptchaProvider};
//!
//! let mut options = CaptchaOptions::new(CaptchaProvider::CloudflareTurnstile, "the secret key");
//! options.expected_action = Some("sign-in".to_owned());
//! options.allowed_hostnames = vec!["app.example.com".to_owned()];
//! let plugin = Captcha::new(options);
//! ```

pub mod errors;

mod logic;
mod options;

use std::sync::Arc;

use serde_json::Value;

pub use options::{CaptchaOptions, CaptchaProvider, DEFAULT_ENDPOINTS};

use crate::{
    domain::{ArrivalHook, Hooks, Plugin, options::Options},
    engine::ApiError,
};

/// Captchas.
#[derive(Clone, Debug)]
pub struct Captcha {
    options: Arc<CaptchaOptions>,
}

impl Captcha {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: CaptchaOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for Captcha {
    fn id(&self) -> &'static str {
        "captcha"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn hooks(&self) -> Hooks {
        let options = Arc::clone(&self.options);
        let guard = ArrivalHook::new(move |cx, path| {
            let options = Arc::clone(&options);
            Box::pin(async move { if options.guards(path) { logic::verify(cx, &options).await } else { Ok(()) } })
        });
        Hooks { arrivals: vec![guard], ..Hooks::default() }
    }

    fn check(&self, _: &Options) -> Result<(), String> {
        self.options.check()
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}

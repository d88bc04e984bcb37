//! The generic OAuth plugin: providers that Kernia does not know, and that an operator describes. They join the others: the
//! routes are `/sign-in/social`, `/link-social` and `/callback/:id`.
//!
//! ```
//! use kernia::plugins::generic_oauth::{GenericOauth, GenericOauthConfig, GenericOauthOptions};
//!
//! let mut forge = GenericOauthConfig::new("forge", "the-client-id");
//! forge.client_secret = Some("the-client-secret".into());
//! forge.discovery_url = Some("https://forge.example/.well-known/openid-configuration".to_owned());
//! let plugin = GenericOauth::new(GenericOauthOptions::of([forge]));
//! ```

pub mod errors;

mod logic;
mod options;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use options::{Authentication, ClientAuthentication, GenericOauthConfig, GenericOauthOptions};

pub use crate::providers::Preset;
use crate::{
    domain::{Plugin, options::Options, provider::Provider},
    engine::ApiError,
};

/// Providers of an operator's own.
#[derive(Clone, Debug, Default)]
pub struct GenericOauth {
    options: GenericOauthOptions,
}

impl GenericOauth {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: GenericOauthOptions) -> Self {
        Self { options }
    }
}

impl Plugin for GenericOauth {
    fn id(&self) -> &'static str {
        "generic-oauth"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&self.options).unwrap_or_default()
    }

    fn check(&self, _: &Options) -> Result<(), String> {
        let mut seen: Vec<String> = Vec::new();
        for config in &self.options.config {
            let id = logic::provider(config)?.id;
            if seen.contains(&id) {
                return Err(format!("two providers are called {id}"));
            }
            seen.push(id);
        }
        Ok(())
    }

    fn providers(&self) -> Vec<Provider> {
        self.options.config.iter().filter_map(|config| logic::provider(config).ok()).collect()
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}

//! What an operator can decide about the document's page.

use serde::{Deserialize, Serialize};

/// The options of the open-api plugin.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OpenApiOptions {
    /// The path of the page, below the base path.
    pub path: String,
    /// Whether there is no page.
    pub disable_default_reference: bool,
    /// How the page looks.
    pub theme: Theme,
    /// The nonce of the page's script and style, where a proxy sets a policy of its own. The page's own policy names it too.
    pub nonce: Option<String>,
}

impl Default for OpenApiOptions {
    fn default() -> Self {
        Self { path: "/reference".to_owned(), disable_default_reference: false, theme: Theme::default(), nonce: None }
    }
}

/// How the page looks. The reference's page has themes of another project; each of them stands for `default` here.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(from = "String", rename_all = "lowercase")]
pub enum Theme {
    /// As the browser prefers.
    #[default]
    Default,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl From<String> for Theme {
    fn from(name: String) -> Self {
        match name.as_str() {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Default,
        }
    }
}

impl Theme {
    /// The value of the property `color-scheme`.
    pub(super) fn color_scheme(self) -> &'static str {
        match self {
            Self::Default => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl OpenApiOptions {
    pub(super) fn check(&self) -> Result<(), String> {
        if !self.path.starts_with('/') {
            return Err("path must begin with '/'".to_owned());
        }
        let safe = |nonce: &str| nonce.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte));
        if !self.nonce.as_deref().is_none_or(safe) {
            return Err("nonce must be base64".to_owned());
        }
        Ok(())
    }
}

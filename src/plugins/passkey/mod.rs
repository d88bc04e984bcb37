//! The passkey plugin (`@better-auth/passkey`): signing in with what a device keeps, by Web Authentication Level 3. It needs the cargo
//! feature `passkey`.
//!
//! ```
//! use kernia::plugins::{Passkey, PasskeyOptions};
//!
//! let mut options = PasskeyOptions::default();
//! options.rp_name = Some("Example".to_owned());
//! let plugin = Passkey::new(options);
//! ```

pub mod errors;
pub mod routes;

mod logic;
mod options;
mod schema;

use std::sync::Arc;

use serde_json::Value;

pub use logic::{Authenticated, Credential, Newcomer, PasskeyUser, Registered, Registration};
pub use options::{
    AdvancedOptions, Attachment, AuthenticationOptions, AuthenticatorSelection, Origins, PasskeyOptions,
    RegistrationOptions, Requirement,
};
pub use schema::{PASSKEY, PasskeyRecord};

use self::logic::Rules;
use crate::{
    domain::{Plugin, Route, WayIn},
    engine::ApiError,
    schema::Table,
};

/// Passkeys.
#[derive(Clone, Debug, Default)]
pub struct Passkey {
    rules: Arc<Rules>,
}

impl Passkey {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: PasskeyOptions) -> Self {
        Self { rules: Arc::new(Rules { options }) }
    }
}

impl Plugin for Passkey {
    fn id(&self) -> &'static str {
        "passkey"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&self.rules.options).unwrap_or_default()
    }

    fn tables(&self) -> Vec<Table> {
        schema::tables()
    }

    fn routes(&self) -> Vec<Route> {
        routes::all(&self.rules)
    }

    fn ways_in(&self) -> Vec<WayIn> {
        vec![WayIn::Rows { table: PASSKEY, user_id: "userId".into() }]
    }

    fn errors(&self) -> &'static [ApiError] {
        errors::ALL
    }
}

/// Models of authenticators by what they call themselves, as the reference knows them. Whoever keeps the model secret, as most do
/// that are asked for no statement, is not among them.
const AUTHENTICATORS: &[(&str, &str)] = &[
    ("08987058-cadc-4b81-b6e1-30de50dcbe96", "Windows Hello"),
    ("0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6", "Keeper"),
    ("50726f74-6f6e-5061-7373-50726f746f6e", "Proton Pass"),
    ("531126d6-e717-415c-9320-3d9aa6981239", "Dashlane"),
    ("53414d53-554e-4700-0000-000000000000", "Samsung Pass"),
    ("6028b017-b1d4-4c02-b4b3-afcdafc96bb2", "Windows Hello"),
    ("9ddd1817-af5a-4672-a2b9-3e3dd95000a9", "Windows Hello"),
    ("b78a0a55-6ef8-d246-a042-ba0f6d55050c", "LastPass"),
    ("b84e4048-15dc-4dd0-8640-f4f60813c8af", "NordPass"),
    ("bada5566-a7aa-401f-bd96-45619a55120d", "1Password"),
    ("d548826e-79b4-db40-a3d8-11116f7e8349", "Bitwarden"),
    ("dd4ec289-e01d-41c9-bb89-70fa845d4bf2", "iCloud Keychain (Managed)"),
    ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "Google Password Manager"),
    ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "Apple Passwords"),
];

/// What people call the model of authenticator with this `aaguid`, if it is one of the usual; to show a passkey that has no name.
#[must_use]
pub fn authenticator_name(aaguid: &str) -> Option<&'static str> {
    let wanted = aaguid.trim();
    AUTHENTICATORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(wanted)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_authenticators_have_names() {
        assert_eq!(authenticator_name(" BADA5566-a7aa-401f-bd96-45619a55120d "), Some("1Password"));
        assert_eq!(authenticator_name("00000000-0000-0000-0000-000000000000"), None);
        assert!(AUTHENTICATORS.is_sorted());
    }
}

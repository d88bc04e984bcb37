//! The endpoints of the passkey plugin, one file each.

pub mod delete;
pub mod generate_authenticate_options;
pub mod generate_register_options;
pub mod list;
pub mod update;
pub mod verify_authentication;
pub mod verify_registration;

mod ceremony;
mod record;

use std::sync::Arc;

use super::{PasskeyRecord, logic::Rules};
use crate::domain::{Route, api::typed_calls, done::Done};

typed_calls! {
    /// `POST /passkey/delete-passkey`.
    delete_passkey: delete::DeletePasskey, body => Done;
    /// `GET /passkey/generate-authenticate-options`.
    generate_passkey_authentication_options: generate_authenticate_options::GenerateAuthenticateOptions =>
        generate_authenticate_options::Output;
    /// `GET /passkey/generate-register-options`.
    generate_passkey_registration_options: generate_register_options::GenerateRegisterOptions, query =>
        generate_register_options::Output;
    /// `GET /passkey/list-user-passkeys`.
    list_passkeys: list::ListPasskeys => Vec<PasskeyRecord>;
    /// `POST /passkey/update-passkey`.
    update_passkey: update::UpdatePasskey, body => update::Output;
    /// `POST /passkey/verify-authentication`.
    verify_passkey_authentication: verify_authentication::VerifyAuthentication, body => verify_authentication::Output;
    /// `POST /passkey/verify-registration`.
    verify_passkey_registration: verify_registration::VerifyRegistration, body => verify_registration::Output;
}

pub(super) fn all(rules: &Arc<Rules>) -> Vec<Route> {
    let rules = || Arc::clone(rules);
    vec![
        Route::new(generate_register_options::GenerateRegisterOptions { rules: rules() }),
        Route::new(generate_authenticate_options::GenerateAuthenticateOptions { rules: rules() }),
        Route::new(verify_registration::VerifyRegistration { rules: rules() }),
        Route::new(verify_authentication::VerifyAuthentication { rules: rules() }),
        Route::new(list::ListPasskeys),
        Route::new(delete::DeletePasskey),
        Route::new(update::UpdatePasskey),
    ]
}

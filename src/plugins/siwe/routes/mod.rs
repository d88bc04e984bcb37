//! The endpoints of sign-in with wallets, one file each.

pub mod get_nonce;
pub mod nonce;
pub mod verify;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    errors,
    logic::is_nonce,
    options::{NonceGenerator, SiweOptions},
};
use crate::{
    domain::{Cx, Route, api::typed_calls, commit, verification},
    engine::Exit,
    schema::VERIFICATION,
    store::Batch,
    wire::{
        id::{Alphabet, random_string},
        shape::input,
    },
};

/// How long a nonce is good, in seconds.
const LIFETIME_SECS: i64 = 900;
const LENGTH: usize = 32;

typed_calls! {
    /// `POST /siwe/get-nonce`.
    get_siwe_nonce_of_old: get_nonce::GetNonce => Nonce;
    /// `POST /siwe/nonce`.
    get_siwe_nonce: nonce::GetSiweNonce => Nonce;
    /// `POST /siwe/verify`.
    verify_siwe_message: verify::VerifySiweMessage, body => verify::Output;
}

pub(super) fn all(options: &Arc<SiweOptions>) -> Vec<Route> {
    vec![
        Route::new(get_nonce::GetNonce { options: Arc::clone(options) }),
        Route::new(nonce::GetSiweNonce { options: Arc::clone(options) }),
        Route::new(verify::VerifySiweMessage { options: Arc::clone(options) }),
    ]
}

input! {
    /// Nothing.
    pub struct Nothing (strict) {}
}

/// What the message must carry.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Nonce {
    /// The nonce.
    pub nonce: String,
}

/// Makes a nonce and remembers it.
async fn issue(cx: &mut Cx, options: &SiweOptions) -> Result<Nonce, Exit> {
    let nonce = match &options.nonce {
        Some(NonceGenerator(generate)) => cx.run(generate()).await?,
        None => random_string(cx.entropy(), Alphabet::A62, LENGTH),
    };
    if !is_nonce(&nonce) {
        return Err(errors::refuse(&errors::SIWE_INVALID_NONCE));
    }
    let row = verification::new(cx, &identifier(&nonce), &nonce, LIFETIME_SECS);
    commit::commit(cx, Batch::new().insert(VERIFICATION, row)).await?;
    Ok(Nonce { nonce })
}

fn identifier(nonce: &str) -> String {
    format!("siwe:{nonce}")
}

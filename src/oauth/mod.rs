//! The client side of OAuth 2.0 and OpenID Connect: what is asked of a provider, what it answers, and whom that signs in.
//!
//! ```text
//! depart ─► browser ─► provider ─► browser ─► exchange ─► complete: admit, or link
//! ```
//!
//! Everything works on a [`Provider`], which is data: a row of `providers`, or one that a plugin or the application has made.

mod access;
mod admit;
mod authorization;
mod callback;
mod complete;
mod departure;
mod discovery;
mod id_token;
mod link;
mod logout;
mod profile;
mod proof;
mod quirks;
mod token_endpoint;
mod tokens;

pub use access::{AccessTokens, Renewed, refresh, valid_access_token};
pub use admit::{Admission, Arrival, EMAIL_NOT_VERIFIED, admit};
pub use authorization::{AuthorizationRequest, authorization_url, code_challenge};
pub use callback::{CallbackParameters, Exchanged, exchange};
pub use complete::{Completion, Refusal, complete, destination};
pub use departure::{Away, INVALID_OAUTH_CONFIGURATION, Wishes, depart};
pub use id_token::{accepts_id_tokens, verify_id_token};
pub use link::{Linking, Obstacle, link};
pub use logout::end_session_url;
pub use profile::{Identity, account_identity, given_identity, identity};

pub use crate::domain::provider::Tokens;

use std::sync::Arc;

use crate::{
    domain::{Cx, errors, provider::Provider},
    engine::ApiError,
};

/// The provider called `id`, with what its document says.
///
/// # Errors
/// `PROVIDER_NOT_FOUND` when there is none or its document is of no use, `PROVIDER_NOT_CONFIGURED` when it lacks credentials.
pub async fn configured(cx: &mut Cx, id: &str) -> Result<Arc<Provider>, ApiError> {
    let provider = Arc::clone(cx.app().provider(id).ok_or(errors::PROVIDER_NOT_FOUND)?);
    match provider.missing {
        None => discovery::complete(cx, &provider).await.ok_or(errors::PROVIDER_NOT_FOUND),
        Some(option) => {
            let message = format!("Provider {id} is not configured: {option} is missing.");
            Err(errors::PROVIDER_NOT_CONFIGURED.message(message))
        }
    }
}

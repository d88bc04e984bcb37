//! The links that prove an email address: signed tokens that no table holds.

use serde::{Deserialize, Serialize};

use super::{Cx, Installation, mail, user};
use crate::{
    engine::Message,
    store::Row,
    wire::{
        email::is_email,
        jwt::{JwtError, sign_hs256, verify_hs256, with_times},
        percent::encode_uri_component,
    },
};

/// What a link says. The names are those of the reference's token.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The address that is proven, or that is being replaced.
    pub email: String,
    /// The address that replaces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_to: Option<String>,
    /// Which step of a change this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_type: Option<String>,
    /// Whose address it is. Binds the link to one user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// The owner of the old address agrees to a change.
pub const CHANGE_CONFIRMATION: &str = "change-email-confirmation";
/// The owner of the new address proves it.
pub const CHANGE_VERIFICATION: &str = "change-email-verification";

impl Claim {
    /// That `email` belongs to `user_id`.
    #[must_use]
    pub fn ownership(email: &str, user_id: &str) -> Self {
        Self { email: user::normalize_email(email), user_id: Some(user_id.to_owned()), ..Self::default() }
    }

    /// That `user_id` changes its address from `email` to `update_to`.
    #[must_use]
    pub fn change(email: &str, update_to: &str, request_type: &str, user_id: &str) -> Self {
        Self {
            update_to: Some(user::normalize_email(update_to)),
            request_type: Some(request_type.to_owned()),
            ..Self::ownership(email, user_id)
        }
    }
}

/// A token that says `claim`, good for the configured time.
#[must_use]
pub fn token(cx: &Cx, claim: &Claim) -> String {
    let claims = serde_json::to_string(claim).unwrap_or_default();
    let lifetime = cx.app().options.email_verification.expires_in;
    sign_hs256(&cx.app().signer, &with_times(&claims, cx.now(), lifetime))
}

/// Reads a token.
///
/// # Errors
/// [`JwtError::Expired`] for one that was good once, [`JwtError::Invalid`] for all else.
pub fn read(cx: &Cx, token: &str) -> Result<Claim, JwtError> {
    let claim: Claim = verify_hs256(token, &cx.app().signer, cx.now(), 0)?.read()?;
    // Other tokens of the same key name no address.
    if is_email(&claim.email) { Ok(claim) } else { Err(JwtError::Invalid) }
}

/// The link that carries `token` and leads on to `callback_url`.
#[must_use]
pub fn url(cx: &Cx, token: &str, callback_url: Option<&str>) -> String {
    let callback = callback_url.filter(|url| !url.is_empty()).unwrap_or("/");
    format!("{}/verify-email?token={token}&callbackURL={}", cx.local.base_url, encode_uri_component(callback))
}

/// Whether anything is sent by which the owner of an address proves it.
#[must_use]
pub fn is_sent(app: &Installation) -> bool {
    app.options.email_verification.send_verification_email || app.verification_sender.is_some()
}

/// Sends the message of `kind` whose link says `claim`, or what a plugin sends in the place of a link that proves an address.
pub async fn send_claim(cx: &mut Cx, kind: &'static str, to: &str, claim: &Claim, callback_url: Option<&str>) {
    if kind == mail::VERIFY_EMAIL && send_instead(cx, to).await {
        return;
    }
    let token = token(cx, claim);
    let mut message = Message::new(kind, to);
    message.url = Some(url(cx, &token, callback_url));
    message.token = Some(token);
    message.new_email.clone_from(&claim.update_to);
    mail::send(cx, message).await;
}

/// Asks `user` to prove their address, if such messages are sent at all.
pub async fn send(cx: &mut Cx, user: &Row, callback_url: Option<&str>) {
    if is_sent(cx.app()) {
        let claim = Claim::ownership(user.text("email"), user.id());
        send_claim(cx, mail::VERIFY_EMAIL, user.text("email"), &claim, callback_url).await;
    }
}

/// Does as much as sending to `email` takes, which is not to be written to.
pub async fn pretend(cx: &mut Cx, email: &str, user_id: &str) {
    if !send_instead(cx, email).await {
        let token = token(cx, &Claim::ownership(email, user_id));
        drop(url(cx, &token, None));
        mail::pretend(cx, mail::VERIFY_EMAIL, email).await;
    }
}

/// Lets a plugin send something else than a link, if one does. A failure is logged: the answer must not tell whether there was
/// anybody to write to.
async fn send_instead(cx: &mut Cx, email: &str) -> bool {
    let Some(sender) = cx.app().verification_sender.clone() else { return false };
    if let Err(exit) = sender.run(cx, email).await {
        tracing::error!(error = ?exit, "nothing was sent to prove an address");
    }
    true
}

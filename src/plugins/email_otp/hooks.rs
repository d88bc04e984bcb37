//! Codes where links would be sent, and after signing up.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{
    logic,
    options::{EmailOtpOptions, Purpose},
};
use crate::{
    domain::{Cx, Hooks, VerificationSender, user},
    engine::{AfterHook, Answer, Body, Exit, PathMatch},
};

/// Sends a code to whoever signs up.
pub(super) fn all(options: &Arc<EmailOtpOptions>) -> Hooks {
    // Who is sent a code in the place of the link gets no second one.
    if !options.send_verification_on_sign_up || options.override_default_email_verification {
        return Hooks::default();
    }
    let options = Arc::clone(options);
    let hook = AfterHook::new(PathMatch::Prefix("/sign-up"), move |cx, answer| {
        let options = Arc::clone(&options);
        Box::pin(async move { after_sign_up(cx, answer, &options).await })
    });
    Hooks { after: vec![hook], ..Hooks::default() }
}

async fn after_sign_up(cx: &mut Cx, answer: &Answer, options: &EmailOtpOptions) -> Result<(), Exit> {
    let Body::Json(text) = &answer.body else { return Ok(()) };
    let told: Json = serde_json::from_slice(text).unwrap_or_default();
    match told["user"]["email"].as_str().filter(|_| answer.status.is_success()) {
        // The address may be that of somebody who has signed up before: it is they who read it.
        Some(email) => logic::offer(cx, options, email, Purpose::EmailVerification, Some(email)).await,
        None => Ok(()),
    }
}

/// What sends a code wherever a link would be sent that proves an address.
pub(super) fn sender(options: &Arc<EmailOtpOptions>) -> Option<VerificationSender> {
    let options = options.override_default_email_verification.then(|| Arc::clone(options))?;
    Some(VerificationSender::new(move |cx, email| {
        let options = Arc::clone(&options);
        Box::pin(async move {
            let email = user::normalize_email(email);
            let known = user::find_by_email(cx, &email).await?;
            let to = known.filter(|user| !user.flag("emailVerified")).map(|user| user.text("email").to_owned());
            logic::offer(cx, &options, &email, Purpose::EmailVerification, to.as_deref()).await
        })
    }))
}

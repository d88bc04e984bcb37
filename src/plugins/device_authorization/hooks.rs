//! Where the device flow answers in OAuth's words what the gate has found.

use http::StatusCode;
use serde_json::Value;

use crate::{
    domain::{Hooks, errors, oauth_error::OAuthError},
    engine::{AfterHook, Answer, Body, PathMatch},
};

pub(super) fn all() -> Hooks {
    let translate = AfterHook::new(PathMatch::One("/device/code"), |_, answer| {
        Box::pin(async move {
            in_oauths_words(answer);
            Ok(())
        })
    });
    Hooks { after: vec![translate], ..Hooks::default() }
}

/// A body of the wrong shape is an `invalid_request` (RFC 8628 section 3.2).
fn in_oauths_words(answer: &mut Answer) {
    let Body::Json(text) = &answer.body else { return };
    let Ok(told) = serde_json::from_slice::<Value>(text) else { return };
    if answer.status == StatusCode::BAD_REQUEST && told["code"].as_str() == errors::VALIDATION_ERROR.code {
        let message = told["message"].as_str().unwrap_or_default().to_owned();
        *answer = OAuthError::new(StatusCode::BAD_REQUEST, "invalid_request", message).into_answer();
    }
}

//! Where anonymous users become somebody.

use std::sync::Arc;

use super::{logic, options::AnonymousOptions};
use crate::{
    domain::Hooks,
    engine::{AfterHook, BeforeHook, PathMatch},
};

/// How the paths of routes begin that sign in.
const SIGN_IN: &[&str] = &[
    "/sign-in",
    "/sign-up",
    "/callback",
    "/magic-link/verify",
    "/email-otp/verify-email",
    "/one-tap/callback",
    "/passkey/verify-authentication",
    "/phone-number/verify",
    "/verify-email",
];

pub(super) fn all(options: &Arc<AnonymousOptions>) -> Hooks {
    let options = Arc::clone(options);
    Hooks {
        before: vec![BeforeHook::new(PathMatch::One("/sign-in/social"), |cx| {
            Box::pin(async move { logic::remember(cx).await })
        })],
        after: vec![AfterHook::new(PathMatch::Any, move |cx, _| {
            let options = Arc::clone(&options);
            Box::pin(async move {
                if SIGN_IN.iter().any(|path| cx.request.template.starts_with(path)) {
                    logic::link(cx, &options).await?;
                }
                Ok(())
            })
        })],
        ..Hooks::default()
    }
}

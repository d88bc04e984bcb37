//! The bearer plugin: the session's token in `Authorization: Bearer`, for clients without cookies.
//!
//! Tokens come back in the response header `set-auth-token`, which pages of other origins may read.

use http::{HeaderName, header};
use serde::{Deserialize, Serialize};

use crate::{
    crypto::hmac::Signer,
    domain::{Cx, Hooks, Plugin, cookies},
    engine::{AfterHook, BeforeHook, PathMatch},
    wire::{cookie::verify_cookie_value, percent::percent_decode_or_raw},
};

const SET_AUTH_TOKEN: HeaderName = HeaderName::from_static("set-auth-token");
const SCHEME: &str = "bearer ";

/// Sessions by `Authorization: Bearer`.
#[derive(Clone, Debug, Default)]
pub struct Bearer {
    options: BearerOptions,
}

/// What an operator can decide about bearer tokens.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BearerOptions {
    /// Whether a token counts only with its signature, as `set-auth-token` gives it. Without this, the bare `token` of a
    /// sign-in's answer does too.
    pub require_signature: bool,
}

impl Bearer {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: BearerOptions) -> Self {
        Self { options }
    }
}

impl Plugin for Bearer {
    fn id(&self) -> &'static str {
        "bearer"
    }

    fn options(&self) -> serde_json::Value {
        serde_json::to_value(&self.options).unwrap_or_default()
    }

    fn hooks(&self) -> Hooks {
        let require_signature = self.options.require_signature;
        Hooks {
            before: vec![BeforeHook::new(PathMatch::Any, move |cx| {
                Box::pin(async move {
                    accept_token(cx, require_signature);
                    Ok(())
                })
            })],
            after: vec![AfterHook::new(PathMatch::Any, |cx, _| {
                Box::pin(async move {
                    answer_token(cx);
                    Ok(())
                })
            })],
            ..Hooks::default()
        }
    }
}

/// Turns the request's token into its session cookie. A token that is not acceptable changes nothing.
fn accept_token(cx: &mut Cx, require_signature: bool) {
    let app = cx.app_arc();
    let authorization = cx.request.header(header::AUTHORIZATION);
    if let Some(token) = authorization.and_then(|text| read_token(text, &app.signer, require_signature)) {
        cookies::present_signed(cx, &app.cookies.session_token, &token);
    }
}

/// The session's token in an `Authorization` header. A token with a dot is signed, as the cookie is.
fn read_token(authorization: &str, signer: &Signer, require_signature: bool) -> Option<String> {
    let (scheme, given) = authorization.split_at_checked(SCHEME.len())?;
    let given = given.trim();
    if !scheme.eq_ignore_ascii_case(SCHEME) || given.is_empty() {
        return None;
    }
    if given.contains('.') {
        return verify_cookie_value(signer, &percent_decode_or_raw(given)).map(str::to_owned);
    }
    (!require_signature).then(|| given.to_owned())
}

/// Repeats the session cookie that the answer sets as a header.
fn answer_token(cx: &mut Cx) {
    let app = cx.app_arc();
    let name = &app.cookies.session_token.name;
    let Some(cookie) = cx.reply.cookies().iter().rfind(|cookie| cookie.name == *name) else { return };
    if cookie.value().is_empty() || cookie.attributes.max_age == Some(0) {
        return;
    }
    let token = cookie.decoded_value().into_owned();
    cx.reply.set_header(SET_AUTH_TOKEN, &token);
    cx.reply.expose_header(SET_AUTH_TOKEN.as_str());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{cookie::sign_cookie_value, percent::percent_decode};

    fn signer() -> Signer {
        Signer::new(b"a secret for tests of bearer tokens")
    }

    fn signed(token: &str) -> String {
        percent_decode(&sign_cookie_value(&signer(), token)).unwrap().into_owned()
    }

    fn read(authorization: &str, require_signature: bool) -> Option<String> {
        read_token(authorization, &signer(), require_signature)
    }

    #[test]
    fn a_signed_token_is_read_encoded_or_not() {
        let encoded = sign_cookie_value(&signer(), "abc");
        for given in [signed("abc"), encoded] {
            for require_signature in [false, true] {
                assert_eq!(read(&format!("Bearer {given}"), require_signature).as_deref(), Some("abc"));
            }
        }
    }

    #[test]
    fn a_bare_token_counts_unless_signatures_are_required() {
        assert_eq!(read("bearer  abc ", false).as_deref(), Some("abc"));
        assert_eq!(read("BEARER abc", true), None);
    }

    #[test]
    fn other_schemes_and_wrong_signatures_do_not_count() {
        let good = signed("abc");
        let wrong = [
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            format!("Basic {good}"),
            good.clone(),
            format!("Bearer abd{}", &good[3..]),
            format!("Bearer {good}.x"),
            "Bearer abc.".to_owned(),
            "Bearér abc".to_owned(),
        ];
        for authorization in wrong {
            assert_eq!(read(&authorization, false), None, "{authorization}");
        }
    }

    proptest! {
        #[test]
        fn only_this_servers_signature_is_accepted(token in "[a-zA-Z0-9]{1,40}", tag in "[a-zA-Z0-9+/=.]{0,44}") {
            let authorization = format!("Bearer {token}.{tag}");
            prop_assume!(format!("{token}.{tag}") != signed(&token));
            prop_assert_eq!(read(&authorization, false), None);
        }
    }
}

//! Where a sign-in waits for its second factor: before there is a session.

use std::sync::Arc;

use serde::Serialize;

use super::{
    logic,
    options::{Challenge, TwoFactorOptions},
    routes::attempts_identifier,
    schema::ENABLED,
};
use crate::{
    domain::{Cx, Hooks, SignIn, SignInHook, account, verification},
    engine::{Answer, Exit},
    schema::{USER, VERIFICATION},
    store::{Expect, Filter, Value},
    wire::{
        cookie::SetCookie,
        id::{Alphabet, random_string},
        redirect::append_query_params,
    },
};

/// The ways in by a password.
const BY_PASSWORD: &[&str] = &["/sign-in/email", "/sign-in/phone-number", "/sign-in/username"];
/// A link that proves an address and may sign in on the way. Beyond the reference, it is no way around a second factor.
const BY_VERIFICATION: &str = "/verify-email";

/// What a client is told whose user has to give a second factor.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Held {
    two_factor_redirect: bool,
    two_factor_methods: Vec<&'static str>,
}

pub(super) fn all(options: &Arc<TwoFactorOptions>) -> Hooks {
    let options = Arc::clone(options);
    let hook = SignInHook::new(move |cx, sign_in| {
        let options = Arc::clone(&options);
        Box::pin(async move { judge(cx, sign_in, &options).await })
    });
    Hooks { sign_ins: vec![hook], ..Hooks::default() }
}

fn asks(cx: &Cx, options: &TwoFactorOptions) -> bool {
    let way = cx.request.template;
    match options.challenge {
        Challenge::Password => BY_PASSWORD.contains(&way) || way == BY_VERIFICATION,
        // A passkey that was used without a PIN or a fingerprint is one factor.
        Challenge::Every => !cx.local.two_factors,
    }
}

async fn judge(cx: &mut Cx, sign_in: &mut SignIn, options: &TwoFactorOptions) -> Result<(), Exit> {
    if !asks(cx, options) {
        return Ok(());
    }
    let also = std::mem::take(&mut sign_in.also);
    if !sign_in.user.flag(&ENABLED) {
        // Whoever turns it on meanwhile finds no session that began without.
        let off = Filter::Or(vec![Filter::eq(ENABLED, false), Filter::eq(ENABLED, Value::Null)]);
        sign_in.also = also.check(USER, Filter::eq("id", sign_in.user.id()).and(off), Expect::Rows(1));
        return Ok(());
    }
    let user_id = sign_in.user.id().to_owned();
    if let Some(record) = options.find_trusted(cx, &user_id).await? {
        let (batch, cookie) = options.trust(cx, verification::spend(also, &record, cx), &user_id);
        sign_in.also = batch;
        sign_in.cookies.push(cookie);
        return Ok(());
    }
    options.expire_trust(cx);
    let row = logic::find(cx, &user_id).await?;
    let identifier = format!("2fa-{}", random_string(cx.entropy(), Alphabet::A64, 20));
    let lifetime = options.two_factor_cookie_max_age;
    let attempts = verification::new(cx, &attempts_identifier(&identifier), "0", lifetime);
    let mut challenge = verification::new(cx, &identifier, &user_id, lifetime);
    // Of the same date as the password: one that is being changed now is not of this sign-in, whenever its change is stored.
    let credential = account::find_credential(cx, &user_id).await?;
    if let Some(password_at) = credential.and_then(|credential| credential.date("updatedAt")) {
        challenge.set("createdAt", password_at);
    }
    sign_in.also = also.insert(VERIFICATION, challenge).insert(VERIFICATION, attempts);
    let spec = options.challenge_cookie(cx);
    sign_in.cookies.push(SetCookie::signed(&spec.name, &identifier, &cx.app().signer, spec.attributes));
    sign_in.instead = Some(held(cx, options, options.methods(row.as_ref()))?);
    Ok(())
}

/// The answer to a sign-in that waits: a browser that follows a link is sent to the page where a second factor is given.
fn held(cx: &Cx, options: &TwoFactorOptions, methods: Vec<&'static str>) -> Result<Exit, Exit> {
    let follows_link = cx.request.template.starts_with("/callback/") || cx.request.query.get("callbackURL").is_some();
    if cx.request.method == http::Method::GET && follows_link {
        let page = &options.two_factor_page;
        let page = append_query_params(page, &[("methods", &methods.join(","))]).unwrap_or_else(|| page.clone());
        return Ok(Exit::Redirect(page));
    }
    let held = Held { two_factor_redirect: true, two_factor_methods: methods };
    Ok(Exit::Answer(Answer::json(&held)?))
}

//! A number is set by proving it, and in no other way.

use serde_json::Value as Json;

use super::{
    errors,
    schema::{PHONE_NUMBER, PHONE_NUMBER_VERIFIED},
};
use crate::{
    domain::{Cx, Draft, Hooks, WriteHook, WriteKind},
    engine::{ApiError, BeforeHook, Exit, PathMatch},
    schema::{USER, Value},
    wire::json::truthy,
};

const UPDATE: &str = "/update-user";
const SIGN_UP: &str = "/sign-up/email";
/// The server's own code may set the number of anybody.
const ADMIN_UPDATE: &str = "/admin/update-user";
/// Routes that make users of what clients say.
const FROM_CLIENTS: [&str; 3] = [SIGN_UP, "/sign-in/email-otp", "/phone-number/verify"];

pub(super) fn all() -> Hooks {
    Hooks {
        before: vec![
            BeforeHook::new(PathMatch::One(UPDATE), |cx| Box::pin(async move { before_update(cx) })),
            // Before anybody is looked up: what a stranger learns must not depend on whether the address is known.
            BeforeHook::new(PathMatch::One(SIGN_UP), |cx| Box::pin(async move { before_sign_up(cx) })),
        ],
        writes: vec![
            WriteHook::new(USER, WriteKind::Create, |cx, draft| Box::pin(async move { Ok(insert(cx, draft)?) })),
            WriteHook::new(USER, WriteKind::Update, |cx, draft| {
                Box::pin(async move {
                    change(cx, draft);
                    Ok(())
                })
            }),
        ],
        ..Hooks::default()
    }
}

fn named(cx: &Cx) -> Option<&Json> {
    cx.request.body.as_ref()?.get(PHONE_NUMBER.as_str())
}

fn before_update(cx: &Cx) -> Result<(), Exit> {
    let removes = named(cx).is_none_or(Json::is_null);
    cx.ensure(removes, errors::PHONE_NUMBER_CANNOT_BE_UPDATED)
}

fn before_sign_up(cx: &Cx) -> Result<(), Exit> {
    let free = !named(cx).is_some_and(truthy);
    cx.ensure(free, errors::PHONE_NUMBER_CANNOT_BE_SET)
}

/// A new user has a proven number or none. What a client says is refused, what others say is passed over.
fn insert(cx: &Cx, draft: &mut Draft) -> Result<(), ApiError> {
    if is_absent(draft) || draft.row.flag(&PHONE_NUMBER_VERIFIED) || !is_request(cx) {
        return Ok(());
    }
    if FROM_CLIENTS.contains(&cx.request.template) && !draft.row.text(&PHONE_NUMBER).is_empty() {
        return Err(errors::PHONE_NUMBER_CANNOT_BE_SET);
    }
    draft.row.set(PHONE_NUMBER, Value::Null);
    draft.row.set(PHONE_NUMBER_VERIFIED, false);
    Ok(())
}

/// A number that goes takes its proof along, and one that comes brings it.
fn change(cx: &Cx, draft: &mut Draft) {
    if draft.row.find(&PHONE_NUMBER).is_some() && is_absent(draft) {
        draft.row.set(PHONE_NUMBER_VERIFIED, false);
    } else if !is_absent(draft)
        && !draft.row.flag(&PHONE_NUMBER_VERIFIED)
        && is_request(cx)
        && cx.request.template != ADMIN_UPDATE
    {
        draft.row.remove(&PHONE_NUMBER);
    }
}

fn is_absent(draft: &Draft) -> bool {
    draft.row.get(&PHONE_NUMBER).is_null()
}

/// Whether a route is at work, and not the server's own import of users.
fn is_request(cx: &Cx) -> bool {
    !cx.request.template.is_empty()
}

//! Where usernames take part in sign-up and in changes of a user.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{
    errors,
    logic::Rules,
    routes::find_user,
    schema::{DISPLAY_USERNAME, USERNAME},
};
use crate::{
    domain::{
        Cx, Draft, Guard, Hooks, WriteHook, WriteKind,
        session::{self, Source},
    },
    engine::{ApiError, BeforeHook, Exit, PathMatch},
    schema::{USER, Value},
    store::Filter,
    wire::json::truthy,
};

const SIGN_UP: &str = "/sign-up/email";
const UPDATE: &str = "/update-user";

pub(super) fn all(rules: &Arc<Rules>) -> Hooks {
    let (on_sign_up, on_update) = (Arc::clone(rules), Arc::clone(rules));
    let (on_insert, on_change) = (Arc::clone(rules), Arc::clone(rules));
    Hooks {
        before: vec![
            BeforeHook::new(PathMatch::OneOf(&[SIGN_UP]), move |cx| {
                let rules = Arc::clone(&on_sign_up);
                Box::pin(async move { before_sign_up(cx, &rules).await })
            }),
            BeforeHook::new(PathMatch::OneOf(&[UPDATE]), move |cx| {
                let rules = Arc::clone(&on_update);
                Box::pin(async move { before_update(cx, &rules).await })
            }),
        ],
        writes: vec![
            WriteHook::new(USER, WriteKind::Create, move |cx, draft| {
                let rules = Arc::clone(&on_insert);
                Box::pin(async move { Ok(insert(cx, draft, &rules)?) })
            }),
            WriteHook::new(USER, WriteKind::Update, move |cx, draft| {
                let rules = Arc::clone(&on_change);
                Box::pin(async move { Ok(change(cx, draft, &rules)?) })
            }),
        ],
        ..Hooks::default()
    }
}

/// Judges the names that a new user brings, and brings them into the form in which they are stored: an answer that only looks
/// like that of a new user must not differ from one.
async fn before_sign_up(cx: &mut Cx, rules: &Rules) -> Result<(), Exit> {
    if !names(cx, &USERNAME) {
        // A shown name that can be the name becomes it.
        if let Some(shown) = text(cx, &DISPLAY_USERNAME).filter(|shown| rules.check(shown).is_ok()) {
            set(cx, &USERNAME, shown);
        }
    }
    let username = text(cx, &USERNAME);
    if let Some(username) = &username {
        rules.check(username)?;
        if find_user(cx, &rules.normalize(username)).await?.is_some() {
            return Err(errors::USERNAME_IS_ALREADY_TAKEN.into());
        }
    }
    check_display(cx, rules)?;
    if let Some(username) = username.filter(|_| rules.has_display() && !names_something(cx, &DISPLAY_USERNAME)) {
        set(cx, &DISPLAY_USERNAME, username);
    }
    normalize(cx, rules);
    Ok(())
}

/// Judges the names that a user chooses. Beyond the reference, an immutable name cannot be removed either: it could be chosen
/// anew then.
async fn before_update(cx: &mut Cx, rules: &Rules) -> Result<(), Exit> {
    if names(cx, &USERNAME) {
        let username = text(cx, &USERNAME);
        username.as_deref().map_or(Ok(()), |username| rules.check(username))?;
        let username = username.map(|username| rules.normalize(&username)).unwrap_or_default();
        let user = session::current(cx, Source::Any).await?.map(|session| session.user).unwrap_or_default();
        let present = user.text(&USERNAME);
        cx.ensure(!rules.is_immutable() || present.is_empty() || present == username, errors::USERNAME_IS_IMMUTABLE)?;
        if !username.is_empty() {
            let holder = find_user(cx, &username).await?;
            let free = holder.is_none_or(|holder| holder.id() == user.id());
            cx.ensure(free, errors::USERNAME_IS_ALREADY_TAKEN)?;
        }
    }
    check_display(cx, rules)?;
    normalize(cx, rules);
    Ok(())
}

/// Completes the names of a new user. That no two share one is for the table to say.
fn insert(cx: &Cx, draft: &mut Draft, rules: &Rules) -> Result<(), ApiError> {
    let username = draft.row.text(&USERNAME).to_owned();
    check_unjudged(cx, draft, rules)?;
    if !username.is_empty() {
        draft.row.set(USERNAME, rules.normalize(&username));
    }
    let shown = draft.row.text(&DISPLAY_USERNAME);
    if rules.has_display() && !shown.is_empty() {
        draft.row.set(DISPLAY_USERNAME, rules.normalize_display(shown));
    } else if rules.has_display() && !username.is_empty() {
        draft.row.set(DISPLAY_USERNAME, username);
    }
    Ok(())
}

/// Completes the names that a change sets.
fn change(cx: &Cx, draft: &mut Draft, rules: &Rules) -> Result<(), ApiError> {
    check_unjudged(cx, draft, rules)?;
    if draft.row.find(&USERNAME).is_some() {
        let username = rules.normalize(draft.row.text(&USERNAME));
        if rules.is_immutable() && cx.request.path == UPDATE {
            draft.guard = Some(Guard { filter: free_or(&username), error: errors::USERNAME_IS_IMMUTABLE });
        }
        if !username.is_empty() {
            draft.row.set(USERNAME, username);
        }
    }
    let shown = draft.row.text(&DISPLAY_USERNAME);
    if rules.has_display() && !shown.is_empty() {
        draft.row.set(DISPLAY_USERNAME, rules.normalize_display(shown));
    }
    Ok(())
}

/// A user without a name, or with this one: two requests at once must not both choose.
fn free_or(username: &str) -> Filter {
    Filter::Or(vec![Filter::eq(USERNAME, Value::Null), Filter::eq(USERNAME, ""), Filter::eq(USERNAME, username)])
}

/// Judges the names of a row that no hook of a request has judged before.
fn check_unjudged(cx: &Cx, draft: &Draft, rules: &Rules) -> Result<(), ApiError> {
    let username = draft.row.text(&USERNAME);
    if username.is_empty() || [SIGN_UP, UPDATE].contains(&cx.request.path.as_str()) {
        return Ok(());
    }
    rules.check(username)?;
    let shown = draft.row.text(&DISPLAY_USERNAME);
    if shown.is_empty() { Ok(()) } else { rules.check_display(shown) }
}

fn check_display(cx: &Cx, rules: &Rules) -> Result<(), ApiError> {
    let shown = text(cx, &DISPLAY_USERNAME).filter(|_| rules.has_display());
    shown.map_or(Ok(()), |shown| rules.check_display(&shown))
}

fn normalize(cx: &mut Cx, rules: &Rules) {
    if let Some(username) = text(cx, &USERNAME) {
        set(cx, &USERNAME, rules.normalize(&username));
    }
    if let Some(shown) = text(cx, &DISPLAY_USERNAME) {
        set(cx, &DISPLAY_USERNAME, rules.normalize_display(&shown));
    }
}

/// Whether the body has the key at all.
fn names(cx: &Cx, key: &str) -> bool {
    cx.request.body.as_ref().is_some_and(|body| body.get(key).is_some())
}

/// Whether the body has something other than an empty text under the key.
fn names_something(cx: &Cx, key: &str) -> bool {
    cx.request.body.as_ref().and_then(|body| body.get(key)).is_some_and(truthy)
}

/// The text that the body has under the key.
fn text(cx: &Cx, key: &str) -> Option<String> {
    cx.request.body.as_ref()?.get(key)?.as_str().map(str::to_owned)
}

fn set(cx: &mut Cx, key: &str, value: String) {
    if let Some(Json::Object(body)) = &mut cx.request.body {
        body.insert(key.to_owned(), value.into());
    }
}

//! Finding, making and replacing anonymous users.

use serde_json::Value as Json;

use super::{
    errors,
    options::{AnonymousOptions, Link, Linked, Text},
    schema::IS_ANONYMOUS,
};
use crate::{
    domain::{
        Cx, commit, cookies, event,
        fields::{Action, parse_input},
        session::{self, Session},
        user, verification,
    },
    engine::Exit,
    schema::{Row, USER},
    store::{Batch, Expect, Filter},
    wire::{
        email::{PLACEHOLDER_DOMAIN, is_email},
        id::generate_id,
        shape::JsonMap,
    },
};

/// For how many seconds nobody else moves the data of an anonymous user. If the request that does is cut off, another may after them.
const MOVING_SECS: i64 = 15;

/// The name under which the state of a social sign-in remembers who left.
const REMEMBERED: &str = "anonymousUserId";

pub(super) fn is_anonymous(user: &Row) -> bool {
    user.flag(&IS_ANONYMOUS)
}

/// The session that the request's cookie names, if it lives. Whatever it is, no cookie changes.
pub(super) async fn presented(cx: &mut Cx) -> Result<Option<Session>, Exit> {
    let app = cx.app_arc();
    let Some(token) = cookies::read_signed(cx, &app.cookies.session_token) else { return Ok(None) };
    let session = session::from_store(cx, &token).await?;
    Ok(session.filter(|session| session::is_live(session, &app.options.session, cx.now())))
}

/// A new anonymous user, for inserting.
pub(super) async fn new_user(cx: &mut Cx, options: &AnonymousOptions) -> Result<Row, Exit> {
    let email = match &options.generate_random_email {
        Some(Text(make)) => cx.run(make()).await?,
        None => String::new(),
    };
    let email = if email.is_empty() { address(cx, options) } else { email };
    cx.ensure(is_email(&email), errors::INVALID_EMAIL_FORMAT)?;
    let name = match &options.generate_name {
        Some(Text(make)) => cx.run(make()).await?,
        None => String::new(),
    };
    let name = if name.is_empty() { "Anonymous".to_owned() } else { name };
    let added = parse_input(cx.app().added_fields(&USER), &JsonMap::new(), Action::Create, cx.now(), cx.entropy())?;
    let fields = added.with("name", name).with("emailVerified", false).with(IS_ANONYMOUS, true);
    Ok(user::new(cx, &email, fields))
}

fn address(cx: &Cx, options: &AnonymousOptions) -> String {
    let id = generate_id(cx.entropy());
    match options.email_domain_name.as_deref().filter(|domain| !domain.is_empty()) {
        Some(domain) => format!("temp-{id}@{domain}"),
        None => format!("{id}@anonymous.{PLACEHOLDER_DOMAIN}"),
    }
}

/// Remembers who leaves for a provider, for a browser that comes back without its cookies.
pub(super) async fn remember(cx: &mut Cx) -> Result<(), Exit> {
    if let Some(session) = presented(cx).await?.filter(|session| is_anonymous(&session.user)) {
        cx.local.oauth_context.insert(REMEMBERED.to_owned(), session.user_id().into());
    }
    Ok(())
}

/// The anonymous session in which the request was made, or in which the browser had left for a provider.
async fn anonymous_session(cx: &mut Cx) -> Result<Option<Session>, Exit> {
    if let Some(session) = presented(cx).await?.filter(|session| is_anonymous(&session.user)) {
        return Ok(Some(session));
    }
    let Some(Json::String(user_id)) = cx.local.oauth_context.get(REMEMBERED).cloned() else { return Ok(None) };
    let Some(user) = user::find_by_id(cx, &user_id).await?.filter(is_anonymous) else { return Ok(None) };
    let row = session::live_of(cx, &user_id).await?.into_iter().next();
    Ok(row.map(|row| Session { row, user }))
}

/// Lets whoever has just signed in have what they had as an anonymous user, who goes then. A request that is cut off leaves the
/// anonymous user as they were.
pub(super) async fn link(cx: &mut Cx, options: &AnonymousOptions) -> Result<(), Exit> {
    let Some(new) = cx.local.new_session.clone() else { return Ok(()) };
    if is_anonymous(&new.user) {
        return Ok(());
    }
    let Some(anonymous) = anonymous_session(cx).await? else { return Ok(()) };
    let (from, to) = (anonymous.user_id().to_owned(), new.user_id().to_owned());
    if from == to {
        return Ok(());
    }
    if let Some(Link(link)) = &options.on_link_account {
        if !may_move(cx, &from).await? {
            return Ok(());
        }
        let moved = cx.run(link(Linked { anonymous, new })).await?;
        if moved.is_err() || options.disable_delete_anonymous_user {
            verification::release(cx, &identifier(&from)).await?;
        }
        moved?;
    }
    if !options.disable_delete_anonymous_user {
        let batch = user::delete(cx, &from);
        match commit::try_commit(cx, batch).await {
            Ok(Ok(_)) => event::emit(cx, event::USER_DELETED, Some(&from), Vec::new()).await,
            Ok(Err(_)) => return Ok(()),
            // Whoever has signed in is told so all the same, as in the reference.
            Err(exit) => {
                tracing::error!(error = ?exit, "an anonymous user who has become somebody could not be removed");
            }
        }
    }
    event::emit(cx, event::ANONYMOUS_LINKED, Some(&to), vec![("anonymous", from)]).await;
    Ok(())
}

/// Whether this request moves what belongs to `user_id`: of several at once one does.
async fn may_move(cx: &mut Cx, user_id: &str) -> Result<bool, Exit> {
    let there = Filter::eq("id", user_id).and(Filter::eq(IS_ANONYMOUS, true));
    let batch = Batch::new().check(USER, there, Expect::Rows(1));
    let end = cx.now().plus_secs(MOVING_SECS);
    match verification::claim(cx, batch, &identifier(user_id), end).await? {
        Some(batch) => Ok(commit::try_commit(cx, batch).await?.is_ok()),
        None => Ok(false),
    }
}

/// The identifier under which it is kept that somebody's data is being moved.
fn identifier(user_id: &str) -> String {
    format!("anonymous-link-{user_id}")
}

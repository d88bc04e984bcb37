//! Where a browser gets and loses the cookies of its sessions.

use super::logic;
use crate::{
    domain::{Cx, Draft, Hooks, SignOutHook, WriteHook, WriteKind, cookies},
    engine::{AfterHook, Exit, PathMatch},
    schema::SESSION,
    store::{Batch, Expect, Filter},
};

const SIGN_OUT: &str = "/sign-out";

pub(super) fn all(maximum: usize) -> Hooks {
    Hooks {
        writes: vec![WriteHook::new(SESSION, WriteKind::Create, |cx, draft| Box::pin(end_earlier(cx, draft)))],
        after: vec![
            AfterHook::new(PathMatch::Any, move |cx, _| Box::pin(remember(cx, maximum))),
            AfterHook::new(PathMatch::One(SIGN_OUT), |cx, answer| {
                let done = answer.status.is_success();
                Box::pin(async move {
                    if done {
                        forget(cx, logic::tokens(cx));
                    }
                    Ok(())
                })
            }),
        ],
        sign_outs: vec![SignOutHook::new(logic::tokens)],
        ..Hooks::default()
    }
}

/// Ends the sessions that the new one's user has in this browser, together with the beginning of the new one.
async fn end_earlier(cx: &mut Cx, draft: &mut Draft) -> Result<(), Exit> {
    let (user_id, new) = (draft.row.text("userId").to_owned(), draft.row.text("token").to_owned());
    let mut earlier = Vec::new();
    for token in logic::tokens(cx).into_iter().filter(|token| *token != new) {
        let session = crate::domain::session::from_store(cx, &token).await?;
        if session.is_some_and(|session| session.user_id() == user_id) {
            earlier.push(token);
        }
    }
    if !earlier.is_empty() {
        draft.also = Batch::new().delete(SESSION, Filter::any_of("token", earlier), Expect::Any).statements;
    }
    Ok(())
}

/// Gives a session that this request has made or renewed its cookie. Those of sessions that have ended go.
async fn remember(cx: &mut Cx, maximum: usize) -> Result<(), Exit> {
    let Some(session) = cx.local.new_session.clone() else { return Ok(()) };
    let spec = logic::cookie(cx, session.token());
    let known = logic::tokens(cx);
    if known.iter().any(|token| token == session.token()) || cx.reply.cookies().iter().any(|set| set.name == spec.name)
    {
        return Ok(());
    }
    let mut ended = Vec::new();
    for token in &known {
        if crate::domain::session::from_store(cx, token).await?.is_none() {
            ended.push(token.clone());
        }
    }
    let kept = known.len() - ended.len();
    forget(cx, ended);
    if kept < maximum {
        cookies::set_signed(cx, &spec.name, session.token(), spec.attributes);
    }
    Ok(())
}

fn forget(cx: &mut Cx, tokens: Vec<String>) {
    for token in tokens {
        let spec = logic::cookie(cx, &token);
        cookies::expire(cx, &spec);
    }
}

//! Whole exchanges over the memory store, without a socket, a runtime or a password hash.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use kernia::{
    engine::{Effect, Outcome, Step},
    store::Storage,
    testing::{PASSWORD, TestRequest, World, options},
};
use serde_json::json;

use super::Work;

const EMAIL: &str = "ada@example.com";

pub(super) fn get_session() -> Work {
    let (world, request) = signed_in(World::default());
    repeat(world, request, |answer| answer.body().starts_with(br#"{"session""#))
}

pub(super) fn nobody() -> Work {
    let world = World::default();
    let request = TestRequest::new(Method::GET, "/get-session").build(world.engine.base_path());
    repeat(world, request, |answer| answer.body() == "null")
}

pub(super) fn compact_cache() -> Work {
    let (world, request) = signed_in(World::changed(|options| options.session.cookie_cache.enabled = true));
    repeat(world, request, |answer| answer.body().starts_with(br#"{"session""#))
}

pub(super) fn ok() -> Work {
    let world = World::default();
    let request = TestRequest::new(Method::GET, "/ok").build(world.engine.base_path());
    repeat(world, request, |answer| answer.body() == r#"{"ok":true}"#)
}

pub(super) fn unknown_path() -> Work {
    let world = World::default();
    let request = TestRequest::new(Method::GET, "/reset-password/a/b").build(world.engine.base_path());
    repeat(world, request, |answer| answer.status() == StatusCode::NOT_FOUND)
}

/// Each sign-in leaves a session behind, so the store is put back now and then.
pub(super) fn sign_in() -> Work {
    const SIGN_INS_A_STORE: u32 = 1000;
    let (mut world, _) = signed_in(World::new(options()));
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let request = TestRequest::json("/sign-in/email", &body).build(world.engine.base_path());
    let pristine = world.outside.fork();
    let mut done = 0;
    Box::new(move || {
        let response = answer(&world, request.clone());
        assert_eq!(response.status(), StatusCode::OK);
        done += 1;
        if done % SIGN_INS_A_STORE == 0 {
            world.outside = pristine.fork();
        }
    })
}

/// The world with one person, and their request for the session.
fn signed_in(world: World) -> (World, Request<Bytes>) {
    let mut browser = world.browser();
    browser.sign_up(EMAIL);
    browser.origin = None;
    let request = browser.prepare(&TestRequest::new(Method::GET, "/get-session"));
    (world, request)
}

fn repeat(world: World, request: Request<Bytes>, is_right: fn(&Response<Bytes>) -> bool) -> Work {
    Box::new(move || {
        let response = answer(&world, request.clone());
        assert!(is_right(&response), "{response:?}");
    })
}

/// Answers as [`World::answer`] does, but without the checks that the test world makes, and without computing hashes.
fn answer(world: &World, request: Request<Bytes>) -> Response<Bytes> {
    let mut exchange = world.begin(request);
    loop {
        match exchange.step() {
            Step::Respond(response) => return response,
            Step::Perform(effect) => exchange.supply(perform(world, effect)),
        }
    }
}

fn perform(world: &World, effect: Effect) -> Outcome {
    match effect {
        Effect::Read(query) => Outcome::Read(now(world.outside.store.read(query))),
        Effect::Write(batch) => Outcome::Write(now(world.outside.store.write(batch))),
        Effect::Emit(_) => Outcome::Emit,
        Effect::Verify(_) => Outcome::Verify(Ok(true)),
        other => panic!("no row asks for {}", other.name()),
    }
}

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("a store in memory does not wait"),
    }
}

//! Stopping an exchange in the middle, so that something else happens first.

use bytes::Bytes;
use http::Response;
use kernia::{
    engine::{Effect, Exchange, Outcome, Step},
    store::Batch,
    testing::{TestResponse, World},
};

/// Steps an exchange until it wants to write, and answers what it wants.
pub(crate) fn held_at_write(world: &World, exchange: &mut Exchange) -> Effect {
    loop {
        match exchange.step() {
            Step::Perform(write @ Effect::Write(_)) => return write,
            Step::Perform(effect) => exchange.supply(world.outside.perform_now(effect)),
            Step::Respond(response) => panic!("over before it wrote: {response:?}"),
        }
    }
}

/// Performs the effect at which an exchange was held, and the rest.
pub(crate) fn let_go(world: &World, mut exchange: Exchange, held: Effect) -> TestResponse {
    exchange.supply(world.outside.perform_now(held));
    TestResponse::read(world.outside.finish(exchange))
}

/// Performs `count` effects. The response, if that was all.
pub(crate) fn steps(world: &World, exchange: &mut Exchange, count: usize) -> Option<Response<Bytes>> {
    for _ in 0..count {
        match exchange.step() {
            Step::Perform(effect) => exchange.supply(world.outside.perform_now(effect)),
            Step::Respond(response) => return Some(response),
        }
    }
    None
}

/// Runs an exchange to its end and answers the names of its effects too.
pub(crate) fn observed(world: &World, mut exchange: Exchange) -> (TestResponse, Vec<&'static str>) {
    let mut names = Vec::new();
    loop {
        match exchange.step() {
            Step::Perform(effect) => {
                names.push(effect.name());
                exchange.supply(world.outside.perform_now(effect));
            }
            Step::Respond(response) => return (TestResponse::read(response), names),
        }
    }
}

/// Changes the database behind the engine's back.
pub(crate) fn write(world: &World, batch: Batch) {
    match world.outside.perform_now(Effect::Write(batch)) {
        Outcome::Write(Ok(_)) => {}
        other => panic!("{other:?}"),
    }
}

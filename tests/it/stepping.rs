//! Stopping an exchange in the middle, so that something else happens first.

use bytes::Bytes;
use http::Response;
use kernia::{
    engine::{Effect, Exchange, Outcome, Step},
    store::{Batch, CacheOp},
    testing::{TestResponse, World},
};

use crate::elsewhere;

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

/// Steps an exchange until it wants to change anything, and answers what it wants.
pub(crate) fn held_at_change(world: &World, exchange: &mut Exchange) -> Effect {
    loop {
        match exchange.step() {
            Step::Perform(Effect::Read(query)) => {
                exchange.supply(world.outside.perform_now(Effect::Read(query)));
            }
            Step::Perform(Effect::Cache(op @ CacheOp::Get { .. })) => {
                exchange.supply(world.outside.perform_now(Effect::Cache(op)));
            }
            Step::Perform(effect @ (Effect::Write(_) | Effect::Cache(_))) => return effect,
            Step::Perform(effect) => exchange.supply(world.outside.perform_now(effect)),
            Step::Respond(response) => panic!("over before it changed anything: {response:?}"),
        }
    }
}

/// Changes what is stored behind the engine's back.
pub(crate) fn write(world: &World, mut batch: Batch) {
    let places = world.engine.installation().places;
    batch.statements.retain(|statement| {
        let place = match statement.table().as_str() {
            "session" => places.sessions,
            "verification" => places.verifications,
            _ => return true,
        };
        if place.in_secondary() {
            elsewhere::write(world, statement);
        }
        place.in_database()
    });
    if batch.is_empty() {
        return;
    }
    match world.outside.perform_now(Effect::Write(batch)) {
        Outcome::Write(Ok(_)) => {}
        other => panic!("{other:?}"),
    }
}

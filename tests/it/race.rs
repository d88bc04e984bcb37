//! Two requests at once.

use bytes::Bytes;
use http::Request;
use kernia::testing::TestResponse;

use super::{World, stepping::steps};

/// Runs two requests against each other: the second as a whole before the first, after each of its effects, and after it.
/// `stage` sets up a world of its own for every run. Gives each world with both answers to `check`.
pub(crate) fn each_interleaving(
    stage: impl Fn() -> (World, [Request<Bytes>; 2]),
    check: impl Fn(&World, TestResponse, TestResponse),
) {
    let stage = || {
        let (world, [first, second]) = stage();
        (world, first, second)
    };
    each_stop(stage, |world, second| TestResponse::read(world.answer(second)), check);
}

/// Runs a request, and `meanwhile` with what `stage` has kept for it before the request, after each of its effects, and after it.
/// Gives each world, the answer and what `meanwhile` saw to `check`.
pub(crate) fn each_stop<K, S>(
    stage: impl Fn() -> (World, Request<Bytes>, K),
    meanwhile: impl Fn(&World, K) -> S,
    check: impl Fn(&World, TestResponse, S),
) {
    for effects in 0.. {
        let (world, request, kept) = stage();
        let mut exchange = world.begin(request);
        let ended = steps(&world, &mut exchange, effects);
        let over = ended.is_some();
        let seen = meanwhile(&world, kept);
        let answer = TestResponse::read(ended.unwrap_or_else(|| world.outside.finish(exchange)));
        check(&world, answer, seen);
        if over {
            assert!(effects > 2, "the request asks for something before it decides");
            return;
        }
    }
}

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
    for effects in 0.. {
        let (world, [first, second]) = stage();
        let mut exchange = world.begin(first);
        let ended = steps(&world, &mut exchange, effects);
        let over = ended.is_some();
        let second = TestResponse::read(world.answer(second));
        let first = TestResponse::read(ended.unwrap_or_else(|| world.outside.finish(exchange)));
        check(&world, first, second);
        if over {
            assert!(effects > 2, "the first request asks for something before it decides");
            return;
        }
    }
}

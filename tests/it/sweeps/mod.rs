//! Every route, recorded and replayed to the same bytes, cut after each effect, and run with each effect failing.

mod cases;
mod invariants;

use std::{
    collections::BTreeSet,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use cases::{Case, Target};
use http::{Response, header};
use invariants::State;
use kernia::{
    domain::api::ServerCall,
    engine::{Effect, Exchange, Recorder, Step, drive},
    testing::{self, Browser, Outside},
};

use super::{Place, World, place};

/// A world in which everything before the request of a case has happened. The same every time.
struct Stage {
    world: World,
    target: Target,
    cookies: std::collections::BTreeMap<String, String>,
}

impl Stage {
    fn set(case: &Case) -> Self {
        let mut options = testing::options();
        (case.options)(&mut options);
        let world = World::with_plugins(options, (case.plugins)());
        let mut browser = world.browser();
        let target = (case.prelude)(&world, &mut browser);
        let cookies = browser.cookies.clone();
        let _ = (world.take_messages(), world.take_events());
        Self { world, target, cookies }
    }

    fn browser(&self) -> Browser<'_> {
        let mut browser = self.world.browser();
        browser.cookies = self.cookies.clone();
        browser
    }

    fn begin(&self) -> Exchange {
        match &self.target {
            Target::Http(request) => self.world.begin(self.browser().prepare(request)),
            Target::Call(name, body) => {
                let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let headers = [(header::COOKIE, cookies.join("; ").parse().unwrap())].into_iter().collect();
                let call = ServerCall { headers, body: Some(body.clone()), ..ServerCall::default() };
                self.world.engine.begin_call(name, call).unwrap()
            }
        }
    }

    fn state(&self) -> State {
        State::of(&self.world)
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the world in memory does not wait"),
    }
}

fn text(response: &Response<Bytes>) -> String {
    format!("{:?} {:?} {:?}", response.status(), response.headers(), response.body())
}

/// Runs the exchange for `effects` effects and then lets go of it. False when it was over before.
fn cut_after(stage: &Stage, effects: usize) -> bool {
    let mut exchange = stage.begin();
    for _ in 0..effects {
        match exchange.step() {
            Step::Perform(effect) => exchange.supply(stage.world.outside.perform_now(effect)),
            Step::Respond(_) => return false,
        }
    }
    true
}

/// Runs the exchange with its `at`th effect failing. `None` when it has no such effect.
fn fail_at(stage: &Stage, at: usize) -> Option<(&'static str, Response<Bytes>)> {
    let mut exchange = stage.begin();
    let mut failed = None;
    for step in 0.. {
        match exchange.step() {
            Step::Perform(effect) if step == at => {
                failed = Some(effect.name());
                exchange.supply(Outside::outage(&effect));
            }
            Step::Perform(effect) => exchange.supply(stage.world.outside.perform_now(effect)),
            Step::Respond(response) => return failed.map(|name| (name, response)),
        }
    }
    None
}

#[test]
fn every_route_has_a_case() {
    let world = World::with_plugins(testing::options(), testing::every_plugin());
    let routes: BTreeSet<_> = world.engine.routes().iter().map(|route| route.name).collect();
    let covered: BTreeSet<_> = cases::all().iter().map(|case| case.route).collect();
    assert_eq!(routes.difference(&covered).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(covered.difference(&routes).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn every_exchange_replays_to_the_same_bytes() {
    for case in cases::all() {
        let stage = Stage::set(&case);
        let recorder = Recorder::new(&stage.world.outside);
        let response = block_on(drive(stage.begin(), &recorder));
        assert_eq!(response.status().as_u16(), case.status, "{}: {}", case.name, text(&response));
        let recording = recorder.finish();
        let replayed =
            recording.replay(Stage::set(&case).begin()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(text(&replayed), text(&response), "{}", case.name);
    }
}

#[test]
fn case_212_a_cut_after_any_effect_leaves_nothing_half_done() {
    for case in cases::all() {
        let before = Stage::set(&case).state();
        let whole = {
            let stage = Stage::set(&case);
            let _ = stage.world.outside.finish(stage.begin());
            stage.state()
        };
        whole.check(&case.name);
        whole.check_copies(&case.name);
        let mut last = Stage::set(&case).state();
        for effects in 0.. {
            let stage = Stage::set(&case);
            if !cut_after(&stage, effects) {
                break;
            }
            let state = stage.state();
            let context = format!("{} cut after {effects}", case.name);
            state.check(&context);
            state.check_between(&before, &whole, &last, case.spends_first, &context);
            last = state;
        }
    }
}

#[test]
fn a_failing_effect_never_succeeds_halfway() {
    for case in cases::all() {
        for at in 0.. {
            let stage = Stage::set(&case);
            let before = stage.state();
            let Some((effect, response)) = fail_at(&stage, at) else { break };
            let after = stage.state();
            after.check(&format!("{} with effect {at} failing", case.name));
            let status = response.status().as_u16();
            match effect {
                // Nobody may learn from the answer whether there was a message, or an application that listens.
                "Deliver" | "Emit" => {
                    assert_eq!(status, case.status, "{} {effect} {at}: {}", case.name, text(&response));
                }
                // Where their word is needed, nothing happens without it, and the request works once they are back.
                "Fetch" if case.guarded => {
                    assert_eq!(status, 500, "{} {effect} {at}: {}", case.name, text(&response));
                    assert!(after.same_tables(&before), "{} {effect} {at}", case.name);
                    retry(&case, &stage);
                }
                // Other people's failures are told, and are no failures of this server.
                "Fetch" => assert!(status < 500, "{} {effect} {at}: {}", case.name, text(&response)),
                _ => {
                    assert!(status >= 500 || status == 429, "{} {effect} {at}: {}", case.name, text(&response));
                    let same = after.same_tables(&before) || case.spends_first && after.same_but_spent(&before);
                    assert!(effect != "Write" || same, "{} {effect} {at}", case.name);
                    retry(&case, &stage);
                }
            }
        }
    }
}

/// After an outage the same request works, as if nothing had been. Two stores have no common transaction: where there are two, what
/// permitted the request may be spent, or the request may have been done, and says so then.
fn retry(case: &Case, stage: &Stage) {
    let response = stage.world.outside.finish(stage.begin());
    let status = response.status().as_u16();
    let refused = place() != Place::Database && (400..500).contains(&status);
    assert!(status == case.status || refused, "{} again: {}", case.name, text(&response));
    stage.state().check(&format!("{} again", case.name));
}

#[test]
fn case_201_what_may_happen_once_happens_once_in_every_interleaving() {
    for case in cases::all().into_iter().filter(|case| case.once) {
        for first_steps in 0..12 {
            let stage = Stage::set(&case);
            let mut first = stage.begin();
            let mut over = None;
            for _ in 0..first_steps {
                match first.step() {
                    Step::Perform(effect) => first.supply(stage.world.outside.perform_now(effect)),
                    Step::Respond(response) => {
                        over = Some(response);
                        break;
                    }
                }
            }
            let second = stage.world.outside.finish(stage.begin());
            let first = over.unwrap_or_else(|| stage.world.outside.finish(first));
            let won = [&first, &second].iter().filter(|response| (case.won)(response)).count();
            let context = format!("{} after {first_steps}: {} / {}", case.name, text(&first), text(&second));
            assert_eq!(won, 1, "{context}");
            assert!(first.status().as_u16() < 500 && second.status().as_u16() < 500, "{context}");
            stage.state().check(&context);
        }
    }
}

#[test]
fn effects_stay_small() {
    assert!(size_of::<Effect>() <= 256, "{}", size_of::<Effect>());
}

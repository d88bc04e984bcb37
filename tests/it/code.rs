//! Codes with a limited number of guesses, by a plugin that does nothing else.

use http::Method;
use kernia::{
    domain::{
        Cx, Installation, Plugin, Route,
        code::{self, Refusal},
        commit,
        done::Done,
        stored_secret::StoreToken,
    },
    engine::{Answers, Endpoint, Exit},
    store::Batch,
    testing::{TestRequest, options},
    wire::shape::input,
};
use serde_json::json;

use super::{Place, World, place, race::each_interleaving};

const RIGHT: &str = "012345";
const LIFETIME: i64 = 300;
const ALLOWED: u32 = 3;

struct Lock;
struct Put;
struct Guess;

input! {
    /// A guess.
    pub struct Body {
        code: String,
        /// What becomes of a right one.
        keep: Option<bool>,
    }
}

impl Plugin for Lock {
    fn id(&self) -> &'static str {
        "lock"
    }

    fn routes(&self) -> Vec<Route> {
        vec![Route::new(Put), Route::new(Guess)]
    }
}

impl Answers for Put {
    type Answer = Done;
}

impl Answers for Guess {
    type Answer = String;
}

impl Endpoint<Installation> for Put {
    type Body = ();
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "put";
    const PATH: &'static str = "/put";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Done, Exit> {
        let batch = code::put(cx, Batch::new(), "lock", RIGHT, LIFETIME);
        commit::commit(cx, batch).await?;
        Ok(Done::DONE)
    }
}

impl Endpoint<Installation> for Guess {
    type Body = Body;
    type Output = String;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "guess";
    const PATH: &'static str = "/guess";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<String, Exit> {
        let judged = code::guess(cx, "lock", ALLOWED, |_, stored| stored == body.code).await?;
        let told = match judged {
            Ok(code) if body.keep == Some(true) => code.keep(cx).await?,
            Ok(code) => {
                let spent = code.spend(Batch::new(), cx);
                commit::try_commit(cx, spent).await?.is_ok()
            }
            Err(Refusal::Wrong) => false,
            Err(refusal) => return Ok(format!("{refusal:?}")),
        };
        Ok(if told { "Right" } else { "Wrong" }.to_owned())
    }
}

fn world() -> World {
    World::with_plugins(options(), vec![Box::new(Lock)])
}

fn put(world: &World) {
    assert_eq!(world.browser().post("/put", json!({})).status, 200);
}

fn request(code: &str, keep: bool) -> TestRequest {
    TestRequest::json("/guess", &json!({"code": code, "keep": keep}))
}

fn guess(world: &World, code: &str, keep: bool) -> String {
    let answer = world.browser().send(&request(code, keep));
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json.as_str().unwrap().to_owned()
}

#[test]
fn a_right_guess_is_right_once() {
    let world = world();
    assert_eq!(guess(&world, RIGHT, false), "Missing");
    put(&world);
    assert_eq!(guess(&world, RIGHT, false), "Right");
    assert_eq!(guess(&world, RIGHT, false), "Missing");
    assert!(world.rows("verification").is_empty());
}

#[test]
fn a_kept_code_is_good_as_long_as_before_and_bears_no_more() {
    let world = world();
    put(&world);
    assert_eq!(guess(&world, "1", true), "Wrong");
    world.advance_secs(LIFETIME);
    for _ in 0..3 {
        assert_eq!(guess(&world, RIGHT, true), "Right");
    }
    assert_eq!(guess(&world, "2", true), "Wrong");
    assert_eq!(guess(&world, "3", true), "Wrong");
    assert_eq!(guess(&world, RIGHT, true), "Exhausted");
    assert_eq!(guess(&world, RIGHT, true), "Missing");
}

#[test]
fn its_time_is_over_to_the_second_and_a_guess_does_not_prolong_it() {
    let world = world();
    put(&world);
    world.advance_secs(LIFETIME);
    assert_eq!(guess(&world, "1", false), "Wrong");
    world.advance_secs(1);
    // Secondary storage forgets by itself.
    let over = if place() == Place::Secondary { "Missing" } else { "Expired" };
    assert_eq!(guess(&world, RIGHT, false), over);
    assert_eq!(guess(&world, RIGHT, false), "Missing");
    assert!(world.rows("verification").is_empty());
}

#[test]
fn the_next_guess_after_too_many_opens_nothing_right_or_not() {
    for last in [RIGHT, "4"] {
        let world = world();
        put(&world);
        for wrong in ["1", "2", "3"] {
            assert_eq!(guess(&world, wrong, false), "Wrong");
        }
        assert_eq!(guess(&world, last, false), "Exhausted");
        assert_eq!(guess(&world, RIGHT, false), "Missing");
    }
}

#[test]
fn a_new_code_is_the_only_one() {
    let world = world();
    put(&world);
    assert_eq!(guess(&world, "1", false), "Wrong");
    put(&world);
    assert_eq!(world.rows("verification").len(), 1);
    for wrong in ["1", "2", "3"] {
        assert_eq!(guess(&world, wrong, false), "Wrong");
    }
    assert_eq!(guess(&world, RIGHT, false), "Exhausted");
}

#[test]
fn a_hashed_identifier_changes_nothing() {
    let mut options = options();
    options.verification.store_identifier = StoreToken::Hashed.into();
    let world = World::with_plugins(options, vec![Box::new(Lock)]);
    put(&world);
    assert_eq!(guess(&world, "1", false), "Wrong");
    assert_eq!(guess(&world, RIGHT, true), "Right");
    assert_eq!(guess(&world, RIGHT, false), "Right");
}

#[test]
fn of_two_guesses_at_once_one_is_judged() {
    for keep in [false, true] {
        for (first, second) in [(RIGHT, "1"), ("1", RIGHT), ("1", "2"), (RIGHT, RIGHT)] {
            let stage = || {
                let world = world();
                put(&world);
                let requests = [first, second].map(|code| world.browser().prepare(&request(code, keep)));
                (world, requests)
            };
            each_interleaving(stage, |world, one, other| {
                let answers = [one.json.as_str().unwrap(), other.json.as_str().unwrap()];
                let right = answers.iter().filter(|told| **told == "Right").count();
                let context = format!("{first} {second} {keep}: {answers:?}");
                assert!(right <= if keep { 2 } else { 1 }, "{context}");
                assert!(keep || first != RIGHT || second != RIGHT || right == 1, "{context}");
                // Whatever was judged and wrong is counted.
                let left = (0..=ALLOWED).take_while(|_| guess(world, "9", false) == "Wrong").count();
                let wrong = [first, second].iter().filter(|code| **code != RIGHT).count();
                let spent = !keep && right == 1;
                let most = ALLOWED as usize;
                assert!(if spent { left == 0 } else { left < most || wrong == 0 || right == 1 }, "{context}: {left}");
            });
        }
    }
}

#[test]
fn case_202_many_wrong_guesses_at_once_are_counted_exactly() {
    let world = world();
    put(&world);
    // All are under way before any is judged.
    let begin = |code: &str| world.begin(world.browser().prepare(&request(code, false)));
    let mut exchanges: Vec<_> = (0..50).map(|code| begin(&code.to_string())).collect();
    let mut answers = vec![None; exchanges.len()];
    while answers.iter().any(Option::is_none) {
        for (exchange, answer) in exchanges.iter_mut().zip(&mut answers).filter(|(_, answer)| answer.is_none()) {
            match exchange.step() {
                kernia::engine::Step::Perform(effect) => exchange.supply(world.outside.perform_now(effect)),
                kernia::engine::Step::Respond(response) => {
                    *answer = Some(kernia::testing::TestResponse::read(response).text);
                }
            }
        }
    }
    assert!(answers.iter().flatten().all(|told| told == "\"Wrong\""), "{answers:?}");
    let left = (0..ALLOWED).take_while(|_| guess(&world, "9", false) == "Wrong").count();
    assert!(left < ALLOWED as usize, "one at least was judged");
    assert!(["Exhausted", "Missing"].contains(&guess(&world, RIGHT, false).as_str()));
}

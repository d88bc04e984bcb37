//! Sessions read from a replica that lags.

use kernia::{
    engine::{Effect, Step},
    store::{Batch, Consistency, Expect, Filter},
    testing::{BASE_URL, Outside, PASSWORD, TestRequest, TestResponse, World},
};
use serde_json::json;

use crate::stepping::write;

const EMAIL: &str = "ada@example.com";

fn world(stale_reads: bool) -> World {
    World::changed(|options| options.session.stale_reads = stale_reads)
}

/// Answers a request where `replica` answers what may be stale. Also how often it was asked, and how often the database was.
fn answer(world: &World, replica: &Outside, request: &TestRequest, cookies: &str) -> (TestResponse, [usize; 2]) {
    let request = request.clone().header("cookie", cookies).build("/api/auth");
    let mut exchange = world.begin(request);
    let mut asked = [0, 0];
    loop {
        match exchange.step() {
            Step::Perform(Effect::Read(query)) if query.consistency == Consistency::Stale => {
                asked[0] += 1;
                exchange.supply(replica.perform_now(Effect::Read(query)));
            }
            Step::Perform(effect) => {
                asked[1] += usize::from(matches!(effect, Effect::Read(_)));
                exchange.supply(world.outside.perform_now(effect));
            }
            Step::Respond(response) => return (TestResponse::read(response), asked),
        }
    }
}

/// Signs up and answers the session's cookie.
fn sign_up(world: &World) -> String {
    let answer = world.browser().sign_up(EMAIL);
    let cookie = answer.cookie("better-auth.session_token").unwrap();
    format!("{}={}", cookie.name, cookie.value())
}

fn get_session() -> TestRequest {
    TestRequest::new(http::Method::GET, "/get-session")
}

#[test]
fn nothing_stale_is_read_unless_asked_for() {
    let world = world(false);
    let cookies = sign_up(&world);
    let (found, asked) = answer(&world, &world.outside.fork(), &get_session(), &cookies);
    assert_eq!((found.json["user"]["email"].as_str(), asked), (Some(EMAIL), [0, 1]));
}

#[test]
fn a_session_is_read_from_the_replica_alone() {
    let world = world(true);
    let cookies = sign_up(&world);
    let (found, asked) = answer(&world, &world.outside.fork(), &get_session(), &cookies);
    assert_eq!((found.json["user"]["email"].as_str(), asked), (Some(EMAIL), [1, 0]));
}

#[test]
fn a_session_that_the_replica_has_not_seen_is_found() {
    let world = world(true);
    let replica = world.outside.fork();
    let cookies = sign_up(&world);
    let (found, asked) = answer(&world, &replica, &get_session(), &cookies);
    assert_eq!((found.json["user"]["email"].as_str(), asked), (Some(EMAIL), [1, 1]));
    assert!(found.cookie("better-auth.session_token").is_none(), "nobody is signed out by a lag");
}

#[test]
fn a_session_that_the_replica_takes_for_ended_is_found() {
    let world = world(true);
    let cookies = sign_up(&world);
    let replica = world.outside.fork();
    world.advance_secs(6 * 86_400);
    assert_eq!(answer(&world, &world.outside.fork(), &get_session(), &cookies).0.status, 200);
    world.advance_secs(3 * 86_400);
    let (found, asked) = answer(&world, &replica, &get_session(), &cookies);
    assert_eq!((found.json["user"]["email"].as_str(), asked), (Some(EMAIL), [1, 1]));
}

#[test]
fn a_revoked_session_lives_on_only_where_it_need_not_be_confirmed() {
    let world = world(true);
    let cookies = sign_up(&world);
    let replica = world.outside.fork();
    write(&world, Batch::new().delete("session", Filter::All, Expect::Rows(1)));
    let (found, _) = answer(&world, &replica, &get_session(), &cookies);
    assert_eq!(found.json["user"]["email"], EMAIL);
    let change =
        TestRequest::json("/change-password", &json!({"currentPassword": PASSWORD, "newPassword": "another password"}));
    let (refused, _) = answer(&world, &replica, &change.header("origin", BASE_URL), &cookies);
    assert_eq!(refused.status, 401, "{:?}", refused.json);
}

//! The device flow.

use kernia::{
    domain::options::Options,
    engine::Effect,
    plugins::{Bearer, DeviceAuthorization, DeviceAuthorizationOptions},
    store::{Batch, Expect, Filter, Row},
    testing::{self, Browser, PASSWORD, TestRequest, TestResponse},
};
use serde_json::{Value as Json, json};

use super::{World, race::each_interleaving, stepping::write};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const ADA: &str = "ada@example.com";
const EVE: &str = "eve@example.com";

fn world_with(device: DeviceAuthorizationOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = testing::options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(DeviceAuthorization::new(device)), Box::new(Bearer::default())])
}

fn world() -> World {
    world_with(DeviceAuthorizationOptions::default(), |_| {})
}

fn signed_in<'w>(world: &'w World, email: &str) -> Browser<'w> {
    let mut browser = world.browser();
    browser.login_as(email);
    browser
}

fn signed_up<'w>(world: &'w World, email: &str) -> Browser<'w> {
    let mut browser = world.browser();
    browser.sign_up(email);
    let _ = world.take_messages();
    browser
}

fn ask(world: &World) -> Json {
    let answer = world.browser().post("/device/code", json!({ "client_id": "tv", "scope": "read write" }));
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

fn poll_as(world: &World, codes: &Json, client: &str) -> TestResponse {
    let body = json!({ "grant_type": GRANT, "device_code": codes["device_code"], "client_id": client });
    world.browser().post("/device/token", body)
}

fn poll(world: &World, codes: &Json) -> TestResponse {
    poll_as(world, codes, "tv")
}

fn look(browser: &mut Browser<'_>, codes: &Json) -> TestResponse {
    browser.get(format!("/device?user_code={}", codes["user_code"].as_str().unwrap()))
}

fn decide(browser: &mut Browser<'_>, decision: &str, codes: &Json) -> TestResponse {
    browser.post(format!("/device/{decision}"), json!({ "userCode": codes["user_code"] }))
}

/// The status of an answer, and what it says.
fn said(answer: &TestResponse) -> (u16, String, String) {
    let text = |name: &str| answer.json[name].as_str().unwrap_or_default().to_owned();
    (answer.status, text("error"), text("error_description"))
}

fn refusal(status: u16, error: &str, description: &str) -> (u16, String, String) {
    (status, error.to_owned(), description.to_owned())
}

#[test]
fn a_device_gets_a_session_of_whoever_approves() {
    let world = world();
    let codes = ask(&world);
    assert_eq!(codes["device_code"].as_str().unwrap().len(), 40);
    let shown = codes["user_code"].as_str().unwrap();
    assert!(shown.len() == 8 && shown.chars().all(|letter| "ABCDEFGHJKLMNPQRSTUVWXYZ23456789".contains(letter)));
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&json!(1800), &json!(5)));
    assert_eq!(codes["verification_uri"], "http://localhost:3000/device");
    assert_eq!(codes["verification_uri_complete"], format!("http://localhost:3000/device?user_code={shown}"));
    assert_eq!(said(&poll(&world, &codes)), refusal(400, "authorization_pending", "Authorization pending"));
    let mut ada = signed_in(&world, ADA);
    let review = look(&mut ada, &codes).json;
    assert_eq!(review, json!({ "user_code": shown, "status": "pending", "client_id": "tv", "scope": "read write" }));
    assert_eq!(decide(&mut ada, "approve", &codes).json, json!({ "success": true }));
    world.advance_secs(5);
    let mut device = world.browser();
    let body = json!({ "grant_type": GRANT, "device_code": codes["device_code"], "client_id": "tv" });
    let answer = device.post("/device/token", body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert!(answer.cookies.is_empty() && answer.header("set-auth-token").is_empty());
    assert_eq!((&answer.json["token_type"], &answer.json["scope"]), (&json!("Bearer"), &json!("read write")));
    assert_eq!(answer.json["expires_in"], 7 * 86_400);
    let authorization = format!("Bearer {}", answer.json["access_token"].as_str().unwrap());
    let request = TestRequest::new(http::Method::GET, "/get-session").header("authorization", authorization);
    assert_eq!(world.browser().send(&request).json["user"]["email"], ADA);
    assert!(world.rows("deviceCode").is_empty());
    world.advance_secs(5);
    assert_eq!(said(&poll(&world, &codes)), refusal(400, "invalid_grant", "Invalid device code"));
}

#[test]
fn case_116_only_who_has_asked_about_a_code_decides() {
    let world = world();
    let codes = ask(&world);
    let (mut ada, mut eve) = (signed_in(&world, ADA), signed_in(&world, EVE));
    for decision in ["approve", "deny"] {
        let nobody = decide(&mut world.browser(), decision, &codes);
        assert_eq!(said(&nobody), refusal(401, "unauthorized", "Authentication required"));
        let answer = decide(&mut eve, decision, &codes);
        assert_eq!((answer.status, answer.json["error"].as_str()), (400, Some("invalid_request")));
        assert!(answer.json["error_description"].as_str().unwrap().contains("has not been claimed"));
    }
    look(&mut world.browser(), &codes);
    assert_eq!(look(&mut ada, &codes).json["client_id"], "tv");
    for decision in ["approve", "deny"] {
        let said = said(&decide(&mut eve, decision, &codes));
        let expected = format!("You are not authorized to {decision} this device authorization");
        assert_eq!(said, refusal(403, "access_denied", &expected));
    }
    assert_eq!(world.rows("deviceCode")[0].text("status"), "pending");
    assert_eq!(decide(&mut ada, "approve", &codes).status, 200);
    let again = said(&decide(&mut ada, "deny", &codes));
    assert_eq!(again, refusal(400, "invalid_request", "Device code already processed"));
}

#[test]
fn case_116_a_device_may_name_the_only_user() {
    let world = world();
    let (mut ada, mut eve) = (signed_in(&world, ADA), signed_in(&world, EVE));
    let id = ada.get("/get-session").json["user"]["id"].clone();
    let codes = world.browser().post("/device/code", json!({ "client_id": "tv", "user_id": id })).json;
    assert_eq!(look(&mut eve, &codes).json, json!({ "user_code": codes["user_code"], "status": "pending" }));
    assert_eq!(decide(&mut eve, "approve", &codes).status, 403);
    assert_eq!(decide(&mut ada, "approve", &codes).status, 200);
}

#[test]
fn case_117_the_approver_learns_which_client_asks_and_nobody_else_does() {
    let world = world();
    let codes = ask(&world);
    let (mut ada, mut eve) = (signed_in(&world, ADA), signed_in(&world, EVE));
    let bare = json!({ "user_code": codes["user_code"], "status": "pending" });
    assert_eq!(look(&mut world.browser(), &codes).json, bare);
    assert_eq!(look(&mut ada, &codes).json["scope"], "read write");
    assert_eq!(look(&mut eve, &codes).json, bare);
    assert_eq!(look(&mut world.browser(), &codes).json, bare);
}

#[test]
fn case_117_a_client_that_there_is_not_gets_no_code() {
    let by_rule = DeviceAuthorizationOptions::default().validate_client(async |client| client == "tv");
    let mut listed = DeviceAuthorizationOptions::default();
    listed.clients = vec!["tv".to_owned()];
    for options in [by_rule, listed] {
        let world = world_with(options, |_| {});
        let answer = world.browser().post("/device/code", json!({ "client_id": "evil" }));
        assert_eq!(said(&answer), refusal(400, "invalid_client", "Invalid client ID"));
        let codes = ask(&world);
        assert_eq!(said(&poll_as(&world, &codes, "evil")), refusal(400, "invalid_client", "Invalid client ID"));
        assert_eq!(world.rows("deviceCode").len(), 1);
    }
}

#[test]
fn case_117_a_code_is_of_one_client() {
    let world = world();
    let codes = ask(&world);
    assert_eq!(said(&poll_as(&world, &codes, "other")), refusal(400, "invalid_grant", "Client ID mismatch"));
    assert!(world.rows("deviceCode")[0].date("lastPolledAt").is_none());
}

#[test]
fn case_118_a_device_that_asks_too_often_is_told_so() {
    let world = world();
    let codes = ask(&world);
    let slow_down = refusal(400, "slow_down", "Polling too frequently");
    assert_eq!(said(&poll(&world, &codes)).1, "authorization_pending");
    for _ in 0..2 {
        world.advance_secs(2);
        assert_eq!(said(&poll(&world, &codes)), slow_down);
    }
    world.advance_secs(1);
    assert_eq!(said(&poll(&world, &codes)).1, "authorization_pending");
}

#[test]
fn case_118_of_two_polls_at_once_one_is_too_many() {
    let stage = || {
        let world = world();
        let codes = ask(&world);
        let body = json!({ "grant_type": GRANT, "device_code": codes["device_code"], "client_id": "tv" });
        let poll = || TestRequest::json("/device/token", &body).build("/api/auth");
        let polls = [poll(), poll()];
        (world, polls)
    };
    each_interleaving(stage, |_, first, second| {
        let mut errors = [said(&first).1, said(&second).1];
        errors.sort_unstable();
        assert_eq!(errors, ["authorization_pending", "slow_down"]);
    });
}

#[test]
fn case_118_codes_expire_for_user_and_device() {
    let world = world();
    let codes = ask(&world);
    let mut ada = signed_in(&world, ADA);
    world.advance_secs(1801);
    let expired = refusal(400, "expired_token", "User code has expired");
    assert_eq!(said(&look(&mut ada, &codes)), expired);
    for decision in ["approve", "deny"] {
        assert_eq!(said(&decide(&mut ada, decision, &codes)), expired);
    }
    assert_eq!(said(&poll(&world, &codes)), refusal(400, "expired_token", "Device code has expired"));
    assert!(world.rows("deviceCode").is_empty());
}

#[test]
fn the_janitor_removes_requests_that_nobody_asks_about_any_more() {
    let world = world();
    let codes = ask(&world);
    let sweep = || world.outside.perform_now(Effect::Write(world.engine.janitor(10)));
    world.advance_secs(1801 + 3600 - 60);
    let _ = sweep();
    assert_eq!(world.rows("deviceCode").len(), 1, "a device that asks late is told so");
    let second = ask(&world);
    world.advance_secs(60);
    let _ = sweep();
    let left = world.rows("deviceCode");
    assert_eq!((left.len(), left[0].text("deviceCode")), (1, second["device_code"].as_str().unwrap()));
    assert_eq!(said(&poll(&world, &codes)), refusal(400, "invalid_grant", "Invalid device code"));
}

#[test]
fn case_118_a_refusal_is_final() {
    let world = world();
    let codes = ask(&world);
    let mut ada = signed_in(&world, ADA);
    look(&mut ada, &codes);
    assert_eq!(decide(&mut ada, "deny", &codes).status, 200);
    assert_eq!(look(&mut ada, &codes).json["status"], "denied");
    assert_eq!(said(&poll(&world, &codes)), refusal(400, "access_denied", "Access denied"));
    assert_eq!(said(&poll(&world, &codes)), refusal(400, "invalid_grant", "Invalid device code"));
    assert!(world.rows("deviceCode").is_empty());
}

#[test]
fn case_118_guesses_of_user_codes_are_limited() {
    let world = world_with(DeviceAuthorizationOptions::default(), |options| {
        options.rate_limit.enabled = Some(true);
        options.mode = kernia::domain::options::Mode::Development;
    });
    let mut eve = world.browser();
    let statuses: Vec<_> = (0..7).map(|at| eve.get(format!("/device?user_code=GUESS{at}")).status).collect();
    assert_eq!(statuses, [400, 400, 400, 400, 400, 429, 429]);
    world.advance_secs(1801);
    assert_eq!(eve.get("/device?user_code=GUESS9").status, 400);
}

#[test]
fn case_118_guesses_are_limited_also_where_a_code_is_decided() {
    let world = world_with(DeviceAuthorizationOptions::default(), |options| options.rate_limit.enabled = Some(true));
    let mut eve = signed_in(&world, EVE);
    for decision in ["approve", "deny"] {
        let mut guess = |at: usize| decide(&mut eve, decision, &json!({ "user_code": format!("GUESS{at}") })).status;
        let statuses: Vec<_> = (0..6).map(&mut guess).collect();
        assert_eq!(statuses, [400, 400, 400, 400, 400, 429], "{decision}");
        world.advance_secs(1801);
        assert_eq!(guess(6), 400);
    }
}

/// A request that `owner` has approved and the device has not asked about since.
fn approved(world: &World, owner: &mut Browser<'_>) -> Json {
    let codes = ask(world);
    look(owner, &codes);
    assert_eq!(decide(owner, "approve", &codes).status, 200);
    codes
}

#[test]
fn case_053_what_was_approved_ends_with_the_sessions_of_its_user() {
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "another password", "revokeOtherSessions": true });
    let ways = [("/revoke-sessions", json!({})), ("/revoke-other-sessions", json!({})), ("/change-password", change)];
    for (path, body) in ways {
        let world = world();
        let (mut ada, mut eve) = (signed_up(&world, ADA), signed_up(&world, EVE));
        let (codes, others) = (approved(&world, &mut ada), approved(&world, &mut eve));
        assert_eq!(ada.post(path, body).status, 200);
        assert_eq!(said(&poll(&world, &codes)), refusal(400, "invalid_grant", "Invalid device code"), "{path}");
        assert_eq!(poll(&world, &others).status, 200, "{path}");
    }
}

#[test]
fn case_053_no_device_is_let_in_while_all_sessions_end() {
    each_interleaving(
        || {
            let world = world();
            let mut ada = signed_in(&world, ADA);
            let codes = approved(&world, &mut ada);
            let body = json!({ "grant_type": GRANT, "device_code": codes["device_code"], "client_id": "tv" });
            let ended = ada.prepare(&TestRequest::json("/revoke-sessions", &json!({})));
            let asked = world.browser().prepare(&TestRequest::json("/device/token", &body));
            (world, [ended, asked])
        },
        |world, ended, _| {
            assert_eq!(ended.status, 200, "{}", ended.text);
            assert!(world.rows("session").is_empty() && world.rows("deviceCode").is_empty());
        },
    );
}

#[test]
fn case_053_nothing_is_approved_while_all_sessions_end() {
    each_interleaving(
        || {
            let world = world();
            let mut ada = signed_in(&world, ADA);
            let codes = ask(&world);
            look(&mut ada, &codes);
            let body = json!({ "userCode": codes["user_code"] });
            let ended = ada.prepare(&TestRequest::json("/revoke-sessions", &json!({})));
            let approved = ada.prepare(&TestRequest::json("/device/approve", &body));
            (world, [ended, approved])
        },
        |world, ended, _| {
            assert_eq!(ended.status, 200, "{}", ended.text);
            assert!(world.rows("deviceCode").iter().all(|row| row.text("status") != "approved"));
        },
    );
}

#[test]
fn case_046_an_approval_does_not_outlive_the_proof_of_an_address() {
    let world = world();
    let mut squatter = signed_up(&world, ADA);
    let codes = approved(&world, &mut squatter);
    world.browser().post("/request-password-reset", json!({ "email": ADA }));
    let token = world.take_message().token;
    let reset = world.browser().post("/reset-password", json!({ "token": token, "newPassword": "another password" }));
    assert_eq!(reset.status, 200, "{}", reset.text);
    assert_eq!(said(&poll(&world, &codes)), refusal(400, "invalid_grant", "Invalid device code"));
}

#[test]
fn case_055_a_revoked_session_approves_nothing() {
    let world =
        world_with(DeviceAuthorizationOptions::default(), |options| options.session.cookie_cache.enabled = true);
    let codes = ask(&world);
    let mut ada = signed_in(&world, ADA);
    look(&mut ada, &codes);
    let stolen = ada.cookies.clone();
    ada.post("/sign-out", json!({}));
    ada.cookies = stolen;
    assert_eq!(said(&decide(&mut ada, "approve", &codes)).0, 401);
}

#[test]
fn case_026_a_page_elsewhere_approves_nothing() {
    let world = world();
    let codes = ask(&world);
    let mut ada = signed_in(&world, ADA);
    look(&mut ada, &codes);
    ada.origin = Some("https://evil.test".to_owned());
    for decision in ["approve", "deny"] {
        assert_eq!(decide(&mut ada, decision, &codes).code(), "INVALID_ORIGIN");
    }
}

#[test]
fn a_code_may_be_typed_with_other_case_and_marks() {
    let world = world();
    let codes = ask(&world);
    let shown = codes["user_code"].as_str().unwrap();
    let typed = format!("{}-{}", &shown[..4].to_lowercase(), &shown[4..]);
    let mut ada = signed_in(&world, ADA);
    assert_eq!(ada.get(format!("/device?user_code={typed}")).json["user_code"], typed);
    assert_eq!(ada.post("/device/approve", json!({ "userCode": typed })).status, 200);
    for odd in ["", "-", "%00", "ÄÖ", "0000OOOO", "'"] {
        let answer = ada.get(format!("/device?user_code={odd}"));
        assert_eq!(said(&answer), refusal(400, "invalid_request", "Invalid user code"), "{odd}");
    }
}

#[test]
fn codes_of_the_applications_own_are_exact() {
    let options = DeviceAuthorizationOptions::default()
        .generate_device_code(async || "device one".to_owned())
        .generate_user_code(async || "Ab-1".to_owned());
    let world = world_with(options, |_| {});
    let codes = ask(&world);
    assert_eq!((&codes["device_code"], &codes["user_code"]), (&json!("device one"), &json!("Ab-1")));
    let mut ada = signed_in(&world, ADA);
    for other in ["ab-1", "AB1", "ab1"] {
        assert_eq!(ada.get(format!("/device?user_code={other}")).status, 400, "{other}");
    }
    assert_eq!(ada.get("/device?user_code=Ab-1").status, 200);
    let again = world.browser().post("/device/code", json!({ "client_id": "tv" }));
    assert_eq!(said(&again), refusal(500, "server_error", "Failed to generate a unique device code"));
}

#[test]
fn a_code_that_no_store_can_index_is_refused() {
    let long = || async { "x".repeat(192) };
    for (options, name) in [
        (DeviceAuthorizationOptions::default().generate_device_code(long), "device"),
        (DeviceAuthorizationOptions::default().generate_user_code(long), "user"),
    ] {
        let world = world_with(options, |_| {});
        let answer = world.browser().post("/device/code", json!({ "client_id": "tv" }));
        let expected = format!("Generated {name} code must be at most 191 characters");
        assert_eq!(said(&answer), refusal(400, "invalid_request", &expected));
    }
}

#[test]
fn the_application_is_told_who_asks_for_what() {
    use std::sync::{Arc, Mutex};
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let options = DeviceAuthorizationOptions::default().on_device_auth_request(move |client, scope| {
        hears.lock().unwrap().push((client, scope));
        async {}
    });
    let world = world_with(options, |_| {});
    ask(&world);
    assert_eq!(*heard.lock().unwrap(), [("tv".to_owned(), Some("read write".to_owned()))]);
}

#[test]
fn a_request_for_codes_may_be_a_form_and_is_refused_in_oauths_words() {
    let world = world();
    let form = |body: &str| {
        let request = TestRequest::new(http::Method::POST, "/device/code")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_owned());
        world.browser().send(&request)
    };
    assert_eq!(form("client_id=tv&scope=&user_id=").status, 200);
    assert!(world.rows("deviceCode")[0].text("scope").is_empty());
    let missing = "[body.client_id] Invalid input: expected string, received undefined";
    assert_eq!(said(&form("scope=x")), refusal(400, "invalid_request", missing));
    assert_eq!(said(&form("client_id=")), refusal(400, "invalid_request", "client_id is required"));
    let answer = world.browser().post("/device/code", json!({ "client_id": 5 }));
    assert_eq!(said(&answer).1, "invalid_request");
    let odd = json!({ "grant_type": "password", "device_code": "x", "client_id": "tv" });
    assert_eq!(world.browser().post("/device/token", odd).code(), "VALIDATION_ERROR");
}

#[test]
fn a_device_of_somebody_who_is_gone_gets_nothing() {
    let world = world();
    let codes = ask(&world);
    let mut ada = signed_in(&world, ADA);
    look(&mut ada, &codes);
    decide(&mut ada, "approve", &codes);
    let gone = Batch::new().delete("session", Filter::All, Expect::Any).delete(
        "user",
        Filter::eq("email", ADA),
        Expect::Rows(1),
    );
    write(&world, gone);
    assert_eq!(said(&poll(&world, &codes)), refusal(400, "invalid_grant", "User not found"));
    let set = Row::new().with("status", "unknown");
    write(&world, Batch::new().update("deviceCode", Filter::All, set, Expect::Rows(1)));
    assert_eq!(said(&poll(&world, &codes)), refusal(500, "server_error", "Invalid device code status"));
}

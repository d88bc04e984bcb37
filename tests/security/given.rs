//! Servers, people and requests that the cases share.

use bytes::Bytes;
use http::{Method, Request};
use kernia::{
    domain::options::{Options, SocialProvider},
    testing::{Browser, Outside, PASSWORD, TestRequest, TestResponse, World, every_plugin, options},
};
use serde_json::{Value, json};

pub(crate) use crate::race::each_interleaving;

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const EVE: &str = "eve@example.com";
pub(crate) const TOKEN: &str = "better-auth.session_token";
pub(crate) const DATA: &str = "better-auth.session_data";
pub(crate) const DAY: i64 = 86_400;

/// A server with everything on that a request could reach.
pub(crate) fn open(change: impl FnOnce(&mut Options)) -> World {
    let mut options = everything();
    change(&mut options);
    World::with_plugins(options, every_plugin())
}

pub(crate) fn everything() -> Options {
    let mut options = options();
    options.user.change_email.enabled = true;
    options.user.delete_user.enabled = true;
    options
}

/// Adds a provider, which nobody plays.
pub(crate) fn with_github(options: &mut Options) {
    let mut github = SocialProvider::default();
    github.client_id = "id".into();
    github.client_secret = Some("secret".into());
    options.social_providers.insert("github".to_owned(), github);
}

/// The `state` with which a sign-in begins at a provider.
pub(crate) fn state_of(begun: &TestResponse) -> String {
    let address = url::Url::parse(begun.json["url"].as_str().unwrap()).unwrap();
    address.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

/// The same server with its sessions and one-time values in the database, in secondary storage, and in both.
pub(crate) fn everywhere(change: impl Fn(&mut Options)) -> [World; 3] {
    let with = |secondary, both| {
        let mut options = everything();
        options.session.store_session_in_database = both;
        options.verification.store_in_database = both;
        change(&mut options);
        if secondary {
            World::with_secondary_storage(options, every_plugin())
        } else {
            World::with_plugins(options, every_plugin())
        }
    };
    [with(false, false), with(true, false), with(true, true)]
}

/// A browser in which somebody has just signed up.
pub(crate) fn signed_up<'w>(world: &'w World, email: &str) -> Browser<'w> {
    let mut browser = world.browser();
    browser.sign_up(email);
    let _ = (world.take_messages(), world.take_events());
    browser
}

pub(crate) fn sign_in(world: &World, email: &str, password: &str) -> TestResponse {
    world.browser().post("/sign-in/email", json!({"email": email, "password": password}))
}

pub(crate) fn is_signed_in(browser: &Browser<'_>) -> bool {
    !browser.clone().get("/get-session").json.is_null()
}

pub(crate) fn post(path: &str, body: &Value) -> TestRequest {
    TestRequest::json(path, body)
}

pub(crate) fn get(path: impl Into<String>) -> TestRequest {
    TestRequest::new(Method::GET, path)
}

/// Sends `request` as a program without cookies and origin does.
pub(crate) fn call(world: &World, request: &TestRequest) -> TestResponse {
    TestResponse::read(world.answer(request.build("/api/auth")))
}

/// The token of the only message that was sent.
pub(crate) fn mailed(world: &World) -> String {
    world.take_message().token.unwrap()
}

/// Asks for a reset and answers its token.
pub(crate) fn reset_token(world: &World, email: &str) -> String {
    world.browser().post("/request-password-reset", json!({"email": email}));
    mailed(world)
}

/// Every route that changes something for whoever is signed in, with a body that it accepts.
pub(crate) fn changes() -> Vec<(&'static str, Value)> {
    vec![
        ("/change-email", json!({"newEmail": "next@example.com"})),
        ("/change-password", json!({"currentPassword": PASSWORD, "newPassword": "another password"})),
        ("/delete-user", json!({"password": PASSWORD})),
        ("/revoke-other-sessions", json!({})),
        ("/revoke-session", json!({"token": "x"})),
        ("/revoke-sessions", json!({})),
        ("/unlink-account", json!({"accountId": "x"})),
        ("/update-user", json!({"name": "Eve"})),
        ("/verify-password", json!({"password": PASSWORD})),
    ]
}

/// Runs `request` with its `at`th effect failing, and every later one of the same kind as it should be.
pub(crate) fn failing(world: &World, request: Request<Bytes>, at: usize) -> Option<TestResponse> {
    let mut exchange = world.begin(request);
    for step in 0.. {
        match exchange.step() {
            kernia::engine::Step::Perform(effect) if step == at => exchange.supply(Outside::outage(&effect)),
            kernia::engine::Step::Perform(effect) => exchange.supply(world.outside.perform_now(effect)),
            kernia::engine::Step::Respond(response) => return (step > at).then(|| TestResponse::read(response)),
        }
    }
    None
}

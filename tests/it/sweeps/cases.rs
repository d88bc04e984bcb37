//! One request for each route, and everything that must have happened before it.

mod core;
mod devices;
mod guards;
mod mailbox;
#[cfg(feature = "passkey")]
mod passkeys;
mod phone_numbers;
mod second_factor;
mod social;
mod tokens;
mod ways_in;

use bytes::Bytes;
use http::{Method, Response};
use kernia::{
    domain::{Plugin, options::Options},
    testing::{Browser, TestRequest},
};
use serde_json::Value;

use super::super::World;

/// One request.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) route: &'static str,
    /// The status of its answer when all goes well.
    pub(super) status: u16,
    pub(super) options: fn(&mut Options),
    pub(super) plugins: fn() -> Vec<Box<dyn Plugin>>,
    pub(super) prelude: fn(&World, &mut Browser<'_>) -> Target,
    /// Whether two of it at once must not both win.
    pub(super) once: bool,
    /// Whether a response is a win.
    pub(super) won: fn(&Response<Bytes>) -> bool,
    /// Whether what permits it is spent before others are asked, and so before the change that it permits.
    pub(super) spends_first: bool,
    /// Whether others are asked first, without whose word nothing happens.
    pub(super) guarded: bool,
}

/// How the request is made.
pub(super) enum Target {
    Http(TestRequest),
    Call(&'static str, Value),
}

const EMAIL: &str = "ada@example.com";

fn everything(options: &mut Options) {
    options.user.change_email.enabled = true;
    options.user.delete_user.enabled = true;
    options.user.delete_user.send_delete_account_verification = true;
    options.session.cookie_cache.enabled = true;
    options.email_and_password.revoke_sessions_on_password_reset = true;
}

fn succeeded(response: &Response<Bytes>) -> bool {
    response.status().as_u16() < 300
}

fn redirected_without_error(response: &Response<Bytes>) -> bool {
    let location = response.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
    response.status().as_u16() == 302 && !location.contains("error")
}

fn case(route: &'static str, prelude: fn(&World, &mut Browser<'_>) -> Target) -> Case {
    Case {
        name: route.to_owned(),
        route,
        status: 200,
        options: everything,
        plugins: Vec::new,
        prelude,
        once: false,
        won: succeeded,
        spends_first: false,
        guarded: false,
    }
}

impl Case {
    fn named(mut self, name: &str) -> Self {
        self.name = format!("{}: {name}", self.route);
        self
    }

    fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    fn with(mut self, options: fn(&mut Options)) -> Self {
        self.options = options;
        self
    }

    fn plugins(mut self, plugins: fn() -> Vec<Box<dyn Plugin>>) -> Self {
        self.plugins = plugins;
        self
    }

    fn once(mut self) -> Self {
        self.once = true;
        self
    }

    fn spends_first(mut self) -> Self {
        self.spends_first = true;
        self
    }

    fn guarded(mut self) -> Self {
        self.guarded = true;
        self
    }

    fn once_by(mut self, won: fn(&Response<Bytes>) -> bool) -> Self {
        self.once = true;
        self.won = won;
        self
    }
}

fn post(path: &str, body: Value) -> Target {
    Target::Http(TestRequest::json(path, &body))
}

fn get(path: impl Into<String>) -> Target {
    Target::Http(TestRequest::new(Method::GET, path))
}

fn account_id(world: &World) -> String {
    world.rows("account")[0].id().to_owned()
}

/// The path and query of a link that was sent.
fn link(world: &World) -> String {
    let url = world.take_messages().pop().and_then(|message| message.url).unwrap();
    url.split_once("/api/auth").unwrap().1.to_owned()
}

fn token(world: &World) -> String {
    world.take_messages().pop().and_then(|message| message.token).unwrap()
}

pub(super) fn all() -> Vec<Case> {
    let mut cases = core::cases();
    cases.extend(social::cases());
    cases.extend(tokens::cases());
    cases.extend(ways_in::cases());
    cases.extend(mailbox::cases());
    cases.extend(phone_numbers::cases());
    cases.extend(guards::cases());
    cases.extend(second_factor::cases());
    cases.extend(devices::cases());
    #[cfg(feature = "passkey")]
    cases.extend(passkeys::cases());
    cases
}

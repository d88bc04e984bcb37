//! The server that requests are sent to.

use std::cell::RefCell;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use crate::{
    engine::{Fetch, FetchError},
    plugins::{Captcha, CaptchaOptions, CaptchaProvider, HaveIBeenPwned},
    testing::{TestRequest, World, every_plugin, options},
};

const EMAIL: &str = "ada@example.com";
/// After so many requests the world is made anew, so that it stays small.
const REQUESTS_A_WORLD: usize = 500;

/// A server with somebody signed in.
pub(super) struct Server {
    pub(super) world: World,
    /// The cookies of whoever is signed in.
    pub(super) cookies: String,
    /// A link of each kind that a mailbox got, as tokens.
    pub(super) tokens: Vec<String>,
    requests: usize,
}

thread_local! {
    static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
}

/// Lets `ask` ask this thread's server once.
pub(super) fn with<T>(ask: impl FnOnce(&Server) -> T) -> T {
    SERVER.with_borrow_mut(|slot| {
        let server = slot.get_or_insert_with(Server::new);
        let answer = ask(server);
        server.requests += 1;
        if server.requests >= REQUESTS_A_WORLD {
            *slot = None;
        }
        answer
    })
}

/// Plays the servers whose failures would be this server's: every captcha is solved, and no password is known.
fn guards(fetch: &Fetch) -> Result<Response<Bytes>, FetchError> {
    match fetch.request.uri().host() {
        Some("www.google.com") => Ok(Response::new(r#"{"success":true}"#.into())),
        Some("api.pwnedpasswords.com") => Ok(Response::default()),
        _ => Err(FetchError::Failed("nobody is there".to_owned())),
    }
}

impl Server {
    fn new() -> Self {
        let mut options = options();
        options.user.change_email.enabled = true;
        options.user.delete_user.enabled = true;
        options.user.delete_user.send_delete_account_verification = true;
        options.session.cookie_cache.enabled = true;
        options.trusted_origins = vec!["https://*.app.test".to_owned(), "myapp://".to_owned()];
        let mut plugins = every_plugin();
        let mut captcha = CaptchaOptions::new(CaptchaProvider::GoogleRecaptcha, "secret");
        captcha.endpoints = vec!["/request-password-reset".to_owned()];
        plugins.push(Box::new(Captcha::new(captcha)));
        plugins.push(Box::new(HaveIBeenPwned::default()));
        let world = World::with_plugins(options, plugins);
        world.outside.answer_fetches(guards);
        let mut browser = world.browser();
        browser.sign_up(EMAIL);
        let email = json!({"email": EMAIL});
        let reset = TestRequest::json("/request-password-reset", &email);
        browser.send(&reset.header("x-captcha-response", "token"));
        browser.post("/send-verification-email", email);
        browser.post("/delete-user", json!({}));
        browser.post("/sign-in/magic-link", json!({"email": EMAIL}));
        let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let tokens = world.take_messages().into_iter().filter_map(|message| message.token).collect();
        Self { cookies: cookies.join("; "), tokens, world, requests: 0 }
    }

    /// Answers `request`.
    ///
    /// # Panics
    /// When the answer is a 5xx, or the database contradicts itself afterwards.
    pub(super) fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let line = format!("{} {}", request.method(), request.uri());
        let response = self.world.answer(request);
        assert!(!response.status().is_server_error(), "{line}: {response:?}");
        self.check();
        response
    }

    fn check(&self) {
        let tables = self.world.outside.store.snapshot();
        let rows = |name: &str| tables.get(name).map_or(&[][..], Vec::as_slice);
        for user in rows("user") {
            let has_account = rows("account").iter().any(|account| account.text("userId") == user.id());
            let needs_none = ["emailVerified", "phoneNumberVerified", "isAnonymous"].iter().any(|flag| user.flag(flag));
            assert!(has_account || needs_none, "a user who cannot sign in");
        }
        for session in rows("session") {
            assert!(rows("user").iter().any(|user| user.id() == session.text("userId")), "a session without its user");
        }
    }
}

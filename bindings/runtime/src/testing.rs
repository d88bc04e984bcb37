//! An application's tests: an [`Auth`] in memory whose clock stands still, whose messages are kept, and to which anybody can be signed
//! in.
//!
//! ```
//! # async fn run() {
//! use kernia_runtime::testing::TestAuth;
//!
//! let auth = TestAuth::start().await;
//! let ada = auth.login_as("ada@example.com").await;
//! assert_eq!(ada.user.name, "ada");
//! // Requests with this header are hers: .header("cookie", &ada.cookie)
//! let current = auth.api().get_session().headers(&ada.headers()).await.unwrap().value;
//! assert_eq!(current.unwrap().user, ada.user);
//!
//! auth.clock.advance_secs(8 * 24 * 60 * 60);
//! assert!(auth.api().get_session().headers(&ada.headers()).await.unwrap().value.is_none());
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run());
//! ```

use std::{
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use http::{HeaderMap, HeaderValue, header};
use kernia::{
    crypto::entropy::SeededEntropy,
    domain::record::{SessionRecord, User},
    engine::{Io as _, Message, Step},
    routes::get_session::Output,
    testing::options,
    wire::{
        cookie::SetCookie,
        date::{FixedClock, Timestamp},
    },
};

use crate::{Auth, AuthBuilder, AuthSettings, StartError};

/// 2026-01-01T00:00:00Z.
const START_SECS: i64 = 1_767_225_600;

/// An [`Auth`] for tests.
#[derive(Clone, Debug)]
pub struct TestAuth {
    auth: Auth,
    /// Its clock, which stands still unless moved.
    pub clock: Arc<FixedClock>,
    outbox: Arc<Mutex<Vec<Message>>>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The value of the `Cookie` header of their requests.
    pub cookie: String,
    /// The user.
    pub user: User,
    /// The session.
    pub session: SessionRecord,
}

impl TestAuth {
    /// In memory, with email and password on, hashes that cost next to nothing, and no rate limit.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        Self::build(|auth| auth).await.expect("the options of tests fit together")
    }

    /// The same as changed by `change`: the application's own options, plugins, hooks.
    ///
    /// # Errors
    /// As [`AuthBuilder::start`].
    pub async fn build(change: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Result<Self, StartError> {
        let clock = Arc::new(FixedClock::new(Timestamp::from_secs(START_SECS)));
        let outbox = Arc::<Mutex<Vec<Message>>>::default();
        let kept = Arc::clone(&outbox);
        let begun = Auth::builder()
            .options(options())
            .clock(clock.clone())
            .entropy(Arc::new(SeededEntropy::new(7)))
            .settings(AuthSettings { janitor: None, ..AuthSettings::default() })
            .memory()
            .send_messages(move |message| {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(message);
                async {}
            });
        Ok(Self { auth: change(begun).start().await?, clock, outbox })
    }

    /// Signs in the user with this address, who is made if there is none, without a password and whatever signing in takes elsewhere.
    ///
    /// # Panics
    /// When it does not work.
    pub async fn login_as(&self, email: &str) -> Login {
        let mut exchange = kernia::testing::login_as(self.auth.engine(), email);
        let response = loop {
            match exchange.step() {
                Step::Perform(effect) => exchange.supply(self.auth.backend().perform(effect).await),
                Step::Respond(response) => break response,
            }
        };
        let lines = response.headers().get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        let cookies = lines.filter_map(SetCookie::parse).map(|cookie| format!("{}={}", cookie.name, cookie.value()));
        let cookie = cookies.collect::<Vec<_>>().join("; ");
        let body = response.body();
        let Output { session, user, .. } = serde_json::from_slice(body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", response.status(), String::from_utf8_lossy(body)));
        Login { cookie, user, session }
    }

    /// Takes the messages that were sent so far, when all of them were.
    pub async fn take_messages(&self) -> Vec<Message> {
        while self.auth.backend().messages_waiting() > 0 {
            tokio::task::yield_now().await;
        }
        std::mem::take(&mut *self.outbox.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Deref for TestAuth {
    type Target = Auth;

    fn deref(&self) -> &Auth {
        &self.auth
    }
}

impl Login {
    /// The headers of their requests.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        HeaderValue::from_str(&self.cookie).map(|cookie| (header::COOKIE, cookie)).into_iter().collect()
    }
}

//! What an application attaches.

use std::{fmt, sync::Arc, time::Duration};

use http::header::SET_COOKIE;
use kernia_runtime::Auth;
use rocket::{
    Build, Catcher, Data, Orbit, Request, Response, Rocket, catcher,
    fairing::{Fairing, Info, Kind, Result},
    http::Status,
    tokio::{
        sync::{OwnedSemaphorePermit, Semaphore},
        time::timeout,
    },
};

use crate::{
    extract::{AuthRejection, Visit},
    routes::{answer, request_head, routes},
};

/// Headers of other fairings that say how a browser treats an answer, whatever it is.
const STANDING: [&str; 9] = [
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "permissions-policy",
    "server",
    "strict-transport-security",
    "vary",
    "x-content-type-options",
    "x-frame-options",
];

/// As many requests as can be at work at once and still be waited for.
const MOST: u32 = u32::MAX >> 3;

/// How long messages that wait may take when Rocket stops.
const PATIENCE: Duration = Duration::from_secs(10);

/// Adds Kernia to a Rocket: its routes, its guards, and the cookies that these set.
///
/// A fairing that registers a default catcher while it ignites must be attached before: this one registers one where there is none.
/// When Rocket stops, it lets the requests at work finish for Rocket's grace period, and then calls [`Auth::shutdown`].
#[must_use]
pub fn with_auth(auth: Auth) -> AuthFairing {
    AuthFairing(Attached { auth, present: Arc::new(Semaphore::new(MOST as usize)) })
}

/// The fairing of [`with_auth`].
#[derive(Clone)]
pub struct AuthFairing(Attached);

impl fmt::Debug for AuthFairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuthFairing").field(&self.0.auth).finish()
    }
}

/// What guards find in Rocket's state when the fairing is attached.
#[derive(Clone)]
pub(crate) struct Attached {
    pub(crate) auth: Auth,
    present: Arc<Semaphore>,
}

impl Attached {
    /// Whoever has the permit is waited for when Rocket stops.
    pub(crate) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.present).try_acquire_owned().ok()
    }
}

#[rocket::async_trait]
impl Fairing for AuthFairing {
    fn info(&self) -> Info {
        Info { name: "Kernia", kind: Kind::Ignite | Kind::Request | Kind::Response | Kind::Shutdown }
    }

    /// Fails when there is another one.
    async fn on_ignite(&self, mut rocket: Rocket<Build>) -> Result {
        if rocket.state::<Attached>().is_some() {
            return Err(rocket);
        }
        let auth = &self.0.auth;
        if rocket.state::<Auth>().is_none() {
            rocket = rocket.manage(auth.clone());
        }
        let all = |catcher: &Catcher| catcher.code.is_none() && catcher.base.path() == "/";
        if !rocket.catchers().any(all) {
            rocket = rocket.register("/", vec![Catcher::new(None, Rejected(Catcher::default()))]);
        }
        Ok(rocket.manage(self.0.clone()).mount("/", routes(auth.clone())))
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        Visit::of(request);
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(visit) = Visit::of(request) else { return };
        if let Some(failure) = visit.session.failure().filter(|_| response.status().code < 500) {
            let mut failed = answer(visit.session.auth().reject(&failure, &request_head(request)));
            for name in STANDING {
                for value in response.headers().get(name) {
                    failed.adjoin_raw_header(name, value.to_owned());
                }
            }
            *response = failed;
        }
        for cookie in visit.session.cookies() {
            response.adjoin_raw_header(SET_COOKIE.as_str(), String::from_utf8_lossy(cookie.as_bytes()).into_owned());
        }
    }

    async fn on_shutdown(&self, rocket: &Rocket<Orbit>) {
        let grace = Duration::from_secs(rocket.config().shutdown.grace.into());
        let Attached { auth, present } = &self.0;
        let nobody = timeout(grace, present.acquire_many(MOST)).await;
        auth.shutdown(PATIENCE).await;
        drop(nobody);
    }
}

/// Answers where the application has no catcher of its own: for the guards, and for the rest as Rocket does.
#[derive(Clone)]
struct Rejected(Catcher);

#[rocket::async_trait]
impl catcher::Handler for Rejected {
    async fn handle<'r>(&self, status: Status, request: &'r Request<'_>) -> catcher::Result<'r> {
        match AuthRejection::of(request) {
            Some(rejection) if rejection.reason.status() == status.code => {
                rocket::response::Responder::respond_to(rejection, request)
            }
            _ => self.0.handler.handle(status, request).await,
        }
    }
}

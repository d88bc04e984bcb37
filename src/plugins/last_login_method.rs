//! The last-login-method plugin: a cookie that the sign-in page can read, to show first how its user came the last time.

use std::{fmt, sync::Arc};

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    domain::{Cx, Draft, Hooks, Plugin, WriteHook, WriteKind},
    engine::{AfterHook, PathMatch},
    schema::{Field, FieldType, Name, SESSION, Table, USER},
    store::{Expect, Filter, Row, Statement},
    wire::cookie::SetCookie,
};

const METHOD: Name = Name::constant("lastLoginMethod");

/// The way in which a user came the last time.
#[derive(Clone, Debug, Default)]
pub struct LastLoginMethod {
    options: Arc<LastLoginMethodOptions>,
}

/// A request as the application's own functions see it: who asks for what.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The path below the base path.
    pub path: &'a str,
    /// The values of the path's parameters.
    pub params: &'a [(String, String)],
    /// The headers.
    pub headers: &'a HeaderMap,
}

type Resolve = dyn Fn(&Arrival<'_>) -> Option<String> + Send + Sync;
type Permit = dyn Fn(&Arrival<'_>, &str) -> bool + Send + Sync;

/// The options of the last-login-method plugin.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LastLoginMethodOptions {
    /// The cookie's name.
    pub cookie_name: String,
    /// How long the cookie lasts, in seconds.
    pub max_age: i64,
    /// Whether users have a field `lastLoginMethod` too.
    pub store_in_database: bool,
    #[serde(skip)]
    resolve: Option<Arc<Resolve>>,
    #[serde(skip)]
    permit: Option<Arc<Permit>>,
}

impl Default for LastLoginMethodOptions {
    fn default() -> Self {
        Self {
            cookie_name: "better-auth.last_used_login_method".to_owned(),
            max_age: 2_592_000,
            store_in_database: false,
            resolve: None,
            permit: None,
        }
    }
}

impl fmt::Debug for LastLoginMethodOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastLoginMethodOptions").field("cookie_name", &self.cookie_name).finish_non_exhaustive()
    }
}

impl LastLoginMethodOptions {
    /// Which way a request is, in the application's own words; where it answers nothing, in the usual ones.
    #[must_use]
    pub fn custom_resolve_method(
        mut self,
        resolve: impl Fn(&Arrival<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.resolve = Some(Arc::new(resolve));
        self
    }

    /// Whether the browser may be told to keep the way: a cookie that is not needed can take its user's consent.
    #[must_use]
    pub fn before_store_cookie(mut self, permit: impl Fn(&Arrival<'_>, &str) -> bool + Send + Sync + 'static) -> Self {
        self.permit = Some(Arc::new(permit));
        self
    }

    fn method(&self, cx: &Cx) -> Option<String> {
        let arrival = Arrival::of(cx);
        self.resolve.as_ref().and_then(|resolve| resolve(&arrival)).or_else(|| usual(&arrival))
    }
}

impl<'a> Arrival<'a> {
    fn of(cx: &'a Cx) -> Self {
        Self { path: &cx.request.path, params: &cx.request.params, headers: &cx.request.headers }
    }
}

/// The ways that the reference knows.
fn usual(arrival: &Arrival<'_>) -> Option<String> {
    let path = arrival.path;
    if path.starts_with("/callback/") {
        let provider = arrival.params.iter().find(|(name, _)| name == "id").map(|(_, provider)| provider.as_str());
        return provider.or_else(|| path.rsplit('/').next()).map(str::to_owned);
    }
    let known = match path {
        "/one-tap/callback" => "google",
        "/sign-in/email" | "/sign-up/email" => "email",
        "/sign-in/email-otp" => "email-otp",
        _ if path.contains("siwe") => "siwe",
        _ if path.contains("/passkey/verify-authentication") => "passkey",
        _ if path.starts_with("/magic-link/verify") => "magic-link",
        _ => return None,
    };
    Some(known.to_owned())
}

impl LastLoginMethod {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: LastLoginMethodOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for LastLoginMethod {
    fn id(&self) -> &'static str {
        "last-login-method"
    }

    fn options(&self) -> Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn tables(&self) -> Vec<Table> {
        let stored = self.options.store_in_database;
        stored.then(|| Table::new(USER, [Field::optional(METHOD, FieldType::Text).no_input()])).into_iter().collect()
    }

    fn hooks(&self) -> Hooks {
        let (on_answer, on_session, on_user) =
            (Arc::clone(&self.options), Arc::clone(&self.options), Arc::clone(&self.options));
        let after = AfterHook::new(PathMatch::Any, move |cx, answer| {
            let (options, done) = (Arc::clone(&on_answer), answer.status.as_u16() < 400);
            Box::pin(async move {
                if done {
                    keep(cx, &options);
                }
                Ok(())
            })
        });
        let mut writes = Vec::new();
        if self.options.store_in_database {
            writes.push(WriteHook::new(SESSION, WriteKind::Create, move |cx, draft| {
                let options = Arc::clone(&on_session);
                Box::pin(async move {
                    note(cx, draft, &options);
                    Ok(())
                })
            }));
            writes.push(WriteHook::new(USER, WriteKind::Create, move |cx, draft| {
                let options = Arc::clone(&on_user);
                Box::pin(async move {
                    if let Some(method) = options.method(cx) {
                        draft.row.set(METHOD, method);
                    }
                    Ok(())
                })
            }));
        }
        Hooks { after: vec![after], writes, ..Hooks::default() }
    }
}

/// Has the browser keep the way, where it was the way in: also where a second factor is still to come.
fn keep(cx: &mut Cx, options: &LastLoginMethodOptions) {
    let app = cx.app_arc();
    let spec = &app.cookies.session_token;
    if !cx.reply.cookies().iter().any(|cookie| cookie.name == spec.name) {
        return;
    }
    let Some(method) = options.method(cx) else { return };
    if options.permit.as_ref().is_some_and(|permit| !permit(&Arrival::of(cx), &method)) {
        return;
    }
    let mut attributes = spec.attributes.clone();
    attributes.max_age = Some(options.max_age);
    attributes.http_only = false;
    cx.reply.push_cookie(SetCookie::new(&options.cookie_name, &method, attributes));
}

/// Notes the way with the user in the stroke in which the session begins.
fn note(cx: &Cx, draft: &mut Draft, options: &LastLoginMethodOptions) {
    if let Some(method) = options.method(cx) {
        draft.also.push(Statement::Update {
            table: USER,
            filter: Filter::eq("id", draft.row.text("userId")),
            set: Row::new().with(METHOD, method).with("updatedAt", cx.now()),
            expect: Expect::Any,
        });
    }
}

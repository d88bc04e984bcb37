//! The request pipeline.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;

use super::{Intake, body, cors, origin, outcome, rate_limit};
use crate::{
    domain::{Cx, Installation, Route, RouteRequest, errors, options::Mode, per_request::TrustOrigins, session},
    engine::{Answer, ApiError, Exit, HookFuture, RouteTable},
    wire::{origin::TrustedOrigins, query, shape::Root},
};

const UNKNOWN_HOST: ApiError = ApiError::new(StatusCode::BAD_REQUEST, "INVALID_HOST", "Invalid host");
const TOO_MANY_PARAMETERS: ApiError =
    ApiError::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", "Too many query parameters");

/// The address of clients on the developer's own machine, as in the reference.
const LOCALHOST: &str = "127.0.0.1";

/// What of a request the pipeline still needs once its context is made.
#[derive(Debug)]
pub struct Pending {
    body: Bytes,
    policy_path: String,
    routable: bool,
    query: String,
}

impl Intake {
    /// Parts the request from what only the pipeline needs.
    #[must_use]
    pub fn split(self) -> (crate::engine::Request, Pending) {
        let Self { request, body, policy_path, routable, query } = self;
        (request, Pending { body, policy_path, routable, query })
    }
}

/// Takes a request through the pipeline to its response.
pub async fn serve(mut cx: Cx, routes: &RouteTable<Installation>, pending: Pending) -> Response<Bytes> {
    let mut answer = run(&mut cx, routes, pending).await;
    if cx.local.unsigned_cache.is_some() {
        answer = sign_due(&mut cx).await.and(answer);
    }
    respond(cx, answer)
}

/// Calls a route from the server's own code: hooks and validation run, what guards against strangers does not.
pub async fn serve_direct(mut cx: Cx, route: &Route) -> Response<Bytes> {
    cx.local.direct = true;
    let mut answer = match begin(&mut cx).await {
        Ok(()) => run_route(&mut cx, route).await,
        Err(exit) => Err(exit),
    };
    if cx.local.unsigned_cache.is_some() {
        answer = sign_due(&mut cx).await.and(answer);
    }
    respond(cx, answer)
}

/// Boxed, so that the many requests with nothing to sign do not carry its state.
fn sign_due(cx: &mut Cx) -> HookFuture<'_, ()> {
    Box::pin(session::sign_due(cx))
}

/// The response that a request's end comes to.
pub fn respond(mut cx: Cx, answer: Result<Answer, Exit>) -> Response<Bytes> {
    let answer = answer.unwrap_or_else(|exit| outcome::answer(&mut cx, exit));
    cx.reply.into_response(answer)
}

async fn begin(cx: &mut Cx) -> Result<(), Exit> {
    let app = cx.app_arc();
    cx.local.base_url = app.base.of_request(&cx.request.headers, &app.options).ok_or(UNKNOWN_HOST)?;
    cx.local.client_ip = client_ip(cx);
    if let Some(trust) = &app.origins_of_request {
        ask_origins(cx, trust).await?;
    }
    Ok(())
}

/// Has the application say which origins it trusts for this request. Boxed, as most applications say it once for all.
fn ask_origins<'a>(cx: &'a mut Cx, trust: &'a TrustOrigins) -> HookFuture<'a, ()> {
    Box::pin(async move {
        let origins = cx.run(trust.run(RouteRequest::of(cx))).await?;
        cx.local.trusted_origins = TrustedOrigins::parse(origins.iter().map(String::as_str));
        Ok(())
    })
}

async fn run(cx: &mut Cx, routes: &RouteTable<Installation>, pending: Pending) -> Result<Answer, Exit> {
    let app = cx.app_arc();
    begin(cx).await?;
    if let Some(preflight) = cors::apply(cx) {
        return Ok(preflight);
    }
    if app.options.disabled_paths.contains(&pending.policy_path) {
        return Ok(Answer::text(StatusCode::NOT_FOUND, "Not Found"));
    }
    let found = find(cx, routes, &pending);
    if let Some((route, _)) = &found {
        cx.request.template = route.path;
    }
    if let Some(denied) = rate_limit::check(cx, &pending.policy_path).await? {
        return Ok(denied);
    }
    for hook in &app.hooks.arrivals {
        hook.run(cx, &pending.policy_path).await?;
    }
    let Some((route, params)) = found else { return Ok(Answer::empty(StatusCode::NOT_FOUND)) };
    cx.request.params = params;
    cx.request.query = Value::Object(query::parse(&pending.query).map_err(|_| TOO_MANY_PARAMETERS)?);
    cx.request.body = body::read(&cx.request, &pending.body, route.media)?;
    origin::check(cx, &pending.policy_path).await?;
    run_route(cx, route).await
}

/// Hooks, validation, handler, hooks.
async fn run_route(cx: &mut Cx, route: &Route) -> Result<Answer, Exit> {
    let app = cx.app_arc();
    for hook in app.hooks.before.iter().filter(|hook| hook.on.accepts(route.path)) {
        hook.run(cx).await?;
    }
    let mut answer = match call(cx, route).await {
        Ok(answer) => answer,
        // A fault is not an answer that hooks could look at.
        Err(Exit::Fault(fault)) => return Err(Exit::Fault(fault)),
        Err(exit) => outcome::answer(cx, exit),
    };
    for hook in app.hooks.after.iter().filter(|hook| hook.on.accepts(route.path)) {
        if let Err(exit) = hook.run(cx, &mut answer).await {
            answer = outcome::answer(cx, exit);
        }
    }
    Ok(answer)
}

/// The route, which wants the trailing slash that its own path has, unless slashes are configured not to matter.
fn find<'r>(
    cx: &mut Cx,
    routes: &'r RouteTable<Installation>,
    pending: &Pending,
) -> Option<(&'r Route, Vec<(String, String)>)> {
    if !pending.routable {
        return None;
    }
    if cx.app().options.advanced.skip_trailing_slashes && cx.request.path.len() > 1 {
        let trimmed = cx.request.path.trim_end_matches('/').len();
        cx.request.path.truncate(trimmed);
    }
    let found = routes.find(&cx.request.method, &cx.request.path)?;
    Some((found.route, found.params))
}

async fn call(cx: &mut Cx, route: &Route) -> Result<Answer, Exit> {
    let body = match route.body {
        Some(shape) => validated(shape.parse(cx.request.body.as_ref()), Root::Body)?,
        None => None,
    };
    let query = match route.query {
        Some(shape) => validated(shape.parse(Some(&cx.request.query)), Root::Query)?,
        None => None,
    };
    route.call(cx, body, query).await
}

fn validated(parsed: Result<Option<Value>, crate::wire::shape::Issues>, root: Root) -> Result<Option<Value>, Exit> {
    parsed.map_err(|issues| errors::VALIDATION_ERROR.message(issues.message(root)).into())
}

fn client_ip(cx: &Cx) -> Option<String> {
    let app = cx.app();
    let found = app.client_ip.resolve(&cx.request.headers, cx.request.peer);
    let local = app.options.mode == Mode::Development && !app.options.advanced.ip_address.disable_ip_tracking;
    found.or_else(|| local.then(|| LOCALHOST.to_owned()))
}

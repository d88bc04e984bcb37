//! Where the proxy takes part in flows that others begin and end.

use std::sync::Arc;

use http::{StatusCode, header};
use serde_json::Value as Json;
use url::Url;

use super::logic::{Onward, Package, Passport, Proxy, Purpose, read};
use crate::{
    domain::{
        Cx, Hooks, error_page,
        oauth_state::{self, OAuthState},
    },
    engine::{AfterHook, Answer, BeforeHook, Body, Exit, PathMatch},
    gate,
    oauth::{self, CallbackParameters},
    wire::{
        origin::{Relative, origin_of},
        percent::encode_uri_component,
        redirect::{location, with_query},
    },
};

const BEGINNINGS: PathMatch = PathMatch::OneOf(&["/sign-in/social", "/link-social"]);
const CALLBACK: PathMatch = PathMatch::One("/callback/:id");
/// What the addresses contain that [`divert`] makes, and those that older servers made.
const MARKS: [&str; 2] = ["/oauth-proxy?callbackURL", "/oauth-proxy-callback?callbackURL"];

pub(super) fn all(proxy: &Arc<Proxy>) -> Hooks {
    let (diverting, relaying) = (Arc::clone(proxy), Arc::clone(proxy));
    let (packing, unwrapping) = (Arc::clone(proxy), Arc::clone(proxy));
    Hooks {
        before: vec![
            BeforeHook::new(BEGINNINGS, move |cx| {
                let proxy = Arc::clone(&diverting);
                Box::pin(async move {
                    divert(cx, &proxy);
                    Ok(())
                })
            }),
            BeforeHook::new(CALLBACK, move |cx| {
                let proxy = Arc::clone(&relaying);
                Box::pin(async move { relay(cx, &proxy).await })
            }),
        ],
        after: vec![
            AfterHook::new(BEGINNINGS, move |cx, answer| {
                let proxy = Arc::clone(&packing);
                Box::pin(async move { pack(cx, answer, &proxy).await })
            }),
            AfterHook::new(CALLBACK, move |cx, _| {
                let proxy = Arc::clone(&unwrapping);
                Box::pin(async move {
                    unwrap(cx, &proxy);
                    Ok(())
                })
            }),
        ],
        ..Hooks::default()
    }
}

/// Has the flow end at this server's proxy route, and the provider send the browser to production.
fn divert(cx: &mut Cx, proxy: &Proxy) {
    if proxy.is_skipped(cx) {
        return;
    }
    let Some(origin) = proxy.current_origin(cx) else {
        tracing::error!("the OAuth proxy does not know where this server is: current_url is no URL");
        return;
    };
    let base_path = Url::parse(&cx.local.base_url).map(|url| url.path().trim_end_matches('/').to_owned());
    let base_path = base_path.unwrap_or_default();
    let Some(Json::Object(body)) = &mut cx.request.body else { return };
    let Some(provider) = body.get("provider").and_then(Json::as_str).filter(|provider| !provider.is_empty()) else {
        return;
    };
    let original = match body.get("callbackURL") {
        None | Some(Json::Null) => "",
        Some(Json::String(url)) => url,
        Some(_) => return,
    };
    let original = if original.is_empty() { &*cx.local.base_url } else { original };
    let original = encode_uri_component(original);
    let callback = format!("{origin}{base_path}/callback/{provider}/oauth-proxy?callbackURL={original}");
    body.insert("callbackURL".to_owned(), callback.into());
    if let Some(production) = proxy.production_url() {
        cx.local.base_url = format!("{production}{base_path}").into();
    }
}

/// Puts what was remembered into the `state` parameter, for production to read.
async fn pack(cx: &mut Cx, answer: &mut Answer, proxy: &Proxy) -> Result<(), Exit> {
    let app = cx.app_arc();
    if let Some(own) = app.base.of_request(&cx.request.headers, &app.options) {
        cx.local.base_url = own;
    }
    if answer.status != StatusCode::OK || proxy.is_skipped(cx) {
        return Ok(());
    }
    let Body::Json(text) = &answer.body else { return Ok(()) };
    let Ok(Json::Object(mut members)) = serde_json::from_slice(text) else { return Ok(()) };
    let Some(url) = members.get("url").and_then(Json::as_str).filter(|url| !url.is_empty()) else { return Ok(()) };
    let Some(state) = parameter(url, "state") else { return Ok(()) };
    let Some(remembered) = oauth_state::just_remembered(cx, &state).await? else {
        tracing::warn!("the OAuth proxy has found no state to hand on");
        return Ok(());
    };
    let state_cookie = proxy.seal(cx, Purpose::State, remembered.expose());
    let package = Package { state, state_cookie, is_oauth_proxy: true };
    let package = proxy.seal(cx, Purpose::Package, &serde_json::to_string(&package).unwrap_or_default());
    let Some(url) = with_query(url, url, &[("state", &package)]) else { return Ok(()) };
    members.insert("url".to_owned(), url.into());
    *answer = Answer::json(&members)?;
    Ok(())
}

/// Takes back a browser that another server has sent away, and sends it there with who it is. Any other is left to the route.
async fn relay(cx: &mut Cx, proxy: &Proxy) -> Result<(), Exit> {
    let Some(came) = Came::read(cx) else { return Ok(()) };
    let Some(package) = proxy.open(cx, Purpose::Package, &came.state) else { return Ok(()) };
    let package = read::<Package>(&package);
    let Some(package) = package.filter(|package| package.is_oauth_proxy && !package.state.is_empty()) else {
        tracing::warn!("a package of the OAuth proxy has an unknown form");
        return Ok(());
    };
    let remembered = proxy.open(cx, Purpose::State, &package.state_cookie);
    let Some(remembered) = remembered.and_then(|opened| OAuthState::read(opened.expose())) else {
        tracing::error!("a package of the OAuth proxy holds no state");
        return Ok(());
    };
    Err(match passport(cx, &came, &package, &remembered).await? {
        Ok(passport) => {
            let passport = serde_json::to_string(&passport).unwrap_or_default();
            let sealed = proxy.seal(cx, Purpose::Profile, &passport);
            let back = with_query(&remembered.callback_url, &remembered.callback_url, &[("profile", &sealed)]);
            back.map_or_else(|| error_page::redirect(cx, None, "no_callback_url", None), Exit::Redirect)
        }
        Err(code) => error_page::redirect(cx, remembered.error_url.as_deref(), &code, None),
    })
}

/// What the provider has answered, in the query or by a form.
struct Came {
    state: String,
    code: String,
    error: String,
    user: Option<String>,
    iss: Option<String>,
    device_id: Option<String>,
}

impl Came {
    /// `None` when there is no state, or something is no text.
    fn read(cx: &Cx) -> Option<Self> {
        let given = |name: &str| {
            let found = |part: &Json| part.get(name).filter(|value| !value.is_null()).cloned();
            match found(&cx.request.query).or_else(|| cx.request.body.as_ref().and_then(found)) {
                None => Some(None),
                Some(Json::String(text)) => Some(Some(text)),
                Some(_) => None,
            }
        };
        Some(Self {
            state: given("state")?.filter(|state| !state.is_empty())?,
            code: given("code")?.unwrap_or_default(),
            error: given("error")?.unwrap_or_default(),
            user: given("user")?,
            iss: given("iss")?,
            device_id: given("device_id")?,
        })
    }
}

/// Exchanges the code. The refusal is what the error page is told.
async fn passport(
    cx: &mut Cx,
    came: &Came,
    package: &Package,
    remembered: &OAuthState,
) -> Result<Result<Passport, String>, Exit> {
    let refuse = |code: &str| Ok(Err(code.to_owned()));
    if !remembered.belongs_to(&package.state) {
        return refuse("state_mismatch");
    }
    if !came.error.is_empty() {
        return refuse(&came.error);
    }
    if came.code.is_empty() {
        return refuse("no_code");
    }
    let id = cx.request.param("id").to_owned();
    let Ok(provider) = oauth::configured(cx, &id).await else {
        return refuse("oauth_provider_not_found");
    };
    if !remembered.is_for(&provider.id) {
        return refuse("state_mismatch");
    }
    let parameters = CallbackParameters {
        code: &came.code,
        code_verifier: &remembered.code_verifier,
        iss: came.iss.as_deref(),
        device_id: came.device_id.as_deref(),
        user: came.user.as_deref(),
        nonce: remembered.id_token_nonce.as_deref(),
    };
    let exchanged = match oauth::exchange(cx, &provider, &parameters).await? {
        Ok(exchanged) => exchanged,
        Err(code) => return refuse(code),
    };
    let inner = parameter(&remembered.callback_url, "callbackURL").filter(|url| !url.is_empty());
    let onward = Onward {
        state: &package.state,
        callback_url: inner.unwrap_or_else(|| remembered.callback_url.clone()),
        new_user_url: remembered.new_user_url.clone(),
        error_url: remembered.error_url.clone(),
        disable_sign_up: provider.options.refuses_sign_up(remembered.request_sign_up),
    };
    Ok(Passport::of(&provider.id, &exchanged, onward, cx.now()).ok_or_else(|| "email_not_found".to_owned()))
}

/// Where a flow both began and ended at production, sends the browser to the page that it wanted in the first place. The address may
/// also be one that a client has only made look like the proxy's, so the page must be trusted.
fn unwrap(cx: &mut Cx, proxy: &Proxy) {
    let target = cx.reply.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !target.starts_with("http") || !MARKS.iter().any(|mark| target.contains(mark)) {
        return;
    }
    let production = proxy.production_url().map_or_else(|| origin_of(&cx.local.base_url), origin_of);
    let wanted = parameter(target, "callbackURL").filter(|_| origin_of(target) == production);
    let wanted = wanted.filter(|page| gate::is_trusted(cx, page, Relative::Allowed));
    if let Some(page) = wanted.and_then(|page| location(&page)) {
        cx.reply.set_header(header::LOCATION, &page);
    }
}

/// A parameter of an absolute URL's query, the first if there are several.
fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

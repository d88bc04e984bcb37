//! Asking whether a captcha was solved.

use http::{HeaderName, Method};
use serde_json::{Map, Value};

use super::{
    errors,
    options::{CaptchaOptions, CaptchaProvider},
};
use crate::{
    domain::{
        Cx, RouteRequest,
        outgoing::{Answered, Call, Configured},
    },
    engine::Exit,
    wire::json::truthy,
};

const RESPONSE: HeaderName = HeaderName::from_static("x-captcha-response");
/// How sure Google must be, unless the options say otherwise.
const MIN_SCORE: f64 = 0.5;

/// Lets the request pass if its captcha was solved. The token is shown to nobody but the service, which takes each once.
pub(super) async fn verify(cx: &mut Cx, options: &CaptchaOptions) -> Result<(), Exit> {
    if let Some(own) = &options.own {
        let request = RouteRequest::of(cx);
        let person = own.run(cx, request).await?;
        return cx.ensure(person, errors::VERIFICATION_FAILED);
    }
    let given = cx.request.header(RESPONSE).filter(|given| !given.is_empty());
    let call = call(options, given.ok_or(errors::MISSING_RESPONSE)?, cx.local.client_ip.as_deref());
    let server = Configured(options.provider.name());
    let answered = call.send(cx, &server).await.ok_or(errors::UNKNOWN_ERROR)?;
    let answer = read(&answered).ok_or(errors::UNKNOWN_ERROR)?;
    judge(options, &answer).map_err(|reason| {
        let (said, page, action) = (&answer["error-codes"], &answer["hostname"], &answer["action"]);
        tracing::warn!(provider = options.provider.name(), reason, %said, %page, %action, "a captcha was refused");
        Exit::from(errors::VERIFICATION_FAILED)
    })
}

/// The question about the token `given`, which a client at `address` has brought. The names and their order are the reference's.
fn call(options: &CaptchaOptions, given: &str, address: Option<&str>) -> Call {
    let secret = options.secret_key.as_ref().map_or("", |key| key.0.expose());
    let site_key = options.site_key.as_deref().filter(|key| !key.is_empty()).map(|key| ("sitekey", key));
    let name = if options.provider == CaptchaProvider::Captchafox { "remoteIp" } else { "remoteip" };
    let usual = [("secret", secret), ("response", given)];
    let fields: Vec<_> = usual.into_iter().chain(site_key).chain(address.map(|address| (name, address))).collect();
    let url = options.site_verify_url();
    match options.provider {
        CaptchaProvider::CloudflareTurnstile => {
            let body: Map<_, _> = fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            Call::new(Method::POST, url).body("application/json", Value::Object(body).to_string())
        }
        _ => Call::form(url, &fields),
    }
}

/// What the service answered; `None` when it has answered nothing. What is no JSON is a text, which says nothing of success.
fn read(answered: &Answered) -> Option<Value> {
    let text = || Value::String(String::from_utf8_lossy(&answered.body).into_owned());
    let answer = answered.read_json().unwrap_or_else(text);
    (answered.status.is_success() && truthy(&answer)).then_some(answer)
}

/// Whether the answer is about a captcha that was solved, for this action and on this site, or why it is not.
fn judge(options: &CaptchaOptions, answer: &Value) -> Result<(), &'static str> {
    let ensure = |right: bool, reason| if right { Ok(()) } else { Err(reason) };
    ensure(truthy(&answer["success"]), "the service says no")?;
    if options.provider == CaptchaProvider::GoogleRecaptcha {
        let least = options.min_score.unwrap_or(MIN_SCORE);
        ensure(answer["score"].as_f64().is_none_or(|score| score >= least), "the score is too low")?;
    }
    if let Some(action) = options.expected_action.as_deref().filter(|action| !action.is_empty()) {
        ensure(answer["action"] == *action, "it is another action's")?;
    }
    let page = answer["hostname"].as_str();
    let allowed = |page: &str| options.allowed_hostnames.iter().any(|allowed| allowed == page);
    ensure(options.allowed_hostnames.is_empty() || page.is_some_and(allowed), "it is another site's")
}

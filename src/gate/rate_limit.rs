//! How often one client may call one path: the reference's rules.

use std::borrow::Cow;

use super::outcome::error_answer;
use crate::{
    crypto::digest::sha256_base64url,
    domain::{
        Cx, Installation, RateRule, RouteRequest, limit,
        options::Limit,
        per_request::{LimitRule, LimitedRequest},
    },
    engine::{Answer, Exit, HookFuture, PathMatch},
    wire::{client_ip::rate_limit_key, wildcard::path_matches},
};

/// The limits of the reference's sensitive paths.
const SPECIAL: &[RateRule] = &[
    rule(PathMatch::Prefix("/sign-in"), 10, 3),
    rule(PathMatch::Prefix("/sign-up"), 10, 3),
    rule(PathMatch::Prefix("/change-password"), 10, 3),
    rule(PathMatch::Prefix("/change-email"), 10, 3),
    rule(PathMatch::Prefix("/forget-password"), 60, 3),
    rule(
        PathMatch::OneOf(&[
            "/request-password-reset",
            "/send-verification-email",
            "/email-otp/send-verification-otp",
            "/email-otp/request-password-reset",
        ]),
        60,
        3,
    ),
];

const fn rule(on: PathMatch, window_secs: u64, max: u64) -> RateRule {
    RateRule { on, window_secs, max }
}

/// Counts the request. Answers when it is one too many.
pub(super) async fn check(cx: &mut Cx, policy_path: &str) -> Result<Option<Answer>, Exit> {
    let app = cx.app_arc();
    if !limit::is_on(&app) || app.options.advanced.ip_address.disable_ip_tracking {
        return Ok(None);
    }
    let usual = usual(&app, policy_path);
    let rule = match app.limit_rules.iter().find(|(paths, _)| path_matches(paths, policy_path)) {
        Some((_, rule)) => ask(cx, rule, usual).await?,
        None => app.options.rate_limit.custom_rules.of(policy_path).map_or(Some(usual), |rule| rule.over(usual)),
    };
    let Some(rule) = rule else { return Ok(None) };
    let key = rate_limit_key(cx.local.client_ip.as_deref(), &counted(cx.request.template, policy_path));
    match limit::count(cx, key, rule).await {
        Ok(()) => Ok(None),
        Err(Exit::Refused(error)) => Ok(Some(error_answer(&error))),
        Err(exit) => Err(exit),
    }
}

/// The name under which `path` is counted, whose route is `template`. What a client has chosen of it may be a token, and as long as a target
/// may be, so it is kept as a hash.
fn counted<'p>(template: &str, path: &'p str) -> Cow<'p, str> {
    if template == path { path.into() } else { sha256_base64url(path.as_bytes()).into() }
}

/// Has the application say how often this may be done. Boxed, as most applications say it once for all.
fn ask<'a>(cx: &'a mut Cx, rule: &'a LimitRule, usual: Limit) -> HookFuture<'a, Option<Limit>> {
    Box::pin(async move { Ok(cx.run(rule.run(LimitedRequest::new(RouteRequest::of(cx), usual))).await?) })
}

/// The limit of `path`, if the application has none of its own.
fn usual(app: &Installation, path: &str) -> Limit {
    let by_plugin = app.plugin_rate_rules.iter().find(|rule| rule.on.accepts(path));
    match by_plugin.or_else(|| SPECIAL.iter().find(|rule| rule.on.accepts(path))) {
        Some(rule) => Limit { window: rule.window_secs, max: rule.max },
        None => Limit { window: app.options.rate_limit.window, max: app.options.rate_limit.max },
    }
}

//! How often one client may call one path: the reference's rules.

use super::outcome::error_answer;
use crate::{
    domain::{Cx, Installation, RateRule, limit, options::Limit},
    engine::{Answer, Exit, PathMatch},
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
    let Some(rule) = rule_for(&app, policy_path) else { return Ok(None) };
    let key = rate_limit_key(cx.local.client_ip.as_deref(), policy_path);
    match limit::count(cx, key, rule).await {
        Ok(()) => Ok(None),
        Err(Exit::Refused(error)) => Ok(Some(error_answer(&error))),
        Err(exit) => Err(exit),
    }
}

/// The window and its maximum for `path`; `None` when it is not limited.
fn rule_for(app: &Installation, path: &str) -> Option<Limit> {
    let options = &app.options.rate_limit;
    let by_plugin = app.plugin_rate_rules.iter().find(|rule| rule.on.accepts(path));
    let usual = match by_plugin.or_else(|| SPECIAL.iter().find(|rule| rule.on.accepts(path))) {
        Some(rule) => Limit { window: rule.window_secs, max: rule.max },
        None => Limit { window: options.window, max: options.max },
    };
    let custom = options.custom_rules.iter().find(|(pattern, _)| path_matches(pattern, path));
    custom.map_or(Some(usual), |(_, rule)| rule.over(usual))
}

//! How often one client may call one path: the reference's rules, over three kinds of counters.

use http::{HeaderName, StatusCode};

use crate::{
    domain::{
        Cx, Installation, RateRule, event, id,
        options::{CustomRule, Mode, RateLimitStorage},
    },
    engine::{Answer, ApiError, Exit, Fault, PathMatch},
    schema::RATE_LIMIT,
    store::{
        Batch, CacheOp, CacheReply, Conflict, ConflictKind, Expect, Filter, Hit, HitVerdict, Op, Query, Row, Statement,
        StorageError,
    },
    wire::{client_ip::rate_limit_key, wildcard::Wildcard},
};

use super::outcome::error_answer;

const TOO_MANY: ApiError =
    ApiError::uncoded(StatusCode::TOO_MANY_REQUESTS, "Too many requests. Please try again later.");
const RETRY_AFTER: HeaderName = HeaderName::from_static("x-retry-after");

/// How often a lost race for a counter in the database is run again.
const ATTEMPTS: usize = 8;

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
    if !is_on(&app) || app.options.advanced.ip_address.disable_ip_tracking {
        return Ok(None);
    }
    let Some((window_secs, max)) = rule_for(&app, policy_path) else { return Ok(None) };
    let key = rate_limit_key(cx.local.client_ip.as_deref(), policy_path);
    match check_limit(cx, key, window_secs, max).await {
        Ok(()) => Ok(None),
        Err(Exit::Answer(denied)) => Ok(Some(denied)),
        Err(exit) => Err(exit),
    }
}

/// Counts something under `key` where requests are limited at all: for what one client can do to many, or many to one.
///
/// # Errors
/// The answer to a request that is one too many in its window, or counters that fail.
pub async fn check_limit(cx: &mut Cx, key: String, window_secs: u64, max: u64) -> Result<(), Exit> {
    let app = cx.app_arc();
    if !is_on(&app) {
        return Ok(());
    }
    let hit = Hit { key, window_secs, max, now: cx.now() };
    let verdict = match app.rate_limit_storage() {
        RateLimitStorage::Memory => cx.limit(hit).await?,
        RateLimitStorage::SecondaryStorage => count_in_cache(cx, hit).await?,
        RateLimitStorage::Database => count_in_database(cx, hit).await?,
    };
    let HitVerdict::Denied { retry_after_secs } = verdict else { return Ok(()) };
    cx.reply.set_header(RETRY_AFTER, &retry_after_secs.to_string());
    event::emit(cx, event::RATE_LIMITED, None, vec![("path", cx.request.template.to_owned())]).await;
    Err(Exit::Answer(error_answer(&TOO_MANY)))
}

fn is_on(app: &Installation) -> bool {
    app.options.rate_limit.enabled.unwrap_or(app.options.mode == Mode::Production)
}

/// The window and its maximum for `path`; `None` when it is not limited.
fn rule_for(app: &Installation, path: &str) -> Option<(u64, u64)> {
    let options = &app.options.rate_limit;
    let mut found = (options.window, options.max);
    let special = SPECIAL.iter().find(|rule| rule.on.accepts(path));
    if let Some(rule) = special {
        found = (rule.window_secs, rule.max);
    }
    if let Some(rule) = app.plugin_rate_rules.iter().find(|rule| rule.on.accepts(path)) {
        found = (rule.window_secs, rule.max);
    }
    let custom = options.custom_rules.iter().find(|(pattern, _)| matches_custom(pattern, path));
    match custom {
        Some((_, CustomRule::Switch(false))) => None,
        Some((_, CustomRule::Limit { window, max })) => Some((*window, *max)),
        Some((_, CustomRule::Switch(true))) | None => Some(found),
    }
}

fn matches_custom(pattern: &str, path: &str) -> bool {
    if pattern.contains('*') { Wildcard::new(pattern).matches(path) } else { pattern == path }
}

async fn count_in_cache(cx: &mut Cx, hit: Hit) -> Result<HitVerdict, Exit> {
    match cx.cache(CacheOp::Increment { key: hit.key, ttl_secs: hit.window_secs }).await? {
        CacheReply::Count(count) if count <= hit.max => Ok(HitVerdict::Allowed),
        CacheReply::Count(_) => Ok(HitVerdict::Denied { retry_after_secs: hit.window_secs }),
        _ => Err(Fault::Bug("secondary storage answered an increment with something else".into()).into()),
    }
}

/// Counts in the `rateLimit` table. Each step is one guarded statement, so that parallel requests never pass together.
async fn count_in_database(cx: &mut Cx, hit: Hit) -> Result<HitVerdict, Exit> {
    let now = hit.now.as_millis();
    let window = i64::try_from(hit.window_secs).unwrap_or(i64::MAX).saturating_mul(1000);
    let max = i64::try_from(hit.max).unwrap_or(i64::MAX);
    for _ in 0..ATTEMPTS {
        let query = Query::one(RATE_LIMIT, Filter::eq("key", &hit.key));
        let Some(row) = cx.read(query).await?.first() else {
            if first_hit(cx, &hit).await? {
                return Ok(HitVerdict::Allowed);
            }
            continue;
        };
        let last = row.get("lastRequest").as_int().unwrap_or_default();
        let key = Filter::eq("key", &hit.key);
        let statement = if now - last >= window {
            let unchanged = key.and(Filter::compare("lastRequest", Op::Lte, last));
            let set = Row::new().with("count", 1).with("lastRequest", now);
            Statement::Update { table: RATE_LIMIT, filter: unchanged, set, expect: Expect::Any }
        } else {
            let open = key.and(Filter::compare("lastRequest", Op::Gt, now - window)).and(Filter::compare(
                "count",
                Op::Lt,
                max,
            ));
            let set = Row::new().with("lastRequest", now);
            Statement::Increment {
                table: RATE_LIMIT,
                filter: open,
                by: vec![("count".into(), 1)],
                set,
                expect: Expect::Any,
            }
        };
        let counted = cx.write(Batch::new().then(statement)).await?;
        if counted.first().is_some_and(|rows| rows.count == 1) {
            return Ok(HitVerdict::Allowed);
        }
        if now - last < window && row.get("count").as_int().unwrap_or_default() >= max {
            let left = (last + window - now).max(0) as u64;
            return Ok(HitVerdict::Denied { retry_after_secs: left.div_ceil(1000) });
        }
    }
    Ok(HitVerdict::Denied { retry_after_secs: hit.window_secs })
}

/// Starts a counter; false when another request has just started it.
async fn first_hit(cx: &mut Cx, hit: &Hit) -> Result<bool, Exit> {
    let row = Row::new()
        .with("key", &hit.key)
        .with("count", 1)
        .with("lastRequest", hit.now.as_millis())
        .with("id", id::new(cx, &RATE_LIMIT));
    match cx.write(Batch::new().insert(RATE_LIMIT, row)).await {
        Ok(_) => Ok(true),
        Err(StorageError::Conflict(Conflict { kind: ConflictKind::Unique { .. }, .. })) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

//! How often something may happen: counters in the memory of this process, in secondary storage, or in the database.

use http::{HeaderName, StatusCode};

use super::{
    Cx, Installation, event, id,
    options::{Limit, Mode, RateLimitStorage},
};
use crate::{
    engine::{ApiError, Exit, Fault},
    schema::RATE_LIMIT,
    store::{
        Batch, CacheOp, CacheReply, Conflict, ConflictKind, Expect, Filter, Hit, HitVerdict, Op, Query, Row, Statement,
        StorageError,
    },
};

const TOO_MANY: ApiError =
    ApiError::uncoded(StatusCode::TOO_MANY_REQUESTS, "Too many requests. Please try again later.");
const RETRY_AFTER: HeaderName = HeaderName::from_static("x-retry-after");

/// How often a lost race for a counter in the database is run again.
const ATTEMPTS: usize = 8;

/// Whether anything is limited.
#[must_use]
pub fn is_on(app: &Installation) -> bool {
    app.options.rate_limit.enabled.unwrap_or(app.options.mode == Mode::Production)
}

/// Counts something under `key` where requests are limited at all: for what one client can do to many, or many to one.
///
/// # Errors
/// The refusal of what is one too many in its window (429, with `X-Retry-After`), or counters that fail.
pub async fn count(cx: &mut Cx, key: String, limit: Limit) -> Result<(), Exit> {
    let HitVerdict::Denied { retry_after_secs } = verdict(cx, key, limit).await? else { return Ok(()) };
    cx.reply.set_header(RETRY_AFTER, &retry_after_secs.to_string());
    event::emit(cx, event::RATE_LIMITED, None, vec![("path", cx.request.template.to_owned())]).await;
    Err(TOO_MANY.into())
}

/// Counts like [`count`], and leaves it to the caller what follows.
///
/// # Errors
/// Counters that fail.
pub async fn verdict(cx: &mut Cx, key: String, limit: Limit) -> Result<HitVerdict, Exit> {
    if !is_on(cx.app()) {
        return Ok(HitVerdict::Allowed);
    }
    let hit = Hit { key, window_secs: limit.window, max: limit.max, now: cx.now() };
    match cx.app().rate_limit_storage() {
        RateLimitStorage::Memory => Ok(cx.limit(hit).await?),
        RateLimitStorage::SecondaryStorage => count_in_cache(cx, hit).await,
        RateLimitStorage::Database => count_in_database(cx, hit).await,
    }
}

/// Forgets what was counted under `key`.
///
/// # Errors
/// Counters that fail.
pub async fn forget(cx: &mut Cx, key: String) -> Result<(), Exit> {
    match cx.app().rate_limit_storage() {
        _ if !is_on(cx.app()) => {}
        RateLimitStorage::Memory => cx.forget(key).await?,
        RateLimitStorage::SecondaryStorage => drop(cx.cache(CacheOp::Delete { key }).await?),
        RateLimitStorage::Database => {
            cx.write(Batch::new().delete(RATE_LIMIT, Filter::eq("key", key), Expect::Any)).await?;
        }
    }
    Ok(())
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

//! Pure decisions about a session's life.

use super::Session;
use crate::{domain::options::SessionOptions, wire::date::Timestamp};

/// Lifetime of a session that ends with the browser, in seconds.
const UNREMEMBERED_SECS: i64 = 86_400;
/// How many times an idle session's clock is set back during its idle lifetime, at most.
const IDLE_STEPS: i64 = 10;

/// Whether a session was made lately enough for something sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It was.
    Fresh,
    /// The person should sign in again.
    Stale,
}

/// Whether using a session should push its end out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// It should, to this moment.
    Due(Timestamp),
    /// Not now.
    NotDue,
}

/// Whether `session` may be used at `now`: before its end, and within the absolute and idle lifetimes.
#[must_use]
pub fn is_live(session: &Session, options: &SessionOptions, now: Timestamp) -> bool {
    let within = |since: Option<Timestamp>, lifetime: Option<i64>| match (since, lifetime) {
        (_, None) => true,
        (Some(since), Some(lifetime)) => now < since.plus_secs(lifetime),
        (None, Some(_)) => false,
    };
    session.expires_at() >= now
        && within(session.row.date("createdAt"), options.absolute_lifetime)
        && within(session.row.date("updatedAt"), options.idle_lifetime)
}

/// Whether `session` is fresh at `now`. Counted from sign-in, so that use does not keep it fresh.
#[must_use]
pub fn freshness(session: &Session, options: &SessionOptions, now: Timestamp) -> Freshness {
    freshness_since(session.created_at(), options, now)
}

/// Whether a session that was made at `created_at` is fresh at `now`.
#[must_use]
pub fn freshness_since(created_at: Timestamp, options: &SessionOptions, now: Timestamp) -> Freshness {
    if options.fresh_age == 0 || now < created_at.plus_secs(options.fresh_age) {
        Freshness::Fresh
    } else {
        Freshness::Stale
    }
}

/// Whether `session` should be renewed at `now`.
#[must_use]
pub fn renewal(session: &Session, options: &SessionOptions, now: Timestamp) -> Renewal {
    let by_age = session.expires_at().minus_secs(options.expires_in).plus_secs(options.update_age) <= now;
    let by_idleness = options.idle_lifetime.is_some_and(|lifetime| {
        session.row.date("updatedAt").is_none_or(|used| used.plus_secs(lifetime / IDLE_STEPS) <= now)
    });
    let until = capped(now.plus_secs(options.expires_in), session.created_at(), options);
    if by_idleness || (by_age && until > session.expires_at()) { Renewal::Due(until) } else { Renewal::NotDue }
}

/// When a session made at `now` ends.
#[must_use]
pub fn expires_at(options: &SessionOptions, now: Timestamp, remembered: bool) -> Timestamp {
    let lifetime = if remembered { options.expires_in } else { UNREMEMBERED_SECS };
    capped(now.plus_secs(lifetime), now, options)
}

fn capped(until: Timestamp, created_at: Timestamp, options: &SessionOptions) -> Timestamp {
    options.absolute_lifetime.map_or(until, |lifetime| until.min(created_at.plus_secs(lifetime)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::Row;

    const DAY: i64 = 86_400;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn session(created: i64, updated: i64, expires: i64) -> Session {
        let row =
            Row::new().with("createdAt", at(created)).with("updatedAt", at(updated)).with("expiresAt", at(expires));
        Session { row, user: Row::new() }
    }

    #[test]
    fn a_session_is_renewed_when_a_day_of_it_is_used() {
        let options = SessionOptions::default();
        let fresh = session(0, 0, 7 * DAY);
        assert_eq!(renewal(&fresh, &options, at(DAY - 1)), Renewal::NotDue);
        assert_eq!(renewal(&fresh, &options, at(DAY)), Renewal::Due(at(8 * DAY)));
    }

    #[test]
    fn freshness_is_counted_from_sign_in() {
        let options = SessionOptions::default();
        let renewed = session(0, 3 * DAY, 10 * DAY);
        assert_eq!(freshness(&renewed, &options, at(DAY - 1)), Freshness::Fresh);
        assert_eq!(freshness(&renewed, &options, at(DAY)), Freshness::Stale);
        let always = SessionOptions { fresh_age: 0, ..options };
        assert_eq!(freshness(&renewed, &always, at(9 * DAY)), Freshness::Fresh);
    }

    #[test]
    fn an_idle_session_ends_and_a_used_one_does_not() {
        let options = SessionOptions { idle_lifetime: Some(1000), ..SessionOptions::default() };
        assert!(!is_live(&session(0, 0, 7 * DAY), &options, at(1000)));
        assert!(matches!(renewal(&session(0, 0, 7 * DAY), &options, at(100)), Renewal::Due(_)));
        assert!(is_live(&session(0, 950, 7 * DAY), &options, at(1900)));
    }

    #[test]
    fn use_is_noted_when_a_tenth_of_the_idle_lifetime_is_over() {
        let options = SessionOptions { idle_lifetime: Some(1000), ..SessionOptions::default() };
        let session = session(0, 0, 7 * DAY);
        assert_eq!(renewal(&session, &options, at(99)), Renewal::NotDue);
        assert_eq!(renewal(&session, &options, at(100)), Renewal::Due(at(100 + 7 * DAY)));
    }

    #[test]
    fn a_session_that_can_last_no_longer_is_not_renewed() {
        let options = SessionOptions { absolute_lifetime: Some(7 * DAY), ..SessionOptions::default() };
        assert_eq!(renewal(&session(0, 0, 7 * DAY), &options, at(2 * DAY)), Renewal::NotDue);
        assert_eq!(renewal(&session(0, 0, 6 * DAY), &options, at(2 * DAY)), Renewal::Due(at(7 * DAY)));
    }

    #[test]
    fn an_unremembered_session_lasts_a_day() {
        assert_eq!(expires_at(&SessionOptions::default(), at(0), false), at(DAY));
    }

    proptest! {
        #[test]
        fn no_session_outlives_its_absolute_lifetime(
            created in 0..1_000_000_i64,
            steps in proptest::collection::vec(1..200_000_i64, 1..40),
            lifetime in 1..2_000_000_i64,
        ) {
            let options = SessionOptions { absolute_lifetime: Some(lifetime), ..SessionOptions::default() };
            let mut session = session(created, created, 0);
            session.row.set("expiresAt", expires_at(&options, at(created), true));
            let mut now = created;
            for step in steps {
                now += step;
                if is_live(&session, &options, at(now)) {
                    prop_assert!(now < created + lifetime);
                    if let Renewal::Due(until) = renewal(&session, &options, at(now)) {
                        prop_assert!(until >= session.expires_at());
                        session.row.set("expiresAt", until);
                    }
                }
                prop_assert!(session.expires_at() <= at(created + lifetime));
            }
        }

        #[test]
        fn a_session_that_is_not_used_is_not_live_after_its_end(expires in 0..10_000_i64, after in 1..10_000_i64) {
            prop_assert!(!is_live(&session(0, 0, expires), &SessionOptions::default(), at(expires + after)));
        }
    }
}

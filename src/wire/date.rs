//! Moments in milliseconds since 1970-01-01T00:00:00Z, their text, and the clock that names the
//! present one.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::calendar::{DAY, HOUR, MINUTE, MONTHS, SECOND, WEEKDAYS, civil_from_days};
use super::date_reader::DateReader;

/// 0000-01-01T00:00:00.000Z, the first moment with a four-digit year.
const FIRST_PRINTABLE: i64 = -62_167_219_200_000;
/// 9999-12-31T23:59:59.999Z, the last one.
const LAST_PRINTABLE: i64 = 253_402_300_799_999;
/// Furthest moment from the epoch that a JavaScript `Date` can hold.
const DATE_LIMIT: i64 = 8_640_000_000_000_000;
/// Length of `2024-01-31T12:34:56.789Z`.
const ISO_LENGTH: usize = 24;

/// A moment, in milliseconds since the Unix epoch: what JavaScript calls a `Date`.
///
/// `Display` and `Serialize` give `Date.prototype.toISOString`: always three decimals and `Z`.
/// Moments outside the years 0 to 9999 print as the nearest moment inside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00.000Z.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The moment `millis` milliseconds after the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The moment `secs` seconds after the epoch.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(SECOND))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded towards the past.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// The moment `secs` seconds later.
    #[must_use]
    pub const fn plus_secs(self, secs: i64) -> Self {
        self.plus_millis(secs.saturating_mul(SECOND))
    }

    /// The moment `secs` seconds earlier.
    #[must_use]
    pub const fn minus_secs(self, secs: i64) -> Self {
        Self(self.0.saturating_sub(secs.saturating_mul(SECOND)))
    }

    /// The moment `millis` milliseconds later.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The text of `toISOString`, such as `2024-01-31T12:34:56.789Z`.
    #[must_use]
    pub fn to_iso(self) -> String {
        let mut buffer = [0; ISO_LENGTH];
        self.write_iso(&mut buffer).to_owned()
    }

    /// The text of `toUTCString`, such as `Wed, 31 Jan 2024 12:34:56 GMT`: the form in cookies.
    #[must_use]
    pub fn to_http_date(self) -> String {
        let (date, clock) = self.split();
        let weekday = WEEKDAYS[(date.days + 4).rem_euclid(7) as usize];
        let month = MONTHS[usize::from(date.month - 1)];
        let seconds = clock / SECOND;
        format!(
            "{weekday}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
            date.day,
            date.year,
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }

    /// Reads ISO 8601 as leniently as JavaScript's `Date.parse`: `YYYY`, `YYYY-MM` and
    /// `YYYY-MM-DD` (midnight UTC), or a date with `T` or a space and `HH:MM`, seconds, decimals
    /// (those beyond the third are dropped) and `Z`, `±HH:MM`, `±HHMM` or `±HH`. Without an offset
    /// a time is UTC, never local. Years of six signed digits are read too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let millis = DateReader::new(text).iso()?;
        (-DATE_LIMIT..=DATE_LIMIT).contains(&millis).then_some(Self(millis))
    }

    /// Reads the form that [`Timestamp::to_http_date`] writes (RFC 9110 section 5.6.7).
    #[must_use]
    pub fn parse_http_date(text: &str) -> Option<Self> {
        DateReader::new(text).http_date().map(Self)
    }

    fn write_iso(self, buffer: &mut [u8; ISO_LENGTH]) -> &str {
        let (date, clock) = self.split();
        *buffer = *b"0000-00-00T00:00:00.000Z";
        // The range of `split` makes every number fit its digits, and 32 bits divide faster.
        let (year, clock) = (date.year as u32, clock as u32);
        let [second, minute, hour] = [SECOND, MINUTE, HOUR].map(|unit| unit as u32);
        put_pair(buffer, 0, year / 100);
        put_pair(buffer, 2, year % 100);
        put_pair(buffer, 5, u32::from(date.month));
        put_pair(buffer, 8, u32::from(date.day));
        put_pair(buffer, 11, clock / hour);
        put_pair(buffer, 14, clock / minute % 60);
        put_pair(buffer, 17, clock / second % 60);
        put_pair(buffer, 20, clock % second / 10);
        buffer[22] = b'0' + (clock % 10) as u8;
        // All bytes are ASCII, so this never falls back.
        std::str::from_utf8(buffer).unwrap_or_default()
    }

    /// The date and the milliseconds since its midnight, brought into the printable range.
    fn split(self) -> (CivilDate, i64) {
        let millis = self.0.clamp(FIRST_PRINTABLE, LAST_PRINTABLE);
        let days = millis.div_euclid(DAY);
        let (year, month, day) = civil_from_days(days);
        let date = CivilDate { days, year, month, day };
        (date, millis.rem_euclid(DAY))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.write_iso(&mut [0; ISO_LENGTH]))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.write_iso(&mut [0; ISO_LENGTH]))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(IsoVisitor)
    }
}

struct IsoVisitor;

impl de::Visitor<'_> for IsoVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ISO 8601 date")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        Timestamp::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

/// What tells the engine the present moment. Asked once for each request.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `moment`.
    #[must_use]
    pub const fn new(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.0))
    }

    /// Sets the clock to `moment`.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.0, Ordering::SeqCst);
    }

    /// Moves the clock by `secs` seconds; backwards when negative.
    pub fn advance_secs(&self, secs: i64) {
        self.advance_millis(secs.saturating_mul(SECOND));
    }

    /// Moves the clock by `millis` milliseconds; backwards when negative.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

struct CivilDate {
    days: i64,
    year: i64,
    month: u8,
    day: u8,
}

/// Writes a number below 100 as two digits.
fn put_pair(buffer: &mut [u8; ISO_LENGTH], start: usize, number: u32) {
    buffer[start] = b'0' + (number / 10) as u8;
    buffer[start + 1] = b'0' + (number % 10) as u8;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printable() -> impl Strategy<Value = Timestamp> {
        (FIRST_PRINTABLE..=LAST_PRINTABLE).prop_map(Timestamp)
    }

    #[test]
    fn prints_as_to_iso_string_does() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_795_434_584_005, "2026-11-23T11:49:44.005Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (FIRST_PRINTABLE, "0000-01-01T00:00:00.000Z"),
            (LAST_PRINTABLE, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp(millis).to_iso(), text);
            assert_eq!(Timestamp(millis).to_string(), text);
        }
    }

    #[test]
    fn moments_beyond_four_digit_years_print_as_the_nearest_inside() {
        assert_eq!(Timestamp(i64::MIN).to_iso(), "0000-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(i64::MAX).to_iso(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn prints_http_dates_as_to_utc_string_does() {
        for (millis, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_795_434_584_005, "Mon, 23 Nov 2026 11:49:44 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] {
            assert_eq!(Timestamp(millis).to_http_date(), text);
        }
    }

    #[test]
    fn seconds_round_towards_the_past() {
        assert_eq!(Timestamp(1_999).as_secs(), 1);
        assert_eq!(Timestamp(-1).as_secs(), -1);
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp(i64::MAX).plus_secs(1), Timestamp(i64::MAX));
        assert_eq!(Timestamp(i64::MIN).minus_secs(1), Timestamp(i64::MIN));
        assert_eq!(Timestamp(0).plus_secs(i64::MAX), Timestamp(i64::MAX));
        assert_eq!(Timestamp(5_000).minus_secs(2), Timestamp(3_000));
        assert_eq!(Timestamp(5_000).millis_since(Timestamp(7_000)), -2_000);
    }

    #[test]
    fn json_is_the_iso_text() {
        let moment = Timestamp(1_795_434_584_005);
        let json = serde_json::to_string(&moment).unwrap();
        assert_eq!(json, "\"2026-11-23T11:49:44.005Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), moment);
        assert!(serde_json::from_str::<Timestamp>("\"soon\"").is_err());
        assert!(serde_json::from_str::<Timestamp>("0").is_err());
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = FixedClock::new(Timestamp(1_000));
        assert_eq!(clock.now(), Timestamp(1_000));
        clock.advance_secs(2);
        assert_eq!(clock.now(), Timestamp(3_000));
        clock.set(Timestamp(7));
        assert_eq!(clock.now(), Timestamp(7));
    }

    proptest! {
        #[test]
        fn parse_undoes_to_iso(moment in printable()) {
            prop_assert_eq!(Timestamp::parse(&moment.to_iso()), Some(moment));
        }

        #[test]
        fn parse_http_date_undoes_to_http_date(moment in printable()) {
            let whole = Timestamp::from_secs(moment.as_secs());
            prop_assert_eq!(Timestamp::parse_http_date(&moment.to_http_date()), Some(whole));
        }

        #[test]
        fn text_order_is_time_order(left in printable(), right in printable()) {
            prop_assert_eq!(left.cmp(&right), left.to_iso().cmp(&right.to_iso()));
        }

        #[test]
        fn every_moment_prints(millis: i64) {
            prop_assert_eq!(Timestamp(millis).to_iso().len(), ISO_LENGTH);
        }
    }
}

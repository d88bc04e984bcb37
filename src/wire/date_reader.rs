//! Reads the two date forms of the wire: ISO 8601 and the HTTP date.

use super::calendar::{DAY, HOUR, MINUTE, MONTHS, SECOND, WEEKDAYS, days_from_civil};

/// What is left of a date text.
pub(super) struct DateReader<'a>(&'a [u8]);

impl<'a> DateReader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self(text.trim_ascii().as_bytes())
    }

    /// Milliseconds since the epoch of an ISO 8601 text.
    pub(super) fn iso(mut self) -> Option<i64> {
        let days = self.date()?;
        let clock = match self.0.split_first() {
            None => return Some(days * DAY),
            Some((b'T' | b't' | b' ', rest)) => {
                self.0 = rest;
                self.clock()?
            }
            Some(_) => return None,
        };
        Some(days * DAY + clock - self.offset()?)
    }

    /// Milliseconds since the epoch of a text like `Thu, 01 Jan 1970 00:00:00 GMT`.
    pub(super) fn http_date(mut self) -> Option<i64> {
        let weekday = self.take(3)?;
        WEEKDAYS.iter().find(|name| name.as_bytes() == weekday)?;
        self.expect(b", ")?;
        let day = self.number(2)?;
        self.expect(b" ")?;
        let name = self.take(3)?;
        let month = MONTHS.iter().position(|month| month.as_bytes() == name)?;
        self.expect(b" ")?;
        let year = self.number(4)?;
        self.expect(b" ")?;
        let clock = self.clock()?;
        self.expect(b" GMT")?;
        let valid = self.0.is_empty() && (1..=31).contains(&day);
        valid.then(|| days_from_civil(year, month as u8 + 1, day as u8) * DAY + clock)
    }

    fn date(&mut self) -> Option<i64> {
        let year = if self.expect(b"+").is_some() {
            self.number(6)?
        } else if self.expect(b"-").is_some() {
            // ECMA-262 has a year 0 but no year -0.
            Some(-self.number(6)?).filter(|year| *year != 0)?
        } else {
            self.number(4)?
        };
        let month = self.after_dash()?.unwrap_or(1);
        let day = self.after_dash()?.unwrap_or(1);
        let valid = (1..=12).contains(&month) && (1..=31).contains(&day);
        valid.then(|| days_from_civil(year, month as u8, day as u8))
    }

    /// Two digits after a dash; `Some(None)` when no dash follows.
    fn after_dash(&mut self) -> Option<Option<i64>> {
        match self.expect(b"-") {
            Some(()) => self.number(2).map(Some),
            None => Some(None),
        }
    }

    /// Milliseconds since midnight of `HH:MM[:SS[.d…]]`.
    fn clock(&mut self) -> Option<i64> {
        let hours = self.number(2)?;
        self.expect(b":")?;
        let minutes = self.number(2)?;
        let mut millis = hours * HOUR + minutes * MINUTE;
        let mut seconds = 0;
        if self.expect(b":").is_some() {
            seconds = self.number(2)?;
            millis += seconds * SECOND + self.decimals()?;
        }
        // 24:00 is the end of the day, and nothing comes after it.
        let valid = minutes <= 59 && seconds <= 59 && (hours <= 23 || millis == DAY);
        valid.then_some(millis)
    }

    /// Milliseconds of `.d…`, or 0 when there is no point.
    fn decimals(&mut self) -> Option<i64> {
        if self.expect(b".").is_none() {
            return Some(0);
        }
        let is_digit = |byte: &&u8| byte.is_ascii_digit();
        let digits = self.0.iter().take_while(is_digit).count();
        let fraction = self.take(digits)?;
        if fraction.is_empty() {
            return None;
        }
        let padded = fraction.iter().chain(b"00").take(3);
        Some(padded.fold(0, |millis, digit| millis * 10 + i64::from(digit - b'0')))
    }

    /// Milliseconds that the text's zone is ahead of UTC. Nothing may follow it.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.0 {
            [] | [b'Z' | b'z'] => return Some(0),
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return None,
        };
        self.take(1)?;
        let hours = self.number(2)?;
        let colon = self.expect(b":").is_some();
        let minutes = if self.0.is_empty() && !colon { 0 } else { self.number(2)? };
        let valid = self.0.is_empty() && hours <= 23 && minutes <= 59;
        valid.then_some(sign * (hours * HOUR + minutes * MINUTE))
    }

    fn number(&mut self, digits: usize) -> Option<i64> {
        self.take(digits)?
            .iter()
            .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
    }

    fn expect(&mut self, wanted: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::date::Timestamp;

    fn iso(text: &str) -> Option<String> {
        Timestamp::parse(text).map(Timestamp::to_iso)
    }

    /// What `new Date(text).toISOString()` gives in Node with `TZ=UTC`.
    #[test]
    fn reads_what_date_parse_reads() {
        for (text, expected) in [
            ("2024", "2024-01-01T00:00:00.000Z"),
            ("2024-05", "2024-05-01T00:00:00.000Z"),
            ("2024-05-01", "2024-05-01T00:00:00.000Z"),
            (" 2024-05-01", "2024-05-01T00:00:00.000Z"),
            ("2024-02-30", "2024-03-01T00:00:00.000Z"),
            ("2024-05-01T10:20", "2024-05-01T10:20:00.000Z"),
            ("2024-05-01T10:20Z", "2024-05-01T10:20:00.000Z"),
            ("2024-05-01T10:20:30Z", "2024-05-01T10:20:30.000Z"),
            ("2024-05-01 10:20:30Z", "2024-05-01T10:20:30.000Z"),
            ("2024-05-01t10:20:30z", "2024-05-01T10:20:30.000Z"),
            ("2024-05-01T10:20:30.1Z", "2024-05-01T10:20:30.100Z"),
            ("2024-05-01T10:20:30.9999Z", "2024-05-01T10:20:30.999Z"),
            ("2024-05-01T10:20:30.1234567891Z", "2024-05-01T10:20:30.123Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
            ("2024-05-01T24:00:00Z", "2024-05-02T00:00:00.000Z"),
            ("2024-05-01T10:20:30+02:00", "2024-05-01T08:20:30.000Z"),
            ("2024-05-01T10:20:30+0200", "2024-05-01T08:20:30.000Z"),
            ("2024-05-01 10:20:30+00", "2024-05-01T10:20:30.000Z"),
            ("2024-05-01T10:20:30-23:59", "2024-05-02T10:19:30.000Z"),
            ("+002024-05-01T10:20:30Z", "2024-05-01T10:20:30.000Z"),
        ] {
            assert_eq!(iso(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_date_parse_refuses() {
        for text in [
            "",
            "soon",
            "2024-13-01",
            "2024-05-32",
            "2024-05-01T",
            "2024-05-01T10",
            "2024-05-01T10:20:60Z",
            "2024-05-01T24:00:01Z",
            "2024-05-01T10:20:30.Z",
            "2024-05-01T10:20:30 Z",
            "2024-05-01T10:20:30Zulu",
            "2024-05-01T10:20:30+24:00",
            "2024-05-01T10:20:30+02:",
            "2024-05-01T10:20:30+02:0",
            "-000000-01-01",
            "+999999-01-01",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
    }

    #[test]
    fn refuses_http_dates_of_other_forms() {
        for text in [
            "",
            "Thursday, 01-Jan-70 00:00:00 GMT",
            "Thu, 01 Jan 1970 00:00:00",
            "Thu, 01 Jan 1970 00:00:00 GMT+1",
            "Thu, 00 Jan 1970 00:00:00 GMT",
            "Xxx, 01 Jan 1970 00:00:00 GMT",
        ] {
            assert_eq!(Timestamp::parse_http_date(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn takes_any_text(text: String) {
            let _ = Timestamp::parse(&text);
            let _ = Timestamp::parse_http_date(&text);
        }

        #[test]
        fn takes_any_text_that_looks_like_a_date(text in "[+-]?[0-9TZ:. +-]{0,40}") {
            let _ = Timestamp::parse(&text);
        }

        #[test]
        fn an_offset_shifts_the_moment(millis in 0i64..4_000_000_000_000, hours in -23i64..=23) {
            let moment = Timestamp::from_millis(millis);
            let text = moment.to_iso().replace('Z', &format!("{hours:+03}:30"));
            let shift = hours * HOUR + if hours < 0 { -30 } else { 30 } * MINUTE;
            prop_assert_eq!(Timestamp::parse(&text), Some(moment.plus_millis(-shift)));
        }
    }
}

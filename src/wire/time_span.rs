//! Spans of time as people write them (`15m`, `1 hour`, `2 days ago`), as the reference reads them.

/// The letters of a unit, and its length in seconds.
const UNITS: &[(&[&str], f64)] = &[
    (&["s", "sec", "secs", "second", "seconds"], 1.0),
    (&["m", "min", "mins", "minute", "minutes"], 60.0),
    (&["h", "hr", "hrs", "hour", "hours"], 3600.0),
    (&["d", "day", "days"], 86_400.0),
    (&["w", "week", "weeks"], 604_800.0),
    (&["mo", "month", "months"], 2_592_000.0),
    (&["y", "yr", "yrs", "year", "years"], 31_557_600.0),
];

/// The span in whole seconds, rounded; negative for one with `-` before it or `ago` behind it. `None` for other texts.
///
/// ```
/// use kernia::wire::time_span::parse_secs;
///
/// assert_eq!(parse_secs("15m"), Some(900));
/// assert_eq!(parse_secs("1.5 hours from now"), Some(5400));
/// assert_eq!(parse_secs("2 days ago"), Some(-172_800));
/// assert_eq!(parse_secs("soon"), None);
/// ```
#[must_use]
pub fn parse_secs(text: &str) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    let (sign, rest) = match lower.as_bytes().first()? {
        b'+' => (Some(1.0), &lower[1..]),
        b'-' => (Some(-1.0), &lower[1..]),
        _ => (None, &*lower),
    };
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let (rest, direction) = match (rest.strip_suffix(" ago"), rest.strip_suffix(" from now")) {
        (Some(rest), _) => (rest, Some(-1.0)),
        (None, Some(rest)) => (rest, Some(1.0)),
        (None, None) => (rest, None),
    };
    if sign.is_some() && direction.is_some() {
        return None;
    }
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.').len();
    let (number, unit) = rest.split_at(digits);
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    let (_, length) = UNITS.iter().find(|(names, _)| names.contains(&unit))?;
    let secs = (read_number(number)? * length * sign.or(direction).unwrap_or(1.0)).round();
    #[allow(clippy::cast_possible_truncation, reason = "held to what an i64 and a double both have")]
    (secs.abs() <= 9_007_199_254_740_991.0).then_some(secs as i64)
}

/// Digits, with digits behind a point or none at all.
fn read_number(text: &str) -> Option<f64> {
    let whole = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    let right = match text.split_once('.') {
        Some((before, behind)) => whole(before) && whole(behind),
        None => whole(text),
    };
    if right { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_the_reference_reads() {
        for (text, secs) in [
            ("0s", 0),
            ("90 Seconds", 90),
            ("5 MIN", 300),
            ("+2h", 7200),
            ("- 2 hrs", -7200),
            ("1 day", 86_400),
            (" 1h", 3600),
            ("2w", 1_209_600),
            ("1mo", 2_592_000),
            ("1 year", 31_557_600),
            ("0.5s", 1),
            ("3 days from now", 259_200),
            ("1 hour ago", -3600),
        ] {
            assert_eq!(parse_secs(text), Some(secs), "{text}");
        }
    }

    #[test]
    fn refuses_what_the_reference_refuses() {
        for text in
            ["", "15", "m", "1,5h", ".5h", "5.h", "1  h", "1h 5m", "-1h ago", "+1h from now", "1 fortnight", "1h "]
        {
            assert_eq!(parse_secs(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn takes_any_text(text: String) {
            let _ = parse_secs(&text);
        }

        #[test]
        fn seconds_are_themselves(secs in -1_000_000_000_i64..1_000_000_000) {
            prop_assert_eq!(parse_secs(&format!("{secs}s")), Some(secs));
        }
    }
}

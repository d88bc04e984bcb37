//! Request bodies in JSON, read as the reference's `request.json()` reads them, within limits.

use std::borrow::Cow;

use serde_json::{Number, Value};
use thiserror::Error;

/// How deep arrays and objects may be nested in a request body.
pub const MAX_DEPTH: usize = 64;

/// Why a body is not a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JsonError {
    /// More bytes than the caller allows.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The caller's limit, in bytes.
        limit: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the body is nested too deeply")]
    TooDeep,
    /// Not JSON at all, or no bytes.
    #[error("Invalid JSON in request body")]
    Syntax,
}

/// Parses a request body of at most `limit` bytes (RFC 8259).
///
/// As in the reference: a byte order mark is skipped, bytes that are not UTF-8 become U+FFFD, the last of several
/// equal keys wins, and a number written `1.0` is the integer 1, since JSON knows one kind of number. Unlike it: an
/// escaped lone surrogate and a number beyond the range of a double are errors, because no Rust string or JSON number
/// can hold them. The key `__proto__` is an ordinary key here; shapes drop it.
///
/// # Errors
/// [`JsonError`]; size and depth are checked before anything is allocated.
pub fn parse_body(body: &[u8], limit: usize) -> Result<Value, JsonError> {
    if body.len() > limit {
        return Err(JsonError::TooLarge { limit });
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if depth_exceeds(body, MAX_DEPTH) {
        return Err(JsonError::TooDeep);
    }
    let text: Cow<'_, str> = String::from_utf8_lossy(body);
    let mut value = serde_json::from_str(&text).map_err(|_| JsonError::Syntax)?;
    normalize_numbers(&mut value);
    Ok(value)
}

/// JavaScript's truthiness: everything but `null`, `false`, zero and the empty string.
#[must_use]
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64().is_none_or(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Whether brackets nest deeper than `limit`; brackets inside strings do not count.
fn depth_exceeds(body: &[u8], limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in body {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

/// Turns doubles without a fraction into integers, so that they are written back without a point.
fn normalize_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(integer) = number.as_f64().filter(|_| number.is_f64()).and_then(exact_integer) {
                *number = Number::from(integer);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalize_numbers),
        Value::Object(fields) => fields.values_mut().for_each(normalize_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[allow(clippy::cast_possible_truncation)]
fn exact_integer(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn parse(text: &str) -> Result<Value, JsonError> {
        parse_body(text.as_bytes(), 4096)
    }

    #[test]
    fn a_body_over_the_limit_is_refused_before_it_is_read() {
        assert_eq!(parse_body(b"[[[", 2), Err(JsonError::TooLarge { limit: 2 }));
        assert_eq!(parse_body(b"[]", 2), Ok(json!([])));
    }

    #[test]
    fn nesting_is_counted_outside_strings_only() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(JsonError::TooDeep));
        assert_eq!(parse(&format!("{{\"a\":{}", "[".repeat(2000))), Err(JsonError::TooDeep));
        let quoted = format!("\"\\\"{}\"", "[".repeat(100));
        assert!(parse(&quoted).is_ok());
        let beside = format!("[{}{{}}]", "[],".repeat(10 * MAX_DEPTH));
        assert!(parse(&beside).is_ok());
    }

    #[test]
    fn the_last_of_equal_keys_wins() {
        assert_eq!(parse(r#"{"a":1,"b":2,"a":3}"#), Ok(json!({ "a": 3, "b": 2 })));
    }

    #[test]
    fn a_byte_order_mark_is_skipped_once() {
        assert_eq!(parse("\u{feff}{}"), Ok(json!({})));
        assert_eq!(parse("\u{feff}\u{feff}{}"), Err(JsonError::Syntax));
    }

    #[test]
    fn bytes_that_are_not_utf8_become_replacement_characters() {
        assert_eq!(parse_body(b"\"a\xffb\"", 10), Ok(json!("a\u{fffd}b")));
        assert_eq!(parse_body(b"\xff", 10), Err(JsonError::Syntax));
    }

    #[test]
    fn lone_surrogates_are_an_error_and_pairs_are_not() {
        assert_eq!(parse(r#""\ud800""#), Err(JsonError::Syntax));
        assert_eq!(parse(r#""\udc00x""#), Err(JsonError::Syntax));
        assert_eq!(parse(r#""\ud83d\ude00""#), Ok(json!("\u{1f600}")));
    }

    #[test]
    fn numbers_without_a_fraction_are_integers() {
        assert_eq!(parse("[1.0,-0.0,1e3,1.5,1e300]").map(|v| v.to_string()), Ok("[1,0,1000,1.5,1e+300]".into()));
    }

    #[test]
    fn nothing_or_something_after_the_value_is_an_error() {
        for text in ["", " ", "{} x", "{}{}", "undefined", "NaN", "{a:1}", "'a'", "[1,]", "\0", "1e999"] {
            assert_eq!(parse(text), Err(JsonError::Syntax), "{text:?}");
        }
    }

    #[test]
    fn a_proto_key_is_an_ordinary_key() {
        let value = parse(r#"{"__proto__":{"admin":true}}"#).unwrap();
        assert_eq!(value.get("admin"), None);
        assert_eq!(value["__proto__"]["admin"], true);
    }

    #[test]
    fn truth_is_that_of_javascript() {
        for value in [json!(true), json!(1), json!(-0.5), json!("false"), json!("0"), json!([]), json!({})] {
            assert!(truthy(&value), "{value}");
        }
        for value in [json!(null), json!(false), json!(0), json!(-0.0), json!("")] {
            assert!(!truthy(&value), "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_body(&body, 256);
        }

        #[test]
        fn what_parses_is_no_deeper_than_allowed(body in "[\\[\\]{}\", :\\\\a0]{0,200}") {
            if let Ok(value) = parse_body(body.as_bytes(), 400) {
                prop_assert!(depth(&value) <= MAX_DEPTH);
            }
        }
    }

    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
}

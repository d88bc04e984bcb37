//! JavaScript's conversions between JSON values, strings and numbers (ECMA-262 section 7.1), as far as input needs
//! them.

use serde_json::Value;

/// `String(x)`; `None` is `undefined`.
pub(super) fn to_text(value: Option<&Value>) -> String {
    match value {
        None => "undefined".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.as_f64().map_or_else(|| number.to_string(), number_text),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(item_text).collect::<Vec<_>>().join(","),
        Some(Value::Object(_)) => "[object Object]".to_owned(),
    }
}

/// `Number(x)`; `None` is `undefined`.
pub(super) fn to_number(value: Option<&Value>) -> f64 {
    match value {
        None | Some(Value::Object(_)) => f64::NAN,
        Some(Value::Null) => 0.0,
        Some(Value::Bool(flag)) => f64::from(u8::from(*flag)),
        Some(Value::Number(number)) => number.as_f64().unwrap_or(f64::NAN),
        Some(Value::String(text)) => text_number(text),
        Some(array @ Value::Array(_)) => text_number(&to_text(Some(array))),
    }
}

/// `String.prototype.trim`: Unicode spaces, line ends and the byte order mark, but not U+0085.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}')
}

/// A number's text: shortest digits that read back to it, plain up to 21 digits, else with an exponent.
pub(super) fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let exponent = exponent.parse::<i32>().unwrap_or(0);
    let sign = if number < 0.0 { "-" } else { "" };
    format!("{sign}{}", place_point(&digits, exponent))
}

/// Writes `0.d1d2d3… × 10^(exponent + 1)` as JavaScript prints it.
fn place_point(digits: &str, exponent: i32) -> String {
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    if (0..21).contains(&exponent) {
        if exponent + 1 >= length {
            return format!("{digits}{}", zeros(exponent + 1 - length));
        }
        let (whole, rest) = digits.split_at(usize::try_from(exponent + 1).unwrap_or(0));
        return format!("{whole}.{rest}");
    }
    if (-6..0).contains(&exponent) {
        return format!("0.{}{digits}", zeros(-exponent - 1));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{first}{point}{rest}e{sign}{}", exponent.unsigned_abs())
}

fn item_text(value: &Value) -> String {
    // A list's text leaves `null` items empty, unlike `String(null)`.
    if value.is_null() { String::new() } else { to_text(Some(value)) }
}

fn text_number(text: &str) -> f64 {
    let text = trim(text);
    if text.is_empty() {
        return 0.0;
    }
    for (lower, upper, radix) in [("0x", "0X", 16), ("0o", "0O", 8), ("0b", "0B", 2)] {
        if let Some(digits) = text.strip_prefix(lower).or_else(|| text.strip_prefix(upper)) {
            return radix_number(digits, radix);
        }
    }
    match text.strip_prefix(['+', '-']).unwrap_or(text) {
        "Infinity" if text.starts_with('-') => f64::NEG_INFINITY,
        "Infinity" => f64::INFINITY,
        unsigned if unsigned.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b)) => {
            text.parse().unwrap_or(f64::NAN)
        }
        _ => f64::NAN,
    }
}

fn radix_number(digits: &str, radix: u32) -> f64 {
    if digits.is_empty() {
        return f64::NAN;
    }
    digits
        .chars()
        .try_fold(0.0, |sum: f64, c| c.to_digit(radix).map(|digit| sum.mul_add(f64::from(radix), f64::from(digit))))
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_number_prints_as_in_javascript() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (5.0, "5"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e21, "1.5e+21"),
            (123_456_789.125, "123456789.125"),
            (0.000_001, "0.000001"),
            (0.000_000_1, "1e-7"),
            (1.25e-7, "1.25e-7"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn a_text_reads_as_a_number_as_in_javascript() {
        for (text, number) in [
            ("", 0.0),
            (" \n ", 0.0),
            ("5", 5.0),
            ("5.", 5.0),
            (".5", 0.5),
            ("-1e3", -1000.0),
            (" 0x1F ", 31.0),
            ("0b101", 5.0),
            ("0o17", 15.0),
            ("+Infinity", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(to_number(Some(&json!(text))).to_bits(), f64::to_bits(number), "{text:?}");
        }
        for text in ["inf", "nan", "-0x1", "0x", "1_000", "1,5", "--5", "e5", ".", "0b12", "infinity"] {
            assert!(to_number(Some(&json!(text))).is_nan(), "{text:?}");
        }
    }

    #[test]
    fn a_list_reads_as_its_joined_text() {
        assert_eq!(to_text(Some(&json!([1, [2, null], true, {}]))), "1,2,,true,[object Object]");
        assert_eq!(to_number(Some(&json!(["5"]))).to_bits(), 5f64.to_bits());
        assert!(to_number(Some(&json!(["5", "6"]))).is_nan());
    }
}

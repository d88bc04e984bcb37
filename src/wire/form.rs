//! Bodies in `application/x-www-form-urlencoded`.

use serde_json::{Map, Value};

use super::query::{TooManyPairs, pairs};

/// Parses a form body into an object of strings. Of several equal names the last wins, as in the reference; decoding
/// and the limit on pairs are those of [`query::parse`](super::query::parse).
///
/// # Errors
/// [`TooManyPairs`].
pub fn parse(body: &[u8]) -> Result<Map<String, Value>, TooManyPairs> {
    Ok(pairs(body)?.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::query::MAX_PAIRS;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_last_of_equal_names_wins_and_values_stay_strings() {
        let form = parse(b"a=1&rememberMe=false&a=2&b=x+y%26").unwrap();
        assert_eq!(Value::Object(form), json!({ "a": "2", "rememberMe": "false", "b": "x y&" }));
    }

    #[test]
    fn the_number_of_pairs_is_bounded() {
        assert!(parse("a=1&".repeat(MAX_PAIRS).as_bytes()).is_ok());
        assert_eq!(parse("a=1&".repeat(MAX_PAIRS + 1).as_bytes()), Err(TooManyPairs));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_form_of_strings(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(parse(&body).unwrap().values().all(Value::is_string));
        }
    }
}

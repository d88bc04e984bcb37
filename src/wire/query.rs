//! Query strings as JSON objects, the way the reference's router hands them to a route.

use serde_json::{Map, Value};
use thiserror::Error;
use url::form_urlencoded;

/// How many name-value pairs a query or a form may have.
pub const MAX_PAIRS: usize = 1000;

/// A query or form with more than [`MAX_PAIRS`] pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("more than {MAX_PAIRS} name-value pairs")]
pub struct TooManyPairs;

/// Parses a query string without its `?` (WHATWG `application/x-www-form-urlencoded`): `+` is a space, a `%` that
/// begins no escape stays, bytes that are not UTF-8 become U+FFFD.
///
/// A name given once has a string, a name given more often the list of its strings.
///
/// # Errors
/// [`TooManyPairs`].
pub fn parse(query: &str) -> Result<Map<String, Value>, TooManyPairs> {
    let mut fields = Map::new();
    for (name, value) in pairs(query.as_bytes())? {
        match fields.get_mut(&*name) {
            None => {
                fields.insert(name.into_owned(), Value::String(value.into_owned()));
            }
            Some(Value::Array(values)) => values.push(Value::String(value.into_owned())),
            Some(first) => {
                let both = vec![first.take(), Value::String(value.into_owned())];
                *first = Value::Array(both);
            }
        }
    }
    Ok(fields)
}

/// The decoded pairs of a query or form, counted before any is kept.
pub(super) fn pairs(encoded: &[u8]) -> Result<form_urlencoded::Parse<'_>, TooManyPairs> {
    let count = encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).count();
    if count > MAX_PAIRS { Err(TooManyPairs) } else { Ok(form_urlencoded::parse(encoded)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn parsed(query: &str) -> Value {
        Value::Object(parse(query).unwrap())
    }

    #[test]
    fn pairs_are_decoded_as_by_url_search_params() {
        assert_eq!(
            parsed("a=1&b=x+y%20z&c&=d&&e=f=g"),
            json!({ "a": "1", "b": "x y z", "c": "", "": "d", "e": "f=g" })
        );
        assert_eq!(parsed("a=%&b=%zz&c=%4&%61=%41"), json!({ "a": ["%", "A"], "b": "%zz", "c": "%4" }));
        assert_eq!(parsed("a=%ff%c3%a9&b=\u{e9}"), json!({ "a": "\u{fffd}\u{e9}", "b": "\u{e9}" }));
        assert_eq!(parsed(""), json!({}));
    }

    #[test]
    fn a_repeated_name_becomes_a_list_in_order() {
        assert_eq!(parsed("a=1&b=2&a=3&a=4"), json!({ "a": ["1", "3", "4"], "b": "2" }));
    }

    #[test]
    fn the_number_of_pairs_is_bounded() {
        assert_eq!(parse(&"a&".repeat(MAX_PAIRS)).unwrap().len(), 1);
        assert_eq!(parse(&"a&".repeat(MAX_PAIRS + 1)), Err(TooManyPairs));
        assert_eq!(parse(&vec!["a"; MAX_PAIRS + 1].join("&")), Err(TooManyPairs));
        assert_eq!(parsed(&"&".repeat(5000)), json!({}));
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(pairs in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..8)) {
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            let read = parse(&query).unwrap();
            prop_assert_eq!(read.len(), pairs.len());
            for (name, value) in pairs {
                prop_assert_eq!(&read[&name], &Value::String(value));
            }
        }

        #[test]
        fn any_text_is_a_query(query in any::<String>()) {
            prop_assert!(parse(&query).is_ok());
        }
    }
}

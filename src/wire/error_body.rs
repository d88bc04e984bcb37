//! The JSON body of an error answer.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;

/// `{"message":…,"code":…}`, in this order, which is that of the reference's `APIError.from`.
///
/// Some of the reference's errors have no code; the key is then left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// What a person reads.
    pub message: Cow<'static, str>,
    /// What a program compares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Cow<'static, str>>,
}

impl ErrorBody {
    /// A body with both keys.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), code: Some(code.into()) }
    }

    /// A body with a message only.
    pub fn uncoded(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), code: None }
    }

    /// The bytes on the wire, as `JSON.stringify` writes them.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        // Two strings always serialize; the empty default is never reached.
        serde_json::to_vec(self).map(Bytes::from).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_message_comes_first_and_a_missing_code_is_left_out() {
        assert_eq!(
            ErrorBody::new("INVALID_ORIGIN", "Invalid origin").to_bytes(),
            r#"{"message":"Invalid origin","code":"INVALID_ORIGIN"}"#
        );
        assert_eq!(ErrorBody::uncoded("No fields to update").to_bytes(), r#"{"message":"No fields to update"}"#);
    }

    #[test]
    fn text_is_escaped_as_json_stringify_does() {
        let body = ErrorBody::uncoded("\"\\\u{1}\u{8}\t\n\u{c}\r\u{1f}\u{7f}/</\u{2028}é");
        assert_eq!(body.to_bytes(), "{\"message\":\"\\\"\\\\\\u0001\\b\\t\\n\\f\\r\\u001f\u{7f}/</\u{2028}é\"}");
    }

    proptest! {
        #[test]
        fn any_text_survives(message in any::<String>(), code in any::<String>()) {
            let bytes = ErrorBody::new(code.clone(), message.clone()).to_bytes();
            let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(value["message"].as_str(), Some(&*message));
            prop_assert_eq!(value["code"].as_str(), Some(&*code));
        }
    }
}

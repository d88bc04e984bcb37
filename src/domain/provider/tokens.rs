//! What a token endpoint answers.

use std::fmt;

use serde_json::{Map, Value};

use crate::wire::date::Timestamp;

/// What a token endpoint has answered (RFC 6749 section 5.1). `Debug` shows none of it.
#[derive(Clone, Default)]
pub struct Tokens {
    /// Opens the provider's API.
    pub access_token: Option<String>,
    /// Gets a new access token.
    pub refresh_token: Option<String>,
    /// Says who the user is.
    pub id_token: Option<String>,
    /// When the access token expires.
    pub access_token_expires_at: Option<Timestamp>,
    /// When the refresh token expires.
    pub refresh_token_expires_at: Option<Timestamp>,
    /// What was granted, if the provider says it.
    pub scopes: Vec<String>,
    /// The answer as it came.
    pub raw: Map<String, Value>,
}

impl Tokens {
    /// Reads an answer.
    #[must_use]
    pub fn read(answer: &Value, now: Timestamp) -> Self {
        let raw = answer.as_object().cloned().unwrap_or_default();
        let text = |name: &str| raw.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let until = |name: &str| seconds(raw.get(name)?).map(|secs| after(now, secs));
        Self {
            access_token: text("access_token").map(str::to_owned),
            refresh_token: text("refresh_token").map(str::to_owned),
            id_token: text("id_token").map(str::to_owned),
            access_token_expires_at: until("expires_in"),
            refresh_token_expires_at: until("refresh_token_expires_in"),
            scopes: scopes(raw.get("scope"), char::is_whitespace),
            raw,
        }
    }

    /// The scopes as an account stores them.
    #[must_use]
    pub fn scope(&self) -> String {
        self.scopes.join(",")
    }

    /// The text of a member of the answer.
    #[must_use]
    pub fn answered(&self, name: &str) -> Option<&str> {
        self.raw.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

/// The scopes of an answer, a list or a text (RFC 6749 section 3.3) with separators between them.
pub(crate) fn scopes(answered: Option<&Value>, separator: fn(char) -> bool) -> Vec<String> {
    let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    match answered {
        Some(Value::String(text)) => text.split(separator).filter_map(named).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).filter_map(named).collect(),
        _ => Vec::new(),
    }
}

/// A duration, which some providers write as text. Zero is as good as absent.
fn seconds(value: &Value) -> Option<f64> {
    let secs = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (secs.is_finite() && secs != 0.0).then_some(secs)
}

#[allow(clippy::cast_possible_truncation, reason = "a float becomes the nearest whole number")]
fn after(now: Timestamp, secs: f64) -> Timestamp {
    now.plus_millis((secs * 1000.0) as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    #[test]
    fn answers_are_read_as_the_reference_reads_them() {
        let tokens = Tokens::read(
            &json!({ "access_token": "a", "refresh_token": "", "expires_in": 60, "refresh_token_expires_in": "90.5",
                     "scope": " a  b " }),
            NOW,
        );
        assert_eq!(tokens.access_token.as_deref(), Some("a"));
        assert_eq!((tokens.refresh_token, tokens.id_token), (None, None));
        assert_eq!(tokens.access_token_expires_at, Some(NOW.plus_secs(60)));
        assert_eq!(tokens.refresh_token_expires_at, Some(NOW.plus_millis(90_500)));
        assert_eq!(tokens.scopes, ["a", "b"]);
        let odd =
            json!({ "access_token": 5, "expires_in": 0, "refresh_token_expires_in": "soon", "scope": ["a", 1, ""] });
        let tokens = Tokens::read(&odd, NOW);
        assert_eq!((tokens.access_token, tokens.access_token_expires_at), (None, None));
        assert_eq!((tokens.refresh_token_expires_at, tokens.scopes), (None, vec!["a".to_owned()]));
        assert_eq!(Tokens::read(&json!("text"), NOW).access_token, None);
        let forever = Tokens::read(&json!({ "expires_in": 1e300 }), NOW);
        assert!(forever.access_token_expires_at.is_some_and(|moment| moment > NOW));
    }

    #[test]
    fn tokens_do_not_print() {
        let tokens = Tokens::read(&json!({ "access_token": "hush", "id_token": "hush" }), NOW);
        assert!(!format!("{tokens:?}").contains("hush"));
    }
}

//! Placeholders for ids that the database makes: they must not leave the server.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::Response;

use crate::{
    engine::{Event, Message},
    store::{CacheOp, Row, Rows, Value},
};

/// What a placeholder has behind its first character.
const LETTERS: usize = 32;

/// Asserts that an answer tells no placeholder.
pub(super) fn none_in_response(response: &Response<Bytes>) {
    let headers = response.headers().values().map(http::HeaderValue::as_bytes);
    headers.chain([response.body().as_ref()]).for_each(|bytes| none_in("an answer", &String::from_utf8_lossy(bytes)));
}

/// Asserts that a message tells no placeholder.
pub(super) fn none_in_message(message: &Message) {
    let Message { kind: _, to, name, url, token, otp, new_email, channel: _, metadata } = message;
    let rest = [name, url, token, otp, new_email].into_iter().flatten();
    let metadata = metadata.as_ref().map(ToString::to_string);
    rest.chain([to]).chain(&metadata).for_each(|text| none_in("a message", text));
}

/// Asserts that an event tells no placeholder.
pub(super) fn none_in_event(event: &Event) {
    event.detail.iter().map(|(_, text)| text).chain(&event.subject).for_each(|text| none_in(event.name, text));
}

/// Asserts that no placeholder is put into secondary storage.
pub(super) fn none_in_cache(op: &CacheOp) {
    match op {
        CacheOp::Set { key, value, .. } | CacheOp::Replace { key, value, .. } => {
            none_in("secondary storage", key);
            none_in("secondary storage", value);
        }
        CacheOp::IndexPut { key, .. } => none_in("secondary storage", key),
        _ => {}
    }
}

/// Asserts that no placeholder was stored.
pub(super) fn none_in_rows(answers: &[Rows]) {
    for (name, value) in answers.iter().flat_map(|answer| &answer.rows).flat_map(Row::fields) {
        match value {
            Value::Text(text) => none_in(name, text),
            Value::Json(document) => none_in(name, &document.to_string()),
            _ => {}
        }
    }
}

fn none_in(place: &str, text: &str) {
    assert!(!has_placeholder(text), "{place} has a placeholder: {text}");
    // Tokens and cookies are often no more than text in another alphabet.
    let inside = |byte: char| byte.is_ascii_alphanumeric() || byte == '-' || byte == '_';
    for piece in text.split(|byte| !inside(byte)).filter(|piece| piece.len() > LETTERS) {
        if let Ok(bytes) = BASE64_URL_SAFE_NO_PAD.decode(piece) {
            assert!(!has_placeholder(&String::from_utf8_lossy(&bytes)), "{place} has a placeholder inside: {piece}");
        }
    }
}

fn has_placeholder(text: &str) -> bool {
    let behind = text.match_indices('~').map(|(at, _)| &text.as_bytes()[at + 1..]);
    behind.into_iter().any(|behind| behind.len() >= LETTERS && behind[..LETTERS].iter().all(u8::is_ascii_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crypto::entropy::SeededEntropy, wire::id::generate_id};

    #[test]
    fn a_placeholder_is_seen_wherever_it_hides() {
        let placeholder = format!("~{}", generate_id(&SeededEntropy::new(1)));
        let json = format!("{{\"id\":\"{placeholder}\"}}");
        let hidden = BASE64_URL_SAFE_NO_PAD.encode(&json);
        for text in [json, format!("a={hidden}.x; Path=/")] {
            assert!(std::panic::catch_unwind(|| none_in("x", &text)).is_err(), "{text}");
        }
        for text in ["~", "~abc", &placeholder[1..], "https://example.com/~ada/"] {
            none_in("x", text);
        }
    }
}

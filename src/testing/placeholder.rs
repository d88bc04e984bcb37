//! Placeholders for ids that the database makes: they must not leave the server.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::Response;

use crate::{
    engine::{Event, Message},
    schema::{IdKind, Schema},
    store::{CacheOp, Row, Rows, Value},
};

/// What a placeholder has behind its first character.
const LETTERS: usize = 32;

/// Looks for placeholders where the database makes ids. Elsewhere there are none, and what looks like one came from a client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    on: bool,
}

impl Watch {
    /// Over a database with these tables.
    pub(super) fn over(schema: &Schema) -> Self {
        Self { on: schema.tables().iter().any(|table| table.ids == IdKind::Serial) }
    }

    /// Asserts that an answer tells no placeholder.
    pub(super) fn response(self, response: &Response<Bytes>) {
        let headers = response.headers().values().map(http::HeaderValue::as_bytes);
        let parts = headers.chain([response.body().as_ref()]);
        parts.for_each(|bytes| self.text("an answer", &String::from_utf8_lossy(bytes)));
    }

    /// Asserts that a message tells no placeholder.
    pub(super) fn message(self, message: &Message) {
        let Message { kind: _, to, name, url, token, otp, new_email, channel: _, metadata } = message;
        let rest = [name, url, token, otp, new_email].into_iter().flatten();
        let metadata = metadata.as_ref().map(ToString::to_string);
        rest.chain([to]).chain(&metadata).for_each(|text| self.text("a message", text));
    }

    /// Asserts that an event tells no placeholder.
    pub(super) fn event(self, event: &Event) {
        event.detail.iter().map(|(_, text)| text).chain(&event.subject).for_each(|text| self.text(event.name, text));
    }

    /// Asserts that no placeholder is put into secondary storage.
    pub(super) fn cache(self, op: &CacheOp) {
        match op {
            CacheOp::Set { key, value, .. } | CacheOp::Replace { key, value, .. } => {
                self.text("secondary storage", key);
                self.text("secondary storage", value);
            }
            CacheOp::IndexPut { key, .. } => self.text("secondary storage", key),
            _ => {}
        }
    }

    /// Asserts that no placeholder was stored.
    pub(super) fn rows(self, answers: &[Rows]) {
        for (name, value) in answers.iter().flat_map(|answer| &answer.rows).flat_map(Row::fields) {
            match value {
                Value::Text(text) => self.text(name, text),
                Value::Json(document) => self.text(name, &document.to_string()),
                _ => {}
            }
        }
    }

    fn text(self, place: &str, text: &str) {
        if !self.on {
            return;
        }
        assert!(!has_placeholder(text), "{place} has a placeholder: {text}");
        // Tokens and cookies are often no more than text in another alphabet.
        let inside = |byte: char| byte.is_ascii_alphanumeric() || byte == '-' || byte == '_';
        for piece in text.split(|byte| !inside(byte)).filter(|piece| piece.len() > LETTERS) {
            if let Ok(bytes) = BASE64_URL_SAFE_NO_PAD.decode(piece) {
                assert!(
                    !has_placeholder(&String::from_utf8_lossy(&bytes)),
                    "{place} has a placeholder inside: {piece}"
                );
            }
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
            assert!(std::panic::catch_unwind(|| Watch { on: true }.text("x", &text)).is_err(), "{text}");
            Watch { on: false }.text("x", &text);
        }
        for text in ["~", "~abc", &placeholder[1..], "https://example.com/~ada/"] {
            Watch { on: true }.text("x", text);
        }
    }
}

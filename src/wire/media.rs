//! How a request body is read, decided from its `Content-Type`.

use thiserror::Error;

/// The media type every route takes unless it lists others.
pub const JSON_ONLY: &[&str] = &["application/json"];

/// The ways to read a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// `application/json` and `application/…+json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// `text/plain`.
    Text,
    /// Everything else: bytes as they are.
    Bytes,
}

/// A body whose media type a route does not take; answered with status 415 and code `UNSUPPORTED_MEDIA_TYPE`.
///
/// `Display` is the message of the answer. It repeats the header, so it belongs in JSON only.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MediaError {
    /// There is a body and no `Content-Type`.
    #[error("Content-Type is required. Allowed types: {allowed}")]
    Missing {
        /// The route's list, joined by `, `.
        allowed: String,
    },
    /// The `Content-Type` is not in the route's list.
    #[error("Content-Type \"{given}\" is not allowed. Allowed types: {allowed}")]
    NotAllowed {
        /// The header as the client sent it.
        given: String,
        /// The route's list, joined by `, `.
        allowed: String,
    },
}

impl MediaError {
    /// The code in the answer's body.
    pub const CODE: &'static str = "UNSUPPORTED_MEDIA_TYPE";
}

/// Decides how to read a body that is there; a request without one is not asked.
///
/// `allowed` is the route's list, exact media types without parameters; an empty list allows everything. Case,
/// surrounding space and parameters such as `; charset=utf-8` do not matter.
///
/// # Errors
/// [`MediaError`] when the list does not contain the type.
pub fn decide(content_type: Option<&str>, allowed: &[&str]) -> Result<BodyKind, MediaError> {
    let given = content_type.unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if !allowed.is_empty() && !allowed.iter().any(|media| essence.eq_ignore_ascii_case(media.trim())) {
        let allowed = allowed.join(", ");
        return Err(if given.is_empty() {
            MediaError::Missing { allowed }
        } else {
            MediaError::NotAllowed { given: given.to_owned(), allowed }
        });
    }
    Ok(kind_of(&given.trim().to_ascii_lowercase()))
}

/// The reference looks for a type's name anywhere in the header once the list let it pass; only JSON must come first.
fn kind_of(header: &str) -> BodyKind {
    if is_json(header) {
        BodyKind::Json
    } else if header.contains("application/x-www-form-urlencoded") {
        BodyKind::Form
    } else if header.contains("multipart/form-data") {
        BodyKind::Multipart
    } else if header.contains("text/plain") {
        BodyKind::Text
    } else {
        BodyKind::Bytes
    }
}

/// `^application/([a-z0-9.+-]*\+)?json`, with no rule about what follows.
fn is_json(header: &str) -> bool {
    let Some(subtype) = header.strip_prefix("application/") else {
        return false;
    };
    if subtype.starts_with("json") {
        return true;
    }
    let end = subtype
        .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || ".+-".contains(c)))
        .unwrap_or(subtype.len());
    subtype.get(..end).is_some_and(|subtype| subtype.contains("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn json_passes_in_any_case_and_with_parameters() {
        for header in ["application/json", "Application/JSON", " application/json ; charset=utf-8", "application/json;"]
        {
            assert_eq!(decide(Some(header), JSON_ONLY), Ok(BodyKind::Json), "{header}");
        }
    }

    #[test]
    fn other_types_are_refused_with_the_header_repeated() {
        for header in ["text/plain", "application/jsonx", "application/problem+json", "text/plain;application/json"] {
            let error = decide(Some(header), JSON_ONLY).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("Content-Type \"{header}\" is not allowed. Allowed types: application/json")
            );
        }
    }

    #[test]
    fn a_missing_type_is_asked_for() {
        let allowed = ["application/x-www-form-urlencoded", "application/json"];
        for header in [None, Some("")] {
            assert_eq!(
                decide(header, &allowed).unwrap_err().to_string(),
                "Content-Type is required. Allowed types: application/x-www-form-urlencoded, application/json"
            );
        }
    }

    #[test]
    fn an_open_list_reads_by_kind() {
        for (header, kind) in [
            ("application/vnd.api+json", BodyKind::Json),
            ("application/scim+json; charset=utf-8", BodyKind::Json),
            ("application/json-seq", BodyKind::Json),
            ("application/xjson", BodyKind::Bytes),
            ("application/a b+json", BodyKind::Bytes),
            ("x; application/x-www-form-urlencoded", BodyKind::Form),
            ("multipart/form-data; boundary=x", BodyKind::Multipart),
            ("text/plain;charset=UTF-8", BodyKind::Text),
            ("application/octet-stream", BodyKind::Bytes),
            ("", BodyKind::Bytes),
        ] {
            assert_eq!(decide(Some(header), &[]), Ok(kind), "{header}");
        }
    }

    proptest! {
        #[test]
        fn only_listed_types_pass(header in "\\PC{0,40}") {
            let listed = header.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json");
            prop_assert_eq!(decide(Some(&header), JSON_ONLY).is_ok(), listed);
        }
    }
}

//! What a link is stored as.

use serde::{Deserialize, Serialize};

use super::options::{Generate, MagicLinkOptions};
use crate::{
    domain::{Cx, verification},
    engine::Exit,
    store::Row,
    wire::{
        email::is_email,
        id::{Alphabet, random_string},
    },
};

/// Characters of a token, letters all of them.
const TOKEN_LENGTH: usize = 32;

/// What a stored value says; the names are the reference's. Other one-time values say something else.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    #[serde(rename = "type")]
    kind: Kind,
    /// The address, as it was given.
    pub(super) email: String,
    /// The name of a new user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Kind {
    #[serde(rename = "magic-link")]
    MagicLink,
}

/// A new token for `email`.
pub(super) fn new_token(cx: &Cx, options: &MagicLinkOptions, email: &str) -> String {
    match &options.generate_token {
        Some(Generate(generate)) => generate(email),
        None => random_string(cx.entropy(), Alphabet::Letters, TOKEN_LENGTH),
    }
}

/// The one-time value of `token`, for inserting.
pub(super) fn permission(cx: &Cx, options: &MagicLinkOptions, token: &str, email: String, name: Option<String>) -> Row {
    let record = Record { kind: Kind::MagicLink, email, name };
    let value = serde_json::to_string(&record).unwrap_or_default();
    verification::new(cx, &identifier(&options.store_token.stored(token)), &value, options.lifetime())
}

/// The live one-time value of `token`, and what it says.
pub(super) async fn find(cx: &mut Cx, options: &MagicLinkOptions, token: &str) -> Result<Option<(Row, Record)>, Exit> {
    let stored = options.store_token.stored(token);
    let Some(row) = verification::find_token(cx, &stored, identifier).await? else { return Ok(None) };
    let record = serde_json::from_str::<Record>(row.text("value")).ok().filter(|record| is_email(&record.email));
    Ok(record.map(|record| (row, record)))
}

fn identifier(stored_token: &str) -> String {
    format!("magic-link:{stored_token}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_the_references_and_nothing_else() {
        let record = Record { kind: Kind::MagicLink, email: "a@b.co".to_owned(), name: None };
        assert_eq!(serde_json::to_string(&record).unwrap(), r#"{"type":"magic-link","email":"a@b.co"}"#);
        for other in [
            r#"{"email":"a@b.co"}"#,
            r#"{"type":"oauth","email":"a@b.co"}"#,
            r#"{"type":"magic-link","email":"a@b.co","callbackURL":"/"}"#,
            r#"{"type":"magic-link","email":["a@b.co"]}"#,
            "a@b.co",
        ] {
            assert!(serde_json::from_str::<Record>(other).is_err(), "{other}");
        }
    }
}

//! A message as JSON, for programs that send it themselves.

use kernia::engine::{Channel, Message};
use serde::Serialize;
use serde_json::Value;

/// `{"kind","channel","to","url","token","otp","name","newEmail","metadata"}`; what a message does not have is left out. The channel
/// is there where it is not mail: `"sms"`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageJson<'m> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    to: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    otp: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_email: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'m Value>,
}

impl<'m> From<&'m Message> for MessageJson<'m> {
    fn from(message: &'m Message) -> Self {
        Self {
            kind: message.kind,
            channel: (message.channel == Channel::Text).then_some("sms"),
            to: &message.to,
            url: message.url.as_deref(),
            token: message.token.as_deref(),
            otp: message.otp.as_deref(),
            name: message.name.as_deref(),
            new_email: message.new_email.as_deref(),
            metadata: message.metadata.as_ref(),
        }
    }
}

/// The message as one line without its end.
pub(crate) fn to_vec(message: &Message) -> Vec<u8> {
    // Texts always serialize; the empty default is never reached.
    serde_json::to_vec(&MessageJson::from(message)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_parts_are_left_out_and_line_ends_are_escaped() {
        let mut message = Message::new("verify-email", "a@b.test");
        message.url = Some("http://x/?a=1&b=2".to_owned());
        message.name = Some("two\nlines".to_owned());
        assert_eq!(
            String::from_utf8(to_vec(&message)).unwrap(),
            r#"{"kind":"verify-email","to":"a@b.test","url":"http://x/?a=1&b=2","name":"two\nlines"}"#
        );
    }

    #[test]
    fn a_text_says_that_it_is_one() {
        let mut message = Message::text("phone-number-otp", "+15550100");
        message.otp = Some("012345".to_owned());
        message.metadata = Some(serde_json::json!({"tenant": 7}));
        assert_eq!(
            String::from_utf8(to_vec(&message)).unwrap(),
            r#"{"kind":"phone-number-otp","channel":"sms","to":"+15550100","otp":"012345","metadata":{"tenant":7}}"#
        );
    }
}

//! The words of a mail.
//!
//! A person's name is not among them: whoever signs up chooses it, and can sign up with the address of somebody else,
//! who would then get a stranger's text under this server's good name.

use kernia::{domain::mail, engine::Message, wire::html::escape};

/// A mail without its addresses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// What is particular to one kind of message.
struct Words {
    subject: &'static str,
    lead: &'static str,
    /// The text of the button.
    action: &'static str,
    closing: &'static str,
}

const NOT_YOU: &str = "If you did not ask for this, you can ignore this message.";

fn words(message: &Message) -> Words {
    match message.kind {
        mail::RESET_PASSWORD => Words {
            subject: "Reset your password",
            lead: "Somebody asked to reset the password of your account. Follow the link to choose a new one.",
            action: "Choose a new password",
            closing: NOT_YOU,
        },
        mail::VERIFY_EMAIL => Words {
            subject: "Verify your email address",
            lead: "Follow the link to confirm that this address is yours.",
            action: "Verify this address",
            closing: NOT_YOU,
        },
        mail::CHANGE_EMAIL_CONFIRMATION => Words {
            subject: "Confirm your new email address",
            lead: "Somebody asked to change the email address of your account. Follow the link to agree.",
            action: "Change my address",
            closing: "If it was not you, do not follow the link, and change your password.",
        },
        mail::DELETE_ACCOUNT => Words {
            subject: "Confirm that your account is to be deleted",
            lead: "Follow the link to delete your account. This cannot be undone.",
            action: "Delete my account",
            closing: "If it was not you, do not follow the link, and change your password.",
        },
        mail::EXISTING_USER_SIGN_UP => Words {
            subject: "You already have an account",
            lead: "Somebody tried to sign up with this address, but it already has an account. If it was you, sign in \
                   instead, or reset your password if you have forgotten it.",
            action: "Sign in",
            closing: NOT_YOU,
        },
        mail::MAGIC_LINK => Words {
            subject: "Sign in",
            lead: "Follow the link to sign in. It works once.",
            action: "Sign in",
            closing: NOT_YOU,
        },
        mail::PASSWORD_CHANGED_NOTICE => {
            notice("Your password was changed", "The password of your account was changed.")
        }
        mail::EMAIL_CHANGED_NOTICE => {
            notice("Your email address was changed", "Your account has another email address now.")
        }
        mail::TWO_FACTOR_CHANGED_NOTICE => {
            notice("Your second factor was changed", "The second factor of your account was switched on or off.")
        }
        mail::ACCOUNT_CHANGED_NOTICE => {
            notice("A linked account was changed", "A way to sign in with another service was added or removed.")
        }
        mail::PASSKEY_CHANGED_NOTICE => {
            notice("Your passkeys were changed", "A passkey of your account was added or removed.")
        }
        _ if message.otp.is_some() => Words {
            subject: "Your code",
            lead: "Enter this code to go on:",
            action: "Go on",
            closing: "Never give this code to anybody. If you did not ask for it, you can ignore this message.",
        },
        _ => {
            Words { subject: "A message for you", lead: "Follow the link to go on.", action: "Go on", closing: NOT_YOU }
        }
    }
}

/// Words about something that has happened.
fn notice(subject: &'static str, lead: &'static str) -> Words {
    Words {
        subject,
        lead,
        action: "Go on",
        closing: "If it was not you, reset your password, and look at your account's settings.",
    }
}

/// The mail that `message` becomes in the name of `app_name`.
pub(crate) fn compose(message: &Message, app_name: &str) -> Mail {
    let words = words(message);
    let new_address = message.new_email.as_deref().map(|address| format!("The new address is {address}."));
    let mut text = vec![words.lead.to_owned()];
    let mut html = vec![paragraph(words.lead)];
    if let Some(new_address) = &new_address {
        text.push(new_address.clone());
        html.push(paragraph(new_address));
    }
    if let Some(otp) = &message.otp {
        text.push(otp.clone());
        html.push(format!("<p style=\"font-size:24px;letter-spacing:4px\"><b>{}</b></p>", escape(otp)));
    }
    if let Some(url) = &message.url {
        text.push(url.clone());
        let escaped = escape(url);
        html.push(format!("<p><a href=\"{escaped}\">{}</a></p>", escape(words.action)));
        html.push(format!("<p style=\"color:#666\">Or open this address: {escaped}</p>"));
    }
    text.push(words.closing.to_owned());
    html.push(paragraph(words.closing));
    let app_name: String = app_name.chars().filter(|c| !c.is_control()).collect();
    Mail {
        subject: format!("{} ({app_name})", words.subject),
        text: format!("{}\n\n-- \n{app_name}\n", text.join("\n\n")),
        html: format!(
            "<!doctype html><html><body style=\"font-family:sans-serif\">{}<p>{}</p></body></html>",
            html.concat(),
            escape(&app_name)
        ),
    }
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: &'static str) -> Message {
        let mut message = Message::new(kind, "ada@example.com");
        message.name = Some("Win money at evil.test".to_owned());
        message.url = Some("https://app.test/verify?token=a&b=\"><script>".to_owned());
        message
    }

    #[test]
    fn every_kind_has_a_subject_of_its_own_and_the_link_in_both_parts() {
        let kinds = [
            mail::RESET_PASSWORD,
            mail::VERIFY_EMAIL,
            mail::CHANGE_EMAIL_CONFIRMATION,
            mail::DELETE_ACCOUNT,
            mail::EXISTING_USER_SIGN_UP,
            mail::MAGIC_LINK,
            mail::PASSWORD_CHANGED_NOTICE,
            mail::EMAIL_CHANGED_NOTICE,
            mail::TWO_FACTOR_CHANGED_NOTICE,
            mail::ACCOUNT_CHANGED_NOTICE,
            mail::PASSKEY_CHANGED_NOTICE,
            "something-else",
        ];
        let mut subjects = std::collections::HashSet::new();
        for kind in kinds {
            let mail = compose(&message(kind), "Shop");
            assert!(mail.text.contains("https://app.test/verify?token=a&b="), "{kind}");
            assert!(mail.html.contains("token=a&amp;b=&quot;&gt;&lt;script&gt;"), "{kind}");
            assert!(!mail.html.contains("<script>"), "{kind}");
            assert!(mail.subject.ends_with("(Shop)"), "{kind}");
            assert!(subjects.insert(mail.subject));
        }
    }

    #[test]
    fn a_strangers_name_is_not_repeated() {
        let mail = compose(&message(mail::VERIFY_EMAIL), "Shop");
        assert!(!mail.text.contains("evil.test") && !mail.html.contains("evil.test"));
    }

    #[test]
    fn a_code_stands_alone() {
        let mut message = Message::new("sign-in-otp", "ada@example.com");
        message.otp = Some("012345".to_owned());
        let mail = compose(&message, "Shop\r\nBcc: x@evil.test");
        assert!(mail.text.contains("\n\n012345\n\n"), "{}", mail.text);
        assert!(mail.html.contains("<b>012345</b>"));
        assert_eq!(mail.subject, "Your code (ShopBcc: x@evil.test)");
    }

    #[test]
    fn a_change_names_the_new_address() {
        let mut message = message(mail::CHANGE_EMAIL_CONFIRMATION);
        message.new_email = Some("new@example.com".to_owned());
        assert!(compose(&message, "Shop").text.contains("The new address is new@example.com."));
    }
}

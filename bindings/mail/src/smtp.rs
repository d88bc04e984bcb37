//! Messages by SMTP.

use std::{error::Error as _, fmt, time::Duration};

use async_trait::async_trait;
use kernia::{
    domain::options::SecretText,
    engine::{Channel, DeliverError, Message},
};
use kernia_runtime::Deliver;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{self, authentication::Credentials},
};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Deserialize;

use crate::{SetupError, template};

/// An SMTP server and whom mail comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// The server's name, which its certificate must carry.
    pub host: String,
    /// The port; by default 465, 587 or 25, by [`tls`](Self::tls).
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: SmtpTls,
    /// The account; without it nobody logs in.
    #[serde(default)]
    pub username: Option<String>,
    /// The account's password.
    #[serde(default)]
    pub password: Option<SecretText>,
    /// The sender, as `address` or `Name <address>`.
    pub from: String,
    /// Where answers go, if not to the sender.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// How long one exchange with the server may take, in seconds.
    #[serde(default = "default_timeout")]
    pub timeout: u64,
}

/// How the connection to an SMTP server is protected.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// TLS from the first byte, RFC 8314. Port 465.
    #[default]
    Implicit,
    /// `STARTTLS`, and no mail without it. Port 587.
    Starttls,
    /// None at all: for a relay on this machine. Port 25.
    None,
}

/// Sends each message as a mail, by a connection of its own.
pub struct SmtpDelivery {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    app_name: String,
    random: SystemRandom,
}

impl SmtpDelivery {
    /// A sender in the name of `app_name`. Nothing is sent to the server yet.
    ///
    /// # Errors
    /// [`SetupError::Address`], [`SetupError::Smtp`].
    pub fn new(settings: &SmtpSettings, app_name: &str) -> Result<Self, SetupError> {
        let from = settings.from.parse().map_err(|_| SetupError::Address("from"))?;
        let reply_to = settings.reply_to.as_deref().map(str::parse).transpose();
        Ok(Self {
            transport: transport(settings)?,
            from,
            reply_to: reply_to.map_err(|_| SetupError::Address("reply_to"))?,
            app_name: app_name.to_owned(),
            random: SystemRandom::new(),
        })
    }

    fn mail(&self, message: &Message) -> Result<lettre::Message, DeliverError> {
        let to = recipient(&message.to)?;
        let words = template::compose(message, &self.app_name);
        let mut mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(words.subject)
            .message_id(Some(self.message_id()?))
            // So that no vacation notice answers (RFC 3834 section 5).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        if let Some(reply_to) = &self.reply_to {
            mail = mail.reply_to(reply_to.clone());
        }
        mail.multipart(MultiPart::alternative_plain_html(words.text, words.html))
            .map_err(|_| DeliverError("the mail could not be composed".to_owned()))
    }

    /// `<32 hexadecimal digits@the sender's domain>`.
    fn message_id(&self) -> Result<String, DeliverError> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes).map_err(|_| DeliverError("no random bytes".to_owned()))?;
        Ok(format!("<{:032x}@{}>", u128::from_be_bytes(bytes), self.from.email.domain()))
    }
}

#[async_trait]
impl Deliver for SmtpDelivery {
    async fn deliver(&self, message: &Message) -> Result<(), DeliverError> {
        if message.channel != Channel::Mail {
            return Err(DeliverError("a text cannot be sent by SMTP".to_owned()));
        }
        let mail = self.mail(message)?;
        self.transport.send(mail).await.map_err(|error| DeliverError(describe(&error)))?;
        Ok(())
    }
}

impl fmt::Debug for SmtpDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpDelivery").field("from", &self.from).finish_non_exhaustive()
    }
}

fn default_timeout() -> u64 {
    20
}

/// The address of one person. No list, no name, nothing that could end the header.
fn recipient(to: &str) -> Result<Address, DeliverError> {
    let refused = || DeliverError("the recipient is not an email address".to_owned());
    if to.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(refused());
    }
    to.parse().map_err(|_| refused())
}

fn transport(settings: &SmtpSettings) -> Result<AsyncSmtpTransport<Tokio1Executor>, SetupError> {
    let failed = |error: smtp::Error| SetupError::Smtp(error.to_string());
    let host = settings.host.as_str();
    let mut builder = match settings.tls {
        SmtpTls::Implicit => AsyncSmtpTransport::<Tokio1Executor>::relay(host).map_err(failed)?,
        SmtpTls::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host).map_err(failed)?,
        SmtpTls::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
    };
    if let Some(port) = settings.port {
        builder = builder.port(port);
    }
    match (&settings.username, &settings.password) {
        (None, None) => {}
        (Some(username), Some(password)) => {
            builder = builder.credentials(Credentials::new(username.clone(), password.0.expose().to_owned()));
        }
        _ => return Err(SetupError::Smtp("username and password belong together".to_owned())),
    }
    Ok(builder.timeout(Some(Duration::from_secs(settings.timeout))).build())
}

/// What went wrong, without the server's own words, which may repeat the address.
fn describe(error: &smtp::Error) -> String {
    if let Some(code) = error.status() {
        return format!("the SMTP server answered {code}");
    }
    match error.source() {
        Some(source) => format!("the SMTP server could not be used: {source}"),
        None => "the SMTP server could not be used".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use kernia::domain::mail;

    use super::*;

    fn settings() -> SmtpSettings {
        SmtpSettings {
            host: "smtp.example.com".to_owned(),
            port: None,
            tls: SmtpTls::Implicit,
            username: None,
            password: None,
            from: "Shop <auth@example.com>".to_owned(),
            reply_to: Some("help@example.com".to_owned()),
            timeout: 5,
        }
    }

    fn mail(to: &str) -> Result<String, DeliverError> {
        let mut message = Message::new(mail::RESET_PASSWORD, to);
        message.url = Some("https://example.com/reset?token=abc".to_owned());
        let delivery = SmtpDelivery::new(&settings(), "Shöp").unwrap();
        delivery.mail(&message).map(|mail| String::from_utf8(mail.formatted()).unwrap())
    }

    #[test]
    fn a_mail_has_a_text_and_a_page() {
        let mail = mail("ada@example.com").unwrap();
        for line in [
            "From: Shop <auth@example.com>\r\n",
            "To: ada@example.com\r\n",
            "Reply-To: help@example.com\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Type: text/html; charset=utf-8\r\n",
        ] {
            assert!(mail.contains(line), "{line}{mail}");
        }
        let id = mail.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap();
        assert!(id.ends_with("@example.com>") && id.len() == 32 + 13, "{id}");
        assert!(!mail.contains("localhost"));
    }

    #[test]
    fn case_048_a_recipient_is_one_address_and_nothing_else() {
        for to in [
            "ada@example.com\r\nBcc: eve@evil.test",
            "ada@example.com\nBcc: eve@evil.test",
            "ada@example.com, eve@evil.test",
            "Ada <ada@example.com>",
            " ada@example.com",
            "ada",
            "",
        ] {
            assert!(mail(to).is_err(), "{to:?}");
        }
        assert!(mail("a+b@sub.example.com").unwrap().contains("To: a+b@sub.example.com\r\n"));
    }

    #[test]
    fn a_sender_must_be_an_address_and_half_a_login_is_none() {
        let setup = |change: fn(&mut SmtpSettings)| {
            let mut settings = settings();
            change(&mut settings);
            SmtpDelivery::new(&settings, "Shop").map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(setup(|s| s.from = "Shop".to_owned()), Err("from is not an email address".to_owned()));
        assert_eq!(
            setup(|s| s.reply_to = Some("a@b\r\nX: y".to_owned())),
            Err("reply_to is not an email address".to_owned())
        );
        assert_eq!(
            setup(|s| s.username = Some("me".to_owned())),
            Err("username and password belong together".to_owned())
        );
        assert_eq!(setup(|s| s.tls = SmtpTls::Starttls), Ok(()));
    }
}

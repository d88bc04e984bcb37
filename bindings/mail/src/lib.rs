//! Ways to deliver Kernia's messages: SMTP, a webhook, a file, the log.
//!
//! Each is a [`Deliver`](kernia_runtime::Deliver) and sends one message when it is told to. Queue, timeout and counting are
//! those of `kernia-runtime`.

mod file;
mod json;
mod log;
mod smtp;
mod template;
mod webhook;

pub use file::FileDelivery;
pub use log::LogDelivery;
pub use smtp::{SmtpDelivery, SmtpSettings, SmtpTls};
pub use webhook::{SIGNATURE_HEADER, WebhookDelivery, WebhookSettings};

/// Why a delivery cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The file cannot be opened for writing.
    #[error("the file cannot be opened: {0}")]
    File(#[from] std::io::Error),
    /// A sender's or a reply address is none.
    #[error("{0} is not an email address")]
    Address(&'static str),
    /// The SMTP server's settings contradict each other or cannot be used.
    #[error("{0}")]
    Smtp(String),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The webhook's URL is none, or neither `http` nor `https`.
    #[error("the webhook's URL is not an http or https URL")]
    WebhookUrl,
}

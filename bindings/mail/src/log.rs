//! Messages in the log.

use async_trait::async_trait;
use kernia::engine::{DeliverError, Message};
use kernia_runtime::Deliver;

/// Writes messages to the log under the target `kernia::delivery`, links and codes included.
///
/// For development: whoever reads the log can take over any account.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogDelivery;

#[async_trait]
impl Deliver for LogDelivery {
    async fn deliver(&self, message: &Message) -> Result<(), DeliverError> {
        tracing::info!(
            target: "kernia::delivery",
            kind = message.kind,
            to = message.to.as_str(),
            url = message.url.as_deref(),
            otp = message.otp.as_deref(),
            new_email = message.new_email.as_deref(),
            "a message to deliver",
        );
        Ok(())
    }
}

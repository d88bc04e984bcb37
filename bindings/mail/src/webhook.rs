//! Messages by HTTP.

use std::{
    error::Error,
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Uri, header};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use kernia::{
    crypto::{hex, hmac::Signer},
    domain::options::SecretText,
    engine::{DeliverError, Message},
};
use kernia_runtime::Deliver;
use serde::Deserialize;
use tokio::time::timeout;

use crate::{SetupError, json};

/// The header that proves who sent the message: `t=<seconds since 1970>,v1=<hexadecimal HMAC-SHA256 of "<t>.<body>">`.
///
/// A receiver computes the same with the shared secret, compares in constant time, and refuses what is older than some
/// minutes.
pub const SIGNATURE_HEADER: HeaderName = HeaderName::from_static("x-kernia-signature");

/// Where messages are posted to.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// An `http` or `https` URL. It may hold a secret of its receiver, so `Debug` hides it.
    pub url: String,
    /// Signs the messages; see [`SIGNATURE_HEADER`].
    #[serde(default)]
    pub secret: Option<SecretText>,
    /// How long the receiver may take to answer, in seconds.
    #[serde(default = "default_timeout")]
    pub timeout: u64,
}

/// Posts each message as JSON, in the form that [`FileDelivery`](crate::FileDelivery) writes. Any status but 2xx is a
/// failure, redirects are not followed.
pub struct WebhookDelivery {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: Uri,
    signer: Option<Signer>,
    timeout: Duration,
}

impl WebhookDelivery {
    /// A sender. Nothing is sent yet.
    ///
    /// # Errors
    /// [`SetupError::WebhookUrl`].
    pub fn new(settings: &WebhookSettings) -> Result<Self, SetupError> {
        let url: Uri = settings.url.parse().map_err(|_| SetupError::WebhookUrl)?;
        if !matches!(url.scheme_str(), Some("http" | "https")) || url.authority().is_none() {
            return Err(SetupError::WebhookUrl);
        }
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| SetupError::Tls(error.to_string()))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url,
            signer: settings.secret.as_ref().map(|secret| Signer::new(secret.0.expose().as_bytes())),
            timeout: Duration::from_secs(settings.timeout),
        })
    }

    fn request(&self, message: &Message, now_secs: u64) -> Request<Full<Bytes>> {
        let body = Bytes::from(json::to_vec(message));
        let signature = self.signer.as_ref().map(|signer| signature(signer, now_secs, &body));
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.url.clone();
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(signature) = signature {
            // Digits and letters are always a header value. Were they not, the receiver would refuse the message.
            let signature = HeaderValue::try_from(signature).unwrap_or(HeaderValue::from_static(""));
            headers.insert(SIGNATURE_HEADER, signature);
        }
        request
    }
}

#[async_trait]
impl Deliver for WebhookDelivery {
    async fn deliver(&self, message: &Message) -> Result<(), DeliverError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let call = self.client.request(self.request(message, now));
        match timeout(self.timeout, call).await {
            Err(_) => Err(DeliverError("the webhook did not answer in time".to_owned())),
            Ok(Err(error)) => Err(DeliverError(format!("the webhook could not be called: {}", cause(&error)))),
            Ok(Ok(response)) if response.status().is_success() => Ok(()),
            Ok(Ok(response)) => Err(DeliverError(format!("the webhook answered {}", response.status().as_u16()))),
        }
    }
}

impl fmt::Debug for WebhookSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSettings").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl fmt::Debug for WebhookDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookDelivery").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

fn default_timeout() -> u64 {
    10
}

/// The last of the causes, which says most.
fn cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn signature(signer: &Signer, now_secs: u64, body: &[u8]) -> String {
    let now = now_secs.to_string();
    let tag = signer.sign_parts(&[now.as_bytes(), b".", body]);
    format!("t={now},v1={}", hex::encode(&tag))
}

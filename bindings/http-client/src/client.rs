//! Making calls.

use std::{error::Error, net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use kernia::engine::{Fetch, FetchError, FetchPolicy};
use kernia_runtime::HttpClient;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::{
    ClientSettings, SettingsError, is_public,
    kept::KeptAnswers,
    resolver::{Forbidden, Resolver},
};

type Connections = HyperClient<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// Calls other servers. Redirects are answers like others; whoever wants to follow one has to say so. The environment's proxies are
/// not looked at.
#[derive(Debug)]
pub struct Client {
    timeout: Duration,
    max_answer_bytes: usize,
    configured: Connections,
    /// No connection is shared with calls whose address nobody has checked.
    untrusted: Connections,
    kept: KeptAnswers,
}

impl Client {
    /// A client with these settings.
    ///
    /// # Errors
    /// [`SettingsError`] when TLS cannot be set up as they want.
    pub fn new(settings: ClientSettings) -> Result<Self, SettingsError> {
        let tls = tls(&settings)?;
        let known = Arc::new(settings.resolve);
        let connections = |policy: FetchPolicy| {
            let mut plain = HttpConnector::new_with_resolver(Resolver::new(policy, Arc::clone(&known)));
            plain.set_connect_timeout(Some(settings.connect_timeout));
            plain.enforce_http(false);
            plain.set_nodelay(true);
            let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone());
            let connector = match policy {
                FetchPolicy::Untrusted => builder.https_only().enable_http1().wrap_connector(plain),
                FetchPolicy::Configured => builder.https_or_http().enable_http1().wrap_connector(plain),
            };
            HyperClient::builder(TokioExecutor::new()).build(connector)
        };
        Ok(Self {
            timeout: settings.timeout,
            max_answer_bytes: settings.max_answer_bytes,
            configured: connections(FetchPolicy::Configured),
            untrusted: connections(FetchPolicy::Untrusted),
            kept: KeptAnswers::new(settings.max_kept),
        })
    }

    async fn call(&self, request: Request<Bytes>, policy: FetchPolicy) -> Result<Response<Bytes>, FetchError> {
        let connections = match policy {
            FetchPolicy::Configured => &self.configured,
            FetchPolicy::Untrusted => &self.untrusted,
        };
        let exchange = async {
            let response = connections.request(request.map(Full::new)).await.map_err(|error| failure(&error))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, self.max_answer_bytes).collect().await;
            let body = body.map_err(|error| FetchError::Failed(format!("the answer: {error}")))?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        };
        let in_time = tokio::time::timeout(self.timeout, exchange).await;
        in_time.unwrap_or_else(|_| Err(FetchError::Failed("the call took too long".to_owned())))
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn fetch(&self, fetch: Fetch) -> Result<Response<Bytes>, FetchError> {
        let Fetch { request, policy, max_age } = fetch;
        if policy == FetchPolicy::Untrusted && !may_be_public(request.uri()) {
            return Err(FetchError::Refused);
        }
        match max_age.filter(|_| request.method() == Method::GET) {
            Some(secs) => {
                let key = (request.uri().clone(), policy);
                self.kept.get_or(key, Duration::from_secs(secs.into()), self.call(request, policy)).await
            }
            None => self.call(request, policy).await,
        }
    }
}

/// Whether an address that a user can influence may be looked up at all. Addresses that are no names never reach the resolver.
fn may_be_public(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let local = host.is_empty() || host == "localhost" || host.ends_with(".localhost");
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let userinfo = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    uri.scheme_str() == Some("https") && !local && !userinfo && literal.map_or(true, is_public)
}

fn failure(error: &(dyn Error + 'static)) -> FetchError {
    let mut cause = Some(error);
    let mut text = String::new();
    while let Some(error) = cause {
        if error.is::<Forbidden>() || within_io(error) {
            return FetchError::Refused;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    FetchError::Failed(text)
}

/// An I/O error hides what it was made from.
fn within_io(error: &(dyn Error + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inner.is_some_and(|inner| inner.is::<Forbidden>())
}

fn tls(settings: &ClientSettings) -> Result<ClientConfig, SettingsError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = &settings.extra_roots {
        let unreadable = || SettingsError::Roots(path.display().to_string());
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|_| unreadable())? {
            roots.add(certificate.map_err(|_| unreadable())?).map_err(|_| unreadable())?;
        }
        if roots.len() == before {
            return Err(unreadable());
        }
    }
    let provider = Arc::new(ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_175_addresses_without_a_name_are_judged_by_themselves() {
        for allowed in ["https://example.com/", "https://example.com:8443/x", "https://8.8.8.8/"] {
            assert!(may_be_public(&allowed.parse().unwrap()), "{allowed}");
        }
        for refused in [
            "http://example.com/",
            "https://localhost/",
            "https://a.LOCALHOST./",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://user@example.com/",
            "/relative",
        ] {
            assert!(!may_be_public(&refused.parse().unwrap()), "{refused}");
        }
    }
}

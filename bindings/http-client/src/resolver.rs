//! From names to addresses that may be called. What is checked here is what is connected to, so a name that changes its address in
//! between gains nothing.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec,
};

use hyper_util::client::legacy::connect::dns::Name;
use kernia::engine::FetchPolicy;
use tower_service::Service;

use crate::is_public;

/// Resolves names for calls of one policy.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    policy: FetchPolicy,
    known: Arc<BTreeMap<String, SocketAddr>>,
}

/// A name has an address that must not be called.
#[derive(Debug, thiserror::Error)]
#[error("the address is not allowed")]
pub(crate) struct Forbidden;

impl Resolver {
    pub(crate) fn new(policy: FetchPolicy, known: Arc<BTreeMap<String, SocketAddr>>) -> Self {
        Self { policy, known }
    }

    fn known(&self, name: &str) -> Option<SocketAddr> {
        if self.policy == FetchPolicy::Untrusted { None } else { self.known.get(name).copied() }
    }
}

/// Whether all of these may be called under `policy`. One that may not is enough: it would be tried when the others do not answer.
fn permitted(policy: FetchPolicy, addresses: &[SocketAddr]) -> bool {
    policy != FetchPolicy::Untrusted || addresses.iter().all(|address| is_public(address.ip()))
}

impl Service<Name> for Resolver {
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;
    type Response = vec::IntoIter<SocketAddr>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let known = self.known(name.as_str());
        let policy = self.policy;
        Box::pin(async move {
            let addresses: Vec<_> = match known {
                Some(address) => vec![address],
                None => tokio::net::lookup_host((name.as_str(), 0)).await?.collect(),
            };
            if !permitted(policy, &addresses) {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, Forbidden));
            }
            Ok(addresses.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|text| format!("{text}:0").parse().unwrap()).collect()
    }

    #[test]
    fn one_private_address_of_a_name_is_enough_to_refuse_it() {
        assert!(permitted(FetchPolicy::Untrusted, &addresses(&["8.8.8.8", "1.1.1.1"])));
        assert!(!permitted(FetchPolicy::Untrusted, &addresses(&["8.8.8.8", "127.0.0.1"])));
        assert!(permitted(FetchPolicy::Configured, &addresses(&["127.0.0.1"])));
    }

    #[test]
    fn what_the_operator_knows_does_not_help_strangers() {
        let known = BTreeMap::from([("a.test".to_owned(), "127.0.0.1:1".parse().unwrap())]);
        let known = Arc::new(known);
        assert!(Resolver::new(FetchPolicy::Configured, Arc::clone(&known)).known("a.test").is_some());
        assert!(Resolver::new(FetchPolicy::Untrusted, known).known("a.test").is_none());
    }
}

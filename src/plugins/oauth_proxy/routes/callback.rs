//! `GET /oauth-proxy-callback`, which servers of the reference used before [`completion`](super::completion)

use std::sync::Arc;

use http::Method;

use super::{super::logic::Proxy, Query, arrive};
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit},
};

/// The same as [`OAuthProxyCompletion`](super::completion::OAuthProxyCompletion), at an address that does not name the provider.
pub struct OAuthProxyCallback {
    pub(super) proxy: Arc<Proxy>,
}

impl Endpoint<Installation> for OAuthProxyCallback {
    type Body = ();
    type Output = ();
    type Query = Query;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "oAuthProxy";
    const PATH: &'static str = "/oauth-proxy-callback";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<(), Exit> {
        arrive(cx, &self.proxy, &query, None).await
    }
}

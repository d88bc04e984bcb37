//! `GET /callback/:id/oauth-proxy`

use std::sync::Arc;

use http::Method;

use super::{super::logic::Proxy, Query, arrive};
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit},
};

/// Takes a browser back from production, and signs in or links whom it names.
pub struct OAuthProxyCompletion {
    pub(super) proxy: Arc<Proxy>,
}

impl Endpoint<Installation> for OAuthProxyCompletion {
    type Body = ();
    type Output = ();
    type Query = Query;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "oAuthProxyCompletion";
    const PATH: &'static str = "/callback/:id/oauth-proxy";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<(), Exit> {
        let provider = cx.request.param("id").to_owned();
        arrive(cx, &self.proxy, &query, Some(&provider)).await
    }
}

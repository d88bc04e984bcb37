//! `GET /jwks`

use std::sync::Arc;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::super::logic::{Keys, object};
use crate::{
    domain::{Cx, Installation},
    engine::{ApiError, Endpoint, Exit},
    wire::shape::JsonMap,
};

const ELSEWHERE: ApiError = ApiError::bare(StatusCode::NOT_FOUND);

/// Publishes the public keys (RFC 7517 section 5), and makes the first one.
pub struct GetJwks {
    pub(super) keys: Arc<Keys>,
}

/// The public keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// Each as RFC 7517 has it.
    pub keys: Vec<JsonMap>,
}

impl Endpoint<Installation> for GetJwks {
    type Body = ();
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "getJwks";
    const PATH: &'static str = "/jwks";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Output, Exit> {
        let options = &self.keys.options().jwks;
        cx.ensure(options.remote_url.as_ref().is_none_or(String::is_empty), ELSEWHERE)?;
        let known = self.keys.all_or_first(cx).await?;
        let curve = options.key_pair_config.as_ref().and_then(|config| config.crv.as_deref());
        let published = known.iter().rev().filter(|key| self.keys.is_published(key, cx.now()));
        let keys = published.map(|key| {
            let mut jwk = JsonMap::from_iter([("alg".to_owned(), self.keys.algorithm_of(key).into())]);
            if let Some(crv) = key.key.crv.as_deref().or(curve) {
                jwk.insert("crv".to_owned(), crv.into());
            }
            jwk.extend(object(serde_json::from_str(&key.key.public_key).unwrap_or_default()));
            jwk.insert("kid".to_owned(), key.id.as_str().into());
            jwk
        });
        Ok(Output { keys: keys.collect() })
    }
}

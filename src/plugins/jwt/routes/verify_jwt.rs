//! Server only: `verifyJWT`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::logic::Keys;
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit, Exposure},
    wire::shape::{JsonMap, input},
};

/// Reads a token that this server has signed.
pub struct VerifyJwt {
    pub(super) keys: Arc<Keys>,
}

input! {
    /// Which token.
    pub struct Body {
        /// The token.
        token: String,
        /// Who must have issued it, instead of the configured issuer.
        issuer: Option<String>,
    }
}

/// What the token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// Its claims; `None` when it is not this server's, not for this server's audience, or not valid now.
    pub payload: Option<JsonMap>,
}

impl Endpoint<Installation> for VerifyJwt {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const EXPOSURE: Exposure = Exposure::ServerOnly;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyJWT";
    const PATH: &'static str = "/verify-jwt";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        let issuer = body.issuer.as_deref().filter(|issuer| !issuer.is_empty());
        Ok(Output { payload: self.keys.verify(cx, &body.token, issuer).await? })
    }
}

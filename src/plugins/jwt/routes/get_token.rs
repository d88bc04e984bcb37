//! `GET /token`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::logic::Keys;
use crate::{
    domain::{Cx, Installation, session},
    engine::{Endpoint, Exit},
};

/// Makes a token of the signed-in session.
pub struct GetToken {
    pub(super) keys: Arc<Keys>,
}

/// A token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// The token.
    pub token: String,
}

impl Endpoint<Installation> for GetToken {
    type Body = ();
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "getToken";
    const PATH: &'static str = "/token";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Output, Exit> {
        let session = session::require(cx).await?;
        Ok(Output { token: self.keys.token_of(cx, session).await? })
    }
}

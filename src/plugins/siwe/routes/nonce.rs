//! `POST /siwe/nonce`

use std::sync::Arc;

use http::Method;

use super::{super::options::SiweOptions, Nonce, Nothing, issue};
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit},
};

/// Gives a nonce for a message.
pub struct GetSiweNonce {
    pub(super) options: Arc<SiweOptions>,
}

impl Endpoint<Installation> for GetSiweNonce {
    type Body = Option<Nothing>;
    type Output = Nonce;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "getSiweNonce";
    const PATH: &'static str = "/siwe/nonce";

    async fn call(&self, cx: &mut Cx, _: Option<Nothing>, (): ()) -> Result<Nonce, Exit> {
        issue(cx, &self.options).await
    }
}

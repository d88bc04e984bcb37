//! Server only: `signJWT`

use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::{
    super::{
        errors,
        logic::{Keys, Wanted},
        options::{JwtOptions, KeyAlgorithm},
    },
    get_token::Output,
};
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit, Exposure},
    wire::shape::{JsonMap, input},
};

/// Signs a token of the server's own.
pub struct SignJwt {
    pub(super) keys: Arc<Keys>,
}

input! {
    /// What the token says.
    pub struct Body {
        /// Its claims. `exp`, `iss` and `aud` are filled in where they are missing, and nothing else.
        payload: JsonMap,
        /// Options that replace the plugin's for this token, as a configuration file has them. Those of tokens count: `jwt`.
        override_options "overrideOptions": Option<JsonMap>,
        /// What its header holds besides, such as `typ`.
        header: Option<JsonMap>,
        /// The key that signs it.
        signing_key_id "signingKeyId": Option<String>,
        /// What it is signed with.
        signing_algorithm "signingAlgorithm": Option<String>,
    }
}

impl Endpoint<Installation> for SignJwt {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const EXPOSURE: Exposure = Exposure::ServerOnly;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signJWT";
    const PATH: &'static str = "/sign-jwt";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        let named = body.override_options.filter(|own| own.contains_key("jwt"));
        let own: Option<JwtOptions> = named.map(|own| read(Value::Object(own))).transpose()?;
        let algorithm: Option<KeyAlgorithm> = body.signing_algorithm.map(|name| read(name.into())).transpose()?;
        let wanted = Wanted { id: body.signing_key_id, algorithm };
        let options = &own.as_ref().unwrap_or(self.keys.options()).jwt;
        let token = self.keys.sign(cx, body.payload, body.header.unwrap_or_default(), options, wanted).await?;
        Ok(Output { token })
    }
}

fn read<T: serde::de::DeserializeOwned>(given: Value) -> Result<T, Exit> {
    serde_json::from_value(given).map_err(|_| errors::INVALID_JWT_PAYLOAD.into())
}

//! `GET /passkey/generate-authenticate-options`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        logic::{PasskeyUser, Rules},
        options::Requirement,
    },
    ceremony::{self, Descriptor, Kept, Kind, TIMEOUT_MS},
};
use crate::{
    domain::{
        Cx, Installation,
        session::{self, Source},
    },
    engine::{Endpoint, Exit},
    wire::shape::JsonMap,
};

/// What a browser has to know to use a passkey (WebAuthn Level 3 section 5.5, in its JSON form of section 5.1.9).
///
/// Who is signed in is offered their own; everybody else any that the device keeps for this server, so the answer tells nobody who
/// has one.
pub struct GenerateAuthenticateOptions {
    pub(super) rules: Arc<Rules>,
}

/// What the browser is to sign.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// The relying party's domain.
    pub rp_id: String,
    /// What the authenticator must sign, in base64url.
    pub challenge: String,
    /// The passkeys that will do; without them, any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_credentials: Vec<Descriptor>,
    /// How long it may take, in milliseconds.
    pub timeout: u64,
    /// Whether the person is verified.
    pub user_verification: Requirement,
    /// The extensions asked for.
    #[serde(default, skip_serializing_if = "JsonMap::is_empty")]
    pub extensions: JsonMap,
}

impl Endpoint<Installation> for GenerateAuthenticateOptions {
    type Body = ();
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "generatePasskeyAuthenticationOptions";
    const PATH: &'static str = "/passkey/generate-authenticate-options";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Output, Exit> {
        let session = session::current(cx, Source::Any).await?;
        let id = session.map(|session| session.user_id().to_owned()).unwrap_or_default();
        let allow_credentials = if id.is_empty() { Vec::new() } else { ceremony::credentials_of(cx, &id).await? };
        let wanted = &self.rules.options.authentication;
        let extensions = ceremony::extensions(cx, &wanted.extensions, wanted.extensions_of.as_ref()).await?;
        let offered = allow_credentials.iter().map(|credential| credential.id.clone()).collect();
        let user = PasskeyUser { id, ..PasskeyUser::default() };
        let kept = Kept { offered, ..Kept::new(cx, Kind::Authentication, user) };
        kept.keep(cx, &self.rules).await?;
        Ok(Output {
            rp_id: self.rules.rp_id(cx),
            challenge: kept.challenge,
            allow_credentials,
            timeout: TIMEOUT_MS,
            user_verification: self.rules.at_sign_in(),
            extensions,
        })
    }
}

//! `POST /two-factor/get-totp-uri`

use std::{fmt, sync::Arc};

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{errors, logic, options::TwoFactorOptions},
    Confirmation, confirm,
    verify_totp::require_configured,
};
use crate::{
    domain::{Cx, Installation, session},
    engine::{Endpoint, Exit, Fault},
};

/// Shows the user's authenticator key once more, for another app.
pub struct GetTotpUri {
    pub(super) options: Arc<TwoFactorOptions>,
}

/// The key.
#[derive(Clone, Serialize, Deserialize)]
pub struct Output {
    /// The address that the app reads from a picture: it holds the key.
    #[serde(rename = "totpURI")]
    pub totp_uri: String,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}

impl Endpoint<Installation> for GetTotpUri {
    type Body = Confirmation;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "getTOTPURI";
    const PATH: &'static str = "/two-factor/get-totp-uri";

    async fn call(&self, cx: &mut Cx, body: Confirmation, (): ()) -> Result<Output, Exit> {
        let options = &*self.options;
        let session = session::require_confirmed(cx).await?;
        require_configured(options)?;
        let row = logic::find(cx, session.user_id()).await?.ok_or(errors::TOTP_NOT_ENABLED)?;
        let passwordless = options.totp_options.allow_passwordless.unwrap_or(options.allow_passwordless);
        confirm(cx, &session, body.password.as_deref(), passwordless).await?;
        let key = logic::open_key(cx, &row);
        let key = key.ok_or(Fault::Bug("the key of an authenticator app cannot be read".into()))?;
        let issuer = cx.app().options.app_name.clone();
        Ok(Output { totp_uri: options.uri(&issuer, session.user.text("email"), &key) })
    }
}

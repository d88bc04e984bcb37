//! Server only: the code that an authenticator app with some key shows now.

use std::{fmt, sync::Arc};

use http::Method;
use serde::{Deserialize, Serialize};

use super::{super::options::TwoFactorOptions, verify_totp::require_configured};
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit, Exposure},
    wire::shape::input,
};

/// Tells the server's own code what an authenticator app shows.
pub struct GenerateTotp {
    pub(super) options: Arc<TwoFactorOptions>,
}

input! {
    /// The key.
    pub struct Body {
        /// The key itself, whose bytes are the app's; not its base32.
        secret: String,
    }
}

/// The code.
#[derive(Clone, Serialize, Deserialize)]
pub struct Output {
    /// The code.
    pub code: String,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}

impl Endpoint<Installation> for GenerateTotp {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const EXPOSURE: Exposure = Exposure::ServerOnly;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "generateTOTP";
    const PATH: &'static str = "/two-factor/generate-totp";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        require_configured(&self.options)?;
        let totp = self.options.totp(body.secret.as_bytes());
        Ok(Output { code: totp.code(totp.step(cx.now().as_millis())) })
    }
}

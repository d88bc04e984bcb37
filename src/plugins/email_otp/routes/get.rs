//! Server only: the code that was made last.

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::{
    errors, logic,
    options::{EmailOtpOptions, Purpose},
};
use crate::{
    domain::{Cx, Installation, code, user},
    engine::{Endpoint, Exit, Exposure},
    wire::shape::input,
};

/// Answers the code that an address was sent last, for the application's own use.
pub struct GetVerificationOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

input! {
    /// Which code.
    pub struct Query {
        /// The address.
        email: String,
        /// What the code is for.
        purpose "type": Purpose,
    }
}

/// The code.
#[derive(Clone, Serialize, Deserialize)]
pub struct Output {
    /// The code; null when there is none that is good.
    pub otp: Option<String>,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}

impl Endpoint<Installation> for GetVerificationOtp {
    type Body = ();
    type Output = Output;
    type Query = Query;

    const EXPOSURE: Exposure = Exposure::ServerOnly;
    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "getVerificationOTP";
    const PATH: &'static str = "/email-otp/get-verification-otp";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<Output, Exit> {
        let email = user::normalize_email(&query.email);
        let Some(kept) = code::find(cx, &logic::identifier(query.purpose, &email)).await? else {
            return Ok(Output { otp: None });
        };
        let form = &self.options.store_otp;
        cx.ensure(form.is_recoverable(), errors::HASHED)?;
        Ok(Output { otp: form.reveal(cx, kept.stored()) })
    }
}

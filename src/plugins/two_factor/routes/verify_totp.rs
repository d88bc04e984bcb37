//! `POST /two-factor/verify-totp`

use std::sync::Arc;

use http::Method;

use super::{
    super::{
        errors,
        logic::{is_verified, open_key, same_key},
        options::TwoFactorOptions,
        schema::{ENABLED, TWO_FACTOR, VERIFIED},
    },
    Code, Verified,
    guess::{self, Factor, Given, Guess, Verdict},
};
use crate::{
    domain::{Cx, Installation, verification, view::View},
    engine::{ApiError, Endpoint, Exit},
    store::{Batch, Expect, Row},
    wire::date::Timestamp,
};

/// Takes the code that an authenticator app shows: finishes a sign-in, or setting the app up.
pub struct VerifyTotp {
    pub(super) options: Arc<TwoFactorOptions>,
}

impl Endpoint<Installation> for VerifyTotp {
    type Body = Code;
    type Output = Verified<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyTOTP";
    const PATH: &'static str = "/two-factor/verify-totp";

    async fn call(&self, cx: &mut Cx, body: Code, (): ()) -> Result<Verified<View>, Exit> {
        require_configured(&self.options)?;
        let trust_device = body.trust_device == Some(true);
        let given = Given { factor: Factor::Totp, code: body.code, trust_device, without_session: false };
        guess::verify(cx, &self.options, &given).await
    }
}

/// That this server knows authenticator apps at all.
pub(super) fn require_configured(options: &TwoFactorOptions) -> Result<(), ApiError> {
    if options.totp_options.disable {
        return Err(errors::TOTP_NOT_CONFIGURED.message("totp isn't configured"));
    }
    Ok(())
}

pub(super) fn require(guess: &Guess<'_>) -> Result<(), ApiError> {
    let has_app = guess.row.is_some_and(|row| is_verified(row) || !guess.asker.is_waiting());
    if has_app { Ok(()) } else { Err(errors::TOTP_NOT_ENABLED) }
}

/// Beyond the reference, a code opens once (RFC 6238 section 5.2).
pub(super) async fn judge(cx: &mut Cx, options: &TwoFactorOptions, guess: &Guess<'_>) -> Result<Verdict, Exit> {
    let Some(row) = guess.row else { return Ok(Verdict::Refused(errors::TOTP_NOT_ENABLED)) };
    let Some(key) = open_key(cx, row) else { return Ok(Verdict::Refused(errors::INVALID_CODE)) };
    let totp = options.totp(&key);
    let wrong = || Verdict::Wrong(Batch::new(), errors::INVALID_CODE);
    let Some(step) = totp.accept(guess.code, cx.now().as_millis()) else { return Ok(wrong()) };
    let (mut batch, mut enrols) = (Batch::new(), false);
    if row.get(&VERIFIED).as_bool() != Some(true) {
        batch = batch.update(TWO_FACTOR, same_key(row), Row::new().with(VERIFIED, true), Expect::Rows(1));
        enrols = !guess.asker.user().flag(&ENABLED);
    }
    if !options.totp_options.allow_reuse {
        let used = format!("2fa-used-{}-{step}", guess.asker.user().id());
        let end = Timestamp::from_millis(totp.end_of(step));
        let Some(claimed) = verification::claim(cx, batch, &used, end).await? else { return Ok(wrong()) };
        batch = claimed;
    }
    Ok(Verdict::Right { batch, enrols })
}

//! `POST /two-factor/verify-otp`

use std::sync::Arc;

use http::{Method, StatusCode};

use super::{
    super::{errors, options::TwoFactorOptions, schema::ENABLED},
    Code, Verified,
    guess::{self, Factor, Given, Guess, Verdict},
};
use crate::{
    domain::{Cx, Installation, commit, errors as base, verification, view::View},
    engine::{Endpoint, Exit},
    store::Batch,
};

/// Takes a code that was sent: finishes a sign-in, or setting such codes up.
pub struct VerifyTwoFactorOtp {
    pub(super) options: Arc<TwoFactorOptions>,
}

impl Endpoint<Installation> for VerifyTwoFactorOtp {
    type Body = Code;
    type Output = Verified<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyTwoFactorOTP";
    const PATH: &'static str = "/two-factor/verify-otp";

    async fn call(&self, cx: &mut Cx, body: Code, (): ()) -> Result<Verified<View>, Exit> {
        let trust_device = body.trust_device == Some(true);
        let given = Given { factor: Factor::Otp, code: body.code, trust_device, without_session: false };
        guess::verify(cx, &self.options, &given).await
    }
}

/// The identifier of a code that was sent for a sign-in or to a session.
pub(super) fn identifier(purpose: &str) -> String {
    format!("2fa-otp-{purpose}")
}

/// The stored value is `<code as stored>:<wrong guesses>`, as in the reference.
pub(super) async fn judge(cx: &mut Cx, options: &TwoFactorOptions, guess: &Guess<'_>) -> Result<Verdict, Exit> {
    let Some(row) = verification::find(cx, &identifier(&guess.asker.purpose())).await? else {
        return Ok(Verdict::Refused(errors::OTP_HAS_EXPIRED));
    };
    let (stored, count) = row.text("value").rsplit_once(':').unwrap_or((row.text("value"), "0"));
    let count = count.parse().unwrap_or(i64::MAX);
    if count >= options.otp_attempts() {
        let spent = verification::spend(Batch::new(), &row, cx);
        let _ = commit::try_commit(cx, spent).await?;
        return Ok(Verdict::Refused(errors::TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE));
    }
    if !options.otp_options.store.matches(cx, stored, guess.code) {
        let counted = guess::recounted(cx, Batch::new(), &row, format!("{stored}:{}", count + 1));
        return Ok(Verdict::Wrong(counted, errors::INVALID_CODE));
    }
    let enabled = guess.asker.user().flag(&ENABLED);
    if guess.asker.is_waiting() && !enabled {
        return Ok(Verdict::Refused(base::FAILED_TO_CREATE_SESSION.status(StatusCode::BAD_REQUEST)));
    }
    Ok(Verdict::Right { batch: verification::spend(Batch::new(), &row, cx), enrols: !enabled })
}

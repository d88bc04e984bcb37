//! `POST /two-factor/verify-backup-code`

use std::sync::Arc;

use http::Method;

use super::{
    super::{
        errors,
        options::TwoFactorOptions,
        schema::{BACKUP_CODES, TWO_FACTOR},
    },
    Verified,
    guess::{self, Factor, Given, Guess, Verdict},
};
use crate::{
    domain::{Cx, Installation, view::View},
    engine::{ApiError, Endpoint, Exit},
    store::{Batch, Expect, Filter, Row},
    wire::shape::input,
};

/// Takes one of the user's backup codes, which is used up by that.
pub struct VerifyBackupCode {
    pub(super) options: Arc<TwoFactorOptions>,
}

input! {
    /// The code.
    pub struct Body {
        /// The backup code.
        code: String,
        /// Only uses the code up, and makes no session.
        disable_session "disableSession": Option<bool>,
        /// Trusts this device: sign-ins from it ask for no second factor for a while.
        trust_device "trustDevice": Option<bool>,
    }
}

impl Endpoint<Installation> for VerifyBackupCode {
    type Body = Body;
    type Output = Verified<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyBackupCode";
    const PATH: &'static str = "/two-factor/verify-backup-code";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Verified<View>, Exit> {
        let given = Given {
            factor: Factor::BackupCode,
            code: body.code,
            trust_device: body.trust_device == Some(true),
            without_session: body.disable_session == Some(true),
        };
        guess::verify(cx, &self.options, &given).await
    }
}

pub(super) fn require(guess: &Guess<'_>) -> Result<(), ApiError> {
    if guess.row.is_some() { Ok(()) } else { Err(errors::BACKUP_CODES_NOT_ENABLED) }
}

pub(super) async fn judge(cx: &mut Cx, options: &TwoFactorOptions, guess: &Guess<'_>) -> Result<Verdict, Exit> {
    let Some(row) = guess.row else { return Ok(Verdict::Refused(errors::BACKUP_CODES_NOT_ENABLED)) };
    let Some(codes) = options.open_backup_codes(cx, row) else {
        return Ok(Verdict::Refused(errors::INVALID_BACKUP_CODE));
    };
    let Some(left) = TwoFactorOptions::without_backup_code(codes, guess.code) else {
        return Ok(Verdict::Wrong(Batch::new(), errors::INVALID_BACKUP_CODE));
    };
    let same = Filter::eq("id", row.id()).and(Filter::eq(BACKUP_CODES, row.get(&BACKUP_CODES).clone()));
    let set = Row::new().with(BACKUP_CODES, options.store_backup_codes(cx, &left));
    let batch = Batch::new().update(TWO_FACTOR, same, set, Expect::Rows(1));
    Ok(Verdict::Right { batch, enrols: false })
}

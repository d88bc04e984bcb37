//! `POST /two-factor/generate-backup-codes`

use std::{fmt, sync::Arc};

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        errors, logic,
        options::TwoFactorOptions,
        schema::{BACKUP_CODES, ENABLED, TWO_FACTOR},
    },
    Confirmation, confirm,
};
use crate::{
    domain::{Cx, Installation, commit, errors as base, session},
    engine::{Endpoint, Exit},
    store::{Batch, Expect, Row},
};

/// Makes new backup codes; the old ones are worth nothing then.
pub struct GenerateBackupCodes {
    pub(super) options: Arc<TwoFactorOptions>,
}

/// Backup codes.
#[derive(Clone, Serialize, Deserialize)]
pub struct Output {
    /// True.
    pub status: bool,
    /// The codes.
    #[serde(rename = "backupCodes")]
    pub backup_codes: Vec<String>,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Output({} backup codes)", self.backup_codes.len())
    }
}

impl Endpoint<Installation> for GenerateBackupCodes {
    type Body = Confirmation;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "generateBackupCodes";
    const PATH: &'static str = "/two-factor/generate-backup-codes";

    async fn call(&self, cx: &mut Cx, body: Confirmation, (): ()) -> Result<Output, Exit> {
        let options = &*self.options;
        let session = session::require_confirmed(cx).await?;
        cx.ensure(session.user.flag(&ENABLED), errors::TWO_FACTOR_NOT_ENABLED)?;
        let passwordless = options.backup_code_options.allow_passwordless.unwrap_or(options.allow_passwordless);
        let confirmed = confirm(cx, &session, body.password.as_deref(), passwordless).await?;
        let row = logic::find(cx, session.user_id()).await?.ok_or(errors::TWO_FACTOR_NOT_ENABLED)?;
        let codes = options.new_backup_codes(cx);
        let set = Row::new().with(BACKUP_CODES, options.store_backup_codes(cx, &codes));
        let batch = session::check_live(Batch::new(), &session).joined(confirmed);
        let batch = batch.update(TWO_FACTOR, logic::same_key(&row), set, Expect::Rows(1));
        if let Err(conflict) = commit::try_commit(cx, batch).await? {
            let ended = conflict.statement == 0;
            return Err(if ended { base::UNAUTHORIZED } else { base::INVALID_PASSWORD }.into());
        }
        Ok(Output { status: true, backup_codes: codes })
    }
}

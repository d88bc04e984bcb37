//! Server only: the backup codes that a user has left.

use std::sync::Arc;

use http::{Method, StatusCode};

use super::{
    super::{errors, logic, options::TwoFactorOptions},
    generate_backup_codes::Output,
};
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit, Exposure},
    wire::shape::{CoercedText, input},
};

/// Tells the server's own code which backup codes a user has left.
pub struct ViewBackupCodes {
    pub(super) options: Arc<TwoFactorOptions>,
}

input! {
    /// Whose codes.
    pub struct Body {
        /// The user's id.
        user_id "userId": CoercedText,
    }
}

impl Endpoint<Installation> for ViewBackupCodes {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const EXPOSURE: Exposure = Exposure::ServerOnly;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "viewBackupCodes";
    const PATH: &'static str = "/two-factor/view-backup-codes";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        let row = logic::find(cx, &body.user_id).await?.ok_or(errors::BACKUP_CODES_NOT_ENABLED)?;
        let codes = self.options.open_backup_codes(cx, &row);
        let backup_codes = codes.ok_or(errors::INVALID_BACKUP_CODE.status(StatusCode::BAD_REQUEST))?;
        Ok(Output { status: true, backup_codes })
    }
}

//! A passkey that its owner asks something of.

use super::super::{errors, schema::PASSKEY};
use crate::{
    domain::{
        Cx,
        session::{self, Session},
    },
    engine::{ApiError, Exit},
    schema::Row,
    store::{Batch, Conflict, Filter, Query},
};

/// A passkey and the session of its owner, whom the store has confirmed.
pub(super) struct Owned {
    pub(super) passkey: Row,
    session: Session,
}

impl Owned {
    /// The passkey with this id. That of somebody else is refused with `foreign`.
    ///
    /// # Errors
    /// `UNAUTHORIZED`, `PASSKEY_NOT_FOUND`, `foreign`.
    pub(super) async fn find(cx: &mut Cx, id: &str, foreign: ApiError) -> Result<Self, Exit> {
        let session = session::require_confirmed(cx).await?;
        let found = cx.read(Query::one(PASSKEY, Filter::eq("id", id))).await?.first();
        let passkey = found.ok_or(errors::PASSKEY_NOT_FOUND)?;
        cx.ensure(passkey.text("userId") == session.user_id(), foreign)?;
        Ok(Self { passkey, session })
    }

    pub(super) fn user_id(&self) -> &str {
        self.session.user_id()
    }

    /// A batch that holds the session to be live; what names the passkey in it; and, by the conflict, what is answered when that no
    /// longer fits.
    pub(super) fn change(&self) -> (Batch, Filter) {
        let own = Filter::eq("id", self.passkey.id()).and(Filter::eq("userId", self.user_id()));
        (session::check_live(Batch::new(), &self.session), own)
    }
}

/// What it means that a [change](Owned::change) no longer fits.
pub(super) fn late(conflict: &Conflict, gone: ApiError) -> ApiError {
    if conflict.statement == 0 { crate::domain::errors::UNAUTHORIZED } else { gone }
}

//! `POST /passkey/delete-passkey`

use http::Method;

use super::{
    super::{errors, schema::PASSKEY},
    record::{self, Owned},
};
use crate::{
    domain::{
        Cx, Installation, commit,
        done::Done,
        errors::BARE_UNAUTHORIZED,
        event::{self, PASSKEY_REMOVED},
    },
    engine::{Endpoint, Exit},
    store::Expect,
    wire::shape::input,
};

/// Removes a passkey of the signed-in user.
pub struct DeletePasskey;

input! {
    /// Which passkey.
    pub struct Body {
        /// The id of its row.
        id: String,
    }
}

impl Endpoint<Installation> for DeletePasskey {
    type Body = Body;
    type Output = Done;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "deletePasskey";
    const PATH: &'static str = "/passkey/delete-passkey";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Done, Exit> {
        let owned = Owned::find(cx, &body.id, BARE_UNAUTHORIZED).await?;
        let (live, own) = owned.change();
        let outcome = commit::try_commit(cx, live.delete(PASSKEY, own, Expect::Rows(1))).await?;
        outcome.map_err(|conflict| record::late(&conflict, errors::PASSKEY_NOT_FOUND))?;
        let detail = vec![("passkey", owned.passkey.id().to_owned())];
        event::emit(cx, PASSKEY_REMOVED, Some(owned.user_id()), detail).await;
        Ok(Done::DONE)
    }
}

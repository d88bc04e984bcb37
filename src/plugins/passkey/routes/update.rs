//! `POST /passkey/update-passkey`

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{PasskeyRecord, errors, schema::PASSKEY},
    record::{self, Owned},
};
use crate::{
    domain::{Cx, Installation, commit, view::View},
    engine::{Endpoint, Exit},
    schema::Row,
    store::Expect,
    wire::shape::{TextRule, input, text},
};

/// Gives a passkey of the signed-in user another name.
pub struct UpdatePasskey;

text! {
    /// A name: text without the spaces around it, and not empty.
    pub struct NameText = [TextRule::Trim, TextRule::Min(1)];
}

input! {
    /// Which passkey, and its name.
    pub struct Body {
        /// The id of its row.
        id: String,
        /// The new name.
        name: NameText,
    }
}

/// The passkey as it is now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<P = PasskeyRecord> {
    /// The passkey as it is now.
    pub passkey: P,
}

impl Endpoint<Installation> for UpdatePasskey {
    type Body = Body;
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "updatePasskey";
    const PATH: &'static str = "/passkey/update-passkey";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View>, Exit> {
        let refusal = errors::YOU_ARE_NOT_ALLOWED_TO_REGISTER_THIS_PASSKEY;
        let owned = Owned::find(cx, &body.id, refusal).await?;
        let (live, own) = owned.change();
        let set = Row::new().with("name", &*body.name);
        let outcome = commit::try_commit(cx, live.update(PASSKEY, own, set, Expect::Rows(1))).await?;
        outcome.map_err(|conflict| record::late(&conflict, errors::FAILED_TO_UPDATE_PASSKEY))?;
        let passkey = owned.passkey.with("name", &*body.name);
        Ok(Output { passkey: View::of(cx, PASSKEY, passkey) })
    }
}

//! `POST /is-username-available`

use std::sync::Arc;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::{
    super::{errors, logic::Rules},
    find_user,
};
use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit},
    wire::shape::input,
};

/// Says whether nobody has a name.
pub struct IsUsernameAvailable {
    pub(super) rules: Arc<Rules>,
}

input! {
    /// Which name.
    pub struct Body {
        /// The name.
        username: String,
    }
}

/// Whether nobody has it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Output {
    /// Whether nobody has it.
    pub available: bool,
}

impl Endpoint<Installation> for IsUsernameAvailable {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "isUsernameAvailable";
    const PATH: &'static str = "/is-username-available";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        let judged =
            if body.username.is_empty() { Err(errors::INVALID_USERNAME) } else { self.rules.check(&body.username) };
        judged.map_err(|error| error.status(StatusCode::UNPROCESSABLE_ENTITY))?;
        let holder = find_user(cx, &self.rules.normalize(&body.username)).await?;
        Ok(Output { available: holder.is_none() })
    }
}

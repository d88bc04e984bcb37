//! `GET /ok`

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit},
};

/// Says that the server answers.
pub struct Health;

/// That it does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// True.
    pub ok: bool,
}

impl Endpoint<Installation> for Health {
    type Body = ();
    type Output = Output;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "ok";
    const PATH: &'static str = "/ok";

    async fn call(&self, _: &mut Cx, (): (), (): ()) -> Result<Output, Exit> {
        Ok(Output { ok: true })
    }
}

//! `GET /ok`

use http::Method;
use serde::Serialize;

use crate::{
    domain::{Cx, Installation},
    engine::{Endpoint, Exit},
};

/// Says that the server answers.
pub(super) struct Health;

/// That it does.
#[derive(Serialize)]
pub(super) struct Output {
    ok: bool,
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

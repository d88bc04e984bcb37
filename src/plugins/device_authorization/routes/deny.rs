//! `POST /device/deny`

use http::Method;

use super::{super::logic::DENIED, Decision, decide};
use crate::{
    domain::{Cx, Installation, done::Success},
    engine::{Endpoint, Exit},
};

/// Turns a device away.
pub struct DeviceDeny;

impl Endpoint<Installation> for DeviceDeny {
    type Body = Decision;
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "deviceDeny";
    const PATH: &'static str = "/device/deny";

    async fn call(&self, cx: &mut Cx, body: Decision, (): ()) -> Result<Success, Exit> {
        decide(cx, &body.user_code, DENIED, "You are not authorized to deny this device authorization").await
    }
}

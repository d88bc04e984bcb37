//! `POST /device/approve`

use http::Method;

use super::{super::logic::APPROVED, Decision, decide};
use crate::{
    domain::{Cx, Installation, done::Success},
    engine::{Endpoint, Exit},
};

/// Lets a device in as the signed-in user.
pub struct DeviceApprove;

impl Endpoint<Installation> for DeviceApprove {
    type Body = Decision;
    type Output = Success;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "deviceApprove";
    const PATH: &'static str = "/device/approve";

    async fn call(&self, cx: &mut Cx, body: Decision, (): ()) -> Result<Success, Exit> {
        decide(cx, &body.user_code, APPROVED, "You are not authorized to approve this device authorization").await
    }
}

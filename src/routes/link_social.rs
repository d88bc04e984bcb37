//! `POST /link-social`

use http::Method;

use crate::{
    domain::{Cx, Installation, errors, session, social::LinkRequest},
    engine::{Endpoint, Exit},
};

/// Begins to link a provider's account to the signed-in user. No provider can be configured yet, so each is unknown.
pub struct LinkSocial;

impl Endpoint<Installation> for LinkSocial {
    type Body = LinkRequest;
    type Output = ();
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "linkSocialAccount";
    const PATH: &'static str = "/link-social";

    async fn call(&self, cx: &mut Cx, _: LinkRequest, (): ()) -> Result<(), Exit> {
        session::require_confirmed(cx).await?;
        Err(errors::PROVIDER_NOT_FOUND.into())
    }
}

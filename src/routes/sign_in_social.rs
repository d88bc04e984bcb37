//! `POST /sign-in/social`

use http::Method;

use crate::{
    domain::{Cx, Installation, errors, social::SignInRequest},
    engine::{Endpoint, Exit},
};

/// Begins to sign in with a provider. No provider can be configured yet, so each is unknown.
pub struct SignInSocial;

impl Endpoint<Installation> for SignInSocial {
    type Body = SignInRequest;
    type Output = ();
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signInSocial";
    const PATH: &'static str = "/sign-in/social";

    async fn call(&self, _: &mut Cx, _: SignInRequest, (): ()) -> Result<(), Exit> {
        Err(errors::PROVIDER_NOT_FOUND.into())
    }
}

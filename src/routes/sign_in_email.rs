//! `POST /sign-in/email`

use http::Method;

use crate::{
    domain::{
        Cx, Installation, errors, password,
        password_sign_in::{self, Attempt, Requirement, SignedIn},
        session::Remember,
        user,
        view::View,
    },
    engine::{Endpoint, Exit, Media},
    gate,
    store::Filter,
    wire::{email::is_email, shape::input},
};

/// Signs in with an email address and a password.
pub struct SignInEmail;

input! {
    /// Who signs in.
    pub struct Body {
        /// The address.
        email: String,
        /// The password.
        password: String,
        /// Where to go then; also where the link of a verification message leads.
        callback_url "callbackURL": Option<String>,
        /// `false` ends the session with the browser.
        remember_me "rememberMe": Option<bool>,
    }
}

impl Endpoint<Installation> for SignInEmail {
    type Body = Body;
    type Output = SignedIn<View>;
    type Query = ();

    const MEDIA: Media = Media::FormOrJson;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signInEmail";
    const PATH: &'static str = "/sign-in/email";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<SignedIn<View>, Exit> {
        gate::check_form(cx).await?;
        cx.ensure(cx.app().options.email_and_password.enabled, errors::EMAIL_PASSWORD_DISABLED)?;
        cx.ensure(is_email(&body.email), errors::INVALID_EMAIL)?;
        password::check_not_too_long(cx, &body.password)?;
        let attempt = Attempt {
            who: Filter::eq("email", user::normalize_email(&body.email)),
            password: &body.password,
            remember: Remember::from_input(body.remember_me),
            callback_url: body.callback_url.as_deref(),
            requires: Requirement::Address,
        };
        let session = password_sign_in::sign_in(cx, &attempt).await?.ok_or(errors::INVALID_EMAIL_OR_PASSWORD)?;
        Ok(SignedIn::answer(cx, session, body.callback_url))
    }
}

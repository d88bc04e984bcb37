//! `POST /sign-in/email-otp`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::{
    errors, logic,
    options::{EmailOtpOptions, Purpose},
};
use crate::{
    domain::{
        Cx, Installation, event,
        fields::{Action, parse_input},
        mailbox::{self, Admission, Reader},
        record::User,
        user,
        view::View,
    },
    engine::{ApiError, Endpoint, Exit},
    schema::USER,
    store::{Batch, Row, Value},
    wire::shape::input,
};

/// Signs in with a code.
pub struct SignInEmailOtp {
    pub(super) options: Arc<EmailOtpOptions>,
}

input! {
    /// Who signs in. Unknown keys may be additional fields of a new user.
    pub struct Body (passthrough rest) {
        /// The address.
        email: String,
        /// The code.
        otp: String,
        /// The name of a new user.
        name: Option<String>,
        /// The address of a new user's picture.
        image: Option<String>,
    }
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<U = User> {
    /// The session's token.
    pub token: String,
    /// The user.
    pub user: U,
}

impl Endpoint<Installation> for SignInEmailOtp {
    type Body = Body;
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "signInEmailOTP";
    const PATH: &'static str = "/sign-in/email-otp";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View>, Exit> {
        let email = user::normalize_email(&body.email);
        let judged = logic::judge(cx, &self.options, &logic::identifier(Purpose::SignIn, &email), &body.otp).await;
        if let Err(Exit::Refused(_)) = judged {
            event::emit(cx, event::SIGN_IN_FAILED, None, vec![("reason", "wrong code".to_owned())]).await;
        }
        let spent = judged?.spend(Batch::new(), cx);
        let newcomer = (!self.options.disable_sign_up).then(|| newcomer(cx, &body));
        let reader = Reader { email: &email, newcomer, method: "email-otp" };
        match mailbox::sign_in(cx, &reader, &spent).await? {
            Admission::Admitted { session, .. } => {
                Ok(Output { token: session.token().to_owned(), user: View::user(cx, session.user) })
            }
            // Whoever has no code learns as much.
            Admission::Unknown | Admission::Spent => Err(errors::INVALID_OTP.into()),
        }
    }
}

fn newcomer(cx: &Cx, body: &Body) -> Result<Row, ApiError> {
    let added = parse_input(cx.app().added_fields(&USER), &body.rest, Action::Create, cx.now(), cx.entropy())?;
    Ok(added
        .with("name", body.name.as_deref().unwrap_or_default())
        .with("image", body.image.as_deref().map_or(Value::Null, Value::from)))
}

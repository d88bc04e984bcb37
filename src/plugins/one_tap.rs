//! The One Tap plugin: signs in with an ID token that Google's One Tap has given to the page.

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Installation, Plugin, Route,
        api::typed_calls,
        errors,
        options::{ClientIds, SocialProvider},
        provider::{IdTokenCheck, Provider},
        record::User,
        view::View,
    },
    engine::{ApiError, Endpoint, Exit, Fault},
    oauth::{self, Admission, Arrival, Tokens},
    providers,
    wire::shape::input,
};

const GOOGLE: &str = "google";
/// What One Tap asks the user for.
const SCOPE: &str = "openid,profile,email";

const INVALID_ID_TOKEN: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "invalid id token");
const NO_EMAIL: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "Email not available in token");
const NO_CLIENT_ID: ApiError = ApiError::uncoded(
    StatusCode::BAD_REQUEST,
    "Google client ID is required for One Tap. Set it on the oneTap plugin (clientId) or on socialProviders.google.",
);

/// Sign-in with Google's One Tap.
#[derive(Clone, Debug, Default)]
pub struct OneTap {
    options: OneTapOptions,
}

/// What an operator can decide about One Tap.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OneTapOptions {
    /// The application's name at Google, if not that of the provider `google`. Tokens made for any of several are accepted.
    pub client_id: ClientIds,
    /// Whether nobody becomes a user this way. Where nobody does through the provider, nobody does this way either.
    pub disable_signup: bool,
}

impl OneTap {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: OneTapOptions) -> Self {
        Self { options }
    }
}

impl Plugin for OneTap {
    fn id(&self) -> &'static str {
        "one-tap"
    }

    fn options(&self) -> serde_json::Value {
        serde_json::to_value(&self.options).unwrap_or_default()
    }

    fn routes(&self) -> Vec<Route> {
        vec![Route::new(OneTapCallback { options: self.options.clone() })]
    }
}

typed_calls! {
    /// `POST /one-tap/callback`.
    one_tap_callback: OneTapCallback, body => Output;
}

/// `POST /one-tap/callback`: signs in whom an ID token names.
pub struct OneTapCallback {
    options: OneTapOptions,
}

input! {
    /// What One Tap has given.
    pub struct Body {
        /// The ID token.
        id_token "idToken": String,
        /// Where the page goes then; the gate looks at it.
        callback_url "callbackURL": Option<String>,
    }
}

/// Who is signed in.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Output<U = User> {
    /// The session's token.
    pub token: String,
    /// The user.
    pub user: U,
}

impl Endpoint<Installation> for OneTapCallback {
    type Body = Body;
    type Output = Output<View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "oneTapCallback";
    const PATH: &'static str = "/one-tap/callback";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output<View>, Exit> {
        let google = self.google(cx)?;
        if !oauth::verify_id_token(cx, &google, &body.id_token, None).await {
            return Err(INVALID_ID_TOKEN.into());
        }
        let tokens = Tokens { id_token: Some(body.id_token), ..Tokens::default() };
        let identity = oauth::given_identity(cx, &google, &tokens, None).await?.ok_or(INVALID_ID_TOKEN)?;
        let email = identity.email().ok_or(NO_EMAIL)?;
        let arrival = Arrival {
            provider: &google,
            identity: &identity,
            email,
            tokens: &tokens,
            scope: Some(SCOPE),
            callback_url: None,
            disable_sign_up: self.options.disable_signup || google.options.refuses_sign_up(None),
            override_user_info: google.options.override_user_info_on_sign_in,
        };
        match oauth::admit(cx, &arrival).await? {
            Admission::Admitted { session, .. } => {
                let token = session.token().to_owned();
                Ok(Output { token, user: View::user(cx, session.user) })
            }
            Admission::Refused(oauth::EMAIL_NOT_VERIFIED) => Err(errors::EMAIL_NOT_VERIFIED.into()),
            Admission::Refused(reason) => Err(ApiError::uncoded(StatusCode::UNAUTHORIZED, reason).into()),
        }
    }
}

impl OneTapCallback {
    /// Google as the provider is configured, for tokens that were made for this application.
    fn google(&self, cx: &Cx) -> Result<Provider, Exit> {
        let mut google = match cx.app().provider(GOOGLE) {
            Some(configured) => Provider::clone(configured),
            None => providers::row(GOOGLE, &SocialProvider::default())
                .ok_or(Fault::Bug("there is no provider called google".into()))?,
        };
        if let Some(IdTokenCheck::Keys(rules)) = &mut google.id_token {
            if self.options.client_id.first().is_some() {
                rules.audience.clone_from(&self.options.client_id.0);
            }
            cx.ensure(rules.audience.iter().any(|id| !id.is_empty()), NO_CLIENT_ID)?;
        }
        Ok(google)
    }
}

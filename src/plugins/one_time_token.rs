//! The one-time token plugin: a short-lived token by which another application, or another device, takes a session over, once.

use std::{fmt, sync::Arc};

use http::{HeaderName, Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Hooks, Installation, Plugin, Route,
        api::typed_calls,
        commit, event,
        record::{SessionRecord, User},
        session::{self, Remember, Session},
        stored_secret::StoreToken,
        verification,
        view::View,
    },
    engine::{AfterHook, ApiError, Endpoint, Exit, PathMatch},
    schema::VERIFICATION,
    store::Batch,
    wire::{
        id::{Alphabet, random_string},
        shape::input,
    },
};

const SET_OTT: HeaderName = HeaderName::from_static("set-ott");
const TOKEN_LENGTH: usize = 32;

/// Clients ask for no tokens here.
const CLIENTS_DISABLED: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "Client requests are disabled");
/// It is unknown, spent, or its time is over.
const INVALID_TOKEN: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "Invalid token");
/// The session has ended meanwhile.
const SESSION_NOT_FOUND: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "Session not found");
/// The session's time is over.
const SESSION_EXPIRED: ApiError = ApiError::uncoded(StatusCode::BAD_REQUEST, "Session expired");

/// Tokens by which a session is taken over.
#[derive(Clone, Debug, Default)]
pub struct OneTimeToken {
    options: Arc<OneTimeTokenOptions>,
}

/// What an operator can decide about one-time tokens. What takes code is set by the method, the rest can be read from a
/// configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OneTimeTokenOptions {
    /// How long a token is good, in minutes.
    pub expires_in: i64,
    /// Whether only the server's own code makes tokens.
    pub disable_client_request: bool,
    /// Whether taking a session over sets no cookies.
    pub disable_set_session_cookie: bool,
    /// How tokens are stored.
    pub store_token: StoreToken,
    /// Whether every answer that makes a session has a token in the header `set-ott`.
    pub set_ott_header_on_new_session: bool,
    #[serde(skip)]
    generate_token: Option<Generate>,
}

impl Default for OneTimeTokenOptions {
    fn default() -> Self {
        Self {
            expires_in: 3,
            disable_client_request: false,
            disable_set_session_cookie: false,
            store_token: StoreToken::default(),
            set_ott_header_on_new_session: false,
            generate_token: None,
        }
    }
}

impl OneTimeTokenOptions {
    /// Tokens as `generate` makes them for a session, instead of 32 random characters. They must be hard to guess, never the same
    /// twice, and of visible ASCII characters: others open nothing.
    #[must_use]
    pub fn generate_token(mut self, generate: impl Fn(&Session) -> String + Send + Sync + 'static) -> Self {
        self.generate_token = Some(Generate(Arc::new(generate)));
        self
    }
}

/// The application's own way to make tokens.
#[derive(Clone)]
struct Generate(Arc<dyn Fn(&Session) -> String + Send + Sync>);

impl fmt::Debug for Generate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generate")
    }
}

impl OneTimeToken {
    /// The plugin with these options.
    #[must_use]
    pub fn new(options: OneTimeTokenOptions) -> Self {
        Self { options: Arc::new(options) }
    }
}

impl Plugin for OneTimeToken {
    fn id(&self) -> &'static str {
        "one-time-token"
    }

    fn options(&self) -> serde_json::Value {
        serde_json::to_value(&*self.options).unwrap_or_default()
    }

    fn routes(&self) -> Vec<Route> {
        let options = || Arc::clone(&self.options);
        vec![
            Route::new(GenerateOneTimeToken { options: options() }),
            Route::new(VerifyOneTimeToken { options: options() }),
        ]
    }

    fn hooks(&self) -> Hooks {
        if !self.options.set_ott_header_on_new_session {
            return Hooks::default();
        }
        let options = Arc::clone(&self.options);
        let hook = AfterHook::new(PathMatch::Any, move |cx, _| {
            let options = Arc::clone(&options);
            Box::pin(async move { hand_out(cx, &options).await })
        });
        Hooks { after: vec![hook], ..Hooks::default() }
    }
}

typed_calls! {
    /// `GET /one-time-token/generate`.
    generate_one_time_token: GenerateOneTimeToken => Generated;
    /// `POST /one-time-token/verify`.
    verify_one_time_token: VerifyOneTimeToken, body => Verified;
}

/// `GET /one-time-token/generate`: makes a token for the signed-in session.
pub struct GenerateOneTimeToken {
    options: Arc<OneTimeTokenOptions>,
}

/// A token.
#[derive(Clone, Serialize, Deserialize)]
pub struct Generated {
    /// The token.
    pub token: String,
}

impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generated").finish_non_exhaustive()
    }
}

impl Endpoint<Installation> for GenerateOneTimeToken {
    type Body = ();
    type Output = Generated;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "generateOneTimeToken";
    const PATH: &'static str = "/one-time-token/generate";

    async fn call(&self, cx: &mut Cx, (): (), (): ()) -> Result<Generated, Exit> {
        let session = session::require(cx).await?;
        cx.ensure(cx.local.direct || !self.options.disable_client_request, CLIENTS_DISABLED)?;
        Ok(Generated { token: generate(cx, &self.options, &session).await? })
    }
}

/// `POST /one-time-token/verify`: takes the session of a token over.
///
/// Beyond the reference, a session whose time is over sets no cookie.
pub struct VerifyOneTimeToken {
    options: Arc<OneTimeTokenOptions>,
}

input! {
    /// A token.
    pub struct Body {
        /// The token.
        token: String,
    }
}

/// Whose session it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verified<S = SessionRecord, U = User> {
    /// The session.
    pub session: S,
    /// The user.
    pub user: U,
}

impl Endpoint<Installation> for VerifyOneTimeToken {
    type Body = Body;
    type Output = Verified<View, View>;
    type Query = ();

    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "verifyOneTimeToken";
    const PATH: &'static str = "/one-time-token/verify";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Verified<View, View>, Exit> {
        let stored = self.options.store_token.stored(&body.token);
        let found = verification::find_token(cx, &stored, identifier).await?.ok_or(INVALID_TOKEN)?;
        let session = session::from_store(cx, found.text("value")).await?;
        let is_live = |session: &Session| session::is_live(session, &cx.app().options.session, cx.now());
        let good = match session {
            None => Err(SESSION_NOT_FOUND),
            Some(session) if is_live(&session) => Ok(session),
            Some(_) => Err(SESSION_EXPIRED),
        };
        // Whatever comes of it, the token is spent.
        let spent = verification::spend(Batch::new(), &found, cx);
        let within = spent.statements.len();
        let batch = match &good {
            Ok(session) => session::check_live(spent, session),
            Err(_) => spent,
        };
        commit::try_commit(cx, batch).await?.map_err(|conflict| match conflict.statement < within {
            true => INVALID_TOKEN,
            false => SESSION_NOT_FOUND,
        })?;
        let session = good?;
        if !self.options.disable_set_session_cookie {
            session::set_cookies(cx, session.clone(), Remember::AsBefore);
        }
        let detail = vec![("session", session.row.id().to_owned()), ("method", "one-time-token".to_owned())];
        event::emit(cx, event::SESSION_TAKEN_OVER, Some(session.user_id()), detail).await;
        Ok(Verified { session: View::session(cx, session.row), user: View::user(cx, session.user) })
    }
}

/// The identifier under which a token is kept, as in the reference.
fn identifier(stored_token: &str) -> String {
    format!("one-time-token:{stored_token}")
}

async fn generate(cx: &mut Cx, options: &OneTimeTokenOptions, session: &Session) -> Result<String, Exit> {
    const MINUTE: i64 = 60;
    let token = match &options.generate_token {
        Some(Generate(generate)) => generate(session),
        None => random_string(cx.entropy(), Alphabet::A64, TOKEN_LENGTH),
    };
    let identifier = identifier(&options.store_token.stored(&token));
    let lifetime = options.expires_in.saturating_mul(MINUTE);
    let row = verification::new(cx, &identifier, session.token(), lifetime);
    commit::commit(cx, Batch::new().insert(VERIFICATION, row)).await?;
    Ok(token)
}

/// Gives whoever has just got a session a token for it, in a header.
async fn hand_out(cx: &mut Cx, options: &OneTimeTokenOptions) -> Result<(), Exit> {
    let Some(session) = cx.local.new_session.clone() else { return Ok(()) };
    let token = generate(cx, options, &session).await?;
    cx.reply.set_header(SET_OTT, &token);
    cx.reply.expose_header(SET_OTT.as_str());
    Ok(())
}

//! What is remembered of a browser while it is at a provider: a one-time value tied to the browser by a cookie, or an encrypted
//! cookie.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Cx, commit, cookies,
    cookies::CookieSpec,
    options::{CookieOverride, StateStrategy},
    session::{self, Session},
    verification,
};
use crate::{
    crypto::{digest::constant_time_eq, hkdf::derive_purpose_keys, secret::Secret},
    engine::Exit,
    schema::VERIFICATION,
    store::Batch,
    wire::{
        cookie::SetCookie,
        envelope,
        id::{Alphabet, random_string},
        origin::origin_of,
    },
};

/// How long a browser may be at a provider, in seconds.
const LIFETIME_SECS: i64 = 600;
/// How long the cookie lives that ties the browser to its one-time value, in seconds.
const BINDING_SECS: i64 = 300;
/// Long enough for every provider (RFC 7636 section 4.1 has 43 to 128).
const VERIFIER_LENGTH: usize = 128;
const STATE_LENGTH: usize = 32;

/// Names that the server gives a meaning to, so that a client's additional data cannot.
const INTERNAL: &[&str] = &[
    "callbackURL",
    "codeVerifier",
    "errorURL",
    "newUserURL",
    "link",
    "serverContext",
    "expiresAt",
    "requestSignUp",
    "idTokenNonce",
    "oauthState",
    BOUND_PROVIDER,
];

/// Beyond the reference: the provider that the browser was sent to, so that no other's answer is taken (RFC 9700 section 4.4).
const BOUND_PROVIDER: &str = "boundProvider";

/// Where the browser came from and what it is to do when it comes back. The names are those of the reference's stored value.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthState {
    /// Where to go when all is done.
    #[serde(rename = "callbackURL")]
    pub callback_url: String,
    /// Where to go when it failed.
    #[serde(rename = "errorURL")]
    pub error_url: Option<String>,
    /// Where new users go.
    #[serde(rename = "newUserURL")]
    pub new_user_url: Option<String>,
    /// Proves to the provider that whoever returns the code is who asked for it (RFC 7636).
    pub code_verifier: String,
    /// The user who links an account, if this is no sign-in.
    pub link: Option<Link>,
    /// Whether a new user was asked for.
    pub request_sign_up: Option<bool>,
    /// What the ID token must carry.
    pub id_token_nonce: Option<String>,
    /// What the server itself remembers, for hooks.
    #[serde(default)]
    server_context: Map<String, Value>,
    /// The provider that the browser was sent to.
    bound_provider: Option<String>,
    /// When this is void, in milliseconds since 1970.
    expires_at: f64,
    /// The `state` parameter that this belongs to.
    oauth_state: Option<String>,
    /// What the client sent along, for hooks.
    #[serde(flatten)]
    additional_data: Map<String, Value>,
}

/// A user who links an account, and the session in which they began to.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The user's address then.
    pub email: String,
    user_id: Value,
    encrypted_session_token: Option<String>,
}

/// What a browser wants of a provider.
#[derive(Clone, Copy, Default)]
pub struct Intent<'a> {
    /// The provider.
    pub provider: &'a str,
    /// Where to go when all is done; by default to this server's origin.
    pub callback_url: Option<&'a str>,
    /// Where to go when it failed.
    pub error_url: Option<&'a str>,
    /// Where new users go.
    pub new_user_url: Option<&'a str>,
    /// Whether a new user is asked for.
    pub request_sign_up: Option<bool>,
    /// What comes back with the callback.
    pub additional_data: Option<&'a Map<String, Value>>,
    /// The session of a user who links an account.
    pub link: Option<&'a Session>,
    /// Whether the ID token must carry a nonce.
    pub wants_nonce: bool,
}

/// What goes along with a browser to the provider.
pub struct Departure {
    /// The `state` parameter.
    pub state: String,
    /// What the code challenge is made from.
    pub code_verifier: String,
    /// The nonce, if one is wanted.
    pub nonce: Option<String>,
}

/// Why a `state` is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What the error page is told.
    pub code: &'static str,
    /// The error page that the request for this state named, if that much could be read.
    pub error_url: Option<String>,
}

/// It is unknown, expired, spent, or another browser's.
const MISMATCH: &str = "state_mismatch";
/// It is there and cannot be read.
const UNREADABLE: &str = "internal_server_error";
/// The cookie that holds it cannot be read.
const INVALID: &str = "state_invalid";

impl Link {
    /// The user's id.
    #[must_use]
    pub fn user_id(&self) -> String {
        match &self.user_id {
            Value::String(id) => id.clone(),
            other => other.to_string(),
        }
    }

    /// The session in which the user began, if it is still theirs: an answer that comes later must not link anything.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn session(&self, cx: &mut Cx) -> Result<LinkSession, Exit> {
        let Some(sealed) = &self.encrypted_session_token else { return Ok(LinkSession::Unnamed) };
        let keys = derive_purpose_keys(&cx.app().keys, LINK_PURPOSE);
        let Ok(token) = envelope::open(&keys, sealed) else { return Ok(LinkSession::Ended) };
        let session = session::from_store(cx, token.expose()).await?;
        let options = &cx.app().options.session;
        let live = session
            .filter(|session| session.user_id() == self.user_id() && session::is_live(session, options, cx.now()));
        Ok(live.map_or(LinkSession::Ended, |session| LinkSession::Live(Box::new(session))))
    }
}

/// The session in which a user began to link an account.
#[derive(Debug)]
pub enum LinkSession {
    /// The reference remembered none, before it did so: nothing can be held against it.
    Unnamed,
    /// It has ended.
    Ended,
    /// It is still there.
    Live(Box<Session>),
}

impl OAuthState {
    /// Reads what was remembered, in the form in which it is stored. `None` when it is something else.
    #[must_use]
    pub fn read(stored: &str) -> Option<Self> {
        serde_json::from_str(stored).ok()
    }

    /// Whether this was remembered under `state`. What old versions of the reference remembered does not say.
    #[must_use]
    pub fn belongs_to(&self, state: &str) -> bool {
        self.oauth_state.as_ref().is_none_or(|known| is_same(known, state))
    }

    /// Whether the browser was sent to `provider`. What was remembered by the reference does not say.
    #[must_use]
    pub fn is_for(&self, provider: &str) -> bool {
        self.bound_provider.as_deref().is_none_or(|bound| bound == provider)
    }
}

const STATE_PURPOSE: &str = "oauth-state-cookie";
const LINK_PURPOSE: &str = "oauth-link-session-token";

/// Remembers what a browser wants, before it is sent away.
///
/// # Errors
/// When the store cannot answer.
pub async fn begin(cx: &mut Cx, intent: &Intent<'_>) -> Result<Departure, Exit> {
    let random = |length| random_string(cx.entropy(), Alphabet::A64, length);
    let departure = Departure {
        nonce: intent.wants_nonce.then(|| random(STATE_LENGTH)),
        code_verifier: random(VERIFIER_LENGTH),
        state: random(STATE_LENGTH),
    };
    let value = Value::Object(remembered(cx, intent, &departure)).to_string();
    if cx.app().options.account.store_state_strategy == StateStrategy::Cookie {
        let keys = derive_purpose_keys(&cx.app().keys, STATE_PURPOSE);
        let sealed = envelope::seal(&keys, cx.entropy(), &value);
        let spec = sealed_cookie(cx, Some(LIFETIME_SECS));
        cx.reply.push_cookie(SetCookie::new(spec.name, &sealed, spec.attributes));
        return Ok(departure);
    }
    let spec = binding_cookie(cx, Some(BINDING_SECS));
    cookies::set_signed(cx, &spec.name, &departure.state, spec.attributes);
    let row = verification::new(cx, &identifier(&departure.state), &value, LIFETIME_SECS);
    commit::commit(cx, Batch::new().insert(VERIFICATION, row)).await?;
    Ok(departure)
}

/// What this request has remembered under `state`, in the form in which it is stored: for somebody who acts for this server. `None`
/// when it has not.
///
/// # Errors
/// When the store cannot answer.
pub async fn just_remembered(cx: &mut Cx, state: &str) -> Result<Option<Secret>, Exit> {
    if cx.app().options.account.store_state_strategy == StateStrategy::Cookie {
        let name = sealed_cookie(cx, None).name;
        let sealed = cx.reply.cookies().iter().rfind(|cookie| cookie.name == name).map(SetCookie::decoded_value);
        let keys = derive_purpose_keys(&cx.app().keys, STATE_PURPOSE);
        return Ok(sealed.and_then(|sealed| envelope::open(&keys, &sealed).ok()));
    }
    let row = verification::find(cx, &identifier(state)).await?;
    Ok(row.map(|row| Secret::from(row.text("value"))))
}

fn identifier(state: &str) -> String {
    format!("auth-state:{state}")
}

fn remembered(cx: &Cx, intent: &Intent<'_>, departure: &Departure) -> Map<String, Value> {
    let mut members = intent.additional_data.cloned().unwrap_or_default();
    members.retain(|name, _| !INTERNAL.contains(&name.as_str()));
    let named = |url: Option<&str>| url.filter(|url| !url.is_empty()).map(str::to_owned);
    let callback = named(intent.callback_url);
    let callback = callback.unwrap_or_else(|| origin_of(&cx.local.base_url).unwrap_or_else(|| "/".to_owned()));
    let link = intent.link.map(|session| {
        let keys = derive_purpose_keys(&cx.app().keys, LINK_PURPOSE);
        let token = envelope::seal(&keys, cx.entropy(), session.token());
        json!({ "userId": session.user_id(), "email": session.user.text("email"), "encryptedSessionToken": token })
    });
    let expires_at = cx.now().plus_secs(LIFETIME_SECS).as_millis();
    let own = [
        ("callbackURL", Some(callback.into())),
        ("codeVerifier", Some(departure.code_verifier.as_str().into())),
        ("errorURL", intent.error_url.map(Value::from)),
        ("newUserURL", intent.new_user_url.map(Value::from)),
        ("link", link),
        ("expiresAt", Some(expires_at.into())),
        ("requestSignUp", intent.request_sign_up.map(Value::from)),
        ("serverContext", (!cx.local.oauth_context.is_empty()).then(|| cx.local.oauth_context.clone().into())),
        ("idTokenNonce", departure.nonce.as_deref().map(Value::from)),
        ("oauthState", Some(departure.state.as_str().into())),
        (BOUND_PROVIDER, Some(intent.provider.into())),
    ];
    members.extend(own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    members
}

/// Spends `state`, if it is this browser's and live.
///
/// # Errors
/// When the store cannot answer.
pub async fn take(cx: &mut Cx, state: &str) -> Result<Result<OAuthState, Rejection>, Exit> {
    let taken = match cx.app().options.account.store_state_strategy {
        StateStrategy::Cookie => from_cookie(cx, state),
        StateStrategy::Database => from_store(cx, state).await?,
    };
    #[allow(clippy::cast_precision_loss)]
    let now = cx.now().as_millis() as f64;
    Ok(taken.and_then(|remembered| match remembered.expires_at < now {
        true => Err(Rejection { code: MISMATCH, error_url: remembered.error_url }),
        false => {
            cx.local.oauth_context.clone_from(&remembered.server_context);
            cx.local.oauth_data.clone_from(&remembered.additional_data);
            Ok(remembered)
        }
    }))
}

fn from_cookie(cx: &mut Cx, state: &str) -> Result<OAuthState, Rejection> {
    let rejected = |code, error_url| Rejection { code, error_url };
    let spec = sealed_cookie(cx, None);
    let sealed = cookies::of_request(cx).get(&spec.name).map(std::borrow::Cow::into_owned);
    let sealed = sealed.filter(|sealed| !sealed.is_empty()).ok_or(rejected(MISMATCH, None))?;
    let keys = derive_purpose_keys(&cx.app().keys, STATE_PURPOSE);
    let opened = envelope::open(&keys, &sealed).map_err(|_| rejected(INVALID, None))?;
    let remembered = OAuthState::read(opened.expose()).ok_or(rejected(INVALID, None))?;
    if !remembered.oauth_state.as_ref().is_some_and(|known| is_same(known, state)) {
        return Err(rejected(MISMATCH, remembered.error_url));
    }
    cookies::expire(cx, &spec);
    Ok(remembered)
}

async fn from_store(cx: &mut Cx, state: &str) -> Result<Result<OAuthState, Rejection>, Exit> {
    let rejected = |code, error_url| Ok(Err(Rejection { code, error_url }));
    let Some(row) = verification::find(cx, &identifier(state)).await? else {
        return rejected(MISMATCH, None);
    };
    let Some(remembered) = OAuthState::read(row.text("value")) else {
        return rejected(UNREADABLE, None);
    };
    let spec = binding_cookie(cx, None);
    let same = remembered.belongs_to(state);
    let unbound = cx.app().options.account.skip_state_cookie_check;
    let bound = unbound || cookies::read_signed(cx, &spec).is_some_and(|sent| is_same(&sent, state));
    if !same || !bound {
        return rejected(MISMATCH, remembered.error_url);
    }
    if commit::try_commit(cx, verification::spend(Batch::new(), &row, cx)).await?.is_err() {
        return rejected(MISMATCH, remembered.error_url);
    }
    cookies::expire(cx, &spec);
    Ok(Ok(remembered))
}

/// The cookie that ties the browser to its one-time value.
fn binding_cookie(cx: &Cx, max_age: Option<i64>) -> CookieSpec {
    cx.app().cookie("state", &CookieOverride { max_age, ..CookieOverride::default() })
}

/// The cookie that holds all of it.
pub(super) fn sealed_cookie(cx: &Cx, max_age: Option<i64>) -> CookieSpec {
    cx.app().cookie("oauth_state", &CookieOverride { max_age, ..CookieOverride::default() })
}

fn is_same(left: &str, right: &str) -> bool {
    constant_time_eq(left.as_bytes(), right.as_bytes())
}

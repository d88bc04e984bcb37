//! `GET /verify-email`

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Cx, Installation,
        callback::Callback,
        commit, errors, event, mail, notice,
        record::User,
        session::{self, Remember, Session, Source},
        user,
        verification_link::{self, CHANGE_CONFIRMATION, CHANGE_VERIFICATION, Claim},
        view::View,
    },
    engine::{Endpoint, Exit},
    gate,
    schema::USER,
    store::{Batch, Expect, Filter, Row, Value},
    wire::{jwt::JwtError, shape::input},
};

/// Follows the link of a verification message: proves an address, or takes the next step of changing one.
pub struct VerifyEmail;

input! {
    /// What the link carries.
    pub struct Query {
        /// The signed claim.
        token: String,
        /// Where the browser goes on to.
        callback_url "callbackURL": Option<String>,
    }
}

/// What was done, for clients that named no page to go on to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<U = User> {
    /// True.
    pub status: bool,
    /// The user under the new address; null when no address was replaced, absent when the old address has agreed and the new
    /// one has been written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Option<U>>,
}

impl Endpoint<Installation> for VerifyEmail {
    type Body = ();
    type Output = Output<View>;
    type Query = Query;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "verifyEmail";
    const PATH: &'static str = "/verify-email";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<Output<View>, Exit> {
        gate::check_callback(cx, query.callback_url.as_deref())?;
        let callback = Callback::read(query.callback_url)?;
        let claim = match verification_link::read(cx, &query.token) {
            Ok(claim) => claim,
            Err(JwtError::Expired) => return Err(callback.refuse(errors::TOKEN_EXPIRED)),
            Err(JwtError::Invalid) => return Err(callback.refuse(errors::INVALID_TOKEN)),
        };
        let output = match present(&claim.update_to) {
            Some(update_to) => change(cx, &claim, update_to, &callback).await?,
            None => prove(cx, &claim, &callback).await?,
        };
        callback.follow()?;
        Ok(output)
    }
}

fn present(claimed: &Option<String>) -> Option<&str> {
    claimed.as_deref().filter(|text| !text.is_empty())
}

/// Takes the next step of replacing the address of the user whom the claim names.
async fn change(cx: &mut Cx, claim: &Claim, update_to: &str, callback: &Callback) -> Result<Output<View>, Exit> {
    let Some(user_id) = present(&claim.user_id) else { return Err(callback.refuse(errors::INVALID_TOKEN)) };
    let Some(user) = user::find_by_id(cx, user_id).await? else { return Err(callback.refuse(errors::USER_NOT_FOUND)) };
    if user::normalize_email(user.text("email")) != claim.email {
        return Err(callback.refuse(errors::INVALID_TOKEN));
    }
    let session = session::current(cx, Source::Any).await?;
    if session.as_ref().is_some_and(|session| session.user_id() != user.id()) {
        return Err(callback.refuse(errors::INVALID_USER));
    }
    let mut set = Row::new().with("email", user::normalize_email(update_to));
    match claim.request_type.as_deref() {
        Some(CHANGE_CONFIRMATION) => {
            if verification_link::is_sent(cx.app()) {
                let next = Claim::change(&claim.email, update_to, CHANGE_VERIFICATION, user.id());
                verification_link::send_claim(cx, mail::VERIFY_EMAIL, update_to, &next, callback.url()).await;
            }
            Ok(Output { status: true, user: None })
        }
        Some(CHANGE_VERIFICATION) => {
            let user = replace(cx, user, set, session, callback).await?;
            Ok(Output { status: true, user: Some(Some(View::user(cx, user))) })
        }
        // Links of older servers went to the old address alone: the new one is yet to be proven.
        _ => {
            set.set("emailVerified", false);
            let user = replace(cx, user, set, session, callback).await?;
            verification_link::send(cx, &user, callback.url()).await;
            Ok(Output { status: true, user: Some(Some(View::user(cx, user))) })
        }
    }
}

/// Replaces the address, if the user still has the one that the link was made for and nobody else has the new one.
async fn replace(
    cx: &mut Cx,
    mut user: Row,
    set: Row,
    session: Option<Session>,
    callback: &Callback,
) -> Result<Row, Exit> {
    let batch = Batch::new().update(USER, as_found(&user), set.clone(), Expect::Rows(1));
    if commit::try_commit(cx, batch).await?.is_err() {
        return Err(callback.refuse(errors::INVALID_TOKEN));
    }
    let old = user.clone();
    for (name, value) in set {
        user.set(name, value);
    }
    user.set("updatedAt", cx.now());
    event::emit(cx, event::EMAIL_CHANGED, Some(user.id()), Vec::new()).await;
    notice::email_changed(cx, &old, user.text("email")).await;
    if user.flag("emailVerified") {
        event::emit(cx, event::EMAIL_VERIFIED, Some(user.id()), Vec::new()).await;
    }
    if let Some(session) = session {
        session::set_cookies(cx, Session { user: user.clone(), ..session }, Remember::AsBefore);
    }
    Ok(user)
}

/// Marks the claimed address as proven, and signs in if configured.
async fn prove(cx: &mut Cx, claim: &Claim, callback: &Callback) -> Result<Output<View>, Exit> {
    let Some(user) = user::find_by_email(cx, &claim.email).await? else {
        return Err(callback.refuse(errors::USER_NOT_FOUND));
    };
    if present(&claim.user_id).is_some_and(|id| id != user.id()) {
        return Err(callback.refuse(errors::INVALID_TOKEN));
    }
    let verified = Output { status: true, user: Some(None) };
    if user.flag("emailVerified") {
        return Ok(verified);
    }
    if mark(cx, &user).await? {
        event::emit(cx, event::EMAIL_VERIFIED, Some(user.id()), Vec::new()).await;
        return Ok(verified);
    }
    // Somebody was quicker. If it was the same link, all is well.
    match user::find_by_id(cx, user.id()).await? {
        Some(now) if now.flag("emailVerified") && now.text("email") == user.text("email") => Ok(verified),
        _ => Err(callback.refuse(errors::INVALID_TOKEN)),
    }
}

/// False when the user has changed meanwhile. A browser in which somebody else is signed in stays theirs, so that a link that
/// was sent to it cannot put another account under its hands.
async fn mark(cx: &mut Cx, user: &Row) -> Result<bool, Exit> {
    let open = Filter::Or(vec![Filter::eq("emailVerified", false), Filter::eq("emailVerified", Value::Null)]);
    let set = Row::new().with("emailVerified", true);
    let batch = Batch::new().update(USER, as_found(user).and(open), set, Expect::Rows(1));
    let verified = user.clone().with("emailVerified", true).with("updatedAt", cx.now());
    if !cx.app().options.email_verification.auto_sign_in_after_verification {
        return Ok(commit::try_commit(cx, batch).await?.is_ok());
    }
    let Some(session) = session::current(cx, Source::Any).await? else {
        return Ok(session::try_issue_at_once(cx, verified, Remember::AsBefore, batch).await?.is_ok());
    };
    if commit::try_commit(cx, batch).await?.is_err() {
        return Ok(false);
    }
    if session.user_id() == user.id() {
        session::set_cookies(cx, Session { user: verified, ..session }, Remember::AsBefore);
    }
    Ok(true)
}

/// The user, with the address that was read.
fn as_found(user: &Row) -> Filter {
    Filter::eq("id", user.id()).and(Filter::eq("email", user.text("email")))
}

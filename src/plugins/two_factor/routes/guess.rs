//! A guess at a second factor: who makes it, what it comes to, and what it costs. Every guess that is answered has changed the very
//! rows that it was judged by, so of several at once none is judged on what another has used up.

use http::StatusCode;

use super::{
    super::{errors, logic, options::TwoFactorOptions, schema::ENABLED},
    Verified, attempts_identifier, verify_backup_code, verify_otp, verify_totp,
};
use crate::{
    domain::{
        Cx, account, commit, cookies, errors as base, event,
        session::{self, Remember, Session, Source},
        user, verification,
        view::View,
    },
    engine::{ApiError, Exit},
    schema::USER,
    store::{Batch, Expect, Filter, Row},
};

/// Wrong guesses that a sign-in bears, of all kinds together.
const ALLOWED: i64 = 5;
/// How often a guess is judged anew because what it was judged by has changed. Nothing can change more often than guesses are
/// allowed.
const TRIES: usize = 8;
/// What identifiers of sign-ins that wait begin with, and how long they are.
const CHALLENGE: (&str, usize) = ("2fa-", 24);

/// Milliseconds by which the reference's date of a sign-in that waits may be later than the moment from which it waits.
const REFERENCE_TAKES: i64 = 100;

const AGAIN: ApiError = ApiError::uncoded(StatusCode::CONFLICT, "Failed to verify the code. Please try again.");

/// Who is concerned with a second factor.
pub(super) enum Asker {
    /// Somebody who is signed in, and sets it up or is asked again.
    SignedIn(Box<Session>),
    /// Somebody whose sign-in waits for it.
    Waiting(Box<Waiting>),
}

/// A sign-in that waits for its second factor.
pub(super) struct Waiting {
    identifier: String,
    challenge: Row,
    user: Row,
    credential: Option<Row>,
}

impl Asker {
    /// The session of the request, or else the sign-in that its cookie names.
    ///
    /// # Errors
    /// `INVALID_TWO_FACTOR_COOKIE` when there is neither, or a store that fails.
    pub(super) async fn find(cx: &mut Cx, options: &TwoFactorOptions) -> Result<Self, Exit> {
        if let Some(session) = session::current(cx, Source::Store).await? {
            return Ok(Self::SignedIn(Box::new(session)));
        }
        match Waiting::find(cx, options).await? {
            Some(waiting) => Ok(Self::Waiting(Box::new(waiting))),
            None => Err(errors::INVALID_TWO_FACTOR_COOKIE.into()),
        }
    }

    pub(super) fn user(&self) -> &Row {
        match self {
            Self::SignedIn(session) => &session.user,
            Self::Waiting(waiting) => &waiting.user,
        }
    }

    /// What a code that is sent is for.
    pub(super) fn purpose(&self) -> String {
        match self {
            Self::SignedIn(session) => format!("{}!{}", session.user_id(), session.row.id()),
            Self::Waiting(waiting) => waiting.identifier.clone(),
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting(_))
    }
}

impl Waiting {
    async fn find(cx: &mut Cx, options: &TwoFactorOptions) -> Result<Option<Self>, Exit> {
        let cookie = options.challenge_cookie(cx);
        let (prefix, length) = CHALLENGE;
        let named = cookies::read_signed(cx, &cookie);
        let Some(identifier) = named.filter(|named| named.starts_with(prefix) && named.len() == length) else {
            return Ok(None);
        };
        let Some(challenge) = verification::find(cx, &identifier).await? else { return Ok(None) };
        let whose = Filter::eq("id", challenge.text("value"));
        let Some(mut user) = user::find_with_accounts(cx, whose).await? else { return Ok(None) };
        let accounts = user.detach(user::ACCOUNTS);
        let credential = account::pick_credential(&accounts, user.id()).cloned();
        let holds = holds(&challenge, credential.as_ref(), options.two_factor_cookie_max_age);
        Ok(holds.then_some(Self { identifier, challenge, user, credential }))
    }

    fn spend(&self, cx: &Cx, batch: Batch, attempts: &Attempts) -> Batch {
        verification::spend(verification::spend(batch, &self.challenge, cx), &attempts.row, cx)
    }
}

/// Whether what a sign-in began with is still there. One that began with a password is of the very date of that password and does not
/// outlive it, whatever clocks show since. One without, or of the reference, is of the moment when it began.
fn holds(challenge: &Row, credential: Option<&Row>, lifetime_secs: i64) -> bool {
    let Some((made_at, end)) = challenge.date("createdAt").zip(challenge.date("expiresAt")) else { return true };
    let password_at = credential.and_then(|credential| credential.date("updatedAt"));
    let late = made_at.plus_secs(lifetime_secs).millis_since(end);
    let of_the_moment = (0..=REFERENCE_TAKES).contains(&late);
    password_at == Some(made_at) || (of_the_moment && password_at.is_none_or(|changed_at| changed_at < made_at))
}

/// The ways to give a second factor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Factor {
    Totp,
    Otp,
    BackupCode,
}

/// A guess, and what it is held against.
pub(super) struct Guess<'a> {
    pub(super) code: &'a str,
    pub(super) asker: &'a Asker,
    /// The user's app and backup codes.
    pub(super) row: Option<&'a Row>,
}

/// What a guess comes to.
pub(super) enum Verdict {
    /// It is right.
    Right {
        /// What it uses up.
        batch: Batch,
        /// Whether a user who is signed in has a second factor from now on.
        enrols: bool,
    },
    /// It is wrong, and the batch says so where the code is.
    Wrong(Batch, ApiError),
    /// There is nothing that it could be right about.
    Refused(ApiError),
}

impl Factor {
    /// Wrong guesses that a sign-in bears.
    fn allowed(self, options: &TwoFactorOptions) -> i64 {
        if self == Self::Otp { options.otp_attempts().max(ALLOWED) } else { ALLOWED }
    }

    fn require(self, guess: &Guess<'_>) -> Result<(), ApiError> {
        match self {
            Self::Totp => verify_totp::require(guess),
            Self::BackupCode => verify_backup_code::require(guess),
            Self::Otp => Ok(()),
        }
    }

    async fn judge(self, cx: &mut Cx, options: &TwoFactorOptions, guess: &Guess<'_>) -> Result<Verdict, Exit> {
        match self {
            Self::Totp => verify_totp::judge(cx, options, guess).await,
            Self::Otp => verify_otp::judge(cx, options, guess).await,
            Self::BackupCode => verify_backup_code::judge(cx, options, guess).await,
        }
    }
}

/// What a client sends to give a second factor.
pub(super) struct Given {
    pub(super) factor: Factor,
    pub(super) code: String,
    pub(super) trust_device: bool,
    /// Whether only the code is to be used up, and no session made.
    pub(super) without_session: bool,
}

/// Judges a guess and does what it permits.
///
/// # Errors
/// Those of the plugin, or a store that fails.
pub(super) async fn verify(cx: &mut Cx, options: &TwoFactorOptions, given: &Given) -> Result<Verified<View>, Exit> {
    for _ in 0..TRIES {
        let asker = Asker::find(cx, options).await?;
        let row = logic::find(cx, asker.user().id()).await?;
        let guess = Guess { code: &given.code, asker: &asker, row: row.as_ref() };
        given.factor.require(&guess)?;
        let done = match &asker {
            Asker::SignedIn(session) => again(cx, options, given, &guess, session).await?,
            Asker::Waiting(waiting) => sign_in(cx, options, given, &guess, waiting).await?,
        };
        if let Some(verified) = done {
            return Ok(verified);
        }
    }
    Err(AGAIN.into())
}

/// What the guess of somebody who is signed in comes to; `None` when what it was judged by has changed.
async fn again(
    cx: &mut Cx,
    options: &TwoFactorOptions,
    given: &Given,
    guess: &Guess<'_>,
    session: &Session,
) -> Result<Option<Verified<View>>, Exit> {
    let (batch, enrols) = match given.factor.judge(cx, options, guess).await? {
        Verdict::Right { batch, enrols } => (batch, enrols),
        Verdict::Wrong(batch, error) => {
            let counted = batch.is_empty() || commit::try_commit(cx, batch).await?.is_ok();
            return if counted { Err(error.into()) } else { Ok(None) };
        }
        Verdict::Refused(error) => return Err(error.into()),
    };
    if !enrols {
        let unchanged = batch.is_empty() || commit::try_commit(cx, batch).await?.is_ok();
        return Ok(unchanged.then(|| verified(cx, session)));
    }
    let user = session.user.clone().with(ENABLED, true).with("updatedAt", cx.now());
    let renewed = match session::try_replace(cx, session, user, enable(batch, session.user_id())).await? {
        Ok(renewed) => renewed,
        Err(conflict) if conflict.statement == 0 => return Err(base::UNAUTHORIZED.into()),
        Err(_) => return Ok(None),
    };
    event::emit(cx, event::TWO_FACTOR_ENABLED, Some(session.user_id()), Vec::new()).await;
    // The reference tells of the session that was, unless the code came in a message.
    Ok(Some(if given.factor == Factor::Otp { verified(cx, &renewed) } else { verified(cx, session) }))
}

fn verified(cx: &Cx, session: &Session) -> Verified<View> {
    Verified { token: Some(session.token().to_owned()), user: View::user(cx, session.user.clone()) }
}

/// Adds to `batch` that the user is asked for a second factor from now on.
pub(super) fn enable(batch: Batch, user_id: &str) -> Batch {
    batch.update(USER, Filter::eq("id", user_id), Row::new().with(ENABLED, true), Expect::Rows(1))
}

/// The count of wrong guesses of a sign-in.
struct Attempts {
    row: Row,
    count: i64,
}

/// What the guess of somebody whose sign-in waits comes to; `None` when what it was judged by has changed.
async fn sign_in(
    cx: &mut Cx,
    options: &TwoFactorOptions,
    given: &Given,
    guess: &Guess<'_>,
    waiting: &Waiting,
) -> Result<Option<Verified<View>>, Exit> {
    if guess.row.is_some_and(|row| options.is_locked(cx, row)) {
        return Err(errors::ACCOUNT_TEMPORARILY_LOCKED.into());
    }
    let allowed = given.factor.allowed(options);
    let Some(row) = verification::find(cx, &attempts_identifier(&waiting.identifier)).await? else {
        return Err(errors::INVALID_TWO_FACTOR_COOKIE.into());
    };
    let count = row.text("value").parse().ok().filter(|count| *count >= 0).unwrap_or(allowed);
    let attempts = Attempts { row, count };
    if attempts.count >= allowed {
        let spent = waiting.spend(cx, Batch::new(), &attempts);
        let _ = commit::try_commit(cx, spent).await?;
        cookies::expire(cx, &options.challenge_cookie(cx));
        return Err(errors::TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE.into());
    }
    let batch = match given.factor.judge(cx, options, guess).await? {
        Verdict::Right { batch, .. } => batch,
        Verdict::Refused(error) => return Err(error.into()),
        Verdict::Wrong(batch, error) => {
            let batch = count_wrong(cx, options, batch, guess, &attempts);
            if commit::try_commit(cx, batch).await?.is_err() {
                return Ok(None);
            }
            let detail = vec![("reason", "wrong second factor".to_owned())];
            event::emit(cx, event::SIGN_IN_FAILED, Some(waiting.user.id()), detail).await;
            return Err(error.into());
        }
    };
    let batch = match guess.row {
        Some(row) => options.count_success(cx, batch, row),
        None => batch,
    };
    admit(cx, options, given, waiting, waiting.spend(cx, batch, &attempts)).await
}

/// Adds to `batch` that one more guess was wrong, of the sign-in and of the user.
fn count_wrong(cx: &Cx, options: &TwoFactorOptions, batch: Batch, guess: &Guess<'_>, attempts: &Attempts) -> Batch {
    let counted = recounted(cx, batch, &attempts.row, (attempts.count + 1).to_string());
    match guess.row {
        Some(row) => options.count_failure(cx, counted, row),
        None => counted,
    }
}

/// Makes the session, and a trusted device if asked for.
async fn admit(
    cx: &mut Cx,
    options: &TwoFactorOptions,
    given: &Given,
    waiting: &Waiting,
    batch: Batch,
) -> Result<Option<Verified<View>>, Exit> {
    let user = waiting.user.clone();
    let batch = match &waiting.credential {
        Some(credential) => account::check_password(batch, credential),
        None => batch,
    };
    if given.without_session {
        let done = commit::try_commit(cx, batch).await?.is_ok();
        return Ok(done.then(|| Verified { token: None, user: View::user(cx, user) }));
    }
    let (batch, trusted) = if given.trust_device {
        let (batch, cookie) = options.trust(cx, batch, user.id());
        (batch, Some(cookie))
    } else {
        (batch, None)
    };
    let marked = cookies::read_signed(cx, &cx.app().cookies.dont_remember).is_some();
    let remember = if marked { Remember::No } else { Remember::Yes };
    let Ok(session) = session::try_issue_proven(cx, user, remember, batch).await? else { return Ok(None) };
    cookies::expire(cx, &options.challenge_cookie(cx));
    if let Some(cookie) = trusted {
        cx.reply.push_cookie(cookie);
        let app = cx.app_arc();
        cookies::expire(cx, &app.cookies.dont_remember);
    }
    Ok(Some(verified(cx, &session)))
}

/// Adds to `batch` that a count of wrong guesses is another, until it would have ended.
pub(super) fn recounted(cx: &Cx, batch: Batch, counter: &Row, value: String) -> Batch {
    let until = counter.date("expiresAt").unwrap_or(cx.now());
    verification::rewrite(batch, counter, cx, value, until)
}

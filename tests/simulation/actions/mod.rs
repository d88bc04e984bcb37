//! What clients do. A new feature adds rows to a table here: how its request is made, what it may change, and what its answer means.

mod accounts;
mod codes;
mod email;
mod handover;
mod nobody;
#[cfg(feature = "passkey")]
mod passkeys;
mod password;
mod public;
mod scene;
mod second_factor;
mod sessions;
mod sign_in;
mod tokens;
mod user;

use std::sync::OnceLock;

use http::Method;
use kernia::testing::TestRequest;
use serde_json::Value as Json;

pub(crate) use scene::{DOMAIN, NAME, Scene, drawn, has_password};

use crate::{judge::Case, violation::Checked};

/// One thing that clients do.
#[derive(Debug)]
pub(crate) struct Action {
    /// What it is called in traces.
    pub(crate) name: &'static str,
    /// The route that it uses.
    pub(crate) route: &'static str,
    /// How often it is done, beside others.
    pub(crate) weight: usize,
    /// Whether it can succeed at all.
    pub(crate) works: bool,
    /// What it wants of the client's session.
    pub(crate) session: Session,
    /// What it may change. Whoever's affair it is may always end sessions of theirs.
    pub(crate) powers: &'static [Power],
    /// Makes the request.
    pub(crate) ask: fn(&mut Scene<'_>) -> Ask,
    /// Holds the answer to what it promises, beyond what all answers must keep.
    pub(crate) judge: fn(&mut Case<'_>) -> Checked,
}

/// An action that can succeed and changes nothing that takes a power.
fn powerless(
    name: &'static str,
    route: &'static str,
    weight: usize,
    session: Session,
    ask: fn(&mut Scene<'_>) -> Ask,
    judge: fn(&mut Case<'_>) -> Checked,
) -> Action {
    Action { name, route, weight, works: true, session, powers: &[], ask, judge }
}

/// What an action wants of the session that the client presents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Session {
    /// Nothing: it acts for whoever its claim names.
    Unused,
    /// It acts for the session's user, if there is one.
    Used,
    /// It is refused without one; one that a cookie describes will do.
    Believed,
    /// It is refused without one that the store has.
    Confirmed,
    /// Nothing, but of a sign-in that waits for a second factor.
    Waiting,
}

/// Something that a request may change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Power {
    /// Makes one user.
    MakeUser,
    /// Makes one anonymous user.
    MakeNobody,
    /// Signs in by a password.
    SignIn,
    /// Stores the same password in another form.
    Rehash,
    /// Does what a link in a message says.
    FollowLink,
    /// Replaces a password by a token.
    ResetPassword,
    /// Replaces a password by one who knows it.
    ChangePassword,
    /// Gives a first password.
    AddPassword,
    /// Replaces an address that was never proven.
    ChangeEmail,
    /// Changes names and the like.
    ChangeUser,
    /// Removes a user.
    DeleteUser,
    /// Removes a way to sign in.
    Unlink,
    /// Finishes a sign-in by a second factor.
    SecondFactor,
    /// Turns the second factor on or off; the session is replaced.
    SwitchSecondFactor,
    /// Makes a passkey.
    AddPasskey,
    /// Removes a passkey.
    RemovePasskey,
    /// Signs in by a passkey.
    UsePasskey,
}

/// What a request says of itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claim {
    /// Whose affair it is, where no session says so.
    pub(crate) user: Option<String>,
    /// The address or name to sign in with, in the form that is stored.
    pub(crate) login: Option<String>,
    /// The present password, as given.
    pub(crate) password: Option<String>,
    /// The new password.
    pub(crate) new_password: Option<String>,
    /// The one-time token given.
    pub(crate) mail: Option<String>,
    /// The address named.
    pub(crate) email: Option<String>,
    /// The session's token or the text named.
    pub(crate) named: Option<String>,
    /// Whether other sessions shall end.
    pub(crate) ends_sessions: bool,
    /// The sign-in that waits, and the trusted device, that its cookies name.
    pub(crate) challenge: Option<String>,
    pub(crate) trusted: Option<String>,
    /// The sessions that its cookies prove the client to have, active or not.
    pub(crate) kept: Vec<String>,
    /// The code shown as a second factor.
    pub(crate) code: Option<String>,
}

/// How a request reaches the server.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// Over HTTP.
    Http(TestRequest),
    /// From the application's own code.
    Call(&'static str, Json),
}

/// How a client says who it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Carry {
    /// By its cookies.
    Cookies,
    /// By its cookies, but for those of a session, or but for that of a sign-in that waits.
    WithoutSession,
    WithoutChallenge,
    /// By a session's token in the header.
    Bearer(String),
    /// Not at all.
    Nothing,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) target: Target,
    pub(crate) carry: Carry,
    pub(crate) claim: Claim,
}

impl Ask {
    fn new(target: Target) -> Self {
        Self { target, carry: Carry::Cookies, claim: Claim::default() }
    }

    fn get(path: impl Into<String>) -> Self {
        Self::new(Target::Http(TestRequest::new(Method::GET, path)))
    }

    fn post(path: &str, body: &Json) -> Self {
        Self::new(Target::Http(TestRequest::json(path, body)))
    }

    fn claim(mut self, claim: impl FnOnce(&mut Claim)) -> Self {
        claim(&mut self.claim);
        self
    }
}

impl Action {
    /// Whether it comes to nothing without a session.
    pub(crate) fn needs_session(&self) -> bool {
        matches!(self.session, Session::Believed | Session::Confirmed)
    }

    /// Whether it acts for the user of the session that is presented.
    pub(crate) fn signed_in(&self) -> bool {
        ![Session::Unused, Session::Waiting].contains(&self.session)
    }
}

fn no_more(_: &mut Case<'_>) -> Checked {
    Ok(())
}

/// All actions.
pub(crate) fn all() -> &'static [Action] {
    static ALL: OnceLock<Vec<Action>> = OnceLock::new();
    ALL.get_or_init(|| {
        let tables = [
            // The first is how anybody comes to be there.
            sign_in::actions(),
            sessions::actions(),
            password::actions(),
            email::actions(),
            user::actions(),
            accounts::actions(),
            public::actions(),
            codes::actions(),
            tokens::actions(),
            handover::actions(),
            nobody::actions(),
            second_factor::actions(),
            #[cfg(feature = "passkey")]
            passkeys::actions(),
        ];
        tables.into_iter().flatten().collect()
    })
}

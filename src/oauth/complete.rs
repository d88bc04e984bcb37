//! The end of a flow: whoever came back is signed in, or linked to the user who began it.

use std::borrow::Cow;

use super::{
    admit::{self, Admission, Arrival},
    callback::Exchanged,
    link::{self, Linking, Obstacle},
};
use crate::{
    domain::{
        Cx,
        oauth_state::{Link, LinkSession},
        provider::Provider,
    },
    engine::{ApiError, Exit},
    wire::redirect,
};

/// Somebody who came back, and what they began.
#[derive(Clone, Copy)]
pub struct Completion<'a> {
    /// The provider.
    pub provider: &'a Provider,
    /// Who they are there.
    pub exchanged: &'a Exchanged,
    /// The user who links an account, if this is no sign-in.
    pub link: Option<&'a Link>,
    /// Where they go on to.
    pub callback_url: &'a str,
    /// Whether they may not become a new user.
    pub disable_sign_up: bool,
    /// Whether the provider's word on a user replaces what is known.
    pub override_user_info: bool,
}

/// Why nobody is signed in or linked, as the error page is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub code: Cow<'static, str>,
    /// The text for people.
    pub description: Option<Cow<'static, str>>,
}

impl From<&'static str> for Refusal {
    fn from(reason: &'static str) -> Self {
        Self { code: reason.replace(' ', "_").into(), description: None }
    }
}

/// Signs in or links whoever came back. Answers whether a new user was made.
///
/// # Errors
/// A store that fails.
pub async fn complete(cx: &mut Cx, completion: &Completion<'_>) -> Result<Result<bool, Refusal>, Exit> {
    let done = match completion.link {
        Some(link) => link_account(cx, completion, link).await,
        None => sign_in(cx, completion).await,
    };
    match done {
        Ok(done) => Ok(done.map_err(Refusal::from)),
        // What a hook or the application's fields refuse is told on the page too.
        Err(Exit::Refused(ApiError { code: Some(code), message, .. })) => {
            Ok(Err(Refusal { code: code.into(), description: message }))
        }
        Err(exit) => Err(exit),
    }
}

/// The page that a browser goes on to: the one for new users, if there is one and it brought one.
#[must_use]
pub fn destination(cx: &Cx, callback_url: &str, new_user_url: Option<&str>, is_new: bool) -> String {
    let page = new_user_url.filter(|url| is_new && !url.is_empty()).unwrap_or(callback_url);
    redirect::location(page).unwrap_or_else(|| cx.local.base_url.to_string())
}

/// Whether a new user was made, or the reason why nobody is signed in.
type Done = Result<Result<bool, &'static str>, Exit>;

async fn sign_in(cx: &mut Cx, completion: &Completion<'_>) -> Done {
    let Completion { provider, exchanged, .. } = completion;
    let Exchanged { tokens, identity } = exchanged;
    let Some(email) = identity.email() else {
        tracing::warn!(provider = %provider.id, "the provider has told no address; ask for its scope, or map one");
        return Ok(Err("email_not_found"));
    };
    let arrival = Arrival {
        provider,
        identity,
        email,
        tokens,
        scope: Some(&tokens.scope()),
        callback_url: Some(completion.callback_url),
        disable_sign_up: completion.disable_sign_up,
        override_user_info: completion.override_user_info,
    };
    Ok(match admit::admit(cx, &arrival).await? {
        Admission::Admitted { is_new, .. } => Ok(is_new),
        Admission::Refused(reason) => Err(reason),
    })
}

async fn link_account(cx: &mut Cx, completion: &Completion<'_>, link: &Link) -> Done {
    const UNABLE: &str = "unable_to_link_account";
    let session = match link.session(cx).await? {
        LinkSession::Ended => return Ok(Err(UNABLE)),
        LinkSession::Live(session) => Some(session),
        LinkSession::Unnamed => None,
    };
    let Exchanged { tokens, identity } = completion.exchanged;
    let linking = Linking {
        provider: completion.provider,
        identity,
        tokens,
        granted: Some(&tokens.scopes),
        user_id: &link.user_id(),
        email: &link.email,
        session: session.as_deref(),
    };
    Ok(match link::link(cx, &linking, false).await? {
        Ok(()) => Ok(false),
        Err(Obstacle::NotAllowed | Obstacle::Changed) => Err(UNABLE),
        Err(Obstacle::DifferentEmail) => Err("email_does_not_match"),
        Err(Obstacle::TakenByAnother) => Err("account_already_linked_to_different_user"),
    })
}

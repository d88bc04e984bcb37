//! `GET /magic-link/verify`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::super::{logic, options::MagicLinkOptions};
use crate::{
    domain::{
        Cx, Installation, errors,
        fields::{Action, parse_input},
        mailbox::{self, Admission, Reader},
        record::{SessionRecord, User},
        verification,
        view::View,
    },
    engine::{ApiError, Endpoint, Exit},
    gate,
    schema::USER,
    store::{Batch, Row},
    wire::{redirect, shape::JsonMap, shape::input},
};

/// Follows the link of a message: signs in, and leads on.
pub struct MagicLinkVerify {
    pub(super) options: Arc<MagicLinkOptions>,
}

input! {
    /// What the link carries.
    pub struct Query {
        /// The token.
        token: String,
        /// Where the browser goes on to; without it the answer is JSON.
        callback_url "callbackURL": Option<String>,
        /// Where the browser goes on to when the link is not good.
        error_callback_url "errorCallbackURL": Option<String>,
        /// Where the browser of a new user goes on to.
        new_user_callback_url "newUserCallbackURL": Option<String>,
    }
}

/// Who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output<S = SessionRecord, U = User> {
    /// The session's token.
    pub token: String,
    /// The user.
    pub user: U,
    /// The session.
    pub session: S,
}

const INVALID_TOKEN: &str = "INVALID_TOKEN";
const SIGN_UP_DISABLED: &str = "new_user_signup_disabled";

/// The pages that a link leads on to, as they go into a header.
struct Pages {
    known: String,
    new: String,
    refused: String,
    /// Whether a page was named at all.
    named: bool,
}

impl Pages {
    /// Reads the pages that a link names.
    ///
    /// # Errors
    /// `INVALID_CALLBACK_URL` for one that is not trusted, or that no header can name.
    fn read(cx: &Cx, query: &Query) -> Result<Self, Exit> {
        for page in [&query.callback_url, &query.new_user_callback_url, &query.error_callback_url] {
            gate::check_callback(cx, page.as_deref())?;
        }
        let present = |page: &Option<String>| page.clone().filter(|page| !page.is_empty());
        let resolved = |page: &str| redirect::with_query(&cx.local.base_url, page, &[]);
        let invalid = || errors::INVALID_CALLBACK_URL;
        let callback = present(&query.callback_url);
        let known = resolved(callback.as_deref().unwrap_or("/")).ok_or_else(invalid)?;
        let other = |page| present(page).map_or(Some(known.clone()), |page| resolved(&page)).ok_or_else(invalid);
        let (new, refused) = (other(&query.new_user_callback_url)?, other(&query.error_callback_url)?);
        Ok(Self { known, new, refused, named: callback.is_some() })
    }

    /// Sends the browser on with what went wrong.
    fn refuse(&self, code: &str, description: Option<&str>) -> Exit {
        let mut told = vec![("error", code)];
        told.extend(description.map(|text| ("error_description", text)));
        let target = redirect::with_query(&self.refused, &self.refused, &told);
        target.map_or_else(|| errors::INVALID_CALLBACK_URL.into(), Exit::Redirect)
    }
}

impl Endpoint<Installation> for MagicLinkVerify {
    type Body = ();
    type Output = Output<View, View>;
    type Query = Query;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "magicLinkVerify";
    const PATH: &'static str = "/magic-link/verify";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<Output<View, View>, Exit> {
        let pages = Pages::read(cx, &query)?;
        let Some((row, record)) = logic::find(cx, &self.options, &query.token).await? else {
            return Err(pages.refuse(INVALID_TOKEN, None));
        };
        let newcomer = (!self.options.disable_sign_up).then(|| newcomer(cx, record.name.as_deref()));
        let reader = Reader { email: &record.email, newcomer, method: "magic-link" };
        let spent = verification::spend(Batch::new(), &row, cx);
        match mailbox::sign_in(cx, &reader, &spent).await {
            Ok(Admission::Admitted { session, is_new: _ }) if !pages.named => Ok(Output {
                token: session.token().to_owned(),
                user: View::user(cx, session.user),
                session: View::session(cx, session.row),
            }),
            Ok(Admission::Admitted { is_new, .. }) => Err(Exit::Redirect(if is_new { pages.new } else { pages.known })),
            Ok(Admission::Unknown) => Err(pages.refuse(SIGN_UP_DISABLED, None)),
            Ok(Admission::Spent) => Err(pages.refuse(INVALID_TOKEN, None)),
            Err(Exit::Refused(error)) => Err(refusal(&pages, error)),
            Err(exit) => Err(exit),
        }
    }
}

/// A new user with this name, and the defaults of the fields that were added to users.
fn newcomer(cx: &Cx, name: Option<&str>) -> Result<Row, ApiError> {
    let added = parse_input(cx.app().added_fields(&USER), &JsonMap::new(), Action::Create, cx.now(), cx.entropy())?;
    Ok(added.with("name", name.unwrap_or_default()))
}

/// What a hook refuses a new user with is told on the page; what has no code is told as it is.
fn refusal(pages: &Pages, error: ApiError) -> Exit {
    match error.code {
        Some(code) => pages.refuse(code, error.message.as_deref()),
        None => error.into(),
    }
}

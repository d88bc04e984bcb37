//! The application's word on who may become a user, link an account, or come back through a provider: the reference's
//! `validateUserInfo`.

use std::borrow::Cow;

use http::StatusCode;
use serde_json::{Map, Value};

use super::{Cx, provider::OwnCode};
use crate::{
    engine::{ApiError, Exit},
    store::Row,
};

/// Judges somebody before anything is written. An objection ends the request with 403, or on the error page.
pub type ValidateUser = OwnCode<Candidate, Result<(), Objection>>;

/// What is about to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateStep {
    /// A new user is made.
    CreateUser,
    /// An account becomes one of a user's.
    LinkAccount,
    /// A user comes back through a provider, who may say something else of them now.
    SignIn,
}

/// Who it is about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Candidate {
    /// The user as they would be, or as the provider describes them; `id` where there is one already.
    pub user: Map<String, Value>,
    /// What is about to happen.
    pub step: GateStep,
    /// The way that they came.
    pub source: UserSource,
}

/// The way that somebody came.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct UserSource {
    /// `email-password`, `oauth`, `import`, or the id of the plugin that makes the user. Empty where the server's own code does.
    pub method: Cow<'static, str>,
    /// With `oauth`, the provider.
    pub provider: Option<String>,
    /// With `oauth`, the profile as the provider gave it.
    pub profile: Option<Value>,
}

/// Why somebody may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The code of the answer.
    pub error: &'static str,
    /// Its text, which may be shown to anybody; the code, if there is none.
    pub description: Option<String>,
}

impl Objection {
    /// An objection with a code alone.
    #[must_use]
    pub fn new(error: &'static str) -> Self {
        Self { error, description: None }
    }
}

impl UserSource {
    /// A way of this name.
    #[must_use]
    pub fn of(method: &'static str) -> Self {
        Self { method: method.into(), ..Self::default() }
    }

    /// A provider, with the profile that it gave.
    #[must_use]
    pub fn provider(id: &str, profile: &Value) -> Self {
        Self { method: "oauth".into(), provider: Some(id.to_owned()), profile: Some(profile.clone()) }
    }
}

/// Asks the application, if it wants to be asked.
///
/// # Errors
/// Its objection, as 403.
pub async fn pass(cx: &mut Cx, step: GateStep, user: Map<String, Value>, source: UserSource) -> Result<(), Exit> {
    let Some(gate) = cx.app().user_gate.clone() else { return Ok(()) };
    match cx.run(gate.run(Candidate { user, step, source })).await? {
        Ok(()) => Ok(()),
        Err(Objection { error, description }) => {
            let told = description.filter(|text| !text.is_empty()).unwrap_or_else(|| error.to_owned());
            Err(ApiError::new(StatusCode::FORBIDDEN, error, "").message(told).into())
        }
    }
}

/// Asks about a new user's row, on whichever way it came.
///
/// # Errors
/// As [`pass`].
pub(super) async fn pass_new(cx: &mut Cx, row: &Row) -> Result<(), Exit> {
    if cx.app().user_gate.is_none() {
        return Ok(());
    }
    let told = row.fields().filter(|(name, _)| name.as_str() != "id");
    let user = told.map(|(name, value)| (name.to_string(), serde_json::to_value(value).unwrap_or_default())).collect();
    let source = cx.local.user_source.clone().unwrap_or_else(|| of_route(cx));
    pass(cx, GateStep::CreateUser, user, source).await
}

/// The plugin whose route is called.
fn of_route(cx: &Cx) -> UserSource {
    let mut routes = cx.app().routes.routes().iter();
    let route = routes.find(|route| route.path == cx.request.template && route.methods.contains(&cx.request.method));
    UserSource::of(route.and_then(|route| route.plugin).unwrap_or_default())
}

//! A ceremony between its two requests: what the browser was asked, kept as a one-time value that a cookie ties to it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::super::{
    errors,
    logic::{PasskeyUser, Rules},
    options::Ask,
    schema::{CREDENTIAL_ID, PASSKEY},
};
use crate::{
    domain::{
        Cx, RouteRequest, commit,
        cookies::{self, CookieSpec},
        list,
        options::CookieOverride,
        verification,
    },
    engine::Exit,
    schema::{Row, VERIFICATION},
    store::{Batch, Filter, Query},
    wire::{
        id::{Alphabet, random_string},
        shape::JsonMap,
    },
};

/// How long a person may take, in seconds.
const LIFETIME_SECS: i64 = 300;
/// What browsers are told of it, in milliseconds; the reference says so, whatever the lifetime.
pub(super) const TIMEOUT_MS: u64 = 60_000;
const CHALLENGE_BYTES: usize = 32;
const TOKEN_LENGTH: usize = 32;
pub(super) const PUBLIC_KEY: &str = "public-key";

/// Which ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Registration,
    Authentication,
}

/// What is kept, under the names that the reference gives.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(rename = "expectedChallenge")]
    pub(super) challenge: String,
    /// Who makes a passkey; only the id, if anything, of who signs in.
    #[serde(rename = "userData")]
    pub(super) user: PasskeyUser,
    /// What the page gave along.
    #[serde(default)]
    pub(super) context: Option<String>,
    /// Beyond the reference: the credentials that a signed-in browser was offered. No other is taken (WebAuthn section 7.2 step 5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) offered: Vec<String>,
}

impl Kept {
    pub(super) fn new(cx: &Cx, kind: Kind, user: PasskeyUser) -> Self {
        let mut challenge = [0; CHALLENGE_BYTES];
        cx.entropy().fill(&mut challenge);
        Self { kind, challenge: URL_SAFE_NO_PAD.encode(challenge), user, context: None, offered: Vec::new() }
    }

    /// Keeps it, and ties the browser to it.
    pub(super) async fn keep(&self, cx: &mut Cx, rules: &Rules) -> Result<(), Exit> {
        let token = random_string(cx.entropy(), Alphabet::A64, TOKEN_LENGTH);
        let value = serde_json::to_string(self).unwrap_or_default();
        let row = verification::new(cx, &token, &value, LIFETIME_SECS);
        commit::commit(cx, Batch::new().insert(VERIFICATION, row)).await?;
        let mut spec = cookie(cx, rules);
        spec.attributes.max_age = Some(LIFETIME_SECS);
        cookies::set_signed(cx, &spec.name, &token, spec.attributes);
        Ok(())
    }
}

fn cookie(cx: &Cx, rules: &Rules) -> CookieSpec {
    cx.app().cookie(&rules.options.advanced.web_authn_challenge_cookie, &CookieOverride::default())
}

/// A ceremony that the browser comes back from.
pub(super) struct Pending {
    pub(super) kept: Kept,
    row: Row,
}

impl Pending {
    /// The ceremony of `kind` that this browser has begun. One of the other kind is over with that.
    ///
    /// # Errors
    /// `CHALLENGE_NOT_FOUND`.
    pub(super) async fn find(cx: &mut Cx, rules: &Rules, kind: Kind) -> Result<Self, Exit> {
        let token = cookies::read_signed(cx, &cookie(cx, rules)).filter(|token| !token.is_empty());
        let found = match token {
            Some(token) => verification::find(cx, &token).await?,
            None => None,
        };
        let row = found.ok_or(errors::CHALLENGE_NOT_FOUND)?;
        match serde_json::from_str::<Kept>(row.text("value")) {
            Ok(kept) if kept.kind == kind => Ok(Self { kept, row }),
            _ => {
                end(cx, &row).await?;
                Err(errors::CHALLENGE_NOT_FOUND.into())
            }
        }
    }

    /// The batch that ends the ceremony and fails when it is over already.
    pub(super) fn spend(&self, cx: &Cx) -> Batch {
        verification::spend(Batch::new(), &self.row, cx)
    }

    /// Passes `decided` on. A ceremony whose answer is refused is over all the same: nobody gets to try twice.
    pub(super) async fn or_end<T>(&self, cx: &mut Cx, decided: Result<T, Exit>) -> Result<T, Exit> {
        if matches!(decided, Err(Exit::Refused(_))) {
            end(cx, &self.row).await?;
        }
        decided
    }
}

async fn end(cx: &mut Cx, row: &Row) -> Result<(), Exit> {
    let batch = verification::spend(Batch::new(), row, cx);
    // Another request may have ended it meanwhile.
    commit::try_commit(cx, batch).await.map(|_| ())
}

/// A credential that a browser is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Its id, in base64url.
    pub id: String,
    /// The ways to its authenticator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transports: Option<Vec<String>>,
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The credentials of a user, as a browser is told of them.
pub(super) async fn credentials_of(cx: &mut Cx, user_id: &str) -> Result<Vec<Descriptor>, Exit> {
    let rows = list::find_many(cx, Query::many(PASSKEY, Filter::eq("userId", user_id))).await?;
    let described = rows.iter().map(|row| Descriptor {
        id: row.text(CREDENTIAL_ID).replace('=', ""),
        transports: row.get("transports").as_text().map(|ways| ways.split(',').map(str::to_owned).collect()),
        kind: PUBLIC_KEY.to_owned(),
    });
    Ok(described.collect())
}

/// The extensions to ask for: those of the options, unless the application decides by the request.
pub(super) async fn extensions(
    cx: &mut Cx,
    fixed: &JsonMap,
    by_request: Option<&Ask<RouteRequest, JsonMap>>,
) -> Result<JsonMap, Exit> {
    match by_request {
        Some(ask) => Ok(cx.run(ask.ask(RouteRequest::of(cx))).await??),
        None => Ok(fixed.clone()),
    }
}

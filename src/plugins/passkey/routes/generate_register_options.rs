//! `GET /passkey/generate-register-options`

use std::sync::Arc;

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        errors,
        logic::{ALGORITHMS, Newcomer, PasskeyUser, Rules},
        options::{Attachment, Requirement},
    },
    ceremony::{self, Descriptor, Kept, Kind, PUBLIC_KEY, TIMEOUT_MS},
};
use crate::{
    domain::{
        Cx, Installation, RouteRequest,
        session::{self, Session, Source},
    },
    engine::{Endpoint, Exit},
    wire::{
        id::{Alphabet, random_string},
        shape::{JsonMap, choice, input},
    },
};

/// What a browser has to know to make a passkey (WebAuthn Level 3 section 5.4, in its JSON form of section 5.1.8).
pub struct GenerateRegisterOptions {
    pub(super) rules: Arc<Rules>,
}

choice! {
    /// Where an authenticator is wanted.
    pub enum Wanted {
        /// In the device.
        Platform = "platform",
        /// Elsewhere.
        CrossPlatform = "cross-platform",
    }
}

input! {
    /// What for.
    pub struct Query {
        /// Where the authenticator is wanted.
        authenticator_attachment "authenticatorAttachment": Option<Wanted>,
        /// What the browser shows instead of the user's address.
        name: Option<String>,
        /// What the application is told when the passkey was made.
        context: Option<String>,
    }
}

/// What the browser is to make.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// What the authenticator must repeat, in base64url.
    pub challenge: String,
    /// For whom.
    pub rp: RelyingParty,
    /// Whose.
    pub user: Owner,
    /// The algorithms that are accepted, the best first.
    pub pub_key_cred_params: Vec<Parameter>,
    /// How long it may take, in milliseconds.
    pub timeout: u64,
    /// `none`: no statement about the authenticator is wanted.
    pub attestation: String,
    /// What the user has already.
    pub exclude_credentials: Vec<Descriptor>,
    /// Which authenticators.
    pub authenticator_selection: Selection,
    /// The extensions asked for.
    pub extensions: JsonMap,
    /// None.
    pub hints: Vec<String>,
}

/// For whom a passkey is made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RelyingParty {
    /// What people call it.
    pub name: String,
    /// Its domain.
    pub id: String,
}

/// Whose a passkey will be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    /// A random handle, in base64url. It is not the id of the user.
    pub id: String,
    /// What tells them from others.
    pub name: String,
    /// What they are called.
    pub display_name: String,
}

/// An algorithm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// Its number in COSE.
    pub alg: i32,
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Which authenticators are wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authenticator_attachment: Option<Attachment>,
    /// Whether the passkey is found without a name.
    pub resident_key: Requirement,
    /// The same, for older browsers.
    pub require_resident_key: bool,
    /// Whether the person is verified.
    pub user_verification: Requirement,
}

impl Endpoint<Installation> for GenerateRegisterOptions {
    type Body = ();
    type Output = Output;
    type Query = Query;

    const METHODS: &'static [Method] = &[Method::GET];
    const NAME: &'static str = "generatePasskeyRegistrationOptions";
    const PATH: &'static str = "/passkey/generate-register-options";

    async fn call(&self, cx: &mut Cx, (): (), query: Query) -> Result<Output, Exit> {
        let context = query.context.clone();
        let user = self.owner(cx, context.clone()).await?;
        let exclude_credentials = ceremony::credentials_of(cx, &user.id).await?;
        let wanted = &self.rules.options.registration;
        let mut extensions = ceremony::extensions(cx, &wanted.extensions, wanted.extensions_of.as_ref()).await?;
        extensions.insert("credProps".to_owned(), true.into());
        let kept = Kept { context, ..Kept::new(cx, Kind::Registration, user.clone()) };
        kept.keep(cx, &self.rules).await?;
        let named = |text: Option<String>| text.filter(|text| !text.is_empty());
        let name = named(Some(user.name)).unwrap_or_else(|| user.id.clone());
        Ok(Output {
            challenge: kept.challenge,
            rp: RelyingParty { name: self.rules.rp_name(cx), id: self.rules.rp_id(cx) },
            user: Owner {
                id: handle(cx),
                display_name: named(user.display_name).unwrap_or_else(|| name.clone()),
                name: named(query.name).unwrap_or(name),
            },
            pub_key_cred_params: ALGORITHMS.map(|alg| Parameter { alg, kind: PUBLIC_KEY.to_owned() }).to_vec(),
            timeout: TIMEOUT_MS,
            attestation: "none".to_owned(),
            exclude_credentials,
            authenticator_selection: self.selection(query.authenticator_attachment),
            extensions,
            hints: Vec::new(),
        })
    }
}

impl GenerateRegisterOptions {
    /// Whose the passkey will be: the signed-in user's, or whom the application names.
    async fn owner(&self, cx: &mut Cx, context: Option<String>) -> Result<PasskeyUser, Exit> {
        let registration = &self.rules.options.registration;
        if registration.require_session {
            return Ok(signed_in(&session::require_fresh(cx).await?));
        }
        if let Some(session) = session::current(cx, Source::Store).await? {
            return Ok(signed_in(&session));
        }
        let resolve = registration.resolve_user.as_ref().ok_or(errors::RESOLVE_USER_REQUIRED)?;
        let newcomer = Newcomer { request: RouteRequest::of(cx), context };
        let user = cx.run(resolve.ask(newcomer)).await??;
        let valid = user.filter(|user| !user.id.is_empty() && !user.name.is_empty());
        valid.ok_or_else(|| errors::RESOLVED_USER_INVALID.into())
    }

    fn selection(&self, wanted: Option<Wanted>) -> Selection {
        let selection = self.rules.options.authenticator_selection;
        let wanted = wanted.map(|wanted| match wanted {
            Wanted::Platform => Attachment::Platform,
            Wanted::CrossPlatform => Attachment::CrossPlatform,
        });
        Selection {
            authenticator_attachment: wanted.or(selection.authenticator_attachment),
            resident_key: selection.resident_key,
            require_resident_key: selection.resident_key == Requirement::Required,
            user_verification: selection.user_verification,
        }
    }
}

fn signed_in(session: &Session) -> PasskeyUser {
    let email = Some(session.user.text("email")).filter(|email| !email.is_empty());
    let name = email.unwrap_or(session.user_id()).to_owned();
    PasskeyUser { id: session.user_id().to_owned(), display_name: Some(name.clone()), name }
}

/// A handle as the reference makes it: 32 letters and digits, in base64url.
fn handle(cx: &Cx) -> String {
    passki::Passki::base64_encode(random_string(cx.entropy(), Alphabet::LowerAlnum, 32).as_bytes())
}

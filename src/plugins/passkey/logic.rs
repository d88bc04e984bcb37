//! Who is the relying party, and what it accepts of authenticators (WebAuthn Level 3 sections 7.1 and 7.2).
//!
//! The ceremonies are verified by the crate `passki`. What it would take from the system, the challenge, comes from the engine's
//! entropy, and the moment at which a challenge ends is the stored value's; so verification is a function of its input.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::header;
use passki::{
    AuthenticationCredential, AuthenticationState, Passki, PasskiError, RegistrationCredential, RegistrationState,
    StoredPasskey,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use url::Url;

use super::options::{PasskeyOptions, Requirement};
use crate::{
    domain::{Cx, RouteRequest},
    gate,
    schema::Row,
    wire::{id::uuid_text, json::truthy, origin::Relative},
};

/// What authenticators are offered, the best first, and nothing else is taken: EdDSA, ES256, RS256 (RFC 9053, RFC 8812).
pub(super) const ALGORITHMS: [i32; 3] = [-8, -7, -257];
/// The most bytes of a credential's id (section 7.1 step 25).
const MAX_CREDENTIAL_ID: usize = 1023;
/// The label of a key's algorithm in COSE (RFC 9052 section 7.1).
const ALGORITHM: i128 = 3;

/// The options, as decisions.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    pub(super) options: PasskeyOptions,
}

impl Rules {
    /// The relying party's id.
    pub(super) fn rp_id(&self, cx: &Cx) -> String {
        let configured = self.options.rp_id.clone().filter(|id| !id.is_empty());
        let own = || Url::parse(&cx.local.base_url).ok()?.host_str().map(str::to_owned);
        configured.or_else(own).unwrap_or_else(|| "localhost".to_owned())
    }

    /// The relying party's name.
    pub(super) fn rp_name(&self, cx: &Cx) -> String {
        let configured = self.options.rp_name.clone().filter(|name| !name.is_empty());
        configured.unwrap_or_else(|| cx.app().options.app_name.clone())
    }

    /// The origins from which an answer may come; `None` when nothing says it. Beyond the reference, a request's own must be trusted
    /// also where that is not checked before.
    fn origins(&self, cx: &Cx) -> Option<Vec<String>> {
        let configured = &self.options.origin.0;
        if configured.iter().any(|origin| !origin.is_empty()) {
            return Some(configured.clone());
        }
        let own = cx.request.header(header::ORIGIN).filter(|origin| !origin.is_empty())?;
        let trusted = gate::is_trusted(cx, own, Relative::Refused);
        Some(trusted.then(|| own.to_owned()).into_iter().collect())
    }

    /// How much it is wanted that a person is verified at a sign-in. Beyond the reference, what is required is so here too (section 7.2 step
    /// 17); otherwise it is asked for, whatever is preferred.
    pub(super) fn at_sign_in(&self) -> Requirement {
        match self.options.authenticator_selection.user_verification {
            Requirement::Required => Requirement::Required,
            Requirement::Preferred | Requirement::Discouraged => Requirement::Preferred,
        }
    }

    /// The relying party for the answer that `cx` brings; `None` when nothing says from which page it comes.
    pub(super) fn party(&self, cx: &Cx) -> Option<Party> {
        let origins = self.origins(cx)?;
        let passki = Passki::new(&self.rp_id(cx), &origins, "").with_embedding_origins(&self.options.embedding_origins);
        Some(Party { passki, user_verification: self.options.authenticator_selection.user_verification })
    }
}

/// Somebody for whom a passkey is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyUser {
    /// The id of the user, or of whoever is to become one.
    pub id: String,
    /// What tells them from others, such as an address.
    #[serde(default)]
    pub name: String,
    /// What they are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// Somebody who wants to make a passkey and is not signed in.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// The request.
    pub request: RouteRequest,
    /// What the page gave along.
    pub context: Option<String>,
}

/// A passkey that was verified and is not stored yet.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The request; its body has the whole answer of the authenticator.
    pub request: RouteRequest,
    /// For whom it was made.
    pub user: PasskeyUser,
    /// What the page gave along when it began.
    pub context: Option<String>,
    /// The passkey.
    pub credential: Credential,
}

/// What becomes of a passkey that was verified.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Registration {
    /// Whose it is, if not of whom it was made for.
    pub user_id: Option<String>,
    /// Beyond the reference: the fields of a new user whose it is. User, passkey and session are stored together or not at all.
    pub new_user: Option<Row>,
    /// What it is called, if the page has not said.
    pub name: Option<String>,
}

/// A sign-in that was verified and is not done yet.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The request; its body has the whole answer of the authenticator.
    pub request: RouteRequest,
    /// The passkey, as it is stored.
    pub passkey: Row,
    /// What its counter becomes.
    pub new_counter: u32,
}

/// A passkey as its authenticator has made it, in the forms in which it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credential {
    /// The id, in base64url.
    pub id: String,
    /// The public key: COSE in base64.
    pub public_key: String,
    /// How often it was used.
    pub counter: u32,
    /// Whether it may be synchronized to other devices.
    pub multi_device: bool,
    /// Whether it is.
    pub backed_up: bool,
    /// The ways to its authenticator, separated by commas.
    pub transports: String,
    /// The model of its authenticator, as a UUID.
    pub aaguid: String,
}

impl Credential {
    /// How `multi_device` is stored.
    pub(super) fn device_type(&self) -> &'static str {
        if self.multi_device { "multiDevice" } else { "singleDevice" }
    }
}

/// Why an answer is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not what was asked for.
    Unfit,
    /// It is, and is not signed by the key.
    Unsigned,
}

/// The relying party in one ceremony.
pub(super) struct Party {
    passki: Passki,
    user_verification: Requirement,
}

impl Party {
    /// The passkey that the answer to a registration's `challenge` brings.
    pub(super) fn register(&self, challenge: &str, answer: &Json) -> Result<Credential, Refusal> {
        let answer = Answer::read(answer)?;
        let state = json!({
            "challenge": bytes(challenge)?, "user_verification": self.user_verification,
            "user": { "id": "", "name": "", "displayName": "" },
        });
        let credential: RegistrationCredential = typed(answer.parts(&["clientDataJSON", "attestationObject"])?)?;
        let state: RegistrationState = typed(state)?;
        let made = self.passki.finish_passkey_registration(&credential, &state).map_err(|error| refused(&error))?;
        if !ALGORITHMS.contains(&made.algorithm) || made.credential_id.len() > MAX_CREDENTIAL_ID {
            return Err(Refusal::Unfit);
        }
        Ok(Credential {
            id: Passki::base64_encode(&made.credential_id),
            public_key: STANDARD.encode(&made.public_key),
            counter: storable(made.counter)?,
            multi_device: made.be,
            backed_up: made.bs,
            transports: answer.transports()?,
            aaguid: uuid_text(u128::from_be_bytes(made.aaguid)),
        })
    }

    /// What the answer to a sign-in's `challenge` says of `passkey`, for which the browser was offered the credentials `offered`, or any.
    pub(super) fn authenticate(
        &self,
        challenge: &str,
        offered: &[String],
        answer: &Json,
        passkey: &Row,
    ) -> Result<Assertion, Refusal> {
        let answer = Answer::read(answer)?;
        let offered: Result<Vec<_>, _> = offered.iter().map(|id| bytes(id)).collect();
        let state = json!({
            "challenge": bytes(challenge)?, "allowed_credentials": offered?, "user_verification": self.user_verification,
        });
        let parts = answer.parts(&["clientDataJSON", "authenticatorData", "signature"])?;
        let flags = flags(&parts["response"]["authenticatorData"])?;
        let credential: AuthenticationCredential = typed(parts)?;
        let state: AuthenticationState = typed(state)?;
        let stored = stored(passkey).ok_or(Refusal::Unfit)?;
        let result = self.passki.finish_passkey_authentication(&credential, &state, &stored);
        let counter = storable(result.map_err(|error| refused(&error))?.counter)?;
        Ok(Assertion { counter, verified: flags & VERIFIED != 0 })
    }
}

/// What an authenticator has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Assertion {
    /// How often the passkey was used.
    pub(super) counter: u32,
    /// Whether a PIN or a fingerprint was right: the device, and what unlocks it.
    pub(super) verified: bool,
}

/// The answer of an authenticator, as the official client sends it.
struct Answer<'a> {
    raw_id: &'a str,
    response: &'a Json,
}

impl<'a> Answer<'a> {
    fn read(answer: &'a Json) -> Result<Self, Refusal> {
        let text = |name: &str| answer.get(name).and_then(Json::as_str).ok_or(Refusal::Unfit);
        let raw_id = text("rawId")?;
        let named = !raw_id.is_empty() && text("id")? == raw_id && text("type")? == "public-key";
        let response = answer.get("response").filter(|response| named && response.is_object()).ok_or(Refusal::Unfit)?;
        let handle = response.get("userHandle").unwrap_or(&Json::Null);
        if truthy(handle) && !handle.is_string() {
            return Err(Refusal::Unfit);
        }
        Ok(Self { raw_id, response })
    }

    /// Those members of the answer that say something, and no other.
    fn parts(&self, names: &[&str]) -> Result<Json, Refusal> {
        let part = |name: &&str| {
            let text = self.response.get(*name).and_then(Json::as_str).ok_or(Refusal::Unfit)?;
            Ok(((*name).to_owned(), unpadded(text).into()))
        };
        let response = names.iter().map(part).collect::<Result<serde_json::Map<_, _>, Refusal>>()?;
        Ok(json!({ "rawId": unpadded(self.raw_id), "response": response }))
    }

    /// The ways to the authenticator, as they are stored.
    fn transports(&self) -> Result<String, Refusal> {
        match self.response.get("transports") {
            None | Some(Json::Null) => Ok(String::new()),
            Some(Json::Array(list)) => {
                let texts: Option<Vec<_>> = list.iter().map(Json::as_str).collect();
                Ok(texts.ok_or(Refusal::Unfit)?.join(","))
            }
            Some(_) => Err(Refusal::Unfit),
        }
    }
}

/// That the person was verified (section 6.1).
const VERIFIED: u8 = 0x04;

/// The flags of the authenticator data of a sign-in, which must end where they should (section 6.1): behind the counter, or behind the one
/// map of extensions that they say they have.
fn flags(data: &Json) -> Result<u8, Refusal> {
    const FLAGS_AT: usize = 32;
    const HEAD: usize = 37;
    const CREDENTIAL: u8 = 0x40;
    const EXTENSIONS: u8 = 0x80;
    let data = bytes(data.as_str().unwrap_or_default())?;
    let (Some(flags), Some(mut rest)) = (data.get(FLAGS_AT), data.get(HEAD..)) else { return Err(Refusal::Unfit) };
    let extended = flags & EXTENSIONS != 0;
    let extensions: Option<ciborium::Value> = if extended { ciborium::from_reader(&mut rest).ok() } else { None };
    let fits = extensions.is_some_and(|extensions| extensions.is_map()) == extended;
    if fits && rest.is_empty() && flags & CREDENTIAL == 0 { Ok(*flags) } else { Err(Refusal::Unfit) }
}

/// Some clients write base64url with padding.
fn unpadded(text: &str) -> &str {
    text.trim_end_matches('=')
}

fn bytes(text: &str) -> Result<Vec<u8>, Refusal> {
    Passki::base64_decode(unpadded(text)).map_err(|_| Refusal::Unfit)
}

fn typed<T: serde::de::DeserializeOwned>(value: Json) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|_| Refusal::Unfit)
}

fn refused(error: &PasskiError) -> Refusal {
    tracing::info!(%error, "the answer of an authenticator is not accepted");
    if matches!(error, PasskiError::SignatureVerificationFailed) { Refusal::Unsigned } else { Refusal::Unfit }
}

/// A counter that every database can hold.
fn storable(counter: u32) -> Result<u32, Refusal> {
    if i32::try_from(counter).is_ok() { Ok(counter) } else { Err(Refusal::Unfit) }
}

/// What is known of the key that must have signed.
fn stored(passkey: &Row) -> Option<StoredPasskey> {
    let public_key = STANDARD.decode(passkey.text("publicKey")).ok()?;
    let key: ciborium::Value = ciborium::from_reader(public_key.as_slice()).ok()?;
    let labelled = |(label, value): &(ciborium::Value, ciborium::Value)| {
        (label.as_integer().map(i128::from) == Some(ALGORITHM)).then(|| value.as_integer())?
    };
    let mut stored = StoredPasskey::default();
    stored.algorithm = key.as_map()?.iter().find_map(labelled)?.try_into().ok()?;
    stored.credential_id = bytes(passkey.text(super::schema::CREDENTIAL_ID)).ok()?;
    stored.counter = passkey.get("counter").as_int()?.try_into().ok()?;
    stored.public_key = public_key;
    Some(stored)
}

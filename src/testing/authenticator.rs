//! An authenticator in software, and the browser in front of it (WebAuthn Level 3, sections 5 and 6): for tests of passkeys.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::crypto::digest::sha256;

/// The person is there.
const PRESENT: u8 = 0x01;
/// A PIN or a fingerprint was right.
const VERIFIED: u8 = 0x04;
/// A credential comes along.
const CREDENTIAL: u8 = 0x40;

/// An authenticator with one Ed25519 key, the same for the same name. It answers whatever it is asked, also what no browser would ask;
/// a test changes what it is to say wrongly.
///
/// ```
/// use kernia::testing::{Authenticator, BASE_URL, World, options};
/// use serde_json::json;
///
/// let world = World::with_plugins(options(), vec![Box::new(kernia::plugins::Passkey::default())]);
/// let (mut browser, mut device) = (world.browser(), Authenticator::new("phone"));
/// browser.sign_up("ada@example.com");
/// let asked = browser.get("/passkey/generate-register-options").json;
/// let made = json!({"response": device.create(&asked, BASE_URL)});
/// assert_eq!(browser.post("/passkey/verify-registration", made).status, 200);
/// let asked = browser.get("/passkey/generate-authenticate-options").json;
/// let signed = json!({"response": device.get(&asked, BASE_URL)});
/// assert_eq!(browser.post("/passkey/verify-authentication", signed).json["user"]["email"], "ada@example.com");
/// ```
#[derive(Debug)]
pub struct Authenticator {
    key: Ed25519KeyPair,
    /// The id of its credential.
    pub id: Vec<u8>,
    /// How often it was used; the next answer says one more.
    pub counter: u32,
    /// What it says of the person and of itself (section 6.1).
    pub flags: u8,
    /// Members that the browser adds to what it says of the ceremony, or says otherwise (section 5.8.1).
    pub client_data: Value,
    /// The public key that it says it has, in COSE, instead of its own.
    pub public_key: Option<Vec<u8>>,
}

impl Authenticator {
    /// The authenticator called `name`.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let seed = sha256(name.as_bytes());
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed of 32 bytes");
        let id = sha256(&seed)[..16].to_vec();
        Self { key, id, counter: 0, flags: PRESENT | VERIFIED, client_data: json!({}), public_key: None }
    }

    /// The answer to `navigator.credentials.create` with `options`, in a page of `origin`, as the official client sends it.
    pub fn create(&mut self, options: &Value, origin: &str) -> Value {
        let mut data = self.head(options["rp"]["id"].as_str(), CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap_or(u16::MAX).to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public_key.clone().unwrap_or_else(|| self.own_key()));
        let object = Cbor::Map(vec![
            (Cbor::from("fmt"), Cbor::from("none")),
            (Cbor::from("attStmt"), Cbor::Map(Vec::new())),
            (Cbor::from("authData"), Cbor::Bytes(data)),
        ]);
        let client_data = self.said("webauthn.create", options, origin);
        self.answer(json!({
            "clientDataJSON": encode(client_data),
            "attestationObject": encode(bytes(&object)),
            "transports": ["internal"],
        }))
    }

    /// The answer to `navigator.credentials.get`, likewise.
    pub fn get(&mut self, options: &Value, origin: &str) -> Value {
        let data = self.head(options["rpId"].as_str(), 0);
        let client_data = self.said("webauthn.get", options, origin);
        let signed = [data.as_slice(), &sha256(client_data.as_bytes())].concat();
        self.answer(json!({
            "clientDataJSON": encode(client_data),
            "authenticatorData": encode(data),
            "signature": encode(self.key.sign(&signed)),
        }))
    }

    /// The id of its credential, in base64url.
    #[must_use]
    pub fn credential_id(&self) -> String {
        encode(&self.id)
    }

    fn head(&mut self, rp_id: Option<&str>, more: u8) -> Vec<u8> {
        self.counter = self.counter.saturating_add(1);
        let party = sha256(rp_id.unwrap_or_default().as_bytes());
        [party.as_slice(), &[self.flags | more], &self.counter.to_be_bytes()].concat()
    }

    fn own_key(&self) -> Vec<u8> {
        let number = |number: i64| Cbor::from(number);
        let key = Cbor::Bytes(self.key.public_key().as_ref().to_vec());
        bytes(&Cbor::Map(vec![
            (number(1), number(1)),
            (number(3), number(-8)),
            (number(-1), number(6)),
            (number(-2), key),
        ]))
    }

    fn said(&self, kind: &str, options: &Value, origin: &str) -> String {
        let mut said =
            json!({ "type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": false });
        if let (Some(said), Some(more)) = (said.as_object_mut(), self.client_data.as_object()) {
            said.extend(more.clone());
        }
        said.to_string()
    }

    fn answer(&self, response: Value) -> Value {
        let id = self.credential_id();
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response })
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail.
    let _ = ciborium::into_writer(value, &mut bytes);
    bytes
}

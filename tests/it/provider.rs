//! A provider for tests: GitHub as Kernia knows it, and an OpenID provider that an application has made itself.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::Response;
use kernia::{
    domain::{
        Plugin,
        options::{Options, SocialProvider},
        provider::{ClaimsRule, IdTokenCheck, IdTokenRules, Provider},
    },
    engine::{Fetch, FetchError},
    testing::{Browser, TestResponse, World},
    wire::{
        date::{Clock as _, Timestamp},
        jwk::{Algorithm, JwkSet},
        jws,
    },
};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value as Json, json};

pub(crate) const ISSUER: &str = "https://op.test";
/// Another provider of the same kind, with a key of its own.
pub(crate) const OTHER_ISSUER: &str = "https://other.test";
const OTHER_SEED: u8 = 77;
pub(crate) const CLIENT: &str = "the-client";

/// What the fake answers about the person who comes next.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: Json,
    pub(crate) email: Option<String>,
    pub(crate) name: &'static str,
    pub(crate) verified: bool,
}

pub(crate) fn ada() -> Person {
    Person { id: json!(7), email: Some("ada@example.com".to_owned()), name: "Ada", verified: true }
}

/// What all providers do until something else is said.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    pub(crate) person: Person,
    /// Members of the ID token that are put in or, when null, taken out.
    pub(crate) claims: Json,
    pub(crate) header: Json,
    /// The seed of the key that signs, and those of the keys that are published, by name.
    pub(crate) signs: u8,
    pub(crate) published: Vec<(&'static str, u8)>,
    /// Members of the discovery document and of the profile that are put in or, when null, taken out.
    pub(crate) document: Json,
    pub(crate) userinfo: Json,
    /// Whether the token endpoint gives an ID token.
    pub(crate) gives_id_token: bool,
    /// The status and body of the token endpoint, if not its usual ones.
    pub(crate) token: Option<(u16, String)>,
    pub(crate) profile: Option<(u16, String)>,
    /// Tokens that were given so far.
    pub(crate) given: usize,
    /// The keys by which the application has to prove itself, if it has to, and the assertions that were used.
    pub(crate) application: Option<JwkSet>,
    pub(crate) used: Vec<String>,
    pub(crate) expires_in: i64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            person: ada(),
            claims: json!({}),
            header: json!({ "alg": "EdDSA", "kid": "one" }),
            signs: 1,
            published: vec![("one", 1)],
            document: json!({}),
            userinfo: json!({}),
            gives_id_token: true,
            token: None,
            profile: None,
            given: 0,
            application: None,
            used: Vec::new(),
            expires_in: 3600,
        }
    }
}

/// The fake, to be told what to do.
#[derive(Clone, Default)]
pub(crate) struct Fake(Arc<Mutex<Behaviour>>);

impl Fake {
    /// Begins to play all other servers of `world`.
    pub(crate) fn at(world: &World) -> Self {
        let fake = Self::default();
        let (answers, now) = (fake.clone(), world.clock.clone());
        world.outside.answer_fetches(move |fetch| answers.answer(fetch, now.now().as_secs()));
        fake
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.0.lock().unwrap());
    }

    pub(crate) fn is(&self, person: Person) {
        self.set(|behaviour| behaviour.person = person);
    }

    fn answer(&self, fetch: &Fetch, now: i64) -> Result<Response<Bytes>, FetchError> {
        let mut behaviour = self.0.lock().unwrap();
        let uri = fetch.request.uri();
        let place = format!("{}{}", uri.host().unwrap_or_default(), uri.path());
        let answer = |status: u16, body: String| Ok(Response::builder().status(status).body(body.into()).unwrap());
        let form: BTreeMap<_, _> = url::form_urlencoded::parse(fetch.request.body()).into_owned().collect();
        let issuer = format!("https://{}", uri.host().unwrap_or_default());
        match place.as_str() {
            "github.com/login/oauth/access_token" | "op.test/token" | "other.test/token" => {
                if let Some((status, body)) = behaviour.token.clone() {
                    return answer(status, body);
                }
                if !is_proven(&mut behaviour, &form, &format!("https://{place}"), now) {
                    return answer(401, json!({ "error": "invalid_client" }).to_string());
                }
                behaviour.given += 1;
                let number = behaviour.given;
                let nonce = form.get("code").and_then(|code| code.strip_prefix("nonce:")).map(str::to_owned);
                let tokens = json!({
                    "access_token": format!("access-{number}"),
                    "refresh_token": format!("refresh-{number}"),
                    "expires_in": behaviour.expires_in,
                    "scope": "a b",
                    "id_token": (place.contains(".test/") && behaviour.gives_id_token)
                        .then(|| id_token(&behaviour, &issuer, now, nonce.as_deref())),
                });
                answer(200, tokens.to_string())
            }
            "api.github.com/user" => match behaviour.profile.clone() {
                Some((status, body)) => answer(status, body),
                None => {
                    let person = &behaviour.person;
                    let profile = json!({ "id": person.id, "login": "x", "name": person.name, "email": person.email });
                    answer(200, profile.to_string())
                }
            },
            "api.github.com/user/emails" => {
                let person = &behaviour.person;
                let emails = json!([{ "email": person.email, "primary": true, "verified": person.verified }]);
                answer(200, emails.to_string())
            }
            "op.test/keys" | "other.test/keys" => answer(200, published(&behaviour, &issuer).to_string()),
            "op.test/.well-known/openid-configuration" | "other.test/.well-known/openid-configuration" => {
                let at = |path: &str| format!("{issuer}/{path}");
                let document = json!({
                    "issuer": issuer, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"),
                    "userinfo_endpoint": at("me"), "jwks_uri": at("keys"), "end_session_endpoint": at("out"),
                    "id_token_signing_alg_values_supported": ["EdDSA"],
                });
                answer(200, changed(document, &behaviour.document).to_string())
            }
            "op.test/me" | "other.test/me" => match behaviour.profile.clone() {
                Some((status, body)) => answer(status, body),
                None => {
                    let person = &behaviour.person;
                    let profile = json!({
                        "sub": person.id.to_string(), "name": person.name, "email": person.email,
                        "email_verified": person.verified, "picture": "https://img.test/a.png",
                    });
                    answer(200, changed(profile, &behaviour.userinfo).to_string())
                }
            },
            _ => answer(404, String::new()),
        }
    }

    /// An ID token as the provider would make one now.
    pub(crate) fn id_token(&self, world: &World) -> String {
        self.id_token_of(world, ISSUER)
    }

    /// The same from the provider whose issuer this is.
    pub(crate) fn id_token_of(&self, world: &World, issuer: &str) -> String {
        id_token(&self.0.lock().unwrap(), issuer, world.clock.now().as_secs(), None)
    }
}

/// Whether a request to the token endpoint is the application's, as RFC 7523 section 3 has it, where that is asked for.
fn is_proven(behaviour: &mut Behaviour, form: &BTreeMap<String, String>, endpoint: &str, now: i64) -> bool {
    const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let Some(keys) = &behaviour.application else { return true };
    let (Some(assertion), Some(kind)) = (form.get("client_assertion"), form.get("client_assertion_type")) else {
        return false;
    };
    let verified = jws::verify(assertion, Algorithm::ALL, keys, Timestamp::from_secs(now), 0);
    let Some(claims) = verified.ok().and_then(|claims| claims.read::<Json>().ok()) else { return false };
    let id = claims["jti"].as_str().unwrap_or_default().to_owned();
    let fresh = !id.is_empty() && !behaviour.used.contains(&id);
    behaviour.used.push(id);
    let lifetime = claims["exp"].as_i64().unwrap_or(i64::MAX) - claims["iat"].as_i64().unwrap_or_default();
    let own = claims["iss"] == CLIENT && claims["sub"] == CLIENT && form.get("client_id").is_none_or(|id| id == CLIENT);
    fresh && own && kind == KIND && claims["aud"] == endpoint && lifetime <= 120 && !form.contains_key("client_secret")
}

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn changed(mut json: Json, changes: &Json) -> Json {
    let members = json.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    json
}

fn published(behaviour: &Behaviour, issuer: &str) -> Json {
    let key = |(kid, seed): &(&str, u8)| {
        let x = URL_SAFE_NO_PAD.encode(pair(*seed).public_key());
        json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": kid, "x": x })
    };
    let other = [("one", OTHER_SEED)];
    let published = if issuer == OTHER_ISSUER { &other[..] } else { &behaviour.published[..] };
    json!({ "keys": published.iter().map(key).collect::<Vec<_>>() })
}

fn id_token(behaviour: &Behaviour, issuer: &str, now: i64, nonce: Option<&str>) -> String {
    let person = &behaviour.person;
    let claims = json!({
        "iss": issuer, "aud": CLIENT, "sub": person.id.to_string(), "iat": now, "exp": now + 600, "nonce": nonce,
        "email": person.email, "email_verified": person.verified, "name": person.name,
    });
    let claims = changed(claims, &behaviour.claims);
    let seed = if issuer == OTHER_ISSUER { OTHER_SEED } else { behaviour.signs };
    let encode = |part: &Json| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encode(&behaviour.header), encode(&claims));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(pair(seed).sign(signed.as_bytes())))
}

/// GitHub with credentials.
pub(crate) fn github(options: &mut Options) {
    let mut provider = SocialProvider::default();
    provider.client_id = CLIENT.into();
    provider.client_secret = Some("the-secret".into());
    options.social_providers.insert("github".to_owned(), provider);
}

/// An OpenID provider of the application's own: as a plugin, which is how tests add one.
pub(crate) struct OpenId {
    pub(crate) requires_nonce: bool,
}

impl Plugin for OpenId {
    fn id(&self) -> &'static str {
        "op"
    }

    fn providers(&self) -> Vec<Provider> {
        let at = |path: &str| format!("{ISSUER}/{path}");
        let mut provider = Provider::new("op", "OP", at("authorize"), at("token"));
        provider.options.client_id = CLIENT.into();
        provider.options.client_secret = Some("the-secret".into());
        provider.issuer = Some(ISSUER.to_owned());
        provider.requires_nonce = self.requires_nonce;
        provider.id_token = Some(IdTokenCheck::Keys(IdTokenRules {
            jwks_uri: at("keys"),
            issuers: vec![ISSUER.to_owned()],
            audience: vec![CLIENT.to_owned()],
            algorithms: vec![Algorithm::EdDsa],
            max_age: Some(3600),
            nonce_may_be_hashed: false,
            opaque_passes: false,
            claims: ClaimsRule::None,
        }));
        vec![provider]
    }
}

/// A parameter of the address that a browser is sent to.
pub(crate) fn parameter(url: &str, name: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Begins at `path`, and answers where the browser is sent.
pub(crate) fn begin(browser: &mut Browser<'_>, path: &str, body: Json) -> String {
    let answer = browser.post(path, body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["url"].as_str().unwrap().to_owned()
}

/// Signs in with `provider` from beginning to end.
pub(crate) fn sign_in(browser: &mut Browser<'_>, provider: &str) -> TestResponse {
    let url = begin(browser, "/sign-in/social", json!({ "provider": provider, "callbackURL": "/in" }));
    come_back(browser, provider, &url)
}

/// Comes back from where a browser was sent.
pub(crate) fn come_back(browser: &mut Browser<'_>, provider: &str, url: &str) -> TestResponse {
    let nonce = parameter(url, "nonce");
    let code = if nonce.is_empty() { "code".to_owned() } else { format!("nonce:{nonce}") };
    browser.get(format!("/callback/{provider}?code={code}&state={}", parameter(url, "state")))
}

/// What the error page is told; empty when all went well.
pub(crate) fn error_of(answer: &TestResponse) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text);
    let location = answer.header("location");
    let absolute =
        if location.starts_with('/') { format!("http://localhost:3000{location}") } else { location.to_owned() };
    parameter(&absolute, "error")
}

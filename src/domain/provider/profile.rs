//! Where a provider's profiles come from, and what they say.

use http::Method;
use serde_json::Value;

/// Where profiles come from.
#[derive(Clone, Debug)]
pub enum ProfileSource {
    /// The ID token that came with the code.
    IdToken,
    /// The ID token, or the endpoint if there is none.
    IdTokenOr(UserInfo),
    /// An endpoint.
    Endpoint(UserInfo),
    /// The ID token, if it says who and at which address; or else the endpoint, about the same person. Either way the profile gets
    /// the members `image` and `emailVerified`.
    OpenId(Option<UserInfo>),
}

/// A request for a profile.
#[derive(Clone, Debug)]
pub struct UserInfo {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: String,
    /// Headers beyond the access token.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body and its type.
    pub body: Option<(&'static str, String)>,
    /// Where in the answer the profile is, as a JSON pointer.
    pub at: &'static str,
    /// What the answer must say, by JSON pointer; what must not be true is absent, null or false.
    pub demands: Vec<(&'static str, Value)>,
    /// What stands in front of the access token in `Authorization`.
    pub scheme: &'static str,
}

impl UserInfo {
    /// A `GET` with the access token as bearer (RFC 6750 section 2.1).
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: Vec::new(),
            body: None,
            at: "",
            demands: Vec::new(),
            scheme: "Bearer",
        }
    }
}

/// What a profile says about the user, by JSON pointers.
#[derive(Clone, Debug)]
pub struct UserMap {
    /// The name.
    pub name: Name,
    /// The address; the first that is there counts.
    pub email: Vec<&'static str>,
    /// The image; the first that is there counts.
    pub image: Vec<&'static str>,
    /// Whether the address is verified.
    pub verified: Verified,
    /// With a provider that may know no address: what made-up ones end with, in front of `.placeholder.invalid`.
    pub placeholder: Option<&'static str>,
}

/// Where a profile has the user's name.
#[derive(Clone, Debug)]
pub enum Name {
    /// The first of these that is not empty.
    First(Vec<&'static str>),
    /// These with spaces between them, or else this one.
    Joined(Vec<&'static str>, &'static str),
}

/// Whether a profile says that the user's address is verified.
#[derive(Clone, Debug)]
pub enum Verified {
    /// It does not.
    Never,
    /// Where all of these are `true`, also as text.
    All(Vec<&'static str>),
    /// Where this is a number other than zero, or `true`.
    Counted(&'static str),
}

impl Default for UserMap {
    fn default() -> Self {
        Self {
            name: Name::First(vec!["/name"]),
            email: vec!["/email"],
            image: vec!["/picture"],
            verified: Verified::All(vec!["/email_verified"]),
            placeholder: None,
        }
    }
}

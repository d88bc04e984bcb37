//! Codes and clients, and what is refused.

use http::StatusCode;

use super::{
    options::{ClientRule, DeviceAuthorizationOptions, Generator, RequestListener},
    schema::DEVICE_CODE,
};
use crate::{
    domain::{Cx, oauth_error::OAuthError},
    engine::{ApiError, Exit},
    store::{Filter, Query, Row},
    wire::id::{Alphabet, random_string},
};

/// What every store can hold under an index.
const MAX_CODE_CHARS: usize = 191;

/// Nobody has decided.
pub(super) const PENDING: &str = "pending";
/// The user has said yes.
pub(super) const APPROVED: &str = "approved";
/// The user has said no.
pub(super) const DENIED: &str = "denied";

/// The options, as decisions.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    options: DeviceAuthorizationOptions,
}

impl Rules {
    pub(super) fn new(options: DeviceAuthorizationOptions) -> Self {
        Self { options }
    }

    /// What was decided.
    pub(super) fn options(&self) -> &DeviceAuthorizationOptions {
        &self.options
    }

    /// Refuses a client that there is not.
    pub(super) async fn check_client(&self, cx: &mut Cx, client: &str) -> Result<(), Exit> {
        let listed = self.options.clients.is_empty() || self.options.clients.iter().any(|known| known == client);
        let known = match &self.options.client_rule {
            Some(ClientRule(known)) if listed => cx.run(known(client.to_owned())).await?,
            _ => listed,
        };
        if known { Ok(()) } else { Err(invalid("invalid_client", "Invalid client ID").into()) }
    }

    /// Tells the application who asks for what.
    pub(super) async fn tell(&self, cx: &mut Cx, client: &str, scope: Option<&str>) -> Result<(), Exit> {
        if let Some(RequestListener(listener)) = &self.options.listener {
            cx.run(listener(client.to_owned(), scope.map(str::to_owned))).await?;
        }
        Ok(())
    }

    /// A new code for the device.
    pub(super) async fn device_code(&self, cx: &mut Cx) -> Result<String, Exit> {
        let usual = (Alphabet::A62, self.options.device_code_length);
        code(cx, self.options.device_code.as_ref(), usual, "device").await
    }

    /// A new code for the user.
    pub(super) async fn user_code(&self, cx: &mut Cx) -> Result<String, Exit> {
        let usual = (Alphabet::UserCode, self.options.user_code_length);
        code(cx, self.options.user_code.as_ref(), usual, "user").await
    }
}

async fn code(cx: &mut Cx, own: Option<&Generator>, usual: (Alphabet, usize), name: &str) -> Result<String, Exit> {
    let code = match own {
        Some(Generator(generate)) => cx.run(generate()).await?,
        None => random_string(cx.entropy(), usual.0, usual.1.clamp(1, MAX_CODE_CHARS)),
    };
    if code.chars().count() > MAX_CODE_CHARS {
        let said = format!("Generated {name} code must be at most {MAX_CODE_CHARS} characters");
        return Err(invalid("invalid_request", said).into());
    }
    Ok(code)
}

/// The request that a user means: the code as it is, or one of the usual letters, in which neither case nor what stands between
/// them counts.
pub(super) async fn find_by_user_code(cx: &mut Cx, typed: &str) -> Result<Option<Row>, Exit> {
    if let Some(row) = find(cx, "userCode", typed).await? {
        return Ok(Some(row));
    }
    let bare: String = typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let usual = !bare.is_empty() && bare.chars().all(|letter| Alphabet::UserCode.characters().contains(letter));
    if bare == typed || !usual { Ok(None) } else { find(cx, "userCode", &bare).await }
}

/// The request whose `field` is exactly `value`, also in a database that takes no notice of case.
pub(super) async fn find(cx: &mut Cx, field: &'static str, value: &str) -> Result<Option<Row>, Exit> {
    // Not every store can look up every character.
    if value.contains('\0') {
        return Ok(None);
    }
    let row = cx.read(Query::one(DEVICE_CODE, Filter::eq(field, value))).await?.first();
    Ok(row.filter(|row| row.text(field) == value))
}

/// Whether a request is too old.
pub(super) fn is_expired(row: &Row, cx: &Cx) -> bool {
    row.date("expiresAt").is_none_or(|end| end < cx.now())
}

/// A refusal in OAuth's words.
pub(super) fn invalid(error: &'static str, description: impl Into<std::borrow::Cow<'static, str>>) -> OAuthError {
    OAuthError::new(StatusCode::BAD_REQUEST, error, description)
}

/// One of this plugin's errors under OAuth's `error`.
pub(super) fn refused(error: &'static str, because: ApiError) -> Exit {
    OAuthError::new(because.status, error, because.message.unwrap_or_default()).into()
}

//! `POST /device/code`

use std::sync::Arc;

use http::{Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::super::{
    logic::{PENDING, Rules, invalid},
    schema::DEVICE_CODE,
};
use crate::{
    domain::{Cx, Installation, commit, id, oauth_error::OAuthError},
    engine::{Endpoint, Exit, Fault, Media},
    store::{Batch, ConflictKind, Row, StorageError, Value},
    wire::{redirect::with_query, shape::input},
};

/// Two codes alike are chance; so many in a row are a generator that makes no new ones.
const TRIES: usize = 3;

/// Gives a device its codes (RFC 8628 section 3.2).
pub struct DeviceCode {
    pub(super) rules: Arc<Rules>,
}

input! {
    /// Which device asks, and for what.
    pub struct Body {
        /// The client.
        client_id: String,
        /// The only user who may approve, if the device knows who that is.
        user_id: Option<String>,
        /// What is asked for, with spaces between.
        scope: Option<String>,
    }
}

/// The codes.
#[derive(Clone, Deserialize, Serialize)]
pub struct Output {
    /// For the device, to ask with.
    pub device_code: String,
    /// For the user, to type.
    pub user_code: String,
    /// Where the user types it.
    pub verification_uri: String,
    /// The same with the code, for a picture that a telephone reads.
    pub verification_uri_complete: String,
    /// How long the codes are good, in seconds.
    pub expires_in: i64,
    /// How long the device waits between two questions, in seconds.
    pub interval: i64,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

impl Endpoint<Installation> for DeviceCode {
    type Body = Body;
    type Output = Output;
    type Query = ();

    const MEDIA: Media = Media::FormOrJson;
    const METHODS: &'static [Method] = &[Method::POST];
    const NAME: &'static str = "deviceCode";
    const PATH: &'static str = "/device/code";

    async fn call(&self, cx: &mut Cx, body: Body, (): ()) -> Result<Output, Exit> {
        cx.reply.set_header(header::CACHE_CONTROL, "no-store");
        cx.reply.set_header(header::PRAGMA, "no-cache");
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (client, scope, user) = (body.client_id, given(body.scope), given(body.user_id));
        if client.is_empty() {
            return Err(invalid("invalid_request", "client_id is required").into());
        }
        self.rules.check_client(cx, &client).await?;
        self.rules.tell(cx, &client, scope.as_deref()).await?;
        for _ in 0..TRIES {
            let (device_code, user_code) = (self.rules.device_code(cx).await?, self.rules.user_code(cx).await?);
            let row = self.row(cx, &device_code, &user_code).with("clientId", client.as_str());
            let row = row.with("userId", optional(user.as_deref())).with("scope", optional(scope.as_deref()));
            match commit::try_commit(cx, Batch::new().insert(DEVICE_CODE, row)).await? {
                Ok(_) => return self.answer(cx, device_code, user_code),
                Err(conflict) if matches!(conflict.kind, ConflictKind::Unique { .. }) => {}
                Err(conflict) => return Err(StorageError::Conflict(conflict).into()),
            }
        }
        let said = "Failed to generate a unique device code";
        Err(OAuthError::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", said).into())
    }
}

impl DeviceCode {
    fn row(&self, cx: &Cx, device_code: &str, user_code: &str) -> Row {
        let options = self.rules.options();
        Row::new()
            .with("deviceCode", device_code)
            .with("userCode", user_code)
            .with("expiresAt", cx.now().plus_secs(options.expires_in))
            .with("status", PENDING)
            .with("pollingInterval", options.interval.saturating_mul(1000))
            .with("id", id::new(cx, &DEVICE_CODE))
    }

    fn answer(&self, cx: &Cx, device_code: String, user_code: String) -> Result<Output, Exit> {
        let options = self.rules.options();
        let page = options.verification_uri.as_deref().filter(|uri| !uri.is_empty()).unwrap_or("/device");
        let page = |pairs: &[(&str, &str)]| {
            let unusable = || Fault::Bug("verification_uri is no URL".into());
            with_query(&cx.local.base_url, page, pairs).ok_or_else(unusable)
        };
        let (verification_uri, verification_uri_complete) = (page(&[])?, page(&[("user_code", &user_code)])?);
        Ok(Output {
            device_code,
            user_code,
            verification_uri,
            verification_uri_complete,
            expires_in: options.expires_in,
            interval: options.interval,
        })
    }
}

fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::from)
}

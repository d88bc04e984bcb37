//! What an operator can decide about the device flow.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use serde::{Deserialize, Serialize};

/// The options of the device flow. What takes code is set by the methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DeviceAuthorizationOptions {
    /// How long a code is good, in seconds.
    pub expires_in: i64,
    /// How long a device waits between two questions, in seconds.
    pub interval: i64,
    /// The length of the device's code, at most 191.
    pub device_code_length: usize,
    /// The length of the user's code, at most 191.
    pub user_code_length: usize,
    /// Where users type the code: a URL, or a path of this server's origin.
    pub verification_uri: Option<String>,
    /// The clients that may ask; any, when empty.
    pub clients: Vec<String>,
    #[serde(skip)]
    pub(super) device_code: Option<Generator>,
    #[serde(skip)]
    pub(super) user_code: Option<Generator>,
    #[serde(skip)]
    pub(super) client_rule: Option<ClientRule>,
    #[serde(skip)]
    pub(super) listener: Option<RequestListener>,
}

impl Default for DeviceAuthorizationOptions {
    fn default() -> Self {
        Self {
            expires_in: 1800,
            interval: 5,
            device_code_length: 40,
            user_code_length: 8,
            verification_uri: None,
            clients: Vec::new(),
            device_code: None,
            user_code: None,
            client_rule: None,
            listener: None,
        }
    }
}

impl DeviceAuthorizationOptions {
    /// Makes the device's codes: hard to guess, and at most 191 characters.
    #[must_use]
    pub fn generate_device_code<F>(mut self, generate: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = String> + Send + 'static,
    {
        self.device_code = Some(Generator(Arc::new(move || Box::pin(generate()))));
        self
    }

    /// Makes the users' codes, at most 191 characters. Users must type them as they are, save codes of the usual letters, in which
    /// neither case nor what stands between them counts.
    #[must_use]
    pub fn generate_user_code<F>(mut self, generate: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = String> + Send + 'static,
    {
        self.user_code = Some(Generator(Arc::new(move || Box::pin(generate()))));
        self
    }

    /// Says whether there is a client of this name.
    #[must_use]
    pub fn validate_client<F>(mut self, known: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.client_rule = Some(ClientRule(Arc::new(move |client| Box::pin(known(client)))));
        self
    }

    /// Is told each request for codes: the client, and the scopes that it asks for.
    #[must_use]
    pub fn on_device_auth_request<F>(
        mut self,
        listener: impl Fn(String, Option<String>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.listener = Some(RequestListener(Arc::new(move |client, scope| Box::pin(listener(client, scope)))));
        self
    }
}

type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The application's own codes.
#[derive(Clone)]
pub struct Generator(pub(super) Arc<dyn Fn() -> Answer<String> + Send + Sync>);

/// The application's own rule about clients.
#[derive(Clone)]
pub struct ClientRule(pub(super) Arc<dyn Fn(String) -> Answer<bool> + Send + Sync>);

/// The application's code that is told requests.
#[derive(Clone)]
pub struct RequestListener(pub(super) Arc<dyn Fn(String, Option<String>) -> Answer<()> + Send + Sync>);

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generator")
    }
}

impl fmt::Debug for ClientRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientRule")
    }
}

impl fmt::Debug for RequestListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestListener")
    }
}

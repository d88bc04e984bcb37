//! Putting an [`Auth`] together.

use std::{env, fmt, future::Future, pin::Pin, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use kernia::{
    Engine, EngineBuilder,
    crypto::entropy::Entropy,
    domain::{
        BuildError, Hooks, Plugin,
        options::{AdditionalField, BaseUrl, Options, SecretText},
    },
    engine::{DeliverError, Event, Message},
    schema::{Name, Schema},
    store::{Cache, Storage, StorageError, memory::MemoryStore},
    wire::date::Clock,
};

use crate::{
    Auth, AuthSettings, Backend, Deliver, DeliverySettings, EventSink, HashPool, HttpClient, OsEntropy, Rejection,
    RequestHead, SystemClock, rejection::Reject,
};

/// Where the secret is looked for when the options have none, in this order; the reference's names.
const SECRETS: [&str; 2] = ["BETTER_AUTH_SECRET", "AUTH_SECRET"];
/// Where the server's address is looked for when the options have none.
const BASE_URL: &str = "BETTER_AUTH_URL";

type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn Storage>, StorageError>> + Send>>;
type Open = Box<dyn FnOnce(Arc<Schema>) -> Opening + Send>;

/// Collects what an [`Auth`] is made of.
///
/// ```
/// # async fn run() -> Result<(), kernia_runtime::StartError> {
/// use kernia_runtime::Auth;
///
/// let auth = Auth::builder()
///     .secret("kN3r-1a.doc.S3cret/with+enough=entropy_0123456789")
///     .base_url("https://example.com")
///     .configure(|options| options.email_and_password.enabled = true)
///     .memory()
///     .start()
///     .await?;
/// # auth.shutdown(std::time::Duration::ZERO).await;
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
/// ```
#[must_use = "nothing is started before start()"]
pub struct AuthBuilder {
    options: Options,
    engine: Vec<Box<dyn FnOnce(EngineBuilder) -> EngineBuilder + Send>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    open: Option<Open>,
    cache: Option<Arc<dyn Cache>>,
    deliver: Option<(Arc<dyn Deliver>, DeliverySettings)>,
    events: Option<EventSink>,
    http: Option<Arc<dyn HttpClient>>,
    hashes: HashPool,
    settings: AuthSettings,
    reject: Option<Reject>,
}

/// Why an [`Auth`] does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The options contradict themselves or each other.
    #[error(transparent)]
    Options(#[from] BuildError),
    /// The database cannot be opened, or cannot be given its tables.
    #[error("the database cannot be used: {0}")]
    Database(#[from] StorageError),
    /// There is no database.
    #[error("there is no database: say database(url), storage(..) or memory()")]
    NoDatabase,
}

impl AuthBuilder {
    pub(crate) fn new() -> Self {
        Self {
            options: Options::default(),
            engine: Vec::new(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy::new()),
            open: None,
            cache: None,
            deliver: None,
            events: None,
            http: None,
            hashes: HashPool::default(),
            settings: AuthSettings::default(),
            reject: None,
        }
    }

    /// The options, all of them.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Changes the options.
    pub fn configure(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// The secret that signs cookies and seals values. Without it `BETTER_AUTH_SECRET` or `AUTH_SECRET` of the environment.
    pub fn secret(self, secret: impl Into<SecretText>) -> Self {
        self.configure(|options| options.secret = Some(secret.into()))
    }

    /// The address at which browsers reach this server. Without it `BETTER_AUTH_URL` of the environment.
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.configure(|options| options.base_url = Some(BaseUrl::Fixed(url.into())))
    }

    /// Lets users sign up and in with an email address and a password.
    pub fn email_and_password(self) -> Self {
        self.configure(|options| options.email_and_password.enabled = true)
    }

    /// Adds a field to users, by its name on the wire.
    pub fn user_field(self, name: &str, field: AdditionalField) -> Self {
        self.configure(|options| drop(options.user.additional_fields.insert(name.to_owned(), field)))
    }

    /// Adds a plugin. Plugins take part in the order in which they are added.
    pub fn plugin(self, plugin: impl Plugin) -> Self {
        self.engine(move |engine| engine.plugin(plugin))
    }

    /// Adds hooks of the application. They run before the plugins'.
    pub fn hooks(self, hooks: Hooks) -> Self {
        self.engine(move |engine| engine.hooks(hooks))
    }

    /// Adds what else the engine is built with: providers and their hooks, the application's word on who becomes a user, which
    /// origins and providers are trusted for a request, and how often it may be made.
    ///
    /// ```
    /// use kernia::domain::{options::Limit, per_request::LimitRule};
    /// use kernia_runtime::Auth;
    ///
    /// let generous = LimitRule::new(async |asked| Some(Limit { max: asked.usual.max * 10, ..asked.usual }));
    /// let builder = Auth::builder().engine(|engine| engine.rate_limit_rule("/get-session", generous));
    /// ```
    pub fn engine(mut self, add: impl FnOnce(EngineBuilder) -> EngineBuilder + Send + 'static) -> Self {
        self.engine.push(Box::new(add));
        self
    }

    /// Makes row ids in the application's own way.
    pub fn generate_id(self, make: impl Fn(&Name, &dyn Entropy) -> String + Send + Sync + 'static) -> Self {
        self.engine(move |engine| engine.generate_id(make))
    }

    /// Keeps everything in memory, for as long as the program runs.
    pub fn memory(self) -> Self {
        self.storage(async |schema| Ok(Arc::new(MemoryStore::new(schema)) as Arc<dyn Storage>))
    }

    /// Uses the database at `url` (`sqlite:app.db`, `postgres://…`, `mysql://…`), and gives it the tables that it lacks.
    #[cfg(feature = "sql")]
    pub fn database(self, url: &str) -> Self {
        let url = url.parse::<kernia_sql::DatabaseUrl>();
        self.storage(move |schema| async move {
            let database = url.map_err(StorageError::Failed)?.open(schema, &kernia_sql::DatabaseOptions::default())?;
            database.migrate().await?;
            Ok(database as Arc<dyn Storage>)
        })
    }

    /// Uses the storage that `open` opens for these tables.
    pub fn storage<F, T>(mut self, open: F) -> Self
    where
        F: FnOnce(Arc<Schema>) -> T + Send + 'static,
        T: Future<Output = Result<Arc<dyn Storage>, StorageError>> + Send + 'static,
    {
        self.open = Some(Box::new(move |schema| Box::pin(open(schema))));
        self
    }

    /// Uses secondary storage.
    pub fn secondary_storage(mut self, cache: Arc<dyn Cache>) -> Self {
        self.cache = Some(cache);
        self.engine(EngineBuilder::secondary_storage)
    }

    /// Who sends messages. Without it every message fails.
    pub fn deliver(mut self, deliver: Arc<dyn Deliver>, settings: DeliverySettings) -> Self {
        self.deliver = Some((deliver, settings));
        self
    }

    /// Sends messages by the application's own sender, behind a queue. Addresses can be proven and passwords be reset by mail then
    /// (`email_verification.send_verification_email`, `email_and_password.send_reset_password`).
    pub fn send_messages<F, T>(self, send: F) -> Self
    where
        F: Fn(Message) -> T + Send + Sync + 'static,
        T: Future<Output: Sent> + Send + 'static,
    {
        self.deliver(Arc::new(Sender(send)), DeliverySettings::default()).configure(|options| {
            options.email_verification.send_verification_email = true;
            options.email_and_password.send_reset_password = true;
        })
    }

    /// Who is told of events. They are also logged under the target `kernia::event`.
    pub fn on_event(mut self, sink: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.events = Some(Arc::new(sink));
        self
    }

    /// Who calls other HTTP servers. Without it every call fails.
    pub fn http_client(mut self, client: Arc<dyn HttpClient>) -> Self {
        self.http = Some(client);
        self
    }

    /// Where passwords are hashed.
    pub fn hash_pool(mut self, hashes: HashPool) -> Self {
        self.hashes = hashes;
        self
    }

    /// How the server runs.
    pub fn settings(mut self, settings: AuthSettings) -> Self {
        self.settings = settings;
        self
    }

    /// What answers requests to the application's own routes that are not let in, in place of the reference's JSON: an RFC 9457
    /// problem, a redirect to the page for signing in.
    pub fn on_rejection(
        mut self,
        answer: impl Fn(&Rejection, &RequestHead) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.reject = Some(Arc::new(answer));
        self
    }

    /// The clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The randomness, for tests.
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// Opens the database and starts. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(mut self) -> Result<Auth, StartError> {
        if self.options.secret.is_none() && self.options.secrets.is_empty() {
            self.options.secret = SECRETS.iter().find_map(|name| env::var(name).ok()).map(Into::into);
        }
        if self.options.base_url.is_none() {
            self.options.base_url = env::var(BASE_URL).ok().map(BaseUrl::Fixed);
        }
        let begun = Engine::builder(self.options, self.clock, self.entropy);
        let engine = self.engine.into_iter().fold(begun, |engine, add| add(engine)).build()?;
        let storage = self.open.ok_or(StartError::NoDatabase)?(engine.schema()).await?;
        let mut backend = Backend::builder(storage).hash_pool(self.hashes);
        if let Some(cache) = self.cache {
            backend = backend.cache(cache);
        }
        if let Some((deliver, settings)) = self.deliver {
            backend = backend.deliver(deliver, settings);
        }
        if let Some(events) = self.events {
            backend = backend.on_event(move |event| events(event));
        }
        if let Some(http) = self.http {
            backend = backend.http_client(http);
        }
        Ok(Auth::assemble(engine, backend.build(), self.settings, self.reject))
    }
}

impl fmt::Debug for AuthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthBuilder").field("options", &self.options).finish_non_exhaustive()
    }
}

/// The application's own sender.
struct Sender<F>(F);

#[async_trait]
impl<F, T> Deliver for Sender<F>
where
    F: Fn(Message) -> T + Send + Sync,
    T: Future<Output: Sent> + Send,
{
    async fn deliver(&self, message: &Message) -> Result<(), DeliverError> {
        (self.0)(message.clone()).await.sent()
    }
}

/// What a sender answers: nothing, or whether it worked.
pub trait Sent {
    /// Whether it worked.
    ///
    /// # Errors
    /// Why it did not, without the message's address, link or code.
    fn sent(self) -> Result<(), DeliverError>;
}

impl Sent for () {
    fn sent(self) -> Result<(), DeliverError> {
        Ok(())
    }
}

impl<E: Into<DeliverError>> Sent for Result<(), E> {
    fn sent(self) -> Result<(), DeliverError> {
        self.map_err(Into::into)
    }
}

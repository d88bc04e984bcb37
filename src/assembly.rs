//! Putting an engine together.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::Request;

use crate::{
    crypto::entropy::Entropy,
    domain::{
        BuildError, Cx, Hooks, Installation, Plugin, Route,
        api::ServerCall,
        id::IdGenerator,
        options::{Options, TokenEndpointAuth},
        per_request::{LimitRule, TrustOrigins},
        provider::{ClientKey, MapProfile, Provider, ProviderHooks, Quirk, TrustProviders},
        session::{self, Freshness},
        user_gate::ValidateUser,
        user_import::{self, ImportedUser, Purpose},
    },
    engine::{Answer, Exchange, HookFuture, RouteTable},
    gate, providers, routes,
    schema::{Expiry, FieldType, SESSION, Schema, VERIFICATION},
    store::{Batch, Filter, Name, Op, Statement},
    wire::date::{Clock, Timestamp},
};

/// The whole of Kernia but the outside world: turns requests into [`Exchange`]s.
///
/// Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine {
    installation: Arc<Installation>,
    base_path: Arc<str>,
    clock: Arc<dyn Clock>,
}

/// Collects what an [`Engine`] is built from.
pub struct EngineBuilder {
    options: Options,
    plugins: Vec<Box<dyn Plugin>>,
    hooks: Hooks,
    providers: Vec<Provider>,
    provider_hooks: Vec<(String, ProviderHooks)>,
    user_gate: Option<ValidateUser>,
    trusted_providers: Option<TrustProviders>,
    origins_of_request: Option<TrustOrigins>,
    limit_rules: Vec<(String, LimitRule)>,
    id_generator: Option<IdGenerator>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    secondary_storage: bool,
}

impl EngineBuilder {
    /// Adds a plugin. Plugins take part in the order in which they are added.
    #[must_use]
    pub fn plugin(mut self, plugin: impl Plugin) -> Self {
        self.plugins.push(Box::new(plugin));
        self
    }

    /// Adds a plugin that was chosen at run time.
    #[must_use]
    pub fn boxed_plugin(mut self, plugin: Box<dyn Plugin>) -> Self {
        self.plugins.push(plugin);
        self
    }

    /// Adds the application's own hooks. They run before the plugins'.
    #[must_use]
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.hooks.extend(hooks);
        self
    }

    /// Adds a provider of the application's own, in the place of one of the same name.
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.providers.push(provider);
        self
    }

    /// Has `map` say what a profile of the provider called `id` makes of a user: the reference's `mapProfileToUser`. What it
    /// answers replaces what Kernia finds.
    #[must_use]
    pub fn map_profile(self, id: impl Into<String>, map: MapProfile) -> Self {
        self.provider_hooks(id, ProviderHooks { map_profile: Some(map), ..ProviderHooks::default() })
    }

    /// Has `hooks` do what they have with the provider called `id`, in the place of Kernia: the reference's options that are
    /// functions.
    #[must_use]
    pub fn provider_hooks(mut self, id: impl Into<String>, hooks: ProviderHooks) -> Self {
        self.provider_hooks.push((id.into(), hooks));
        self
    }

    /// Asks `gate` before a user is made, an account linked, or somebody comes back through a provider: the reference's
    /// `validateUserInfo`.
    #[must_use]
    pub fn validate_user(mut self, gate: ValidateUser) -> Self {
        self.user_gate = Some(gate);
        self
    }

    /// Asks `trust` which providers are trusted for a request, besides those of the options: the reference's `trustedProviders` as a
    /// function.
    #[must_use]
    pub fn trusted_providers(mut self, trust: TrustProviders) -> Self {
        self.trusted_providers = Some(trust);
        self
    }

    /// Asks `trust` which origins are trusted for a request, besides those of the options: the reference's `trustedOrigins` as a
    /// function. It is asked once for each request, before anything else is done, and for calls from the server's own code too.
    #[must_use]
    pub fn trusted_origins(mut self, trust: TrustOrigins) -> Self {
        self.origins_of_request = Some(trust);
        self
    }

    /// Asks `rule` how often a request to `paths` (`*` matches any run) may be made: the reference's functions in `customRules`. Of
    /// several rules that fit, the one given first is asked, and those of the options do not count then.
    #[must_use]
    pub fn rate_limit_rule(mut self, paths: impl Into<String>, rule: LimitRule) -> Self {
        self.limit_rules.push((paths.into(), rule));
        self
    }

    /// Makes row ids in the application's own way, told the table and given randomness: the reference's `generateId` as a
    /// function. The ids are text to the database.
    #[must_use]
    pub fn generate_id(mut self, generate: impl Fn(&Name, &dyn Entropy) -> String + Send + Sync + 'static) -> Self {
        self.id_generator = Some(IdGenerator::new(generate));
        self
    }

    /// Says that the driver has secondary storage: sessions and one-time values are kept there from now on, and request counters
    /// unless the options say where.
    #[must_use]
    pub fn secondary_storage(mut self) -> Self {
        self.secondary_storage = true;
        self
    }

    /// Builds the engine.
    ///
    /// # Errors
    /// [`BuildError`] when the options contradict themselves or each other.
    pub fn build(self) -> Result<Engine, BuildError> {
        let Self { options, plugins, hooks, providers: own_providers, provider_hooks, id_generator, .. } = self;
        let (clock, entropy, secondary_storage) = (self.clock, self.entropy, self.secondary_storage);
        let mut table: Vec<Route> = routes::all();
        for plugin in &plugins {
            table.extend(plugin.routes().into_iter().map(|route| route.of(plugin.id())));
        }
        let installation =
            Installation::new(options, plugins, hooks, entropy, secondary_storage)?.with_id_generator(id_generator)?;
        let installation = installation.with_user_gate(self.user_gate).with_trusted_providers(self.trusted_providers);
        let installation = installation.with_word_on_requests(self.origins_of_request, self.limit_rules);
        let installation = with_providers(installation, own_providers, provider_hooks)?;
        let installation = installation.with_routes(RouteTable::new(table)?);
        Ok(Engine { base_path: base_path(&installation).into(), installation: Arc::new(installation), clock })
    }
}

impl Engine {
    /// Begins an engine with these options, this clock and this randomness.
    #[must_use]
    pub fn builder(options: Options, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> EngineBuilder {
        EngineBuilder {
            options,
            plugins: Vec::new(),
            hooks: Hooks::default(),
            providers: Vec::new(),
            provider_hooks: Vec::new(),
            user_gate: None,
            trusted_providers: None,
            origins_of_request: None,
            limit_rules: Vec::new(),
            id_generator: None,
            clock,
            entropy,
            secondary_storage: false,
        }
    }

    /// Begins to answer `request`. The address at the other end of the connection, if known, is taken from an
    /// [`IpAddr`](std::net::IpAddr) in the request's extensions.
    #[must_use]
    pub fn begin(&self, request: Request<Bytes>) -> Exchange {
        let intake = match gate::intake(request, &self.base_path, &self.installation.options.limits) {
            Ok(intake) => intake,
            Err(response) => return Exchange::respond(*response),
        };
        let (request, pending) = intake.split();
        let installation = Arc::clone(&self.installation);
        let now = self.clock.now();
        Exchange::start(move |slot| async move {
            let app = Arc::clone(&installation);
            gate::serve(Cx::new(installation, slot, now, request), &app.routes, pending).await
        })
    }

    /// Begins to call the route called `name` from the server's own code, also one that HTTP does not reach. Limits, rate
    /// limits and origin checks do not apply. `None` when there is no such route.
    #[must_use]
    pub fn begin_call(&self, name: &str, call: ServerCall) -> Option<Exchange> {
        let route = Arc::clone(self.installation.routes.named(name)?);
        let method = route.methods.first()?.clone();
        let (path, template) = (route.path.to_owned(), route.path);
        let ServerCall { headers, peer, params, query, body } = call;
        let request =
            crate::engine::Request { method, path, template, headers, peer, params, query: query.into(), body };
        let installation = Arc::clone(&self.installation);
        let now = self.clock.now();
        Some(Exchange::start(move |slot| async move {
            gate::serve_direct(Cx::new(installation, slot, now, request), &route).await
        }))
    }

    /// Begins to bring in users of another system, at most [`MAX_USERS`](user_import::MAX_USERS) at once. Write hooks run, hooks
    /// of requests do not. The response is a JSON list with the [`Fate`](user_import::Fate) of each; when a store fails it is a
    /// 503, or a 500 with the reason in the log.
    #[must_use]
    pub fn begin_import(&self, users: Vec<ImportedUser>, purpose: Purpose) -> Exchange {
        self.begin_task(move |cx| {
            Box::pin(async move {
                let fates = user_import::import(cx, users, purpose).await?;
                Ok(Answer::json(&fates)?)
            })
        })
    }

    /// Begins work of the server's own that belongs to no route.
    pub(crate) fn begin_task<F>(&self, task: F) -> Exchange
    where
        F: for<'a> FnOnce(&'a mut Cx) -> HookFuture<'a, Answer> + Send + 'static,
    {
        let installation = Arc::clone(&self.installation);
        let now = self.clock.now();
        Exchange::start(move |slot| async move {
            let mut cx = Cx::new(installation, slot, now, crate::engine::Request::default());
            let answer = task(&mut cx).await;
            gate::respond(cx, answer)
        })
    }

    /// Whether a session that was made at `created_at` counts as fresh now, as for routes that change what is sensitive.
    #[must_use]
    pub fn freshness(&self, created_at: Timestamp) -> Freshness {
        session::freshness_since(created_at, &self.installation.options.session, self.clock.now())
    }

    /// The tables that a database must have.
    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.installation.database_schema)
    }

    /// The options and what was made of them.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// All routes.
    #[must_use]
    pub fn routes(&self) -> &[Arc<Route>] {
        self.installation.routes.routes()
    }

    /// The path under which all routes live.
    #[must_use]
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// What a driver should write now and then to remove expired rows: at most `limit` of each table, oldest first.
    #[must_use]
    pub fn janitor(&self, limit: u32) -> Batch {
        let now = self.clock.now();
        let installation = &self.installation;
        // Where the database keeps a record of sessions, their end is no reason to go.
        let keeps_sessions = !installation.places.sessions.database_decides();
        let keeps_verifications = installation.options.verification.disable_cleanup;
        let kept = |table: &Name| *table == SESSION && keeps_sessions || *table == VERIFICATION && keeps_verifications;
        let mut batch = Batch::new();
        for table in installation.database_schema.tables().iter().filter(|table| !kept(&table.name)) {
            let Some(Expiry { field, kept_secs }) = &table.expiry else { continue };
            let end = now.minus_secs(i64::from(*kept_secs));
            let filter = match table.kind(field) {
                Some(FieldType::Date) => Filter::compare(field.clone(), Op::Lt, end),
                _ => Filter::compare(field.clone(), Op::Lt, end.as_millis()),
            };
            batch.push(Statement::Sweep { table: table.name.clone(), filter, order: field.clone(), limit });
        }
        batch
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("base_path", &self.base_path).finish_non_exhaustive()
    }
}

/// The application's own providers, those of plugins, and those of the options, each with its hooks.
fn with_providers(
    installation: Installation,
    own: Vec<Provider>,
    hooks: Vec<(String, ProviderHooks)>,
) -> Result<Installation, BuildError> {
    let mut all = own;
    all.extend(installation.plugins.iter().flat_map(|plugin| plugin.providers()));
    all.extend(providers::resolve(&installation.options).map_err(|error| BuildError::Provider(error.to_string()))?);
    for (id, hooks) in hooks {
        let provider = all.iter_mut().find(|provider| provider.id == id);
        let unknown = || BuildError::Provider(format!("hooks are for {id:?}, and there is no such provider"));
        provider.ok_or_else(unknown)?.hooks.extend(hooks);
    }
    for (at, provider) in all.iter().enumerate() {
        if all[..at].iter().any(|earlier| earlier.id == provider.id) {
            tracing::warn!(provider = %provider.id, "the provider is there twice; the first one counts");
        }
    }
    for provider in &mut all {
        take_key(provider).map_err(|problem| BuildError::Provider(format!("{}: {problem}", provider.id)))?;
    }
    Ok(installation.with_providers(all))
}

/// Makes a key that is among the options ready, and says if one is missing.
fn take_key(provider: &mut Provider) -> Result<(), String> {
    const OWN_WAYS: [Option<Quirk>; 3] = [Some(Quirk::Apple), Some(Quirk::TikTok), Some(Quirk::WeChat)];
    if let Some(options) = &provider.options.private_key_jwt {
        if OWN_WAYS.contains(&provider.quirk) {
            return Err("the provider takes no private_key_jwt".to_owned());
        }
        if !provider.client_secret().is_empty() {
            return Err("private_key_jwt excludes a client_secret".to_owned());
        }
        let key = ClientKey::read(options).map_err(|error| error.to_string())?;
        provider.token.key = Some(key);
        provider.token.prove_by(TokenEndpointAuth::PrivateKeyJwt);
    }
    let proofs = [provider.token.auth, provider.token.refresh_auth];
    let proven = provider.token.key.is_some() || provider.hooks.client_assertion.is_some();
    if proofs.contains(&Some(TokenEndpointAuth::PrivateKeyJwt)) && !proven {
        provider.missing = provider.missing.or(Some("private_key_jwt"));
    }
    Ok(())
}

fn base_path(installation: &Installation) -> String {
    let configured = || installation.options.base_path.clone();
    let of_url = |url: &str| url::Url::parse(url).ok().map(|url| url.path().to_owned());
    let path = installation.base.fixed().and_then(|url| of_url(url)).unwrap_or_else(configured);
    let trimmed = path.trim_matches('/');
    if trimmed.is_empty() { String::new() } else { format!("/{trimmed}") }
}

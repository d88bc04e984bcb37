//! Everything that is fixed when a server is built.

use std::sync::Arc;

use super::{
    BaseAddress, Hooks, Places, Plugin, RateRule, VerificationSender,
    cookies::AuthCookies,
    id::IdGenerator,
    options::{IdStrategy, Options, RateLimitStorage},
    per_request::{LimitRule, TrustOrigins},
    provider::{Provider, PublicProvider, TrustProviders},
    session::CacheSigner,
    tables,
    user_gate::ValidateUser,
};
use crate::{
    crypto::{
        entropy::Entropy,
        hmac::Signer,
        password::{BadPasswordKey, PasswordKeys},
        secret::SecretKeys,
    },
    engine::{App, RouteTable},
    schema::{Field, Schema, SchemaError, core_tables},
    store::Name,
    wire::{
        client_ip::{ClientIpError, ClientIpRules, Tracking},
        cookie::CookieError,
        origin::TrustedOrigins,
        session_cache::SessionCache,
    },
};

/// The fixed parts of a server: options, schema, keys, cookies, plugins.
pub struct Installation {
    /// The options.
    pub options: Options,
    /// The tables, with what plugins and the application add, wherever their rows are.
    pub schema: Arc<Schema>,
    /// The tables whose rows are in the database.
    pub database_schema: Arc<Schema>,
    /// Where sessions and one-time values are kept.
    pub places: Places,
    /// The secrets.
    pub keys: SecretKeys,
    /// The prepared key of signed cookies and short tokens.
    pub signer: Signer,
    /// The keys that stored password hashes may name.
    pub password_keys: Arc<PasswordKeys>,
    /// Reads and writes the cookie that caches a session.
    pub session_cache: SessionCache,
    /// Does so in its place, where a plugin's keys sign the cookie.
    pub cache_signer: Option<CacheSigner>,
    /// The core cookies.
    pub cookies: AuthCookies,
    /// Where this server is.
    pub base: BaseAddress,
    /// The origins that are always trusted.
    pub trusted_origins: TrustedOrigins,
    /// How a client's address is found.
    pub client_ip: ClientIpRules,
    /// The plugins, in order.
    pub plugins: Vec<Box<dyn Plugin>>,
    /// The rate limits of all plugins, in order.
    pub plugin_rate_rules: Vec<RateRule>,
    /// The hooks of the application and of all plugins.
    pub hooks: Hooks,
    /// What is sent in the place of the link that proves an address, if anything is.
    pub verification_sender: Option<VerificationSender>,
    /// The providers that users can sign in with, configured or not.
    pub providers: Vec<Arc<Provider>>,
    /// The routes of the core and of all plugins.
    pub routes: RouteTable<Self>,
    /// The application's word on who may become a user.
    pub user_gate: Option<ValidateUser>,
    /// The application's word on which providers are trusted for a request, besides those of the options.
    pub trusted_providers: Option<TrustProviders>,
    /// The application's word on which origins are trusted for a request, besides those of the options.
    pub origins_of_request: Option<TrustOrigins>,
    /// The application's word on how often requests may be made, by path. The first that fits is asked, before any rule of the options.
    pub limit_rules: Vec<(String, LimitRule)>,
    /// The application's own way to make ids.
    pub id_generator: Option<IdGenerator>,
    core_fields: Vec<(Name, usize)>,
    entropy: Arc<dyn Entropy>,
}

/// Why a server cannot be built from its options.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The secret is missing, invalid or a placeholder.
    #[error("{0}")]
    Secret(String),
    /// The base URL is no URL.
    #[error("base_url: {0}")]
    BaseUrl(String),
    /// A key of other systems' password hashes cannot be used.
    #[error("email_and_password.password: {0}")]
    PasswordKey(#[from] BadPasswordKey),
    /// The tables do not fit together.
    #[error("schema: {0}")]
    Schema(#[from] SchemaError),
    /// A cookie cannot be written as configured.
    #[error("cookies: {0}")]
    Cookie(#[from] CookieError),
    /// The client address rules are invalid.
    #[error("advanced.ip_address: {0}")]
    ClientIp(String),
    /// Providers that users sign in with.
    #[error("{0}")]
    Provider(String),
    /// Two plugins have the same name.
    #[error("plugin {0} is there twice")]
    DuplicatePlugin(&'static str),
    /// A plugin cannot work as configured.
    #[error("plugin {id}: {why}")]
    Plugin {
        /// Which.
        id: &'static str,
        /// Why.
        why: String,
    },
    /// Two routes answer the same request.
    #[error("{0}")]
    Route(#[from] crate::engine::RouteConflict),
    /// Options that contradict each other.
    #[error("{0}")]
    Contradiction(&'static str),
}

impl Installation {
    /// Resolves `options` and `plugins`. `application_hooks` run before the plugins' hooks; `secondary_storage` says whether
    /// there is one.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn new(
        options: Options,
        plugins: Vec<Box<dyn Plugin>>,
        application_hooks: Hooks,
        entropy: Arc<dyn Entropy>,
        secondary_storage: bool,
    ) -> Result<Self, BuildError> {
        let options = options.settled();
        let (keys, signer) = super::keys::keys(&options).map_err(|error| BuildError::Secret(error.to_string()))?;
        let base = BaseAddress::resolve(&options).map_err(|error| BuildError::BaseUrl(error.to_string()))?;
        let places = Places::new(&options, secondary_storage);
        let schema = tables::resolve(&options, &plugins, places)?;
        if options.rate_limit.storage == Some(RateLimitStorage::SecondaryStorage) && !secondary_storage {
            return Err(BuildError::Contradiction("rate_limit.storage asks for secondary storage, and there is none"));
        }
        let base_url = base.fixed().map(|url| url.to_string());
        let cookies = AuthCookies::new(&options, base_url.as_deref());
        for spec in [&cookies.session_token, &cookies.session_data, &cookies.dont_remember] {
            spec.attributes.validate()?;
        }
        if options.advanced.cross_sub_domain_cookies.enabled && cookies.session_token.attributes.domain.is_none() {
            return Err(BuildError::Contradiction("base_url is required when cross_sub_domain_cookies are enabled"));
        }
        let mut hooks = application_hooks;
        for (at, plugin) in plugins.iter().enumerate() {
            if plugins[..at].iter().any(|earlier| earlier.id() == plugin.id()) {
                return Err(BuildError::DuplicatePlugin(plugin.id()));
            }
            plugin.check(&options).map_err(|why| BuildError::Plugin { id: plugin.id(), why })?;
            hooks.extend(plugin.hooks());
        }
        Ok(Self {
            trusted_origins: trusted_origins(&options, &base),
            client_ip: client_ip_rules(&options)?,
            session_cache: SessionCache::new(options.session.cookie_cache.strategy, &keys),
            cache_signer: plugins.iter().find_map(|plugin| plugin.cache_signer()),
            database_schema: Arc::new(schema.clone().without(&places.elsewhere())),
            schema: Arc::new(schema),
            password_keys: Arc::new(options.email_and_password.password.keys()?),
            places,
            options,
            keys,
            signer,
            cookies,
            base,
            plugin_rate_rules: plugins.iter().flat_map(|plugin| plugin.rate_limits()).collect(),
            verification_sender: plugins.iter().find_map(|plugin| plugin.verification_sender()),
            plugins,
            hooks,
            providers: Vec::new(),
            routes: RouteTable::default(),
            user_gate: None,
            trusted_providers: None,
            origins_of_request: None,
            limit_rules: Vec::new(),
            id_generator: None,
            core_fields: core_tables(true).into_iter().map(|table| (table.name, table.fields.len())).collect(),
            entropy,
        })
    }

    /// With the application's own way to make ids.
    ///
    /// # Errors
    /// [`BuildError::Contradiction`] when the options name another way.
    pub fn with_id_generator(mut self, generator: Option<IdGenerator>) -> Result<Self, BuildError> {
        if generator.is_some() && self.options.advanced.database.generate_id != IdStrategy::Random {
            return Err(BuildError::Contradiction("ids have two ways: advanced.database.generate_id and a generator"));
        }
        self.id_generator = generator;
        Ok(self)
    }

    /// With the application's word on who may become a user.
    #[must_use]
    pub fn with_user_gate(mut self, gate: Option<ValidateUser>) -> Self {
        self.user_gate = gate;
        self
    }

    /// With the application's word on which providers are trusted.
    #[must_use]
    pub fn with_trusted_providers(mut self, trust: Option<TrustProviders>) -> Self {
        self.trusted_providers = trust;
        self
    }

    /// With what the application decides for each request anew.
    #[must_use]
    pub fn with_word_on_requests(mut self, origins: Option<TrustOrigins>, limits: Vec<(String, LimitRule)>) -> Self {
        (self.origins_of_request, self.limit_rules) = (origins, limits);
        self
    }

    /// With these providers. Of several with one name the first counts.
    #[must_use]
    pub fn with_providers(mut self, providers: Vec<Provider>) -> Self {
        self.providers = providers.into_iter().map(Arc::new).collect();
        self
    }

    /// With these routes.
    #[must_use]
    pub fn with_routes(mut self, routes: RouteTable<Self>) -> Self {
        self.routes = routes;
        self
    }

    /// The providers that there are, as anybody may know them.
    #[must_use]
    pub fn public_providers(&self) -> Vec<PublicProvider> {
        let counts =
            |provider: &&Arc<Provider>| self.provider(&provider.id).is_some_and(|own| Arc::ptr_eq(own, provider));
        let public = |provider: &Arc<Provider>| PublicProvider {
            id: provider.id.clone(),
            name: provider.name.clone(),
            configured: provider.missing.is_none(),
        };
        self.providers.iter().filter(counts).map(public).collect()
    }

    /// The provider called `id`.
    #[must_use]
    pub fn provider(&self, id: &str) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// The fields that plugins and the application have added to a core table: the only ones that clients may name.
    #[must_use]
    pub fn added_fields(&self, table: &Name) -> &[Field] {
        let core = self.core_fields.iter().find(|(name, _)| name == table).map_or(0, |(_, count)| *count);
        self.schema.table(table).and_then(|table| table.fields.get(core..)).unwrap_or_default()
    }

    /// Where request counters are kept.
    #[must_use]
    pub fn rate_limit_storage(&self) -> RateLimitStorage {
        let usual = if self.places.secondary { RateLimitStorage::SecondaryStorage } else { RateLimitStorage::Memory };
        self.options.rate_limit.storage.unwrap_or(usual)
    }
}

impl App for Installation {
    type Local = super::RequestState;

    fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }
}

fn trusted_origins(options: &Options, base: &BaseAddress) -> TrustedOrigins {
    let own = base.own_origins();
    TrustedOrigins::parse(own.iter().chain(&options.trusted_origins).map(String::as_str))
}

fn client_ip_rules(options: &Options) -> Result<ClientIpRules, BuildError> {
    let address = &options.advanced.ip_address;
    if address.use_peer_address && address.trusted_proxies.is_empty() && !address.ip_address_headers.is_empty() {
        const IGNORED: &str = "with use_peer_address, ip_address_headers are believed of trusted_proxies only";
        return Err(BuildError::ClientIp(IGNORED.to_owned()));
    }
    let rules = || {
        let rules = ClientIpRules::default().with_peer_as_client(address.use_peer_address);
        let mut rules = rules.with_trusted_proxies(&texts(&address.trusted_proxies))?;
        if !address.ip_address_headers.is_empty() {
            rules = rules.with_headers(&texts(&address.ip_address_headers))?;
        }
        if let Some(bits) = address.ipv6_subnet {
            rules = rules.with_ipv6_prefix(bits)?;
        }
        let tracking = if address.disable_ip_tracking { Tracking::Disabled } else { Tracking::Enabled };
        Ok::<_, ClientIpError>(rules.with_tracking(tracking))
    };
    rules().map_err(|error| BuildError::ClientIp(error.to_string()))
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

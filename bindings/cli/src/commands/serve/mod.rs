//! `kernia serve`.

pub(super) mod database;
pub(super) mod first_start;
pub(super) mod logging;
pub(crate) mod secondary;
mod stop;
mod welcome;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use kernia::domain::options::{BaseUrl, Mode};
use kernia_hyper::{Server, ServerSettings};
use kernia_runtime::{Auth, AuthSettings, Backend, HashPool};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    config::{self, Address, Config, Delivery, Problems},
    failure::Failure,
};

/// How long work that nobody waits for any more may keep the process.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// Run the server.
///
/// Without --config it reads ./kernia.toml, and if there is none it starts for development: with a secret and a
/// database of its own in this folder.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen, instead of server.listen; port 0 takes any that is free.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<Address>,
}

impl Serve {
    /// Runs the server until it is told to stop.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let file = config::file(self.config.as_deref());
        let mut config = match file {
            Some(file) => Config::load(file)?,
            None => first_start::config(),
        };
        if let Some(listen) = self.listen {
            config.server.listen = listen;
        }
        if file.is_none() {
            first_start::complete(&mut config)?;
        }
        let problems = config::check(&config);
        if !problems.is_empty() {
            return Err(Failure::Config(Problems::nowhere(problems)));
        }
        logging::start(&config.log);
        let runtime = super::runtime()?;
        let result = runtime.block_on(serve(config, file.is_none()));
        runtime.shutdown_timeout(LAST_PATIENCE);
        result
    }
}

async fn serve(mut config: Config, first_start: bool) -> Result<(), Failure> {
    let (listener, address) = listen(config.server.listen).await?;
    let figures = match config.server.metrics_listen {
        Some(address) => Some(listen(address).await?.0),
        None => None,
    };
    if first_start {
        let port = address.port();
        // The server's own origin has two names on this machine.
        config.options.base_url = Some(BaseUrl::Fixed(format!("http://localhost:{port}")));
        config.options.trusted_origins.push(format!("http://{address}"));
    }
    let connections = ServerSettings {
        header_read_timeout: Duration::from_secs(config.server.header_read_timeout.get()),
        shutdown_timeout: Duration::from_secs(config.server.shutdown_timeout),
        max_connections: config.server.max_connections.get(),
    };
    let kernia = build(config).await?;
    announce(address, kernia.engine().base_path(), first_start);

    let (stop, stopping) = watch::channel(false);
    let stopped = |mut stopping: watch::Receiver<bool>| async move { _ = stopping.wait_for(|stop| *stop).await };
    let server = Server::new(connections);
    let figures = figures.map(|listener| {
        let (server, kernia, stopped) = (server.clone(), kernia.clone(), stopped(stopping.clone()));
        tokio::spawn(async move { server.serve_metrics(listener, kernia, stopped).await })
    });
    tokio::spawn(stop::on_signal(stop));
    let ended = server.serve(listener, kernia.clone(), stopped(stopping)).await;
    if ended.aborted > 0 {
        tracing::error!(connections = ended.aborted, "requests in flight were given up");
    }
    if let Some(figures) = figures {
        figures.abort();
    }
    kernia.shutdown(connections.shutdown_timeout).await;
    tracing::info!("stopped");
    Ok(())
}

/// What is served with this configuration, and where.
pub(super) async fn configured(file: &Path) -> Result<(Auth, SocketAddr), Failure> {
    let config = Config::load(file)?;
    let problems = config::check(&config);
    if !problems.is_empty() {
        return Err(Failure::Config(Problems::nowhere(problems)));
    }
    logging::start(&config.log);
    let address = config.server.listen.0;
    Ok((build(config).await?, address))
}

async fn listen(address: Address) -> Result<(TcpListener, SocketAddr), Failure> {
    let failed = |error| Failure::Listen { address: address.0, error };
    let listener = TcpListener::bind(address.0).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn build(config: Config) -> Result<Auth, Failure> {
    let Config { options, plugins, server, database, secondary_storage, delivery, http_client, janitor, .. } = config;
    let delivery = delivery.or((options.mode == Mode::Development).then_some(Delivery::Log));
    if matches!((&delivery, options.mode), (Some(Delivery::Log), Mode::Production)) {
        tracing::warn!("messages go to the log, links and codes included: whoever reads it can take over accounts");
    }
    let delivery = delivery.map(|delivery| delivery.build(&options.app_name)).transpose()?;
    let engine = config::engine(options, plugins, secondary_storage.is_some())?;
    let concurrency = server.hash_concurrency.unwrap_or_else(HashPool::cores);
    // A wait for a lock must be able to end before the access that waits does.
    let patience = database.patience();
    let mut backend = Backend::builder(database::open(&database, &engine).await?)
        .storage_timeout(patience.max(Backend::DEFAULT_STORAGE_TIMEOUT))
        .hash_pool(HashPool::new(concurrency, server.hash_queue))
        .http_client(Arc::new(kernia_http_client::Client::new(http_client.settings())?));
    if let Some(secondary_storage) = &secondary_storage {
        backend = backend.cache(secondary::open(secondary_storage).await?);
    }
    if let Some((deliver, settings)) = delivery {
        backend = backend.deliver(deliver, settings);
    }
    let settings = AuthSettings {
        request_timeout: Duration::from_secs(server.request_timeout.get()),
        janitor: janitor.settings(),
    };
    Ok(Auth::start(engine, backend.build(), settings))
}

/// Says on standard output that requests are answered from now on. Programs wait for the first line.
fn announce(address: SocketAddr, base_path: &str, first_start: bool) {
    let mut text = format!("kernia listening on http://{address}{base_path}\n");
    if first_start {
        text.push_str(&welcome::text(address.port(), base_path));
    }
    let mut out = io::stdout();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        tracing::warn!(%error, "standard output is closed");
    }
}

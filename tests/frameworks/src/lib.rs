//! Kernia behind each framework, as an application would put it there.
#![forbid(unsafe_code)]

use std::{error::Error, future::pending, net::SocketAddr, str::FromStr, time::Duration};

use actix_web::{App, HttpResponse, HttpServer, web};
use axum::{Router, routing::get};
use bytes::Bytes;
use kernia_axum::AuthRouter as _;
use kernia_hyper::{Answer, Response, Server};
use kernia_runtime::Auth;
use rocket::{config::LogLevel, shield::Shield};
use tokio::net::TcpListener;

/// What a server listens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// hyper, by Kernia's own server.
    Hyper,
    /// Axum.
    Axum,
    /// Actix Web.
    Actix,
    /// Rocket.
    Rocket,
}

/// What may go wrong with a server.
pub type Failure = Box<dyn Error + Send + Sync>;

impl Framework {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Hyper, Self::Axum, Self::Actix, Self::Rocket];

    /// The name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hyper => "hyper",
            Self::Axum => "axum",
            Self::Actix => "actix",
            Self::Rocket => "rocket",
        }
    }

    /// Serves `auth` at `address` until the program ends.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn serve(self, address: SocketAddr, auth: Auth) -> Result<(), Failure> {
        match self {
            Self::Hyper => {
                Server::default().serve(TcpListener::bind(address).await?, auth, pending()).await;
            }
            Self::Axum => {
                let app = Router::new().with_auth(&auth).with_state(auth);
                let app = app.into_make_service_with_connect_info::<SocketAddr>();
                axum::serve(TcpListener::bind(address).await?, app).await?;
            }
            Self::Actix => {
                let app = move || App::new().wrap(kernia_actix::with_auth(&auth));
                HttpServer::new(app).keep_alive(KEPT).disable_signals().bind(address)?.run().await?;
            }
            Self::Rocket => {
                rocket(address).attach(kernia_rocket::with_auth(auth)).launch().await?;
            }
        }
        Ok(())
    }

    /// Serves one JSON text at `/api/auth/get-session`, without Kernia: what the framework itself costs.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn serve_constant(self, address: SocketAddr, json: Bytes) -> Result<(), Failure> {
        const PATH: &str = "/api/auth/get-session";
        match self {
            Self::Hyper => {
                let listener = TcpListener::bind(address).await?;
                loop {
                    let (stream, _) = listener.accept().await?;
                    stream.set_nodelay(true)?;
                    let json = json.clone();
                    let service = hyper::service::service_fn(move |_| {
                        let mut response: Answer = Response::new(json.clone().into());
                        response.headers_mut().insert(http::header::CONTENT_TYPE, JSON);
                        async { Ok::<_, std::convert::Infallible>(response) }
                    });
                    let stream = hyper_util::rt::TokioIo::new(stream);
                    tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(stream, service));
                }
            }
            Self::Axum => {
                let answer = get(async move || ([(http::header::CONTENT_TYPE, JSON)], json.clone()));
                axum::serve(TcpListener::bind(address).await?, Router::new().route(PATH, answer)).await?;
            }
            Self::Actix => {
                let app = move || {
                    let json = json.clone();
                    let answer = move || {
                        let json = json.clone();
                        async move { HttpResponse::Ok().content_type("application/json").body(json) }
                    };
                    App::new().route(PATH, web::get().to(answer))
                };
                HttpServer::new(app).keep_alive(KEPT).disable_signals().bind(address)?.run().await?;
            }
            Self::Rocket => {
                rocket(address).manage(json).mount("/", rocket::routes![constant]).launch().await?;
            }
        }
        Ok(())
    }
}

/// As long as Kernia's own server keeps idle connections; clients of tests reuse them.
const KEPT: Duration = Duration::from_secs(75);

const JSON: http::HeaderValue = http::HeaderValue::from_static("application/json");

#[rocket::get("/api/auth/get-session")]
fn constant(json: &rocket::State<Bytes>) -> (rocket::http::ContentType, Vec<u8>) {
    (rocket::http::ContentType::JSON, json.to_vec())
}

/// What is nobody's has no page, as with the others.
#[rocket::catch(404)]
fn nothing() {}

/// Without the headers of its own that Rocket adds to every answer, and silent.
fn rocket(address: SocketAddr) -> rocket::Rocket<rocket::Build> {
    let shutdown = rocket::config::Shutdown { ctrlc: false, signals: Default::default(), ..Default::default() };
    let config = rocket::Config {
        address: address.ip(),
        port: address.port(),
        log_level: LogLevel::Off,
        shutdown,
        ..rocket::Config::release_default()
    };
    rocket::custom(config).attach(Shield::new()).register("/", rocket::catchers![nothing])
}

impl FromStr for Framework {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|framework| framework.name() == name);
        found.ok_or_else(|| format!("no framework is called {name}"))
    }
}

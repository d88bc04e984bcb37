//! Kernia in an Axum application: its routes at /api/auth, yours beside them.

mod auth;

use std::{env, error::Error, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use kernia_hyper::AuthService;
use tokio::net::TcpListener;

#[tokio::main]
pub async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let kernia = auth::start().await?;
    let auth = Router::new()
        .route_service("/api/auth/{*path}", AuthService::new(kernia.clone()))
        .layer(middleware::from_fn(tell_address));
    let app = Router::new().route("/", get(|| async { "Hello! Sign in at /api/auth." })).merge(auth);

    let listener = TcpListener::bind(env::var("LISTEN").as_deref().unwrap_or("127.0.0.1:3000")).await?;
    println!("listening on http://{}/api/auth", listener.local_addr()?);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?;
    kernia.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

/// Tells Kernia the other end of the connection, where it looks for it.
async fn tell_address(ConnectInfo(address): ConnectInfo<SocketAddr>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(address.ip());
    next.run(request).await
}

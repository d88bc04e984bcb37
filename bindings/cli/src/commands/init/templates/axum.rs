//! Kernia in an Axum application: its routes at /api/auth, yours beside them.

mod auth;

use std::{env, error::Error, net::SocketAddr, time::Duration};

use axum::{Router, routing::get};
use kernia_axum::{AuthRouter as _, Session};
use tokio::net::TcpListener;

#[tokio::main]
pub async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let auth = auth::start().await?;
    let app = Router::new()
        .route("/", get(async || "Hello! Sign in at /api/auth."))
        .route("/me", get(me))
        .with_auth(&auth)
        .with_state(auth.clone());

    let listener = TcpListener::bind(env::var("LISTEN").as_deref().unwrap_or("127.0.0.1:3000")).await?;
    println!("listening on http://{}/api/auth", listener.local_addr()?);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?;
    auth.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

/// Only for whoever is signed in; 401 for everybody else.
async fn me(session: Session) -> String {
    format!("Hello {}!", session.user.name)
}

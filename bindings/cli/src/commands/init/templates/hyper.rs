//! Kernia on hyper: its routes at /api/auth, and nothing else.

mod auth;

use std::{env, error::Error, time::Duration};

use kernia_hyper::{Server, ServerSettings};
use tokio::net::TcpListener;

#[tokio::main]
pub async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let kernia = auth::start().await?;
    let listener = TcpListener::bind(env::var("LISTEN").as_deref().unwrap_or("127.0.0.1:3000")).await?;
    println!("listening on http://{}/api/auth", listener.local_addr()?);
    let stop = async { _ = tokio::signal::ctrl_c().await };
    Server::new(ServerSettings::default()).serve(listener, kernia.clone(), stop).await;
    kernia.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

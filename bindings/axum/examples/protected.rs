//! An Axum application with one protected route.

use axum::{Router, routing::get};
use kernia_axum::{Auth, AuthRouter as _, Session};

async fn hello(session: Session) -> String {
    format!("Hello {}!", session.user.name)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::builder().email_and_password().database("sqlite:app.db").start().await?;
    let app = Router::new().route("/hello", get(hello)).with_auth(&auth).with_state(auth);
    let address = std::env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned());
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await?;
    Ok(())
}

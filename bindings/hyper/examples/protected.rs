//! A hyper application with one protected route.

use std::future::pending;

use kernia_hyper::{Answer, Auth, Incoming, Request, Response, Server, Session, extract};

async fn hello(auth: Auth, request: Request<Incoming>) -> Answer {
    match extract::<Session>(&auth, &mut request.into_parts().0).await {
        Ok(session) => Response::new(format!("Hello {}!", session.user.name).into()),
        Err(refused) => refused,
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::builder().email_and_password().database("sqlite:app.db").start().await?;
    let address = std::env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    Server::default().serve_app(listener, auth, hello, pending()).await;
    Ok(())
}

//! Kernia in a hyper application: its routes at /api/auth, yours beside them.

mod auth;

use std::{env, error::Error, time::Duration};

use kernia_hyper::{Answer, Auth, Incoming, Request, Response, Server, Session, StatusCode, extract};
use tokio::net::TcpListener;

#[tokio::main]
pub async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let auth = auth::start().await?;
    let listener = TcpListener::bind(env::var("LISTEN").as_deref().unwrap_or("127.0.0.1:3000")).await?;
    println!("listening on http://{}/api/auth", listener.local_addr()?);
    let stop = async { _ = tokio::signal::ctrl_c().await };
    Server::default().serve_app(listener, auth.clone(), answer, stop).await;
    auth.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

async fn answer(auth: Auth, request: Request<Incoming>) -> Answer {
    let (mut parts, _) = request.into_parts();
    match parts.uri.path() {
        "/" => Response::new("Hello! Sign in at /api/auth.".into()),
        // Only for whoever is signed in; 401 for everybody else.
        "/me" => match extract::<Session>(&auth, &mut parts).await {
            Ok(session) => Response::new(format!("Hello {}!", session.user.name).into()),
            Err(refused) => refused,
        },
        _ => {
            let mut response = Answer::default();
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

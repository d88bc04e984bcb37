//! Kernia in an Actix application: its routes at /api/auth, yours beside them.

mod auth;

use std::{env, error::Error, time::Duration};

use actix_web::{App, HttpServer, web};
use kernia_actix::{Session, with_auth};

#[actix_web::main]
pub async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let auth = auth::start().await?;
    let served = auth.clone();
    let app = move || {
        App::new()
            .wrap(with_auth(&served))
            .route("/", web::get().to(async || "Hello! Sign in at /api/auth."))
            .route("/me", web::get().to(me))
    };
    let server = HttpServer::new(app).bind(env::var("LISTEN").as_deref().unwrap_or("127.0.0.1:3000"))?;
    println!("listening on http://{}/api/auth", server.addrs()[0]);
    server.run().await?;
    auth.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

/// Only for whoever is signed in; 401 for everybody else.
async fn me(session: Session) -> String {
    format!("Hello {}!", session.user.name)
}

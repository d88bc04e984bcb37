//! Kernia in a Rocket application: its routes at /api/auth, yours beside them.

mod auth;

use std::{env, error::Error, net::SocketAddr};

use kernia_rocket::{Session, with_auth};
use rocket::{Config, fairing::AdHoc, get, routes};

#[rocket::main]
pub async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let auth = auth::start().await?;
    let listen: SocketAddr = env::var("LISTEN").as_deref().unwrap_or("127.0.0.1:3000").parse()?;
    let config = Config::figment().merge(("address", listen.ip())).merge(("port", listen.port()));
    let app = rocket::custom(config).mount("/", routes![index, me]).attach(with_auth(auth));
    let told = AdHoc::on_liftoff("address", |rocket| {
        println!("listening on http://{}:{}/api/auth", rocket.config().address, rocket.config().port);
        Box::pin(async {})
    });
    app.attach(told).launch().await?;
    Ok(())
}

#[get("/")]
fn index() -> &'static str {
    "Hello! Sign in at /api/auth."
}

/// Only for whoever is signed in; 401 for everybody else.
#[get("/me")]
fn me(session: Session) -> String {
    format!("Hello {}!", session.user.name)
}

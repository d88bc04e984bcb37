//! An Actix application with one protected route.

use actix_web::{App, HttpServer, web};
use kernia_actix::{Auth, Session, with_auth};

async fn hello(session: Session) -> String {
    format!("Hello {}!", session.user.name)
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::builder().email_and_password().database("sqlite:app.db").start().await?;
    let app = move || App::new().wrap(with_auth(&auth)).route("/hello", web::get().to(hello));
    HttpServer::new(app).bind(std::env::var("LISTEN").as_deref().unwrap_or("127.0.0.1:3000"))?.run().await?;
    Ok(())
}

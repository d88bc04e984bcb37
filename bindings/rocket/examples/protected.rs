//! A Rocket application with one protected route.

use kernia_rocket::{Auth, Session, with_auth};

#[rocket::get("/hello")]
fn hello(session: Session) -> String {
    format!("Hello {}!", session.user.name)
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::builder().email_and_password().database("sqlite:app.db").start().await?;
    rocket::build().mount("/", rocket::routes![hello]).attach(with_auth(auth)).launch().await?;
    Ok(())
}

//! A small Rocket application: sign-up with a plan, pages for whoever is signed in, and what may be done only lately signed in.
#![allow(clippy::print_stdout, reason = "it is how this program sends messages")]

use kernia::domain::{Hooks, RouteRequest, errors, options::AdditionalField};
use kernia::{engine::ApiError, plugins::Username};
use kernia_rocket::*;
use rocket::{State, get, http::Status, post};
use serde_json::{Value, json};

#[derive(serde::Deserialize)]
struct Added {
    plan: String,
}

struct Verified;

impl Requirement for Verified {
    async fn check(current: &Current<'_>) -> Result<(), Rejection> {
        let verified = current.read::<JsonMap, JsonMap>()?.user.email_verified;
        if verified { Ok(()) } else { Err(Rejection::Forbidden(errors::EMAIL_NOT_VERIFIED)) }
    }
}

#[get("/")]
fn home(session: Option<Session>) -> String {
    session.map_or_else(|| "Hello, stranger!".to_owned(), |session| format!("Hello {}!", session.user.name))
}

#[get("/me")]
fn me(session: Session<Added>) -> Value {
    json!({ "id": session.user.id, "email": session.user.email, "plan": session.user.added.plan })
}

#[get("/plan")]
fn plan(user: User<Added>) -> String {
    user.0.added.plan
}

#[post("/danger")]
fn danger(_session: Fresh<Session>) -> Status {
    Status::NoContent
}

#[get("/verified")]
fn verified(_session: Require<Verified>) -> &'static str {
    "Welcome"
}

#[get("/sessions")]
async fn sessions(auth: &State<Auth>, head: Head) -> Result<Value, Status> {
    let listed = auth.api().list_sessions().headers(&head.headers).await;
    listed.map(|listed| json!({ "sessions": listed.value.len() })).map_err(|error| Status::new(error.status().as_u16()))
}

/// Only people of one domain may sign up.
async fn invited(request: RouteRequest) -> Result<RouteRequest, ApiError> {
    const STRANGER: ApiError =
        ApiError::new(http::StatusCode::FORBIDDEN, "NOT_INVITED", "Only for people of example.com");
    let email = request.body.as_ref().and_then(|body| body["email"].as_str()).unwrap_or_default();
    if email.ends_with("@example.com") { Ok(request) } else { Err(STRANGER) }
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::builder()
        .email_and_password()
        .user_field("plan", AdditionalField::text().default_value("free"))
        .plugin(Username::default())
        .hooks(Hooks::default().before_route("/sign-up/email", invited))
        .on_rejection(Rejection::problem)
        .send_messages(async |message| println!("{message:?} {}", message.url.as_deref().unwrap_or_default()))
        .database(&std::env::var("DATABASE_URL").unwrap_or("sqlite:app.db".to_owned()))
        .start()
        .await?;
    let app = rocket::build().mount("/", rocket::routes![home, me, plan, danger, verified, sessions]);
    app.attach(with_auth(auth)).launch().await?;
    Ok(())
}

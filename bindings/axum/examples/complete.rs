//! A small Axum application: sign-up with a plan, pages for whoever is signed in, and what may be done only lately signed in.
#![allow(clippy::print_stdout, reason = "it is how this program tells where it listens")]

use std::{env, net::SocketAddr, time::Duration};

use axum::{Json, Router, extract::State, http::HeaderMap, http::StatusCode, routing::get, routing::post};
use kernia::domain::{Hooks, RouteRequest, errors, options::AdditionalField};
use kernia::{engine::ApiError, plugins::Username};
use kernia_axum::*;
use serde_json::{Value, json};

#[derive(Clone, serde::Deserialize)]
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

async fn home(session: Option<Session>) -> String {
    session.map_or_else(|| "Hello, stranger!".to_owned(), |session| format!("Hello {}!", session.user.name))
}

async fn me(Session(session): Session<Added>) -> Json<Value> {
    Json(json!({ "id": session.user.id, "email": session.user.email, "plan": session.user.added.plan }))
}

async fn sessions(State(auth): State<Auth>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let listed = auth.api().list_sessions().headers(&headers).await.map_err(|error| error.status())?;
    Ok(Json(json!({ "sessions": listed.value.len() })))
}

/// Only people of one domain may sign up.
async fn invited(request: RouteRequest) -> Result<RouteRequest, ApiError> {
    const STRANGER: ApiError = ApiError::new(StatusCode::FORBIDDEN, "NOT_INVITED", "Only for people of example.com");
    let email = request.body.as_ref().and_then(|body| body["email"].as_str()).unwrap_or_default();
    if email.ends_with("@example.com") { Ok(request) } else { Err(STRANGER) }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = Auth::builder()
        .email_and_password()
        .user_field("plan", AdditionalField::text().default_value("free"))
        .plugin(Username::default())
        .hooks(Hooks::default().before_route("/sign-up/email", invited))
        .on_rejection(Rejection::problem)
        .send_messages(async |message| println!("{message:?} {}", message.url.as_deref().unwrap_or_default()))
        .database(&env::var("DATABASE_URL").unwrap_or("sqlite:app.db".to_owned()))
        .start()
        .await?;
    let app = Router::new()
        .route("/", get(home))
        .route("/me", get(me))
        .route("/plan", get(async |user: User<Added>| user.added.plan.clone()))
        .route("/danger", post(async |_: Fresh<Session>| StatusCode::NO_CONTENT))
        .route("/verified", get(async |_: Require<Verified>| "Welcome"))
        .route("/sessions", get(sessions))
        .with_auth(&auth)
        .with_state(auth.clone())
        .into_make_service_with_connect_info::<SocketAddr>();
    let address = env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?;
    auth.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

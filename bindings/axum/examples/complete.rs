//! A small Axum application: sign-up with a plan, pages for whoever is signed in, and what may be done only lately signed in.

use std::{env, net::SocketAddr, time::Duration};

use axum::{Json, Router, extract::State, http::HeaderMap, http::StatusCode, routing::get, routing::post};
use kernia::{domain::Hooks, domain::options::AdditionalField, engine::ApiError, plugins::Username};
use kernia_axum::*;
use serde_json::{Value, json};

#[derive(Clone, serde::Deserialize)]
struct Added {
    plan: String,
}

struct Verified;

impl Requirement for Verified {
    async fn check(current: &Current<'_>) -> Result<(), Rejection> {
        const UNPROVEN: ApiError = ApiError::new(StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED", "Email not verified");
        let user = current.read::<JsonMap, JsonMap>()?.user;
        if user.email_verified { Ok(()) } else { Err(Rejection::Forbidden(UNPROVEN)) }
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

fn problem(rejection: &Rejection, head: &RequestHead) -> http::Response<bytes::Bytes> {
    let (status, (code, title)) = (rejection.status(), rejection.told());
    let body = json!({ "type": code, "title": title, "status": status.as_u16(), "instance": head.target });
    let mut response = http::Response::new(body.to_string().into());
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/problem+json"));
    response
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    const PRIVATE: ApiError = ApiError::new(StatusCode::FORBIDDEN, "NOT_INVITED", "Only for people of example.com");
    let plan: AdditionalField = serde_json::from_value(json!({ "type": "string", "defaultValue": "free" }))?;
    let hooks = Hooks::default().before_route("/sign-up/email", async |request| match &request.body {
        Some(body) if body["email"].as_str().is_some_and(|email| email.ends_with("@example.com")) => Ok(request),
        _ => Err(PRIVATE),
    });
    let auth = Auth::builder().email_and_password().plugin(Username::default()).hooks(hooks);
    let auth = auth.configure(|options| drop(options.user.additional_fields.insert("plan".to_owned(), plan)));
    let auth = auth.on_rejection(problem).send_messages(async |message| {
        println!("a message: {}", message.kind);
        Ok(())
    });
    let auth = auth.database(&env::var("DATABASE_URL").unwrap_or("sqlite:app.db".to_owned())).start().await?;
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

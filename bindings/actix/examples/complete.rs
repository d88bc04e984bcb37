//! A small Actix application: sign-up with a plan, pages for whoever is signed in, and what may be done only lately signed in.
#![allow(clippy::print_stdout, reason = "it is how this program tells where it listens")]

use std::{env, time::Duration};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Responder, web};
use http::StatusCode;
use kernia::domain::{Hooks, RouteRequest, errors, options::AdditionalField};
use kernia::{engine::ApiError, plugins::Username};
use kernia_actix::*;
use serde_json::json;

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

async fn me(Session(session): Session<Added>) -> impl Responder {
    web::Json(json!({ "id": session.user.id, "email": session.user.email, "plan": session.user.added.plan }))
}

async fn sessions(request: HttpRequest, auth: web::Data<Auth>) -> Result<impl Responder, AuthRejection> {
    let listed = auth.api().list_sessions().headers(&request_head(&request).headers).await;
    let listed = listed.map_err(|error| AuthRejection::new(&auth, &request, Rejection::Failed(error)))?;
    Ok(web::Json(json!({ "sessions": listed.value.len() })))
}

/// Only people of one domain may sign up.
async fn invited(request: RouteRequest) -> Result<RouteRequest, ApiError> {
    const STRANGER: ApiError = ApiError::new(StatusCode::FORBIDDEN, "NOT_INVITED", "Only for people of example.com");
    let email = request.body.as_ref().and_then(|body| body["email"].as_str()).unwrap_or_default();
    if email.ends_with("@example.com") { Ok(request) } else { Err(STRANGER) }
}

#[actix_web::main]
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
    let data = web::Data::new(auth.clone());
    let app = move || {
        let app = App::new().wrap(with_auth(&data)).app_data(data.clone());
        app.route("/", web::get().to(home))
            .route("/me", web::get().to(me))
            .route("/plan", web::get().to(async |user: User<Added>| user.added.plan.clone()))
            .route("/danger", web::post().to(async |_: Fresh<Session>| HttpResponse::NoContent()))
            .route("/verified", web::get().to(async |_: Require<Verified>| "Welcome"))
            .route("/sessions", web::get().to(sessions))
    };
    let server = HttpServer::new(app).bind(env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned()))?;
    println!("listening on http://{}", server.addrs()[0]);
    server.run().await?;
    auth.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

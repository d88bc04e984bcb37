//! A small hyper application: sign-up with a plan, pages for whoever is signed in, and what may be done only lately signed in.
#![allow(clippy::print_stdout, reason = "it is how this program tells where it listens")]

use std::{env, time::Duration};

use kernia::domain::{Hooks, RouteRequest, errors, options::AdditionalField};
use kernia::{engine::ApiError, plugins::Username};
use kernia_hyper::*;
use serde_json::json;

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

async fn answer(auth: &Auth, request: Request<Incoming>) -> Result<Answer, Answer> {
    let mut parts = request.into_parts().0;
    let text = match (parts.method.as_str(), parts.uri.path()) {
        ("GET", "/") => match extract::<Session>(auth, &mut parts).await {
            Err(failed) if failed.status() != StatusCode::UNAUTHORIZED => return Err(failed),
            found => {
                format!("Hello{}!", found.map_or(", stranger".to_owned(), |session| format!(" {}", session.user.name)))
            }
        },
        ("GET", "/me") => {
            let User(user) = extract::<User<Added>>(auth, &mut parts).await?;
            json!({ "id": user.id, "email": user.email, "plan": user.added.plan }).to_string()
        }
        ("GET", "/plan") => extract::<User<Added>>(auth, &mut parts).await?.0.added.plan,
        ("GET", "/verified") => extract::<Require<Verified>>(auth, &mut parts).await.map(|_| "Welcome".to_owned())?,
        ("POST", "/danger") => extract::<Fresh>(auth, &mut parts).await.and(Err(status(StatusCode::NO_CONTENT)))?,
        ("GET", "/sessions") => {
            let listed = auth.api().list_sessions().headers(&parts.headers).await;
            json!({ "sessions": listed.map_err(|error| status(error.status()))?.value.len() }).to_string()
        }
        _ => return Err(status(StatusCode::NOT_FOUND)),
    };
    Ok(Response::new(text.into()))
}

fn status(status: StatusCode) -> Answer {
    Response::builder().status(status).body(Answer::default().into_body()).unwrap_or_default()
}

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
    let listener = tokio::net::TcpListener::bind(env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let app = async |auth, request| answer(&auth, request).await.unwrap_or_else(|refused| refused);
    let stop = async { _ = tokio::signal::ctrl_c().await };
    Server::default().serve_app(listener, auth.clone(), app, stop).await;
    auth.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

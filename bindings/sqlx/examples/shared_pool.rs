//! An Axum application whose own tables stand beside Kernia's, on one pool: a workspace for every user, projects in it, and the
//! mail that waits to be sent.
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "a program of its own")]

use std::{env, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Json, Router, extract::FromRef, extract::State, http::StatusCode, routing::get};
use kernia::{domain::Hooks, engine::DeliverError, schema::Row, schema::USER, store::Storage};
use kernia_axum::{Auth, AuthBuilder, AuthRouter as _, Session};
use kernia_sqlx::{Database as _, SqlxStore};
use serde_json::{Value, json};
use sqlx::PgPool;

/// They come after Kernia's, which they point at. An application of any age has migrations in their place.
pub(crate) const TABLES: &str = r#"
    create table if not exists workspace (owner text primary key references "user" (id) on delete cascade, projects integer not null);
    create table if not exists project (owner text not null references workspace (owner) on delete cascade, name text not null);
    create table if not exists outbox (recipient text not null, kind text not null, link text)"#;

#[derive(Clone)]
struct App {
    auth: Auth,
    pool: PgPool,
}

impl FromRef<App> for Auth {
    fn from_ref(app: &App) -> Self {
        app.auth.clone()
    }
}

pub(crate) fn auth(builder: AuthBuilder, pool: &PgPool) -> AuthBuilder {
    let (rows, workspaces, outbox) = (pool.clone(), pool.clone(), pool.clone());
    let hooks = Hooks::default().after_create(USER, move |user: Row| {
        let pool = workspaces.clone();
        async move {
            let made = sqlx::query("insert into workspace values ($1, 0)").bind(user.text("id")).execute(&pool).await;
            made.map_or_else(|error| eprintln!("{} has no workspace: {error}", user.text("id")), drop);
        }
    });
    let builder = builder.email_and_password().hooks(hooks);
    let builder = builder.configure(|options| options.email_verification.send_on_sign_up = Some(true));
    let builder = builder.send_messages(move |message| {
        let pool = outbox.clone();
        async move {
            let mail = sqlx::query("insert into outbox values ($1, $2, $3)").bind(message.to).bind(message.kind);
            let kept = mail.bind(message.url).execute(&pool).await;
            kept.map(drop).map_err(|error| DeliverError(error.to_string()))
        }
    });
    builder.storage(async move |schema| {
        let store = SqlxStore::new(rows, schema);
        store.migrate().await?;
        Ok(Arc::new(store) as Arc<dyn Storage>)
    })
}

pub(crate) fn app(auth: Auth, pool: PgPool) -> Router {
    let projects = get(list).post(create);
    Router::new().route("/projects", projects).with_auth(&auth).with_state(App { auth, pool })
}

async fn list(State(app): State<App>, session: Session) -> Result<Json<Vec<String>>, StatusCode> {
    let names = sqlx::query_scalar("select name from project where owner = $1 order by name").bind(&session.user.id);
    Ok(Json(names.fetch_all(&app.pool).await.map_err(failed)?))
}

/// Counts and adds in a transaction of the application's own.
async fn create(
    State(app): State<App>,
    session: Session,
    Json(project): Json<Value>,
) -> Result<(StatusCode, Json<Value>), StatusCode> {
    let name = project["name"].as_str().ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    let mut transaction = app.pool.begin().await.map_err(failed)?;
    let add = sqlx::query("insert into project values ($1, $2)").bind(&session.user.id).bind(name);
    add.execute(&mut *transaction).await.map_err(failed)?;
    let count = "update workspace set projects = projects + 1 where owner = $1 returning projects";
    let count: i32 =
        sqlx::query_scalar(count).bind(&session.user.id).fetch_one(&mut *transaction).await.map_err(failed)?;
    if count > 2 {
        return Err(StatusCode::PAYMENT_REQUIRED);
    }
    transaction.commit().await.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(json!({ "name": name, "projects": count }))))
}

fn failed(error: sqlx::Error) -> StatusCode {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = PgPool::connect(&env::var("DATABASE_URL")?).await?;
    let auth = auth(Auth::builder(), &pool).start().await?;
    sqlx::raw_sql(TABLES).execute(&pool).await?;
    let listener = tokio::net::TcpListener::bind(env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let app = app(auth.clone(), pool.clone()).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(async { _ = tokio::signal::ctrl_c().await }).await?;
    auth.shutdown(Duration::from_secs(10)).await;
    pool.close().await;
    Ok(())
}

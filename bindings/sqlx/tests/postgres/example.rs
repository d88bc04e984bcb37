//! What the example does, with a pool of one connection: nobody who waits for it holds it.

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt as _;
use kernia_axum::testing::TestAuth;
use serde_json::{Value, json};
use sqlx::PgPool;
use tower::ServiceExt as _;

use crate::place::{pool, threads};

#[allow(dead_code, reason = "its main is not called")]
#[path = "../../examples/shared_pool.rs"]
mod shared_pool;

/// What a request with this cookie and body is answered, and the cookies it sets.
async fn ask(app: &Router, path: &str, cookie: &str, body: Option<Value>) -> (u16, Value, String) {
    let method = if body.is_some() { "POST" } else { "GET" };
    let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:3000");
    let request = request.header(header::CONTENT_TYPE, "application/json").header(header::COOKIE, cookie);
    let request = request.header(header::ORIGIN, "http://localhost:3000");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let (head, body) = app.clone().oneshot(request.body(body).unwrap()).await.unwrap().into_parts();
    let set = head.headers.get_all(header::SET_COOKIE).iter();
    let cookies: Vec<_> = set.filter_map(|line| line.to_str().unwrap().split(';').next()).collect();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status.as_u16(), serde_json::from_slice(&body).unwrap_or_default(), cookies.join("; "))
}

async fn sign_up(app: &Router, name: &str) -> String {
    let body = json!({ "email": format!("{name}@example.com"), "password": "correct horse", "name": name });
    let (status, answer, cookie) = ask(app, "/api/auth/sign-up/email", "", Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    cookie
}

async fn number(pool: &PgPool, ask: &'static str) -> i64 {
    sqlx::query_scalar(ask).fetch_one(pool).await.unwrap()
}

#[test]
fn an_application_and_its_users_share_a_pool() {
    threads().block_on(async {
        let pool = pool(1).await;
        let auth = TestAuth::build(|builder| shared_pool::auth(builder, &pool)).await.unwrap();
        sqlx::raw_sql(shared_pool::TABLES).execute(&pool).await.unwrap();
        let app = shared_pool::app((*auth).clone(), pool.clone());

        assert_eq!(ask(&app, "/projects", "", None).await.0, 401);
        let ada = sign_up(&app, "ada").await;
        assert_eq!(number(&pool, "select count(*) from workspace join \"user\" on id = owner").await, 1);
        for project in ["engine", "notes"] {
            let (status, answer, _) = ask(&app, "/projects", &ada, Some(json!({ "name": project }))).await;
            assert_eq!((status, &answer["name"]), (201, &json!(project)), "{answer}");
        }
        assert_eq!(ask(&app, "/projects", &ada, Some(json!({ "name": "too much" }))).await.0, 402);
        assert_eq!(ask(&app, "/projects", &ada, None).await.1, json!(["engine", "notes"]));
        assert_eq!(number(&pool, "select projects::int8 from workspace").await, 2, "all of it was taken back");

        let others = ["grace", "edsger", "barbara", "tony", "donald", "leslie"];
        let signing_up = others.map(|name| {
            let app = app.clone();
            tokio::spawn(async move { sign_up(&app, name).await })
        });
        for cookie in signing_up {
            let cookie = cookie.await.unwrap();
            assert_eq!(ask(&app, "/projects", &cookie, None).await.1, json!([]));
        }
        assert_eq!(number(&pool, "select count(*) from workspace").await, 7);

        // Those that the application's sender has not kept yet are waited for.
        assert!(auth.take_messages().await.is_empty(), "they went to the application");
        let link: String =
            sqlx::query_scalar("select link from outbox where recipient = 'ada@example.com' and kind = 'verify-email'")
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!(number(&pool, "select count(*) from \"user\" where \"emailVerified\"").await, 0);
        let path = link.strip_prefix("http://localhost:3000").unwrap();
        assert!(ask(&app, path, &ada, None).await.0 < 400);
        assert_eq!(number(&pool, "select count(*) from \"user\" where \"emailVerified\"").await, 1);
    });
}

//! Round trips, counted; and a server that goes away and comes back.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response, header};
use kernia::{
    Engine,
    domain::options::{BaseUrl, Options},
    schema::Schema,
    store::{Batch, Expect, Filter, Query, Row, Storage, StorageError, contract},
};
use kernia_runtime::{Auth, AuthSettings, Backend, OsEntropy, SystemClock};
use kernia_sql::{Database as _, PostgresStore, ServerOptions};

use crate::{
    place::{options, url},
    proxy::Proxy,
};

/// Everything on one thread, so that what is sent together goes out together.
fn one_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn behind(proxy: &Proxy, schema: Arc<Schema>, options: &ServerOptions) -> PostgresStore {
    let store = PostgresStore::open(&url(&proxy.address()), schema, options).unwrap();
    store.migrate().await.unwrap();
    store
}

fn note(id: &str) -> Row {
    Row::new().with("id", id).with("body", "b")
}

#[test]
fn a_read_is_one_round_trip_and_a_write_one_or_two() {
    one_thread().block_on(async {
        let proxy = Proxy::start();
        let store = behind(&proxy, Arc::new(contract::schema()), &options()).await;
        let insert = |id: &str| Batch::new().insert("note", note(id));
        let two = |id: &str| insert(id).insert("note", note(&format!("{id} too")));
        let judged = |id: &str| insert(id).check("note", Filter::eq("id", "a"), Expect::Rows(1));
        let read = || store.read(Query::one("note", Filter::eq("id", "a")));
        // Each is prepared once.
        store.write(insert("a")).await.unwrap();
        store.write(two("b")).await.unwrap();
        store.write(judged("c")).await.unwrap();
        read().await.unwrap();
        proxy.turns();
        read().await.unwrap();
        assert_eq!(proxy.turns(), 1, "a read");
        store.write(insert("d")).await.unwrap();
        assert_eq!(proxy.turns(), 1, "an insert");
        store.write(two("e")).await.unwrap();
        assert_eq!(proxy.turns(), 1, "two inserts");
        store.write(judged("f")).await.unwrap();
        assert_eq!(proxy.turns(), 2, "a batch that is judged");
        let long = (0..100).fold(Batch::new(), |batch, number| batch.insert("note", note(&number.to_string())));
        let long = long.update("note", Filter::eq("id", "99"), Row::new().with("body", "last"), Expect::Rows(1));
        store.write(long.clone()).await.map(drop).unwrap();
        let gone =
            Batch::new().delete("note", Filter::any_of("id", (0..100).map(|id| id.to_string())), Expect::Rows(100));
        store.write(gone).await.unwrap();
        proxy.turns();
        store.write(long).await.unwrap();
        assert!(proxy.turns() <= 3, "a hundred statements, in order, do not wait for each other");
    });
}

fn request(method: &str, path: &str, body: &str, cookie: &str) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(format!("/api/auth{path}")).header(header::COOKIE, cookie);
    let request =
        request.header(header::ORIGIN, "http://localhost:3000").header(header::CONTENT_TYPE, "application/json");
    request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

fn cookies(response: &Response<Bytes>) -> String {
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
}

#[test]
fn get_session_is_one_round_trip_and_sign_in_at_most_three() {
    one_thread().block_on(async {
        let proxy = Proxy::start();
        let mut settings = Options::default();
        settings.secret = Some("a-secret-for-tests-0123456789-ABCDEFGHIJ".into());
        settings.base_url = Some(BaseUrl::Fixed("http://localhost:3000".to_owned()));
        settings.email_and_password.enabled = true;
        settings.rate_limit.enabled = Some(false);
        let engine = Engine::builder(settings, Arc::new(SystemClock), Arc::new(OsEntropy::new())).build().unwrap();
        let store = behind(&proxy, engine.schema(), &options()).await;
        let backend = Backend::builder(Arc::new(store)).build();
        let quiet = AuthSettings { janitor: None, ..AuthSettings::default() };
        let kernia = Auth::start(engine, backend, quiet);
        let who = r#"{"name":"Ada","email":"ada@example.com","password":"correct horse battery"}"#;
        let signed_up = kernia.handle(request("POST", "/sign-up/email", who, "")).await;
        assert_eq!(signed_up.status(), 200, "{signed_up:?}");
        let sign_in = || kernia.handle(request("POST", "/sign-in/email", who, ""));
        let cookies = cookies(&sign_in().await);
        let get_session = || kernia.handle(request("GET", "/get-session", "", &cookies));
        get_session().await;
        let connections = proxy.connections();
        proxy.turns();
        let found = get_session().await;
        assert!(String::from_utf8_lossy(found.body()).contains("ada@example.com"));
        assert_eq!(proxy.turns(), 1, "get-session");
        assert_eq!(sign_in().await.status(), 200);
        let turns = proxy.turns();
        assert!(turns <= 3, "sign-in took {turns}");
        assert_eq!(proxy.connections(), connections, "and all that on the connection that was there");
    });
}

#[test]
fn a_server_that_went_away_is_found_again() {
    one_thread().block_on(async {
        let proxy = Proxy::start();
        let store = behind(&proxy, Arc::new(contract::schema()), &options()).await;
        let read = || store.read(Query::count("note", Filter::All));
        let write = |id: &str| store.write(Batch::new().insert("note", note(id)));
        write("a").await.unwrap();
        proxy.cut();
        assert!(matches!(read().await, Err(StorageError::Unavailable(_))));
        assert!(matches!(write("b").await, Err(StorageError::Unavailable(_))));
        proxy.open();
        assert_eq!(read().await.unwrap().count, 1);
        write("b").await.unwrap();
        assert_eq!(read().await.unwrap().count, 2);
    });
}

#[test]
fn a_server_that_does_not_answer_is_given_up_in_time() {
    one_thread().block_on(async {
        let proxy = Proxy::start();
        let short = Duration::from_millis(100);
        let options = ServerOptions { statement_timeout: short, connect_timeout: short, ..options() };
        let store = behind(&proxy, Arc::new(contract::schema()), &options).await;
        let read = || store.read(Query::count("note", Filter::All));
        read().await.unwrap();
        proxy.freeze();
        let start = Instant::now();
        assert_eq!(read().await, Err(StorageError::Timeout));
        assert!(matches!(read().await, Err(StorageError::Unavailable(_))), "a new connection is not answered either");
        assert!(start.elapsed() < options.patience());
        proxy.open();
        assert_eq!(read().await.unwrap().count, 0);
    });
}

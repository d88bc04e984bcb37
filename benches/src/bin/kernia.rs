//! Kernia over hyper with one signed-in user, on its memory store or on the database whose URL is the argument.

use std::{io::Write, sync::Arc};

use bytes::Bytes;
use http::{Request, header};
use kernia::{
    Engine,
    domain::options::{BaseUrl, Options},
    schema::Schema,
    store::{Storage, memory::MemoryStore},
};
use kernia_hyper::{Server, ServerSettings};
use kernia_runtime::{Auth, AuthSettings, Backend, OsEntropy, SystemClock};
use kernia_sql::{DatabaseOptions, DatabaseUrl};
use tokio::net::TcpListener;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mut options = Options::default();
    options.secret = Some(kernia_benches::SECRET.into());
    options.base_url = Some(BaseUrl::Fixed(format!("http://{address}")));
    options.rate_limit.enabled = Some(false);
    options.email_and_password.enabled = true;
    let engine = Engine::builder(options, Arc::new(SystemClock), Arc::new(OsEntropy::new())).build()?;
    let store = store(engine.schema()).await?;
    let kernia = Auth::start(engine, Backend::builder(store).build(), AuthSettings::default());

    let body = r#"{"name":"Test User","email":"ada@example.com","password":"correct horse battery"}"#;
    let sign_up = Request::post("/api/auth/sign-up/email")
        .header(header::HOST, address.to_string())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Bytes::from_static(body.as_bytes()))?;
    let response = kernia.handle(sign_up).await;
    let cookie = response.headers().get(header::SET_COOKIE).ok_or("no cookie")?.to_str()?;
    let cookie = cookie.split(';').next().unwrap_or_default();
    writeln!(std::io::stdout(), "{address} {cookie}")?;
    Server::new(ServerSettings::default()).serve(listener, kernia, std::future::pending()).await;
    Ok(())
}

async fn store(schema: Arc<Schema>) -> Result<Arc<dyn Storage>, Box<dyn std::error::Error>> {
    let Some(url) = std::env::args().nth(1) else { return Ok(Arc::new(MemoryStore::new(schema))) };
    let database = url.parse::<DatabaseUrl>()?.open(schema, &DatabaseOptions::default())?;
    database.migrate().await?;
    Ok(database)
}

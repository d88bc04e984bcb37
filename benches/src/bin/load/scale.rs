//! Whether the number of users matters. Their rows are made by SQL: a session, its user and an account each.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use kernia::{crypto::hmac::Signer, wire::cookie::sign_cookie_value};
use kernia_benches::{
    SECRET,
    load::{Answer, Pace, Script, drive, get},
};

use crate::{Options, serve};

const CONNECTIONS: usize = 32;
/// The columns of all three tables for the row `i`, in a dialect's own words for a text of 32 digits, a moment and false.
const TABLES: [(&str, &str); 3] = [
    ("user", "{id}, 'Ada', {id} || '@example.com', {false}, NULL, {now}, {now}"),
    ("session", "{id}, {later}, {id}, {now}, {now}, '192.0.2.1', 'Mozilla/5.0', {id}"),
    (
        "account",
        "{id}, {id}, 'credential', {id}, NULL, NULL, NULL, NULL, NULL, NULL, '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', {now}, {now}",
    ),
];

/// Asks for the session of any of the users.
#[derive(Clone)]
struct Anybody {
    address: SocketAddr,
    signer: Arc<Signer>,
    users: u64,
    state: u64,
}

pub(crate) async fn run(options: &Options) -> io::Result<()> {
    let users: u64 = options.get("users", 1000)?;
    let seconds: f64 = options.get("seconds", 5.0)?;
    let folder = serve::Folder::new()?;
    let database = options.get("database", folder.database())?;
    serve::migrate(&folder.0, &database)?;
    let start = Instant::now();
    match database.strip_prefix("sqlite:") {
        Some(file) => fill_sqlite(file, users)?,
        None => fill_postgres(&database, users).await?,
    }
    let filled = start.elapsed();
    let server = serve::start(&folder.0, &database).await?;
    let signer = Arc::new(Signer::new(SECRET.as_bytes()));
    let anybody = |at: usize| Anybody { address: server.address, signer: Arc::clone(&signer), users, state: at as u64 };
    let connections: Vec<_> = (0..CONNECTIONS).map(anybody).collect();
    let duration = Duration::from_secs_f64(seconds);
    drive(server.address, connections.clone(), Pace::Closed, duration).await?;
    let before = server.cpu()?;
    let report = drive(server.address, connections, Pace::Closed, duration).await?;
    let used = (server.cpu()? - before).as_secs_f64() * 1e6 / report.answered().max(1) as f64;
    let latencies = report.of(|_| true);
    let millis = |share| latencies.percentile(share).as_secs_f64() * 1e3;
    writeln!(
        io::stdout(),
        "| {} | {users} | {used:.1} | {:.0} | {:.2} | {:.2} | {:.1} | {:.0} | {} |",
        database.split(':').next().unwrap_or_default(),
        report.rate(),
        millis(0.5),
        millis(0.99),
        server.memory()?.now,
        filled.as_secs_f64(),
        report.failed
    )
}

fn statements(id: &str, now: &str, later: &str, no: &str, from: &str) -> Vec<String> {
    let rows = |(table, columns): (&str, &str)| {
        let columns =
            columns.replace("{id}", id).replace("{now}", now).replace("{later}", later).replace("{false}", no);
        format!("INSERT INTO \"{table}\" SELECT {columns} FROM {from}")
    };
    TABLES.map(rows).to_vec()
}

fn fill_sqlite(file: &str, users: u64) -> io::Result<()> {
    let connection = rusqlite::Connection::open(file).map_err(io::Error::other)?;
    let numbers =
        format!("(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {users}) SELECT i FROM n)");
    let (now, later) = ("'2026-01-01T00:00:00.000Z'", "'2099-01-01T00:00:00.000Z'");
    let fast =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -1000000;";
    connection.execute_batch(fast).map_err(io::Error::other)?;
    for statement in statements("printf('%032d', i)", now, later, "0", &numbers) {
        connection.execute_batch(&statement).map_err(io::Error::other)?;
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").map_err(io::Error::other)
}

async fn fill_postgres(url: &str, users: u64) -> io::Result<()> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.map_err(io::Error::other)?;
    let connection = tokio::spawn(connection);
    let numbers = format!("generate_series(1, {users}) AS n(i)");
    // The rows fit together by construction, so no reference is looked up.
    client.batch_execute("SET session_replication_role = replica").await.map_err(io::Error::other)?;
    for statement in statements("lpad(i::text, 32, '0')", "now()", "timestamptz '2099-01-01'", "false", &numbers) {
        client.batch_execute(&statement).await.map_err(io::Error::other)?;
    }
    client.batch_execute("VACUUM ANALYZE").await.map_err(io::Error::other)?;
    drop(client);
    connection.await.map_err(io::Error::other)?.map_err(io::Error::other)
}

impl Script for Anybody {
    fn next(&mut self) -> Option<(usize, Arc<[u8]>)> {
        // SplitMix64's constants: every number of the sequence differs, and neighbours are far apart.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let token = format!("{:032}", (mixed ^ (mixed >> 27)) % self.users + 1);
        let cookie = format!("better-auth.session_token={}", sign_cookie_value(&self.signer, &token));
        Some((0, get(self.address, "/api/auth/get-session", Some(&cookie)).into()))
    }

    fn accept(&mut self, _: usize, answer: &Answer<'_>) -> bool {
        answer.status == 200 && answer.body.starts_with(br#"{"session""#)
    }
}

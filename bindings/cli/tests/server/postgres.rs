//! A database of its own on the PostgreSQL that the tests were given.

use std::process;

use tokio_postgres::{Client, NoTls};

/// What `tests/servers` calls it.
const VARIABLE: &str = "KERNIA_TEST_POSTGRES";

/// The address of a server that `tests/servers` started.
pub(crate) fn given(variable: &str) -> String {
    let help = "start the servers with tests/servers and source their env";
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: {help}"))
}

/// A connection to the database at `url`.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The address of a fresh database. It goes with the server.
pub(crate) async fn fresh(name: &str) -> String {
    let server = given(VARIABLE);
    let name = format!("cli_{name}_{}", process::id());
    connect(&server).await.batch_execute(&format!("create database {name}")).await.unwrap();
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

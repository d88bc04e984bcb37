//! Two servers on one PostgreSQL and one Redis act as one, also when one of them is killed.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(unix)]

#[path = "server/postgres.rs"]
mod postgres;
mod server;

use std::{fs, sync::Arc};

use server::{Answer, At, Folder, Server};
use tokio::{sync::Semaphore, task::JoinSet};

const PASSWORD: &str = "correct horse battery";
const COOKIE: &str = "better-auth.session_token";
/// How many requests to one path one address may make in this file.
const LIMIT: usize = 7;

/// Two servers, and what they share.
struct Pair {
    folder: Folder,
    database: String,
    servers: [Server; 2],
}

impl Pair {
    async fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        let database = postgres::fresh(name).await;
        let redis = postgres::given("KERNIA_TEST_REDIS");
        let config = format!(
            r#"
            mode = "production"
            secret = "env:BETTER_AUTH_SECRET"
            base_url = "http://localhost:3000"
            [email_and_password]
            enabled = true
            send_reset_password = true
            [advanced.ip_address]
            ip_address_headers = ["x-client"]
            [rate_limit]
            enabled = true
            window = 3600
            max = 100000
            [rate_limit.custom_rules]
            "/sign-up/email" = {{ window = 3600, max = 100000 }}
            "/sign-in/email" = {{ window = 3600, max = 100000 }}
            "/reset-password" = {{ window = 3600, max = 100000 }}
            "/request-password-reset" = {{ window = 3600, max = 100000 }}
            "/sign-in/username" = {{ window = 3600, max = {LIMIT} }}
            [server]
            listen = "127.0.0.1:0"
            [database]
            url = "{database}"
            [secondary_storage]
            url = "{redis}"
            key_prefix = "{name}-{}:"
            [delivery]
            kind = "file"
            path = "{}"
            [plugins.username]
            "#,
            std::process::id(),
            folder.path("outbox.jsonl").display(),
        );
        fs::write(folder.path("kernia.toml"), config).unwrap();
        let servers = [Server::start(&folder, &["serve"]), Server::start(&folder, &["serve"])];
        Self { folder, database, servers }
    }

    fn server(&self, at: usize) -> &Server {
        &self.servers[at % 2]
    }
}

fn email(number: usize) -> String {
    format!("user{number}@example.com")
}

async fn sign_up(server: &Server, number: usize) -> Answer {
    let body = serde_json::json!({ "name": "Ada", "email": email(number), "password": PASSWORD });
    server.post("/sign-up/email", &body.to_string(), &[]).await
}

async fn sign_in(server: &Server, email: &str, password: &str) -> Answer {
    let body = serde_json::json!({ "email": email, "password": password });
    server.post("/sign-in/email", &body.to_string(), &[]).await
}

async fn signed_in(server: &Server, cookie: &str) -> bool {
    let answer = server.get("/get-session", &[("cookie", cookie)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body != "null"
}

/// Runs `task` for each number at the same time.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: usize,
    task: impl Fn(usize) -> F,
) -> Vec<T> {
    let mut running = JoinSet::new();
    for number in 0..count {
        running.spawn(task(number));
    }
    running.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_made_at_one_are_honoured_and_ended_at_the_other() {
    let pair = Arc::new(Pair::start("sessions").await);
    let lives = at_once(24, |number| {
        let pair = Arc::clone(&pair);
        async move {
            let (here, there) = (pair.server(number), pair.server(number + 1));
            let answer = sign_up(here, number).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let first = answer.cookie(COOKIE);
            let second = sign_in(there, &email(number), PASSWORD).await.cookie(COOKIE);
            for server in [here, there] {
                assert!(signed_in(server, &first).await && signed_in(server, &second).await);
            }
            let origin = ("origin", "http://localhost:3000");
            let revoked = there.post("/revoke-other-sessions", "{}", &[("cookie", &second), origin]).await;
            assert_eq!(revoked.status, 200, "{}", revoked.body);
            assert!(!signed_in(here, &first).await && !signed_in(there, &first).await);
            assert_eq!(here.post("/sign-out", "{}", &[("cookie", &second), origin]).await.status, 200);
            assert!(!signed_in(there, &second).await && !signed_in(here, &second).await);
        }
    });
    assert_eq!(lives.await.len(), 24);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_204_a_limit_counts_the_requests_to_both() {
    let pair = Arc::new(Pair::start("limits").await);
    let statuses = at_once(40, |number| {
        let pair = Arc::clone(&pair);
        async move {
            let body = r#"{"username":"nobody_here","password":"correct horse"}"#;
            pair.server(number).post("/sign-in/username", body, &[("x-client", "192.0.2.7")]).await.status
        }
    });
    let statuses = statuses.await;
    let passed = statuses.iter().filter(|status| **status == 401).count();
    let limited = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!((passed, limited), (LIMIT, 40 - LIMIT), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_201_a_one_time_token_is_spent_once_at_either() {
    let pair = Arc::new(Pair::start("tokens").await);
    assert_eq!(sign_up(pair.server(0), 1).await.status, 200);
    let body = serde_json::json!({ "email": email(1), "redirectTo": "/reset" }).to_string();
    assert_eq!(pair.server(1).post("/request-password-reset", &body, &[]).await.status, 200);
    let token = Arc::new(reset_token(&pair).await);

    let statuses = at_once(16, |number| {
        let (pair, token) = (Arc::clone(&pair), Arc::clone(&token));
        async move {
            let body = serde_json::json!({ "token": *token, "newPassword": format!("new password {number}") });
            (number, pair.server(number).post("/reset-password", &body.to_string(), &[]).await.status)
        }
    });
    let statuses = statuses.await;
    let winners: Vec<_> = statuses.iter().filter(|(_, status)| *status == 200).collect();
    assert_eq!(winners.len(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|(_, status)| matches!(status, 200 | 400)), "{statuses:?}");
    let password = format!("new password {}", winners[0].0);
    assert_eq!(sign_in(pair.server(0), &email(1), &password).await.status, 200);
    assert_eq!(sign_in(pair.server(1), &email(1), PASSWORD).await.status, 401);
}

/// The token of the message, which is delivered behind the answer.
async fn reset_token(pair: &Pair) -> String {
    let outbox = pair.folder.path("outbox.jsonl");
    loop {
        let text = fs::read_to_string(&outbox).unwrap_or_default();
        if let Some(line) = text.split_inclusive('\n').find(|line| line.ends_with('\n')) {
            let message: serde_json::Value = serde_json::from_str(line).unwrap();
            return message["token"].as_str().unwrap().to_owned();
        }
        tokio::task::yield_now().await;
    }
}

/// How many users are in the burst, and after how many acknowledgements its server is killed.
const BURST: usize = 48;
const KILLED_AFTER: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn case_219_a_killed_server_loses_no_acknowledged_user_and_leaves_no_half_one() {
    let pair = Pair::start("killed").await;
    let Pair { folder: _folder, database, servers: [victim, survivor] } = pair;
    let port = victim.port;
    let acknowledged = Arc::new(Semaphore::new(0));
    let mut burst = JoinSet::new();
    for number in 0..BURST {
        let acknowledged = Arc::clone(&acknowledged);
        burst.spawn(async move {
            let body = serde_json::json!({ "name": "Ada", "email": email(number), "password": PASSWORD });
            let answer = At { port }.try_request("POST", "/api/auth/sign-up/email", &body.to_string(), &[]).await?;
            assert_eq!(answer.status, 200, "{}", answer.body);
            acknowledged.add_permits(1);
            Some((number, answer.cookie(COOKIE)))
        });
    }
    acknowledged.acquire_many(KILLED_AFTER as u32).await.unwrap().forget();
    victim.kill();
    let known: Vec<_> = burst.join_all().await.into_iter().flatten().collect();
    assert!((KILLED_AFTER..BURST).contains(&known.len()), "{} acknowledged", known.len());

    for (number, cookie) in &known {
        assert!(signed_in(&survivor, cookie).await, "the session of user {number} is gone");
        assert_eq!(sign_in(&survivor, &email(*number), PASSWORD).await.status, 200, "user {number} is gone");
    }
    let client = postgres::connect(&database).await;
    let count = |text: &'static str| async { client.query_one(text, &[]).await.unwrap().get::<_, i64>(0) };
    let users = count(r#"select count(*) from "user""#).await;
    assert!(users >= known.len() as i64 && users <= BURST as i64, "{users} users");
    let whole = r#"select count(*) from "user" u where (select count(*) from account a
        where a."userId" = u.id and a."providerId" = 'credential' and a.password is not null) = 1"#;
    assert_eq!(count(whole).await, users, "every user has their one password");
    // Whoever was not told of their user signs up again, or finds that they are there.
    let unknown: Vec<_> = (0..BURST).filter(|number| known.iter().all(|(known, _)| known != number)).collect();
    for number in unknown {
        let status = sign_up(&survivor, number).await.status;
        assert!(matches!(status, 200 | 422), "user {number}: {status}");
        assert_eq!(sign_in(&survivor, &email(number), PASSWORD).await.status, 200);
    }
    assert_eq!(count(r#"select count(*) from "user""#).await, BURST as i64);
}

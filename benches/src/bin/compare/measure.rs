//! What is asked of each server, and what that costs it.

use std::{
    env, fs, io, process,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use kernia_benches::load::{Answer, Connection, Memory, Pace, Repeat, Report, Script, Server, drive, get, post};
use serde_json::Value;

use crate::{
    Hashes,
    peers::{Kind, Peer, Tools},
};

pub(crate) const CONNECTIONS: usize = 32;
pub(crate) const BURST: usize = 256;
const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";
/// Requests before anything is measured: what runs on a just-in-time compiler is slow before.
const WARM_UP: usize = 6400;
const WARM_UP_PATIENCE: Duration = Duration::from_secs(45);
/// Nothing ends a load of which each request is counted.
const NO_END: Duration = Duration::from_secs(600);

/// What a server was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    GetSession,
    Nobody,
    CookieCache,
    SignIn,
    SignUp,
}

impl Workload {
    pub(crate) const ALL: [Self; 5] = [Self::GetSession, Self::Nobody, Self::CookieCache, Self::SignIn, Self::SignUp];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GetSession => "get-session",
            Self::Nobody => "get-session, nobody signed in",
            Self::CookieCache => "get-session, cookie cache",
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
        }
    }
}

/// What one workload cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Processor time of a request, in microseconds.
    pub(crate) cpu: f64,
    /// Answers a second.
    pub(crate) rate: f64,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
    /// Wrong answers, which the other figures leave out.
    pub(crate) failed: usize,
}

/// What one server cost in one round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) costs: Vec<(Workload, Cost)>,
    /// Before any load.
    pub(crate) idle: Memory,
    /// After the loads that only read.
    pub(crate) loaded: Memory,
    /// After 32 sign-ins and 32 sign-ups at once.
    pub(crate) hashing: Memory,
    /// After the burst of sign-ins.
    pub(crate) burst: Option<Memory>,
}

impl Figures {
    pub(crate) fn cost(&self, workload: Workload) -> Option<Cost> {
        self.costs.iter().find(|(found, _)| *found == workload).map(|(_, cost)| *cost)
    }
}

/// Starts `peer`, asks it everything, and ends it.
pub(crate) async fn measure(peer: &Peer, tools: &Tools, seconds: f64, hashes: Hashes) -> io::Result<Figures> {
    let folder = env::temp_dir().join(format!("kernia-compare-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let figures = ask_everything(peer, tools, seconds, hashes, &folder).await;
    fs::remove_dir_all(&folder)?;
    figures.map_err(|error| io::Error::other(format!("{}: {error}", peer.name)))
}

async fn ask_everything(
    peer: &Peer,
    tools: &Tools,
    seconds: f64,
    hashes: Hashes,
    folder: &std::path::Path,
) -> io::Result<Figures> {
    let server = peer.start(tools, folder).await?;
    let mut figures = Figures { idle: server.memory()?, ..Figures::default() };
    let cookies = first_user(peer, &server).await?;
    let address = server.address;
    let ask = get(address, &peer.path("/get-session"), Some(&cookies));
    verify(peer, &server, &ask).await?;
    let duration = Duration::from_secs_f64(seconds);
    let reads = Repeat::new(ask, is_session);
    let warm_up = reads.clone().times(WARM_UP / CONNECTIONS);
    drive(address, vec![warm_up; CONNECTIONS], Pace::Closed, WARM_UP_PATIENCE).await?;
    let workload = if peer.cookie_cache { Workload::CookieCache } else { Workload::GetSession };
    figures.costs.push((workload, cost(&server, vec![reads; CONNECTIONS], duration).await?));
    if !peer.cookie_cache {
        let nobody = Repeat::new(get(address, &peer.path("/get-session"), None), is_nobody);
        figures.costs.push((Workload::Nobody, cost(&server, vec![nobody; CONNECTIONS], duration).await?));
    }
    figures.loaded = server.memory()?;
    if peer.kind == Kind::Floor || peer.cookie_cache || hashes == Hashes::None {
        return Ok(figures);
    }
    let credentials = format!(r#"{{"email":"{EMAIL}","password":"{PASSWORD}"}}"#);
    let sign_in = Repeat::new(post(address, &peer.path("/sign-in/email"), None, &credentials), is_success).times(1);
    figures.costs.push((Workload::SignIn, cost(&server, vec![sign_in.clone(); CONNECTIONS], NO_END).await?));
    let sign_ups = SignUps { server: address, path: peer.path("/sign-up/email"), next: Arc::default(), left: 1 };
    figures.costs.push((Workload::SignUp, cost(&server, vec![sign_ups; CONNECTIONS], NO_END).await?));
    figures.hashing = server.memory()?;
    if hashes == Hashes::Burst && peer.kind != Kind::Original {
        cost(&server, vec![sign_in; BURST], NO_END).await?;
        figures.burst = Some(server.memory()?);
    }
    Ok(figures)
}

/// Signs somebody up, and answers their cookies. With the cookie cache they are those of a later look, as browsers have them.
async fn first_user(peer: &Peer, server: &Server) -> io::Result<String> {
    let mut connection = Connection::open(server.address).await?;
    let body = format!(r#"{{"name":"Ada","email":"{EMAIL}","password":"{PASSWORD}"}}"#);
    let request = post(server.address, &peer.path("/sign-up/email"), None, &body);
    let answer = connection.ask(&request).await?;
    if answer.status != 200 {
        return Err(io::Error::other(format!("sign-up: {answer:?}")));
    }
    Ok(peer.cookies(&answer))
}

/// Looks at the whole answer once, so that what is measured is known to be right.
async fn verify(peer: &Peer, server: &Server, request: &[u8]) -> io::Result<()> {
    let mut connection = Connection::open(server.address).await?;
    let answer = connection.ask(request).await?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let right = answer.status == 200
        && body["user"]["email"] == EMAIL
        && body["session"]["id"].is_string()
        // The original answers a part of the session only.
        && (peer.kind == Kind::Original || body["session"]["token"].is_string())
        && (!peer.cookie_cache || String::from_utf8_lossy(request).contains("session_data="));
    if right { Ok(()) } else { Err(io::Error::other(format!("get-session: {answer:?}"))) }
}

async fn cost<S: Script>(server: &Server, scripts: Vec<S>, duration: Duration) -> io::Result<Cost> {
    let before = server.cpu()?;
    let report: Report = drive(server.address, scripts, Pace::Closed, duration).await?;
    let used = server.cpu()? - before;
    if report.answered() == 0 {
        return Err(io::Error::other(format!("all {} answers were wrong", report.failed)));
    }
    let latencies = report.of(|_| true);
    Ok(Cost {
        cpu: used.as_secs_f64() * 1e6 / report.answered() as f64,
        rate: report.rate(),
        median: latencies.percentile(0.5),
        p99: latencies.percentile(0.99),
        failed: report.failed,
    })
}

fn is_session(answer: &Answer<'_>) -> bool {
    answer.status == 200 && answer.body.starts_with(br#"{"session""#)
}

/// The original answers nobody with no body.
fn is_nobody(answer: &Answer<'_>) -> bool {
    answer.status == 200 && matches!(&*answer.body, b"null" | b"")
}

fn is_success(answer: &Answer<'_>) -> bool {
    answer.status == 200 && answer.headers("set-cookie").next().is_some()
}

/// Signs new people up.
#[derive(Clone)]
struct SignUps {
    server: std::net::SocketAddr,
    path: String,
    next: Arc<AtomicUsize>,
    left: usize,
}

impl Script for SignUps {
    fn next(&mut self) -> Option<(usize, Arc<[u8]>)> {
        self.left = self.left.checked_sub(1)?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let body = format!(r#"{{"name":"Ada","email":"ada{number}@example.com","password":"{PASSWORD}"}}"#);
        Some((0, post(self.server, &self.path, None, &body).into()))
    }

    fn accept(&mut self, _: usize, answer: &Answer<'_>) -> bool {
        is_success(answer)
    }
}

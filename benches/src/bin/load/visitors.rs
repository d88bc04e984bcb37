//! Those who come to the server.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use kernia_benches::load::{Answer, Connection, Script, get, post};

/// The kinds of requests, in the order of reports.
pub(crate) const KINDS: [&str; 5] = ["get-session", "list-sessions", "sign-in", "sign-up", "sign-out"];

const GET_SESSION: usize = 0;
const LIST_SESSIONS: usize = 1;
const SIGN_IN: usize = 2;
const SIGN_UP: usize = 3;
const SIGN_OUT: usize = 4;

const PASSWORD: &str = "correct horse battery";
/// Of so many reads one lists the sessions.
const READS_A_LIST: usize = 20;
/// Of so many visits one is by somebody new.
const VISITS_A_SIGN_UP: usize = 4;

/// Asks for its own session over and over, and for a list of its sessions now and then.
#[derive(Clone)]
pub(crate) struct Reader {
    session: Arc<[u8]>,
    list: Arc<[u8]>,
    asked: usize,
}

/// Signs in, looks, and signs out; now and then it signs somebody new up instead.
#[derive(Clone)]
pub(crate) struct Guest {
    address: SocketAddr,
    email: String,
    people: Arc<AtomicUsize>,
    visits: usize,
    cookies: Option<String>,
    looked: bool,
}

/// One connection's worth of either.
#[derive(Clone)]
pub(crate) enum Visitor {
    Reader(Reader),
    Guest(Guest),
}

/// Signs a new person up; answers their address and cookies.
pub(crate) async fn sign_up(address: SocketAddr, people: &AtomicUsize) -> io::Result<(String, String)> {
    let email = format!("person{}@example.com", people.fetch_add(1, Ordering::Relaxed));
    let mut connection = Connection::open(address).await?;
    let answer = connection.ask(&sign_up_request(address, &email)).await?;
    if answer.status != 200 {
        return Err(io::Error::other(format!("sign-up: {answer:?}")));
    }
    Ok((email, answer.cookies()))
}

fn sign_up_request(address: SocketAddr, email: &str) -> Vec<u8> {
    let body = format!(r#"{{"name":"Ada","email":"{email}","password":"{PASSWORD}"}}"#);
    post(address, "/api/auth/sign-up/email", None, &body)
}

impl Reader {
    pub(crate) fn new(address: SocketAddr, cookies: &str) -> Self {
        let request = |route: &str| get(address, &format!("/api/auth{route}"), Some(cookies)).into();
        Self { session: request("/get-session"), list: request("/list-sessions"), asked: 0 }
    }
}

impl Guest {
    pub(crate) fn new(address: SocketAddr, email: String, people: Arc<AtomicUsize>) -> Self {
        Self { address, email, people, visits: 0, cookies: None, looked: false }
    }

    fn arrive(&mut self) -> (usize, Vec<u8>) {
        self.visits += 1;
        if self.visits.is_multiple_of(VISITS_A_SIGN_UP) {
            self.email = format!("person{}@example.com", self.people.fetch_add(1, Ordering::Relaxed));
            return (SIGN_UP, sign_up_request(self.address, &self.email));
        }
        let body = format!(r#"{{"email":"{}","password":"{PASSWORD}"}}"#, self.email);
        (SIGN_IN, post(self.address, "/api/auth/sign-in/email", None, &body))
    }
}

impl Script for Visitor {
    fn next(&mut self) -> Option<(usize, Arc<[u8]>)> {
        match self {
            Self::Reader(reader) => {
                reader.asked += 1;
                let list = reader.asked.is_multiple_of(READS_A_LIST);
                Some(if list {
                    (LIST_SESSIONS, Arc::clone(&reader.list))
                } else {
                    (GET_SESSION, Arc::clone(&reader.session))
                })
            }
            Self::Guest(guest) => {
                let (kind, request) = match (&guest.cookies, guest.looked) {
                    (None, _) => guest.arrive(),
                    (Some(cookies), false) => (GET_SESSION, get(guest.address, "/api/auth/get-session", Some(cookies))),
                    (Some(cookies), true) => (SIGN_OUT, post(guest.address, "/api/auth/sign-out", Some(cookies), "{}")),
                };
                Some((kind, request.into()))
            }
        }
    }

    fn accept(&mut self, kind: usize, answer: &Answer<'_>) -> bool {
        if let Self::Guest(guest) = self {
            match kind {
                SIGN_IN | SIGN_UP => (guest.cookies, guest.looked) = (Some(answer.cookies()), false),
                SIGN_OUT => guest.cookies = None,
                _ => guest.looked = true,
            }
        }
        answer.status == 200
            && match kind {
                GET_SESSION => answer.body.starts_with(br#"{"session""#),
                LIST_SESSIONS => answer.body.starts_with(b"[{"),
                _ => answer.body.starts_with(b"{"),
            }
    }
}

//! A proxy before the server: it counts the turns of a conversation, and can be cut or frozen.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::place::address;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Connections end, and no new one is taken.
    Cut,
    /// Nothing is passed on any more.
    Frozen,
}

pub(crate) struct Proxy {
    state: watch::Sender<State>,
    turns: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
    port: u16,
}

impl Proxy {
    /// Starts on a thread of its own, so that it cannot come between what is sent together.
    pub(crate) fn start() -> Self {
        let (state, watched) = watch::channel(State::Open);
        let (turns, connections) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (sent, port) = std::sync::mpsc::channel();
        let counters = (Arc::clone(&turns), Arc::clone(&connections));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                sent.send(listener.local_addr().unwrap().port()).unwrap();
                loop {
                    let (client, _) = listener.accept().await.unwrap();
                    if *watched.borrow() == State::Cut {
                        continue;
                    }
                    counters.1.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(pass(client, watched.clone(), Arc::clone(&counters.0)));
                }
            });
        });
        Self { state, turns, connections, port: port.recv().unwrap() }
    }

    /// The server's address, through this.
    pub(crate) fn address(&self) -> String {
        let mut url = url::Url::parse(&address()).unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.set_query(Some("sslmode=disable"));
        url.to_string()
    }

    /// How often the client spoke after the server had since this was asked last: round trips.
    pub(crate) fn turns(&self) -> usize {
        self.turns.swap(0, Ordering::SeqCst)
    }

    /// How many connections were made in all.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    pub(crate) fn freeze(&self) {
        self.state.send_replace(State::Frozen);
    }

    pub(crate) fn open(&self) {
        self.state.send_replace(State::Open);
    }
}

async fn pass(mut client: TcpStream, mut state: watch::Receiver<State>, turns: Arc<AtomicUsize>) {
    let mut server = TcpStream::connect(server()).await.unwrap();
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
    let mut server_spoke = true;
    loop {
        let now = *state.borrow_and_update();
        if now == State::Cut {
            return;
        }
        let passed = tokio::select! {
            changed = state.changed() => changed.is_ok() && *state.borrow() != State::Cut,
            read = client.read(&mut from_client), if now == State::Open => match read {
                Ok(count @ 1..) => {
                    turns.fetch_add(usize::from(std::mem::take(&mut server_spoke)), Ordering::SeqCst);
                    server.write_all(&from_client[..count]).await.is_ok()
                }
                _ => false,
            },
            read = server.read(&mut from_server), if now == State::Open => match read {
                Ok(count @ 1..) => {
                    server_spoke = true;
                    client.write_all(&from_server[..count]).await.is_ok()
                }
                _ => false,
            },
        };
        if !passed {
            return;
        }
    }
}

fn server() -> (String, u16) {
    let url = url::Url::parse(&address()).unwrap();
    (url.host_str().unwrap().to_owned(), url.port().unwrap())
}

//! A server in front of the server, which answers some commands itself.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use mongodb::bson::{Document, doc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What becomes of a command.
pub(crate) enum Verdict {
    /// The server answers.
    Forward,
    /// The server does not see it, and this is the answer.
    Answer(Document),
    /// The server does it, and this is the answer.
    Replace(Document),
    /// The server, told to commit, aborts, and this is the answer.
    Abort(Document),
    /// The server does it, and the answer is lost with the connection.
    Lose,
    /// Nobody answers.
    Silence,
}

type Judge = Arc<Mutex<dyn FnMut(&Document) -> Verdict + Send>>;

/// The proxy at work. It ends with this value.
pub(crate) struct Proxy {
    /// Its address as a MongoDB URL.
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a proxy whose commands `judge` judges, those of the monitoring excepted.
pub(crate) async fn start(target: &str, judge: impl FnMut(&Document) -> Verdict + Send + 'static) -> Proxy {
    let target: SocketAddr = target.strip_prefix("mongodb://").unwrap().split('/').next().unwrap().parse().unwrap();
    // The server names its own address, which is replaced by one of the same length.
    let listener = loop {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if listener.local_addr().unwrap().to_string().len() == target.to_string().len() {
            break listener;
        }
    };
    let own = listener.local_addr().unwrap();
    let judge: Judge = Arc::new(Mutex::new(judge));
    let task = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((client, _)) = listener.accept().await {
            connections.spawn(serve(client, target, own, Arc::clone(&judge)));
        }
    });
    Proxy { url: format!("mongodb://{own}/?replicaSet=rs0"), task }
}

async fn serve(mut client: TcpStream, target: SocketAddr, own: SocketAddr, judge: Judge) -> Option<()> {
    let mut server = TcpStream::connect(target).await.ok()?;
    loop {
        let request = message(&mut client).await?;
        let command = command(&request)?;
        let monitoring = ["hello", "isMaster", "ismaster"].iter().any(|name| command.contains_key(name));
        let verdict = if monitoring { Verdict::Forward } else { (judge.lock().unwrap())(&command) };
        let id = &request[4..8];
        match verdict {
            Verdict::Silence => tokio::time::sleep(Duration::from_secs(3600)).await,
            Verdict::Answer(answer) => client.write_all(&reply(id, &answer)).await.ok()?,
            verdict => {
                let abort = matches!(verdict, Verdict::Abort(_)).then(|| aborting(&request, &command));
                server.write_all(abort.as_ref().unwrap_or(&request)).await.ok()?;
                let answer = message(&mut server).await?;
                match verdict {
                    Verdict::Replace(answer) | Verdict::Abort(answer) => {
                        client.write_all(&reply(id, &answer)).await.ok()?;
                    }
                    Verdict::Lose => return None,
                    _ => client.write_all(&renamed(answer, target, own)).await.ok()?,
                }
            }
        }
    }
}

async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.ok()?;
    let mut message = vec![0; usize::try_from(u32::from_le_bytes(head)).unwrap()];
    message[..4].copy_from_slice(&head);
    stream.read_exact(&mut message[4..]).await.ok()?;
    Some(message)
}

/// The document of an OP_MSG, which begins behind its header, flags and kind; an empty one for the older OP_QUERY, which
/// only the monitoring uses.
fn command(message: &[u8]) -> Option<Document> {
    if message[12..16] != 2013_u32.to_le_bytes() {
        return Some(doc! { "hello": 1 });
    }
    Document::from_reader(&message[21..]).ok()
}

/// The request, with the command to abort in place of its own.
fn aborting(request: &[u8], command: &Document) -> Vec<u8> {
    let mut abort = doc! { "abortTransaction": 1 };
    abort.extend(command.clone().into_iter().skip(1));
    write(&request[4..8], &[0; 4], &abort)
}

fn reply(request: &[u8], answer: &Document) -> Vec<u8> {
    write(&7_u32.to_le_bytes(), request, answer)
}

fn write(id: &[u8], answers: &[u8], document: &Document) -> Vec<u8> {
    let mut message = vec![0; 4];
    message.extend(id);
    message.extend(answers);
    message.extend(2013_u32.to_le_bytes());
    message.extend([0; 5]);
    document.to_writer(&mut message).unwrap();
    let length = u32::try_from(message.len()).unwrap().to_le_bytes();
    message[..4].copy_from_slice(&length);
    message
}

fn renamed(mut message: Vec<u8>, from: SocketAddr, to: SocketAddr) -> Vec<u8> {
    let (from, to) = (from.to_string().into_bytes(), to.to_string().into_bytes());
    for at in 0..message.len().saturating_sub(from.len()) {
        if message[at..].starts_with(&from) {
            message[at..at + to.len()].copy_from_slice(&to);
        }
    }
    message
}

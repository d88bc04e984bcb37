//! The binary in a folder of its own.
#![allow(dead_code, reason = "each test uses a part")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, body::Bytes, header::HeaderMap};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What the variable `BETTER_AUTH_SECRET` holds.
pub(crate) const SECRET: &str = "kN3r-1a.cli.S3cret/with+enough=entropy_0123456789";

/// A folder that goes when the test does.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kernia-cli-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str], environment: &[(&str, String)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kernia"));
        command.args(arguments).current_dir(&self.0).env_clear().env("BETTER_AUTH_SECRET", SECRET);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the command to its end, and answers its code and all that it said.
pub(crate) fn run(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
    run_with(folder, arguments, &[])
}

/// Runs the command to its end with more in its environment.
pub(crate) fn run_with(folder: &Folder, arguments: &[&str], environment: &[(&str, String)]) -> (Option<i32>, String) {
    let output = folder.command(arguments, environment).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// A server that answers.
pub(crate) struct Server {
    child: Child,
    log: Option<JoinHandle<String>>,
    pub(crate) port: u16,
    /// What it said on standard output when it was ready.
    pub(crate) said: String,
}

impl Server {
    pub(crate) fn start(folder: &Folder, arguments: &[&str]) -> Self {
        Self::start_with(folder, arguments, &[])
    }

    pub(crate) fn start_with(folder: &Folder, arguments: &[&str], environment: &[(&str, String)]) -> Self {
        let mut child = folder.command(arguments, environment).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        stdout.read_line(&mut said).unwrap();
        let address = said.strip_prefix("kernia listening on http://127.0.0.1:");
        let Some((port, _)) = address.and_then(|rest| rest.split_once('/')) else {
            child.kill().unwrap();
            panic!("{said}{}", log.join().unwrap());
        };
        let port = port.parse().unwrap();
        // The rest is written together with the first line, so it is there without waiting for an end.
        said.push_str(std::str::from_utf8(stdout.buffer()).unwrap());
        Self { child, log: Some(log), port, said }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.request("GET", &format!("/api/auth{path}"), "", headers).await
    }

    pub(crate) async fn post(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        self.request("POST", &format!("/api/auth{path}"), body, headers).await
    }

    pub(crate) async fn request(&self, method: &str, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        At { port: self.port }.request(method, path, body, headers).await
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and answers its code and its log.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        (code, self.log.take().unwrap().join().unwrap())
    }
}

/// Whoever listens at a port of this machine.
pub(crate) struct At {
    pub(crate) port: u16,
}

impl At {
    pub(crate) async fn request(&self, method: &str, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        self.try_request(method, path, body, headers).await.expect("an answer")
    }

    /// Asks who may end before there is an answer.
    pub(crate) async fn try_request(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Option<Answer> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let (parts, body) = client.send_request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Some(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves no server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    headers: HeaderMap,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `name=value` as the answer sets it.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let set = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let mut pairs = set.map(|set| set.split(';').next().unwrap());
        pairs.find(|pair| pair.starts_with(&format!("{name}="))).expect("the cookie").to_owned()
    }
}

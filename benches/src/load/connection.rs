//! One keep-alive connection that speaks as much HTTP/1.1 as the measured servers answer with.

use std::{borrow::Cow, fmt::Write as _, io, net::SocketAddr, ops::Range};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The text of a `GET`.
#[must_use]
pub fn get(address: SocketAddr, path: &str, cookie: Option<&str>) -> Vec<u8> {
    head("GET", address, path, cookie).into_bytes()
}

/// The text of a `POST` of JSON.
#[must_use]
pub fn post(address: SocketAddr, path: &str, cookie: Option<&str>, json: &str) -> Vec<u8> {
    let mut text = head("POST", address, path, cookie);
    text.truncate(text.len() - 2);
    // Requests with a cookie must say where they come from.
    let _ = write!(
        text,
        "origin: http://{address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{json}",
        json.len()
    );
    text.into_bytes()
}

fn head(method: &str, address: SocketAddr, path: &str, cookie: Option<&str>) -> String {
    let cookie = cookie.map(|cookie| format!("cookie: {cookie}\r\n")).unwrap_or_default();
    format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n{cookie}\r\n")
}

/// A response.
#[derive(Debug)]
pub struct Answer<'b> {
    /// The status.
    pub status: u16,
    /// Status line and headers.
    pub head: &'b str,
    /// The body.
    pub body: Cow<'b, [u8]>,
}

impl Answer<'_> {
    /// The values of a header, in order.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.lines().filter_map(move |line| header(line, name))
    }

    /// The `Cookie` header of a client that keeps what this answer sets.
    #[must_use]
    pub fn cookies(&self) -> String {
        let pairs: Vec<_> = self.headers("set-cookie").filter_map(|cookie| cookie.split(';').next()).collect();
        pairs.join("; ")
    }
}

fn header<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let (found, value) = line.split_once(':')?;
    found.eq_ignore_ascii_case(name).then(|| value.trim())
}

/// A connection and what has been read from it.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(8 * 1024) })
    }

    /// Sends `request` and waits for the whole answer.
    ///
    /// # Errors
    /// When the server hangs up or answers what is no HTTP/1.1.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let shape = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::other("the server hung up"));
            }
            if let Some(shape) = Shape::of(&self.buffer)? {
                break shape;
            }
        };
        let (head, body) = self.buffer.split_at(shape.head);
        let head = std::str::from_utf8(head).map_err(io::Error::other)?;
        let body = match shape.chunks {
            None => Cow::Borrowed(body),
            Some(chunks) => Cow::Owned(chunks.into_iter().flat_map(|at| &body[at]).copied().collect()),
        };
        Ok(Answer { status: shape.status, head, body })
    }
}

/// Where the parts of a whole response are.
struct Shape {
    status: u16,
    /// Bytes of the head, its empty line included.
    head: usize,
    /// The pieces of a chunked body.
    chunks: Option<Vec<Range<usize>>>,
}

impl Shape {
    /// The shape of a response; `None` when some of it is still to come.
    fn of(bytes: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(&bytes[..end]).map_err(io::Error::other)?;
        let status = text.get(9..12).and_then(|digits| digits.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("no status line"))?;
        let (head, body) = (end + 4, &bytes[end + 4..]);
        let named = |name| text.lines().find_map(|line| header(line, name));
        if let Some(length) = named("content-length") {
            let length: usize = length.parse().map_err(io::Error::other)?;
            return Ok((body.len() >= length).then_some(Self { status, head, chunks: None }));
        }
        if named("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            let chunks = chunks(body)?;
            return Ok(chunks.map(|chunks| Self { status, head, chunks: Some(chunks) }));
        }
        Err(io::Error::other("a response without a length"))
    }
}

/// The pieces of a chunked body (RFC 9112 section 7.1); `None` when the last is still to come.
fn chunks(body: &[u8]) -> io::Result<Option<Vec<Range<usize>>>> {
    let (mut found, mut at) = (Vec::new(), 0);
    loop {
        let Some(line) = body[at..].windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&body[at..at + line]).map_err(io::Error::other)?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16);
        let (size, start) = (size.map_err(io::Error::other)?, at + line + 2);
        if body.len() < start + size + 2 {
            return Ok(None);
        }
        if size == 0 {
            return Ok(Some(found));
        }
        found.push(start..start + size);
        at = start + size + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Option<Shape> {
        Shape::of(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_response_is_whole_when_all_its_bytes_are_there() {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull";
        assert_eq!(shape(whole).map(|shape| (shape.status, shape.head)), Some((200, whole.len() - 4)));
        for end in 0..whole.len() {
            assert!(shape(&whole[..end]).is_none(), "{end}");
        }
    }

    #[test]
    fn chunks_are_found_when_the_last_is_there() {
        let whole = "HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
        let chunks = shape(whole).and_then(|shape| shape.chunks).unwrap();
        assert_eq!(chunks, [3..6, 15..17]);
        for end in 0..whole.len() {
            assert!(shape(&whole[..end]).is_none(), "{end}");
        }
    }

    #[test]
    fn cookies_are_sent_back_without_their_attributes() {
        let head = "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2; HttpOnly\r\n\r\n";
        let answer = Answer { status: 200, head, body: Cow::Borrowed(b"") };
        assert_eq!(answer.cookies(), "a=1; b=2");
    }
}

//! `load ADDRESS PATH COOKIE CONNECTIONS REQUESTS`: keep-alive connections that ask one thing over and over, and check each answer.

use std::{
    env,
    io::{self, Read, Write},
    net::TcpStream,
    thread,
    time::Instant,
};

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [address, path, cookie, connections, requests] = arguments.as_slice() else {
        return Err(io::Error::other("load ADDRESS PATH COOKIE CONNECTIONS REQUESTS"));
    };
    let parse = |text: &String| text.parse::<usize>().map_err(io::Error::other);
    let (connections, requests) = (parse(connections)?, parse(requests)?);
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n\r\n");
    let each = requests / connections;
    let start = Instant::now();
    let workers: Vec<_> = (0..connections)
        .map(|_| {
            let (address, request) = (address.clone(), request.clone());
            thread::spawn(move || ask(&address, request.as_bytes(), each))
        })
        .collect();
    for worker in workers {
        worker.join().map_err(|_| io::Error::other("a connection panicked"))??;
    }
    let seconds = start.elapsed().as_secs_f64();
    writeln!(io::stdout(), "{} {seconds:.3}", each * connections)
}

fn ask(address: &str, request: &[u8], times: usize) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 16 * 1024];
    for _ in 0..times {
        stream.write_all(request)?;
        let mut read = 0;
        while !is_whole(&buffer[..read])? {
            let count = stream.read(&mut buffer[read..])?;
            if count == 0 {
                return Err(io::Error::other("the server hung up"));
            }
            read += count;
        }
    }
    Ok(())
}

/// Whether a response with a session in it has arrived.
fn is_whole(response: &[u8]) -> io::Result<bool> {
    let Some(end) = response.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(false) };
    let head = String::from_utf8_lossy(&response[..end]).to_ascii_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|text| text.parse::<usize>().ok());
    let length = length.ok_or_else(|| io::Error::other("no content length"))?;
    if !head.starts_with("http/1.1 200") || length < 100 {
        return Err(io::Error::other(format!("not a session: {head}")));
    }
    Ok(response.len() >= end + 4 + length)
}

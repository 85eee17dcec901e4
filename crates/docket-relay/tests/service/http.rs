//! As much HTTP as the tests need.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Bytes of the request and of the answer, with headers.
    pub(crate) bytes: (usize, usize),
}

pub(crate) fn request(path: &str, token: Option<&str>, forwarded: Option<&str>, len: usize) -> String {
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let forwarded = forwarded.map(|from| format!("x-forwarded-for: {from}\r\n")).unwrap_or_default();
    format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1:7373\r\n{token}{forwarded}content-length: {len}\r\n\r\n")
}

/// Sends a request on a connection of its own and reads the whole answer.
pub(crate) fn post(to: SocketAddr, path: &str, token: Option<&str>, forwarded: Option<&str>, body: &[u8]) -> Answer {
    let head = request(path, token, forwarded, body.len());
    exchange(to, &[head.as_bytes(), body])
}

/// Sends bytes as they are and reads one answer.
pub(crate) fn exchange(to: SocketAddr, pieces: &[&[u8]]) -> Answer {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(70))).unwrap();
    let mut sent = 0;
    for piece in pieces {
        // The relay may answer, and close, before it has read all.
        if stream.write_all(piece).is_err() {
            break;
        }
        sent += piece.len();
    }
    read(&mut stream, sent)
}

/// Reads one answer.
pub(crate) fn read(stream: &mut TcpStream, sent: usize) -> Answer {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    let end = loop {
        if let Some(end) = end_of(&bytes) {
            break end;
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => panic!("the answer was cut off after {} bytes", bytes.len()),
            Ok(more) => bytes.extend_from_slice(&piece[..more]),
        }
    };
    let (headers, body) = end;
    let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, body, bytes: (sent, bytes.len()) }
}

/// Headers and body, once all of it is there.
fn end_of(bytes: &[u8]) -> Option<(String, Vec<u8>)> {
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let headers = String::from_utf8(bytes[..at].to_vec()).unwrap();
    let rest = &bytes[at + 4..];
    if headers.contains("transfer-encoding: chunked") {
        return chunks(rest).map(|body| (headers, body));
    }
    let len =
        headers.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |len| len.parse().unwrap());
    (rest.len() >= len).then(|| (headers, rest[..len].to_vec()))
}

fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let at = rest.windows(2).position(|two| two == b"\r\n")?;
        let len = usize::from_str_radix(std::str::from_utf8(&rest[..at]).ok()?, 16).ok()?;
        let chunk = rest.get(at + 2..at + 2 + len)?;
        rest = rest.get(at + 2 + len + 2..)?;
        if len == 0 {
            return Some(body);
        }
        body.extend_from_slice(chunk);
    }
}

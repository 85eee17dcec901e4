//! A small HTTP/1.1 client on one connection that counts every byte, headers included.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// One kept-alive connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    host: String,
    rest: Vec<u8>,
    /// Bytes sent so far, headers included.
    pub(super) sent: u64,
    /// Bytes received so far, headers included.
    pub(super) received: u64,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its status.
    pub(super) status: u16,
    /// Its body.
    pub(super) body: Vec<u8>,
}

impl Wire {
    /// Connects to `host:port`.
    pub(super) fn connect(host: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(host).map_err(|e| format!("{host}: {e}"))?;
        stream.set_nodelay(true).map_err(text)?;
        stream.set_read_timeout(Some(Duration::from_mins(1))).map_err(text)?;
        Ok(Self { stream, host: host.to_owned(), rest: Vec::new(), sent: 0, received: 0 })
    }

    /// Asks for a page.
    pub(super) fn get(&mut self, path: &str) -> Result<Answer, String> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host);
        self.ask(head.as_bytes())
    }

    /// Posts a body.
    pub(super) fn post(&mut self, path: &str, token: Option<&str>, body: &[u8]) -> Result<Answer, String> {
        let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nhost: {}\r\n{token}content-length: {length}\r\n\r\n", self.host);
        self.ask(&[head.as_bytes(), body].concat())
    }

    fn ask(&mut self, bytes: &[u8]) -> Result<Answer, String> {
        self.stream.write_all(bytes).map_err(text)?;
        self.sent += bytes.len() as u64;
        let head = loop {
            if let Some(at) = self.rest.windows(4).position(|four| four == b"\r\n\r\n") {
                let after = self.rest.split_off(at + 4);
                break String::from_utf8_lossy(&std::mem::replace(&mut self.rest, after)).into_owned();
            }
            self.more()?;
        };
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or("no status line")?;
        let field = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let body = match field("content-length") {
            Some(length) => self.exactly(length.parse().map_err(text)?)?,
            None if field("transfer-encoding").is_some() => self.chunked()?,
            None => Vec::new(),
        };
        Ok(Answer { status, body })
    }

    fn chunked(&mut self) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(at) = self.rest.windows(2).position(|two| two == b"\r\n") {
                    let after = self.rest.split_off(at + 2);
                    break std::mem::replace(&mut self.rest, after);
                }
                self.more()?;
            };
            let size = String::from_utf8_lossy(&line);
            let size = usize::from_str_radix(size.trim(), 16).map_err(text)?;
            body.extend(self.exactly(size)?);
            self.exactly(2)?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>, String> {
        while self.rest.len() < length {
            self.more()?;
        }
        let after = self.rest.split_off(length);
        Ok(std::mem::replace(&mut self.rest, after))
    }

    fn more(&mut self) -> Result<(), String> {
        let mut piece = vec![0; 64 * 1024];
        let count = self.stream.read(&mut piece).map_err(text)?;
        if count == 0 {
            return Err("the relay closed the connection".into());
        }
        self.received += count as u64;
        self.rest.extend_from_slice(piece.get(..count).unwrap_or_default());
        Ok(())
    }
}

fn text(error: impl core::fmt::Display) -> String {
    error.to_string()
}

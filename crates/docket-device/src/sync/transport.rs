//! How requests reach a relay and answers come back, piece by piece.

use std::time::Duration;

/// How long a request may stand still before it is given up, unless it says otherwise.
pub(super) const IDLE: Duration = Duration::from_secs(30);

/// What a request carries.
pub enum Body<'a> {
    /// All of it at once.
    Bytes(Vec<u8>),
    /// Piece after piece, asked for as they are sent; `None` at the end.
    Pieces(&'a mut dyn FnMut() -> Option<Vec<u8>>),
}

/// A request: always a `POST`.
pub struct Request<'a> {
    /// Under the relay's address: `/v1/sync`.
    pub path: &'a str,
    /// For the `Authorization` header.
    pub token: Option<&'a str>,
    /// What it carries.
    pub body: Body<'a>,
    /// How long it may stand still.
    pub idle: Duration,
}

impl<'a> Request<'a> {
    /// A request without a token that carries bytes.
    pub fn new(path: &'a str, body: Vec<u8>) -> Self {
        Self { path, token: None, body: Body::Bytes(body), idle: IDLE }
    }
}

/// The next piece of an answer; `None` at its end.
pub type Pieces<'t> = Box<dyn FnMut() -> Result<Option<Vec<u8>>, TransportError> + 't>;

/// A relay's answer.
pub struct Answer<'t> {
    /// The status: 200 is success.
    pub status: u16,
    /// After how many seconds to try again, if it says so.
    pub retry_after_s: Option<u64>,
    /// What it carries.
    pub pieces: Pieces<'t>,
}

impl Answer<'_> {
    /// All of it, at most `most` bytes.
    pub fn whole(mut self, most: usize) -> Result<Vec<u8>, TransportError> {
        let mut all = Vec::new();
        while let Some(piece) = (self.pieces)()? {
            all.extend_from_slice(&piece);
            if all.len() > most {
                return Err(TransportError::cut("the answer is longer than any may be"));
            }
        }
        Ok(all)
    }
}

/// The bytes did not get through. Whether the relay took the request in is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct TransportError {
    /// Whether nobody answered at all.
    pub unreachable: bool,
    /// In words.
    pub detail: String,
}

impl TransportError {
    /// Nobody answered.
    pub fn unreachable(detail: impl Into<String>) -> Self {
        Self { unreachable: true, detail: detail.into() }
    }

    /// The connection broke in the middle.
    pub fn cut(detail: impl Into<String>) -> Self {
        Self { unreachable: false, detail: detail.into() }
    }
}

/// Carries requests to one relay.
pub trait Transport {
    /// Where the relay is, for people.
    fn url(&self) -> &str;

    /// Sends one request and gives its answer as soon as its head is here.
    fn call(&mut self, request: Request<'_>) -> Result<Answer<'_>, TransportError>;
}

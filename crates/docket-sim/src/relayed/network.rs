//! The network between a device and the relay: what gets lost, cut, doubled and delayed.

use std::cell::RefCell;
use std::collections::BTreeMap;

use docket_device::sync::{Answer, Body, Request, Transport, TransportError};
use docket_faultvfs::Rng;
use docket_sync::wire::{self, Frames, put_frame};

use super::Plant;
use super::room::{Late, Room};

/// Longest delay of a request that nobody waits for any more, in milliseconds.
const DAYS_MS: usize = 4 * 86_400_000;
/// Bytes that arrive at once.
const PIECE: usize = 1_400;

/// Counts by name.
pub(super) type Tally = BTreeMap<&'static str, u64>;

/// A device's end of the wire, for one synchronisation.
pub(super) struct Wire<'a> {
    pub(super) room: &'a RefCell<Room>,
    pub(super) tally: &'a mut Tally,
    pub(super) rng: Rng,
    pub(super) now_ms: i64,
    /// Nothing gets through.
    pub(super) away: bool,
    /// Requests in 1,000 to which something happens.
    pub(super) loss: usize,
    pub(super) plant: Option<Plant>,
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Fine,
    RequestLost,
    RequestCut,
    RequestLate,
    AnswerLost,
    AnswerCut,
    Doubled,
    DoubledLate,
}

impl Fate {
    const ALL: [Self; 10] = [
        Self::RequestLost,
        Self::RequestCut,
        Self::RequestCut,
        Self::RequestLate,
        Self::AnswerLost,
        Self::AnswerLost,
        Self::AnswerCut,
        Self::AnswerCut,
        Self::Doubled,
        Self::DoubledLate,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Fine => "request",
            Self::RequestLost => "request lost",
            Self::RequestCut => "request cut",
            Self::RequestLate => "request delayed beyond the timeout",
            Self::AnswerLost => "answer lost",
            Self::AnswerCut => "answer cut",
            Self::Doubled => "request doubled",
            Self::DoubledLate => "request doubled days later",
        }
    }
}

impl Wire<'_> {
    fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    fn fate(&mut self) -> Fate {
        let fine = !self.rng.chance(self.loss, 1000);
        let fate = if fine { Fate::Fine } else { self.rng.pick(&Fate::ALL).copied().unwrap_or(Fate::Fine) };
        self.count(fate.name());
        fate
    }

    fn later(&mut self, path: &str, token: Option<&str>, body: &[u8]) {
        let due_ms = self.now_ms + self.rng.below(DAYS_MS) as i64;
        let (path, token, body) = (path.to_owned(), token.map(str::to_owned), body.to_vec());
        self.room.borrow_mut().late.push(Late { due_ms, path, token, body });
    }

    /// Cuts a request; the relay may be put back before anybody tries again.
    fn cut(&mut self, path: &str, token: Option<&str>, body: &[u8]) -> Result<(), TransportError> {
        let at = self.rng.below(body.len());
        let mut room = self.room.borrow_mut();
        room.take_part(path, token, body.get(..at).unwrap_or_default());
        if path == "/v1/sync" && std::mem::take(&mut room.doomed) {
            let back = room.put_back().map_err(TransportError::cut)?;
            drop(room);
            if back {
                self.count("relay put back while a push was cut");
            }
        }
        Ok(())
    }
}

impl Transport for Wire<'_> {
    fn url(&self) -> &'static str {
        "sim:"
    }

    fn call(&mut self, request: Request<'_>) -> Result<Answer<'_>, TransportError> {
        let mut body = Vec::new();
        match request.body {
            Body::Bytes(bytes) => body = bytes,
            Body::Pieces(next) => {
                while let Some(piece) = next() {
                    body.extend(piece);
                }
            }
        }
        let (path, token) = (request.path, request.token);
        if self.away {
            self.count("no network");
            return Err(TransportError::unreachable("no network"));
        }
        let fate = if self.room.borrow().doomed && path == "/v1/sync" { Fate::RequestCut } else { self.fate() };
        match fate {
            Fate::RequestLost => return Err(TransportError::unreachable("lost")),
            Fate::RequestLate => {
                self.later(path, token, &body);
                return Err(TransportError::cut("no answer in time"));
            }
            Fate::RequestCut => {
                self.cut(path, token, &body)?;
                return Err(TransportError::cut("the request was cut"));
            }
            Fate::DoubledLate => self.later(path, token, &body),
            _ => {}
        }
        let first = self.room.borrow_mut().answer(path, token, &body);
        // Of two answers either may come first.
        let answer = match fate {
            Fate::Doubled => {
                let second = self.room.borrow_mut().answer(path, token, &body);
                if self.rng.chance(1, 2) { second } else { first }
            }
            _ => first,
        };
        if fate == Fate::AnswerLost {
            return Err(TransportError::cut("no answer"));
        }
        let (status, mut bytes) = match answer {
            Ok(bytes) => (200, bytes),
            Err((status, problem)) => (status, problem.encode_bytes()),
        };
        if self.plant == Some(Plant::DropsPages) && path == "/v1/sync" && status == 200 {
            bytes = without_a_page(&bytes, &mut self.rng);
        }
        let cut = fate == Fate::AnswerCut;
        if cut {
            bytes.truncate(self.rng.below(bytes.len()));
        }
        let mut pieces = bytes.chunks(PIECE).map(<[u8]>::to_vec).collect::<Vec<_>>().into_iter();
        let pieces = Box::new(move || match pieces.next() {
            Some(piece) => Ok(Some(piece)),
            None if cut => Err(TransportError::cut("the answer was cut")),
            None => Ok(None),
        });
        Ok(Answer { status, retry_after_s: None, pieces })
    }
}

/// A planted bug: an answer that lacks a page though its end says that all is there.
fn without_a_page(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut frames = Frames::new();
    frames.push(bytes);
    let mut out = Vec::new();
    while let Ok(Some(frame)) = frames.next_frame() {
        if frame.kind != wire::PAGE || !rng.chance(1, 20) {
            put_frame(&mut out, frame.kind, &frame.payload);
        }
    }
    out
}

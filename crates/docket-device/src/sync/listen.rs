//! An answer as it comes in: pages are judged on a thread of their own while the ones before are stored.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use docket_format::fact::Stamp;
use docket_sync::wire::{self, BadPage, Frame, Frames};

use super::apply::{Judge, JudgedPage};
use super::exchange::Exchange;
use super::session::lost;
use super::transport::{Pieces, TransportError};
use super::{Progress, SyncError};
use crate::error::StoreError;
use crate::project;
use crate::store::Store;

/// Pages that may be with the judge: bounds what is in memory.
const AHEAD: usize = 2;

/// Who listens to an answer.
pub(super) struct Listener<'a> {
    pub store: &'a mut Store,
    pub exchange: &'a mut Exchange,
    pub url: &'a str,
    pub clock: &'a dyn Fn() -> Stamp,
    pub progress: &'a mut dyn FnMut(Progress),
}

/// The judge's thread.
struct Line {
    send: SyncSender<Vec<u8>>,
    receive: Receiver<Result<JudgedPage, BadPage>>,
    waiting: usize,
}

impl Line {
    fn begin<'scope>(scope: &'scope Scope<'scope, '_>, mut judge: Judge) -> Self {
        let (send, payloads) = sync_channel::<Vec<u8>>(AHEAD);
        let (done, receive) = sync_channel(AHEAD + 1);
        scope.spawn(move || {
            for payload in payloads {
                // Nobody listens any more only if the exchange failed.
                if done.send(judge.judge(&payload)).is_err() {
                    return;
                }
            }
        });
        Self { send, receive, waiting: 0 }
    }
}

impl Listener<'_> {
    /// Takes the answer in, up to its end. Gives the bytes that came.
    pub(super) fn listen(&mut self, mut pieces: Pieces<'_>) -> Result<u64, SyncError> {
        let heard = self.hear(&mut pieces);
        if heard.is_err() {
            // What had been acknowledged counts.
            self.exchange.settle(self.store)?;
        }
        heard
    }

    fn hear(&mut self, pieces: &mut Pieces<'_>) -> Result<u64, SyncError> {
        std::thread::scope(|scope| {
            let (mut line, mut frames, mut ended, mut bytes) = (None, Frames::new(), false, 0);
            loop {
                let piece = match pieces() {
                    Ok(Some(piece)) => piece,
                    Ok(None) => break,
                    Err(error) => {
                        // What came whole counts.
                        self.drain(&mut line, 0)?;
                        return Err(lost(self.url, error));
                    }
                };
                bytes += piece.len() as u64;
                frames.push(&piece);
                while let Some(frame) = frames.next_frame().map_err(|error| self.bad(error.to_string()))? {
                    ended |= self.frame(scope, &mut line, frame)?;
                }
            }
            self.drain(&mut line, 0)?;
            if !ended || frames.finish().is_err() {
                let cut = TransportError::cut("the connection broke in the middle of the answer");
                return Err(lost(self.url, cut));
            }
            Ok(bytes)
        })
    }

    fn bad(&self, what: String) -> SyncError {
        SyncError::BadAnswer { url: self.url.to_owned(), what }
    }

    /// True when it was the last.
    fn frame<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        line: &mut Option<Line>,
        frame: Frame,
    ) -> Result<bool, SyncError> {
        if frame.kind != wire::PAGE {
            self.drain(line, 1)?;
            let last = line.as_mut().map_or(Ok(None), |line| self.judged(line))?;
            let pulled = last.is_some();
            let ended = self.exchange.take(self.store, last, &frame, &(self.clock)())?;
            if pulled {
                self.tell();
            }
            return Ok(ended);
        }
        self.exchange.expects_pages()?;
        let at = if let Some(at) = line {
            // It will be a while until the end: what was acknowledged does not wait for it.
            self.exchange.settle(self.store)?;
            at
        } else {
            // It is read while the first page is judged and taken in; the first projection waits for it.
            scope.spawn(project::policy::read_default);
            line.insert(Line::begin(scope, Judge::new(self.store)?))
        };
        let gone = || StoreError::corrupt("the thread that judges pages has ended");
        at.send.send(frame.payload).map_err(|_| gone())?;
        at.waiting += 1;
        self.drain(line, AHEAD)?;
        Ok(false)
    }

    /// Stores judged pages until so many are left.
    fn drain(&mut self, line: &mut Option<Line>, left: usize) -> Result<(), SyncError> {
        let Some(line) = line else { return Ok(()) };
        while line.waiting > left {
            let Some(page) = self.judged(line)? else { break };
            self.exchange.page(self.store, page, &(self.clock)())?;
            self.tell();
        }
        Ok(())
    }

    fn tell(&mut self) {
        if let Some((done, of)) = self.exchange.reach().filter(|(_, of)| *of > 0) {
            (self.progress)(Progress::Pulling { done: done.min(of), of });
        }
    }

    /// The next judged page, if one is on its way.
    fn judged(&self, line: &mut Line) -> Result<Option<JudgedPage>, SyncError> {
        if line.waiting == 0 {
            return Ok(None);
        }
        line.waiting -= 1;
        let judged = line.receive.recv();
        let judged = judged.map_err(|_| StoreError::corrupt("the thread that judges pages has ended"))?;
        judged.map(Some).map_err(|bad| self.exchange.bad_page(bad))
    }
}

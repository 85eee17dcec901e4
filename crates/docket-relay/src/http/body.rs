//! Reading bodies: piece by piece, each in its time, never more than there is room for.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use docket_sync::wire::{Frame, Frames};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::App;
use super::problem::Problem;
use crate::bounds;

/// The next piece; `None` at the end.
async fn piece(body: &mut Body, time: Duration) -> Result<Option<Bytes>, Problem> {
    loop {
        let next = tokio::time::timeout(time, body.frame()).await.map_err(|_| Problem::too_slow())?;
        match next {
            None => return Ok(None),
            Some(Err(_)) => return Err(Problem::malformed("the request was cut off")),
            Some(Ok(frame)) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
        }
    }
}

/// A whole body of at most `limit` bytes.
pub(crate) async fn whole(app: &App, mut body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = piece(&mut body, app.times.piece).await? {
        if bytes.len() + piece.len() > limit {
            return Err(Problem::too_large(format!("at most {limit} bytes belong here")));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// A body made of frames.
pub(crate) struct FrameBody {
    body: Body,
    frames: Frames,
    left: u64,
    room: Arc<Semaphore>,
    time: Duration,
    /// Memory for the frame that is coming.
    held: Option<OwnedSemaphorePermit>,
}

impl FrameBody {
    /// Reads at most `limit` bytes in all.
    pub(crate) fn new(app: &App, body: Body, limit: u64) -> Self {
        let (room, time) = (Arc::clone(&app.frames), app.times.piece);
        Self { body, frames: Frames::new(), left: limit, room, time, held: None }
    }

    /// The next frame; `None` when the body has ended between two frames. With it comes the memory it was given.
    pub(crate) async fn next(&mut self) -> Result<Option<(Frame, Option<OwnedSemaphorePermit>)>, Problem> {
        loop {
            if let Some(frame) = self.frames.next_frame()? {
                return Ok(Some((frame, self.held.take())));
            }
            self.find_room().await?;
            let Some(piece) = piece(&mut self.body, self.time).await? else {
                self.frames.finish()?;
                return Ok(None);
            };
            self.left =
                self.left.checked_sub(piece.len() as u64).ok_or_else(|| Problem::too_large("too much at once"))?;
            self.frames.push(&piece);
        }
    }

    async fn find_room(&mut self) -> Result<(), Problem> {
        let Some(len) = self.frames.coming().filter(|len| *len > bounds::FREE_FRAME_BYTES) else { return Ok(()) };
        if self.held.is_none() {
            let units = len.div_ceil(bounds::UNIT_BYTES).min(bounds::FRAME_UNITS) as u32;
            let turn = tokio::time::timeout(bounds::TURN_TIME, Arc::clone(&self.room).acquire_many_owned(units)).await;
            self.held = Some(turn.map_err(|_| Problem::busy())?.map_err(|_| Problem::busy())?);
        }
        Ok(())
    }

    /// Reads on to the end and throws away what comes: the client hears the answer only when it has sent all.
    pub(crate) async fn drain(&mut self) -> Result<(), Problem> {
        while self.next().await?.is_some() {}
        Ok(())
    }
}

//! Frames, read as bytes come in.

use docket_format::limits;

/// Largest payload of one frame, in bytes: a page with its seals.
pub const FRAME_BYTES: usize = limits::CHUNK_BYTES + 1024 * 1024;
const HEAD: usize = 5;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: u8,
    /// Its payload.
    pub payload: Vec<u8>,
}

/// Bytes that are no frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// A frame says it is longer than any may be.
    #[error("a frame of {0} bytes is over the limit of {FRAME_BYTES}")]
    TooLong(usize),
    /// The bytes end in the middle of a frame.
    #[error("the message is cut in the middle of a frame")]
    Cut,
}

/// Writes one frame.
pub fn put_frame(out: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    out.push(kind);
    out.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    out.extend_from_slice(payload);
}

/// Puts frames together from pieces of any size. Holds at most one frame and one piece.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    at: usize,
}

impl Frames {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a piece. Ask [`Frames::next_frame`] until it has none before the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        if self.at > 0 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        self.bytes.extend_from_slice(piece);
    }

    /// The next whole frame, if it is there.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, BadFrame> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some((&[kind, a, b, c, d], rest)) = rest.split_first_chunk::<HEAD>() else { return Ok(None) };
        let len = u32::from_be_bytes([a, b, c, d]) as usize;
        if len > FRAME_BYTES {
            return Err(BadFrame::TooLong(len));
        }
        let Some(payload) = rest.get(..len) else { return Ok(None) };
        let frame = Frame { kind, payload: payload.to_vec() };
        self.at += HEAD + len;
        Ok(Some(frame))
    }

    /// How long the payload of the frame that is coming says it is: whoever must find room for it asks before it
    /// is there. `None` as long as its head is not there.
    pub fn coming(&self) -> Option<usize> {
        let (&[_, a, b, c, d], _) = self.bytes.get(self.at..)?.split_first_chunk::<HEAD>()?;
        Some(u32::from_be_bytes([a, b, c, d]) as usize)
    }

    /// Whether nothing is left over: asked at the end.
    pub fn finish(&self) -> Result<(), BadFrame> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(BadFrame::Cut) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_however_they_are_cut() {
        let mut bytes = Vec::new();
        put_frame(&mut bytes, b'H', b"hello");
        put_frame(&mut bytes, b'P', &[]);
        put_frame(&mut bytes, b'E', &[7; 300]);
        for size in 1..bytes.len() {
            let mut frames = Frames::new();
            let mut found = Vec::new();
            for piece in bytes.chunks(size) {
                frames.push(piece);
                while let Some(frame) = frames.next_frame().unwrap() {
                    found.push((frame.kind, frame.payload.len()));
                }
            }
            assert_eq!(found, [(b'H', 5), (b'P', 0), (b'E', 300)]);
            assert_eq!(frames.finish(), Ok(()));
        }
        let mut frames = Frames::new();
        frames.push(&bytes[..bytes.len() - 1]);
        while frames.next_frame().unwrap().is_some() {}
        assert_eq!(frames.finish(), Err(BadFrame::Cut));
    }

    #[test]
    fn a_frame_that_claims_too_much_is_refused_before_it_comes() {
        for (len, good) in [(FRAME_BYTES, true), (FRAME_BYTES + 1, false)] {
            let mut frames = Frames::new();
            frames.push(b"P");
            assert_eq!(frames.coming(), None);
            frames.push(&(len as u32).to_be_bytes());
            assert_eq!(frames.coming(), Some(len));
            assert_eq!(frames.next_frame().is_ok(), good);
        }
    }
}

//! The file: frames `type (1 byte) ‖ length (4 bytes, big-endian) ‖ payload` after an 8-byte mark.

use std::collections::BTreeMap;

use super::chunk::Item;
use super::error::BadBundle;
use super::header::{Header, SealEntry, VERSION, WireHeader, WireSeal};
use super::{decode, encode};
use crate::digest;
use crate::ids::{Author, TenantId};
use crate::keys::{SecretKey, Signature};
use crate::limits;

const MARK: &[u8; 8] = b"docket\0\x01";
const LABEL: &str = "docket-bundle";
const HEADER: u8 = b'H';
const SEALS: u8 = b'S';
const CHUNK: u8 = b'C';
const TRAILER: u8 = b'T';
const FRAME_HEAD: usize = 5;
/// Seals in one frame: 2,000 take about 0.4 MiB.
const SEALS_A_FRAME: usize = 2_000;

/// Builds a bundle in memory.
pub struct Writer {
    tenant: TenantId,
    authors: BTreeMap<Author, u32>,
    level: i32,
    out: Vec<u8>,
}

impl Writer {
    /// Starts a bundle. `level` is zstd's (1 to 19).
    pub fn new(header: &Header, seals: &[SealEntry], level: i32) -> Result<Self, BadBundle> {
        let authors = header.authors.iter().enumerate().map(|(place, author)| (*author, place as u32)).collect();
        let mut writer = Self { tenant: header.tenant, authors, level, out: MARK.to_vec() };
        let head = to_cbor(WireHeader::from(header));
        if head.len() > limits::BUNDLE_HEADER_BYTES {
            return Err(too_large("header", limits::BUNDLE_HEADER_BYTES));
        }
        writer.frame(HEADER, &head);
        for some in seals.chunks(SEALS_A_FRAME) {
            let wire: Vec<WireSeal> = some.iter().map(WireSeal::from).collect();
            writer.frame(SEALS, &to_cbor(wire));
        }
        Ok(writer)
    }

    /// Adds a chunk. Fails when the items take more than one chunk may: split them.
    pub fn chunk(&mut self, items: &[Item]) -> Result<(), BadBundle> {
        let plain = encode::items(self.tenant, &self.authors, items);
        if plain.len() > limits::CHUNK_BYTES {
            return Err(too_large("chunk", limits::CHUNK_BYTES));
        }
        let packed = zstd::bulk::compress(&plain, self.level);
        // Compressing in memory fails only without memory.
        let packed = packed.map_err(|_| BadBundle::Malformed { part: "chunk", at: self.out.len() })?;
        self.frame(CHUNK, &packed);
        Ok(())
    }

    /// Signs all of it.
    pub fn finish(mut self, key: &SecretKey) -> Vec<u8> {
        let digest = digest::sha256(&self.out);
        let signature = key.sign(LABEL, &[self.tenant.as_bytes(), &digest]);
        let payload = [&digest[..], signature.as_bytes()].concat();
        self.frame(TRAILER, &payload);
        self.out
    }

    fn frame(&mut self, kind: u8, payload: &[u8]) {
        self.out.push(kind);
        self.out.extend_from_slice(&(payload.len() as u32).to_be_bytes());
        self.out.extend_from_slice(payload);
    }
}

/// A bundle whose signature over all of its bytes was checked; its chunks are read one by one.
pub struct Bundle<'a> {
    header: Header,
    seals: Vec<SealEntry>,
    chunks: Vec<(usize, &'a [u8])>,
}

impl<'a> Bundle<'a> {
    /// Reads the frames, the digest, the signature, the header and the seals. The signature is checked against the
    /// header's own key: whether that key is anybody's is the roster's question.
    pub fn open(bytes: &'a [u8], tenant: Option<TenantId>) -> Result<Self, BadBundle> {
        if !bytes.starts_with(MARK) {
            let short = MARK.starts_with(bytes) && !bytes.is_empty();
            return Err(if short { BadBundle::Truncated { at: bytes.len() } } else { BadBundle::NotABundle });
        }
        let mut frames = Frames { bytes, at: MARK.len() };
        let head = frames.next().ok_or(BadBundle::Truncated { at: bytes.len() })??;
        let header = read_header(&head)?;
        let expected = tenant.unwrap_or(header.tenant);
        if header.tenant != expected {
            return Err(BadBundle::OtherTenant(header.tenant));
        }
        let mut bundle = Self { header, seals: Vec::new(), chunks: Vec::new() };
        let mut seal_frames = Vec::new();
        loop {
            let frame = frames.next().ok_or(BadBundle::Truncated { at: bytes.len() })??;
            match frame.kind {
                SEALS => seal_frames.push(frame),
                CHUNK if bundle.chunks.len() < limits::BUNDLE_CHUNKS => bundle.chunks.push((frame.at, frame.payload)),
                CHUNK => return Err(too_large("number of chunks", limits::BUNDLE_CHUNKS)),
                TRAILER => {
                    bundle.check_trailer(bytes, &frame)?;
                    break;
                }
                // Frame kinds of a later minor version: signed with the rest, passed over.
                _ => {}
            }
        }
        if frames.at != bytes.len() {
            return Err(BadBundle::Malformed { part: "bytes after the trailer", at: frames.at });
        }
        for frame in seal_frames {
            bundle.read_seals(&frame)?;
        }
        Ok(bundle)
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The seals, unchecked.
    pub fn seals(&self) -> &[SealEntry] {
        &self.seals
    }

    /// How many chunks there are.
    pub fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    /// Inflates (bounded) and reads one chunk after another.
    pub fn chunks(&self) -> impl Iterator<Item = Result<Vec<Item>, BadBundle>> {
        (0..self.chunks.len()).map(|place| self.chunk(place))
    }

    /// Inflates (bounded) and reads one chunk; one that is not there has no items.
    pub fn chunk(&self, place: usize) -> Result<Vec<Item>, BadBundle> {
        let Some(&(at, packed)) = self.chunks.get(place) else { return Ok(Vec::new()) };
        let plain = inflate(packed, at)?;
        let author = |place: u32| self.header.authors.get(place as usize).copied();
        decode::items(self.header.tenant, &author, &plain).map_err(|_| BadBundle::Malformed { part: "chunk", at })
    }

    fn check_trailer(&self, bytes: &[u8], frame: &Frame<'_>) -> Result<(), BadBundle> {
        let malformed = BadBundle::Malformed { part: "trailer", at: frame.at };
        let (said, signature) = frame.payload.split_at_checked(32).ok_or(malformed.clone())?;
        let signature = Signature::from_slice(signature).ok_or(malformed)?;
        let digest = digest::sha256(bytes.get(..frame.at).unwrap_or_default());
        if said != digest {
            return Err(BadBundle::Damaged);
        }
        let own = self.header.key.device() == self.header.from.device;
        let signed = self.header.key.verify(LABEL, &[self.header.tenant.as_bytes(), &digest], &signature);
        if own && signed.is_ok() { Ok(()) } else { Err(BadBundle::Forged) }
    }

    fn read_seals(&mut self, frame: &Frame<'a>) -> Result<(), BadBundle> {
        let malformed = || BadBundle::Malformed { part: "seals", at: frame.at };
        if frame.payload.len() > limits::CHUNK_BYTES {
            return Err(too_large("seal frame", limits::CHUNK_BYTES));
        }
        let wire: Vec<WireSeal> = minicbor::decode(frame.payload).map_err(|_| malformed())?;
        for seal in wire {
            self.seals.push(seal.into_entry().ok_or_else(malformed)?);
        }
        Ok(())
    }
}

struct Frame<'a> {
    kind: u8,
    at: usize,
    payload: &'a [u8],
}

struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, BadBundle>;

    fn next(&mut self) -> Option<Self::Item> {
        let truncated = BadBundle::Truncated { at: self.bytes.len() };
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let Some((&[kind, a, b, c, d], rest)) = rest.split_first_chunk::<FRAME_HEAD>() else {
            return Some(Err(truncated));
        };
        let len = u32::from_be_bytes([a, b, c, d]) as usize;
        let Some(payload) = rest.get(..len) else { return Some(Err(truncated)) };
        let at = self.at;
        self.at += FRAME_HEAD + len;
        Some(Ok(Frame { kind, at, payload }))
    }
}

fn read_header(frame: &Frame<'_>) -> Result<Header, BadBundle> {
    let malformed = BadBundle::Malformed { part: "header", at: frame.at };
    if frame.payload.len() > limits::BUNDLE_HEADER_BYTES {
        return Err(too_large("header", limits::BUNDLE_HEADER_BYTES));
    }
    if frame.kind != HEADER {
        return Err(malformed);
    }
    let wire: WireHeader = minicbor::decode(frame.payload).map_err(|_| malformed.clone())?;
    if wire.version != VERSION {
        return Err(BadBundle::NewerVersion(wire.version));
    }
    if wire.encryption != 0 {
        return Err(BadBundle::Encrypted(wire.encryption));
    }
    wire.into_header().ok_or(malformed)
}

/// Inflates at most [`limits::CHUNK_BYTES`], whatever the frame claims.
fn inflate(packed: &[u8], at: usize) -> Result<Vec<u8>, BadBundle> {
    let malformed = || BadBundle::Malformed { part: "chunk", at };
    let claimed = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().ok_or_else(malformed)?;
    if claimed > limits::CHUNK_BYTES as u64 || packed.len() > limits::CHUNK_BYTES {
        return Err(too_large("chunk", limits::CHUNK_BYTES));
    }
    zstd::bulk::decompress(packed, claimed as usize).map_err(|_| malformed())
}

fn to_cbor(value: impl minicbor::Encode<()>) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to a Vec can't fail.
    let _: Result<(), _> = minicbor::encode(value, &mut out);
    out
}

fn too_large(what: &'static str, limit: usize) -> BadBundle {
    BadBundle::TooLarge { what, limit: limit as u64 }
}

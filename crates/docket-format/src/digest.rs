//! Domain-separated SHA-256: every digest in docket starts with a label, so that bytes made for one purpose can
//! never be read as another.

use sha2::{Digest, Sha256};

/// SHA-256 over the label and the parts, in order. Parts are of fixed length or the last one, so no length is mixed in.
pub fn labelled(label: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(label.as_bytes());
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The first 16 bytes of [`labelled`].
pub fn labelled16(label: &str, parts: &[&[u8]]) -> [u8; 16] {
    let full = labelled(label, parts);
    core::array::from_fn(|i| full.get(i).copied().unwrap_or_default())
}

/// Plain SHA-256 (photos, policy packs, Automerge chunks).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

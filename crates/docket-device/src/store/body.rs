//! How a change's facts and hashes lie in a row: length-prefixed, in the order of the change's operations.

use docket_format::change::Parsed;
use docket_format::{ChangeHash, FactId};

/// Frames facts: 16-byte key, 4-byte big-endian length, text; again and again.
pub(crate) fn frame<'a>(facts: impl Iterator<Item = (FactId, &'a str)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    for (key, text) in facts {
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(&(text.len() as u32).to_be_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    out
}

/// As [`frame`], for a whole change.
pub(crate) fn of(change: &Parsed) -> Vec<u8> {
    frame(change.facts.iter().map(|(key, text)| (*key, text.as_str())))
}

/// Takes a frame apart; `None` if it is damaged.
pub(crate) fn unframe(mut bytes: &[u8]) -> Option<Vec<(FactId, &str)>> {
    let mut facts = Vec::new();
    while !bytes.is_empty() {
        let (key, rest) = bytes.split_first_chunk::<{ FactId::LEN }>()?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let (text, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        facts.push((FactId::from_bytes(*key), core::str::from_utf8(text).ok()?));
        bytes = rest;
    }
    Some(facts)
}

/// Joins hashes.
pub(crate) fn join(hashes: &[ChangeHash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// Takes joined hashes apart; `None` if the length is off.
pub(crate) fn split(bytes: &[u8]) -> Option<Vec<ChangeHash>> {
    let (hashes, rest) = bytes.as_chunks::<{ ChangeHash::LEN }>();
    rest.is_empty().then(|| hashes.iter().map(|hash| ChangeHash::from_bytes(*hash)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_round_trip_and_damage_is_noticed() {
        let facts = [(FactId::from_bytes([1; 16]), "one"), (FactId::from_bytes([2; 16]), "")];
        let bytes = frame(facts.into_iter());
        assert_eq!(unframe(&bytes).unwrap(), facts);
        assert_eq!(unframe(&bytes[..bytes.len() - 1]), None);
        assert_eq!(split(&[0; 33]), None);
        let hashes = [ChangeHash::from_bytes([3; 32]), ChangeHash::from_bytes([4; 32])];
        assert_eq!(split(&join(&hashes)).unwrap(), hashes);
    }
}

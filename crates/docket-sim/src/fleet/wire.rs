//! A plain hand-over for devices without bundles: changes in causal order, framed, with a digest at the end.

use docket_format::change::Carrier;
use docket_format::{Author, DeviceId, DocId, Incarnation, digest};

/// One change on the road: its document, who put it together, its bytes.
pub(super) type Piece<B> = (DocId, Carrier, B);

/// Packs changes.
pub(super) fn encode<B: AsRef<[u8]>>(pieces: impl IntoIterator<Item = Piece<B>>) -> Vec<u8> {
    let mut out = Vec::new();
    for (doc, carrier, bytes) in pieces {
        let bytes = bytes.as_ref();
        out.extend_from_slice(doc.as_bytes());
        match carrier {
            Carrier::Import => out.push(0),
            Carrier::Device(author) => {
                out.push(1);
                out.extend_from_slice(author.device.as_bytes());
                out.extend_from_slice(&author.incarnation.0.to_be_bytes());
            }
        }
        out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
        out.extend_from_slice(bytes);
    }
    let check = digest::sha256(&out);
    out.extend_from_slice(&check);
    out
}

/// Unpacks changes; `None` when anything was damaged.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<Piece<&[u8]>>> {
    let (mut bytes, check) = bytes.split_last_chunk::<32>()?;
    if digest::sha256(bytes) != *check {
        return None;
    }
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let (doc, rest) = bytes.split_first_chunk::<16>()?;
        let (kind, rest) = rest.split_first()?;
        let (carrier, rest) = if *kind == 0 {
            (Carrier::Import, rest)
        } else {
            let (device, rest) = rest.split_first_chunk::<16>()?;
            let (incarnation, rest) = rest.split_first_chunk::<4>()?;
            let incarnation = Incarnation(u32::from_be_bytes(*incarnation));
            (Carrier::Device(Author { device: DeviceId::from_bytes(*device), incarnation }), rest)
        };
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let (change, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        pieces.push((DocId::from_bytes(*doc)?, carrier, change));
        bytes = rest;
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_anywhere_makes_it_unreadable() {
        let author = Author { device: DeviceId::from_bytes([2; 16]), incarnation: Incarnation(1) };
        let doc = DocId::new_v7(1, [1; 10]);
        let bytes = encode([(doc, Carrier::Device(author), b"one".as_slice()), (doc, Carrier::Import, b"two")]);
        assert_eq!(decode(&bytes).unwrap().len(), 2);
        for i in 0..bytes.len() {
            let mut other = bytes.clone();
            other[i] ^= 1;
            assert_eq!(decode(&other), None);
        }
    }
}

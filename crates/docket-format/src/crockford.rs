//! Crockford base 32: the text form of every binary id (no I, L, O, U; case-insensitive on input).

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Number of characters that `bytes` bytes take: 5 bits a character, the last one padded with zero bits.
pub const fn encoded_len(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

/// Encodes big-endian, most significant bits first; the last character's unused low bits are zero.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(encoded_len(bytes.len()));
    let (mut buffer, mut bits) = (0u32, 0u32);
    for &byte in bytes {
        buffer = (buffer << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(symbol(buffer >> bits));
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(symbol(buffer << (5 - bits)));
    }
    out
}

/// Decodes exactly `N` bytes. `None` for another length, a character outside the alphabet, or padding bits that
/// are not zero. Accepts lower case and the look-alikes i, l (1) and o (0), as people read codes over the phone.
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = decode_vec(text, N)?;
    bytes.try_into().ok()
}

/// Decodes exactly the canonical spelling (upper case, no look-alikes): the only one admitted inside records.
pub fn decode_strict<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.bytes().any(|c| !ALPHABET.contains(&c)) {
        return None;
    }
    decode(text)
}

/// As [`decode`], for a length known at run time.
pub fn decode_vec(text: &str, len: usize) -> Option<Vec<u8>> {
    if text.len() != encoded_len(len) {
        return None;
    }
    let mut out = Vec::with_capacity(len);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for c in text.bytes() {
        buffer = (buffer << 5) | value(c)?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    (buffer == 0).then_some(out)
}

/// Spells a typed prefix canonically (upper case, look-alikes replaced, hyphens dropped), or `None` if a character
/// can't occur.
pub fn normalise_prefix(text: &str) -> Option<String> {
    text.bytes().filter(|&c| c != b'-').map(|c| value(c).map(symbol)).collect()
}

fn symbol(low_bits: u32) -> char {
    char::from(ALPHABET.get((low_bits & 31) as usize).copied().unwrap_or(b'0'))
}

fn value(c: u8) -> Option<u32> {
    let c = match c.to_ascii_uppercase() {
        b'I' | b'L' => b'1',
        b'O' => b'0',
        other => other,
    };
    ALPHABET.iter().position(|&a| a == c).map(|p| p as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_and_refuses_padding_and_foreign_characters() {
        let id: [u8; 16] = core::array::from_fn(|i| (i * 17) as u8);
        let text = encode(&id);
        assert_eq!(text.len(), 26);
        assert_eq!(decode::<16>(&text), Some(id));
        assert_eq!(decode::<16>(&text.to_lowercase()), Some(id));
        assert_eq!(decode_strict::<16>(&text.to_lowercase()), None);
        assert_eq!(decode::<16>("0000000000000000000000000U"), None);
        assert_eq!(decode::<16>("00000000000000000000000001"), None, "padding bits must be zero");
    }

    #[test]
    fn prefixes_are_read_as_people_say_them() {
        assert_eq!(normalise_prefix("k7-oil").as_deref(), Some("K7011"));
        assert_eq!(normalise_prefix("k7!"), None);
    }
}

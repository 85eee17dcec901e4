//! The encodings that exports come in. UTF-8 is the rule; the two single-byte ones must be declared in the map,
//! because every byte string is valid in them and a guess would put wrong text into the record for ever.

use std::borrow::Cow;

/// How a file's bytes become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// ISO 8859-1: byte = code point.
    Latin1,
    /// Windows-1252: as ISO 8859-1 but for 0x80–0x9F.
    Windows1252,
}

/// What Windows-1252 has at 0x80–0x9F; `\0` = not assigned.
const HIGH: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

impl Encoding {
    /// The names a map may use.
    pub const NAMES: [&str; 3] = ["utf-8", "latin-1", "windows-1252"];

    /// Reads a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "utf-8" => Some(Self::Utf8),
            "latin-1" => Some(Self::Latin1),
            "windows-1252" => Some(Self::Windows1252),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "latin-1",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// Decodes one cell; the error is the first byte that has no meaning.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, u8> {
        match core::str::from_utf8(bytes) {
            Ok(text) if self == Self::Utf8 || bytes.is_ascii() => Ok(Cow::Borrowed(text)),
            Err(at) if self == Self::Utf8 => Err(bytes.get(at.valid_up_to()).copied().unwrap_or_default()),
            _ => {
                bytes.iter().map(|&byte| self.single(byte).ok_or(byte)).collect::<Result<String, u8>>().map(Cow::Owned)
            }
        }
    }

    fn single(self, byte: u8) -> Option<char> {
        match byte {
            0x80..=0x9f if self == Self::Windows1252 => {
                HIGH.get(usize::from(byte - 0x80)).copied().filter(|&c| c != '\0')
            }
            _ => Some(char::from(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_reads_its_own_bytes_and_names_the_byte_it_cannot() {
        assert_eq!(Encoding::Utf8.decode("Küche".as_bytes()).unwrap(), "Küche");
        assert_eq!(Encoding::Utf8.decode(b"K\xfcche"), Err(0xfc));
        assert_eq!(Encoding::Latin1.decode(b"K\xfcche").unwrap(), "Küche");
        assert_eq!(Encoding::Windows1252.decode(b"\x80 \x93K\xfcche\x94").unwrap(), "€ “Küche”");
        assert_eq!(Encoding::Windows1252.decode(b"a\x81"), Err(0x81));
        // UTF-8 bytes under a single-byte declaration are read as declared, not guessed.
        assert_eq!(Encoding::Latin1.decode("ü".as_bytes()).unwrap(), "Ã¼");
    }
}

//! Typed ids: one macro, one text form each, checked at construction. No signature in docket takes a bare
//! byte array, `Uuid` or `String` for an id.

use core::fmt;

use crate::{crockford, digest};

/// An id's text could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}: expected {expected}")]
pub struct BadId {
    /// What was asked for ("fact id").
    pub what: &'static str,
    /// What was given, shortened.
    pub text: String,
    /// The form that would have been accepted.
    pub expected: &'static str,
}

impl BadId {
    fn new(what: &'static str, text: &str, expected: &'static str) -> Self {
        Self { what, text: text.chars().take(80).collect(), expected }
    }
}

macro_rules! binary_id {
    ($(#[$doc:meta])* $name:ident, $len:literal, $what:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// Wraps bytes that are already an id of this kind.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Wraps a slice; `None` for another length.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Reads the canonical text form only.
            pub fn parse_strict(text: &str) -> Result<Self, BadId> {
                crockford::decode_strict(text).map(Self).ok_or_else(|| BadId::new($what, text, $expected))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&crockford::encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), crockford::encode(&self.0))
            }
        }

        impl core::str::FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                crockford::decode(text).map(Self).ok_or_else(|| BadId::new($what, text, $expected))
            }
        }
    };
}

binary_id!(
    /// A device: the first 16 bytes of SHA-256("docket-device" ‖ its Ed25519 public key). The roster's root key has one too.
    DeviceId, 16, "device id", "26 characters of Crockford base 32"
);
binary_id!(
    /// A fact: the first 16 bytes of SHA-256("docket-fact" ‖ document id ‖ canonical bytes). Its text is the fact's key.
    FactId, 16, "fact id", "26 characters of Crockford base 32"
);
binary_id!(
    /// A tenant (company): SHA-256("docket-tenant" ‖ root public key).
    TenantId, 32, "tenant id", "52 characters of Crockford base 32"
);
binary_id!(
    /// An Automerge actor, always derived, never chosen: see [`ActorId::of_device`], [`ActorId::of_import`] and genesis.
    ActorId, 16, "actor id", "26 characters of Crockford base 32"
);
binary_id!(
    /// The SHA-256 of an Automerge change chunk, as Automerge itself computes it.
    ChangeHash, 32, "change hash", "52 characters of Crockford base 32"
);
binary_id!(
    /// SHA-256 of a blob (photo, signature image) or of a policy pack's text.
    ContentDigest, 32, "content digest", "52 characters of Crockford base 32"
);
binary_id!(
    /// SHA-256("docket-seal" ‖ seal body): names one seal.
    SealId, 32, "seal id", "52 characters of Crockford base 32"
);

/// Counts a device's lives: a restored or cloned device starts a new one, so that no sequence number is reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Incarnation(pub u32);

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One life of one device: what `by` in a fact names, and whose facts form one chain per document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Author {
    /// The device.
    pub device: DeviceId,
    /// Its life.
    pub incarnation: Incarnation,
}

impl DeviceId {
    /// The id that belongs to an Ed25519 public key.
    pub fn of_key(public_key: &[u8; 32]) -> Self {
        Self(digest::labelled16("docket-device", &[public_key]))
    }
}

impl TenantId {
    /// The id that belongs to a root public key.
    pub fn of_root(root_public_key: &[u8; 32]) -> Self {
        Self(digest::labelled("docket-tenant", &[root_public_key]))
    }
}

impl FactId {
    /// The key of a fact in a document.
    pub fn of(doc: DocId, canonical: &[u8]) -> Self {
        Self(digest::labelled16("docket-fact", &[doc.as_bytes(), canonical]))
    }
}

impl ActorId {
    /// The only actor that a device's life may use in a document: H(device, incarnation, document) (DESIGN §4).
    pub fn of_device(author: Author, doc: DocId) -> Self {
        Self(digest::labelled16(
            "docket-actor",
            &[author.device.as_bytes(), &author.incarnation.0.to_be_bytes(), doc.as_bytes()],
        ))
    }

    /// The actor of an imported change: derived from the document and the facts the change carries, so that two
    /// offices importing the same row make the same bytes.
    pub fn of_import<'a>(doc: DocId, canonical_facts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut joined = Vec::new();
        for fact in canonical_facts {
            joined.extend_from_slice(&(fact.len() as u32).to_be_bytes());
            joined.extend_from_slice(fact.as_bytes());
        }
        Self(digest::labelled16("docket-import-actor", &[doc.as_bytes(), &joined]))
    }

    /// The actor of a document's genesis change.
    pub fn of_genesis(doc: DocId) -> Self {
        Self(digest::labelled16("docket-genesis-actor", &[doc.as_bytes()]))
    }
}

/// A document: UUIDv7 when a device makes it, UUIDv8 when its id is derived (imports, roster).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocId([u8; 16]);

impl DocId {
    /// A new id from a wall clock in milliseconds since 1970 and 10 random bytes (RFC 9562 §5.7).
    pub fn new_v7(unix_ms: u64, random: [u8; 10]) -> Self {
        Self(*uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid().as_bytes())
    }

    /// An id derived from what names the thing outside docket (RFC 9562 §5.8): the same tenant, source and external
    /// number give the same document everywhere. `kind` keeps a customer and a job of the same number apart.
    pub fn derived(tenant: TenantId, kind: &str, source: &str, external: &str) -> Self {
        let mut framed = Vec::with_capacity(kind.len() + source.len() + external.len() + 12);
        for part in [kind, source, external] {
            framed.extend_from_slice(&(part.len() as u32).to_be_bytes());
            framed.extend_from_slice(part.as_bytes());
        }
        let bytes = digest::labelled16("docket-doc", &[tenant.as_bytes(), &framed]);
        Self(*uuid::Builder::from_custom_bytes(bytes).into_uuid().as_bytes())
    }

    /// Accepts only RFC 9562 version 7 or 8 with the RFC variant; `None` for anything else.
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        let id = uuid::Uuid::from_bytes(bytes);
        let known = matches!(id.get_version_num(), 7 | 8) && id.get_variant() == uuid::Variant::RFC4122;
        known.then_some(Self(bytes))
    }

    /// As [`DocId::from_bytes`], from a slice.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Self::from_bytes(bytes.try_into().ok()?)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The short code that people read and type: Crockford base 32 of a hash of the id, 26 characters; any unique
    /// prefix names the document. Shown with [`DocId::CODE_SHOWN`] characters.
    pub fn code(&self) -> String {
        crockford::encode(&digest::labelled16("docket-code", &[&self.0]))
    }

    /// How many characters of the code lists show: 8 (40 bits; among 100,000 documents a clash has odds of 1 in 220).
    pub const CODE_SHOWN: usize = 8;

    /// The first [`DocId::CODE_SHOWN`] characters of the code.
    pub fn short(&self) -> String {
        let mut code = self.code();
        code.truncate(Self::CODE_SHOWN);
        code
    }
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(uuid::Uuid::from_bytes(self.0).hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()))
    }
}

impl fmt::Debug for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocId({self})")
    }
}

impl core::str::FromStr for DocId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId::new("document id", text, "a hyphenated UUID of version 7 or 8");
        let id = uuid::Uuid::try_parse(text).map_err(|_| bad())?;
        Self::from_bytes(*id.as_bytes()).ok_or_else(bad)
    }
}

/// A person (not a device): the company's own staff number, 1 to 64 characters of `A-Z a-z 0-9 . _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(String);

impl PersonId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl core::str::FromStr for PersonId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let good = (1..=64).contains(&text.len())
            && text.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-'));
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadId::new("person id", text, "1 to 64 letters, digits, `.`, `_` or `-`, as in T-042"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uuid_7_and_8_are_document_ids() {
        let v7 = DocId::new_v7(1_700_000_000_000, [7; 10]);
        assert_eq!(v7.to_string().parse::<DocId>().unwrap(), v7);
        let tenant = TenantId::of_root(&[1; 32]);
        let v8 = DocId::derived(tenant, "job", "myla311", "1-1");
        assert_eq!(DocId::from_bytes(*v8.as_bytes()), Some(v8));
        assert_ne!(v8, DocId::derived(tenant, "job", "myla3111", "-1"), "parts are framed");
        assert!("00000000-0000-4000-8000-000000000000".parse::<DocId>().is_err());
        assert!(DocId::from_bytes([0x88; 16]).is_some() && DocId::from_bytes([0; 16]).is_none());
    }

    #[test]
    fn a_person_id_can_hold_nothing_that_a_path_or_terminal_would_act_on() {
        assert!("T-042".parse::<PersonId>().is_ok());
        for bad in ["", "a b", "../x", "é", "\u{1b}[31m", &"x".repeat(65)] {
            assert!(bad.parse::<PersonId>().is_err(), "{bad:?}");
        }
    }
}

//! Ed25519 keys and signatures (RFC 8032), always over a labelled message.

use core::fmt;

use ed25519_dalek::{Signature as DalekSignature, Signer as _, SigningKey, VerifyingKey};

use crate::crockford;
use crate::ids::{BadId, DeviceId, TenantId};

/// A signature does not belong to the key and the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct BadSignature;

/// A private key. Never printed; wiped from memory when dropped.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key that belongs to 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The secret bytes, for the key file.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs label ‖ 0 ‖ parts. Parts are of fixed length or the last one.
    pub fn sign(&self, label: &str, parts: &[&[u8]]) -> Signature {
        Signature(self.0.sign(&message(label, parts)).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

/// A public key: 52 characters of Crockford base 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Wraps 32 bytes. Bytes that are no point of the curve are accepted here and verify nothing.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The device that this key is.
    pub fn device(&self) -> DeviceId {
        DeviceId::of_key(&self.0)
    }

    /// The tenant that this key is the root of.
    pub fn tenant(&self) -> TenantId {
        TenantId::of_root(&self.0)
    }

    /// Checks a signature strictly: weak keys and malleable signatures are refused (RFC 8032 §8.4).
    pub fn verify(&self, label: &str, parts: &[&[u8]], signature: &Signature) -> Result<(), BadSignature> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| BadSignature)?;
        let signature = DalekSignature::from_bytes(&signature.0);
        key.verify_strict(&message(label, parts), &signature).map_err(|_| BadSignature)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crockford::encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl core::str::FromStr for PublicKey {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        crockford::decode_strict(text).map(Self).ok_or_else(|| BadId {
            what: "public key",
            text: text.chars().take(80).collect(),
            expected: "52 characters of Crockford base 32",
        })
    }
}

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Wraps a slice; `None` unless it has 64 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// 103 characters of Crockford base 32, as roster facts carry it.
    pub fn to_text(&self) -> String {
        crockford::encode(&self.0)
    }

    /// Reads [`Signature::to_text`].
    pub fn from_text(text: &str) -> Option<Self> {
        crockford::decode_strict(text).map(Self)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(…)")
    }
}

fn message(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut message = label.as_bytes().to_vec();
    // A label never contains NUL: no label and message can be read as another label and message.
    message.push(0);
    for part in parts {
        message.extend_from_slice(part);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_key_label_and_message_only() {
        let key = SecretKey::from_seed(&[7; 32]);
        let signature = key.sign("docket-test", &[b"ab", b"c"]);
        assert!(key.public().verify("docket-test", &[b"ab", b"c"], &signature).is_ok());
        assert!(key.public().verify("docket-tes", &[b"tabc"], &signature).is_err());
        assert!(key.public().verify("docket-other", &[b"ab", b"c"], &signature).is_err());
        assert!(key.public().verify("docket-test", &[b"abd"], &signature).is_err());
        assert!(SecretKey::from_seed(&[8; 32]).public().verify("docket-test", &[b"abc"], &signature).is_err());
        assert!(PublicKey::from_bytes([0; 32]).verify("docket-test", &[b"abc"], &signature).is_err());
        assert_eq!(Signature::from_text(&signature.to_text()), Some(signature));
    }
}

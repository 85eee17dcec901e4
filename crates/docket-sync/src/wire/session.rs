//! Proving who one is: a signature over the relay's nonce; a token is only a cache of that.

use docket_format::keys::{BadSignature, PublicKey, SecretKey, Signature};
use docket_format::{DeviceId, TenantId};
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};

use super::{VERSION, from_cbor, to_cbor};

const AUTH: &str = "docket-auth";

/// A device asks for a nonce. The first bytes of the tenant's id name the company: an invitation code holds five.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Challenge {
    /// The protocol's version.
    #[n(0)]
    pub version: u64,
    /// 5 to 32 bytes of the tenant's id.
    #[n(1)]
    pub tenant: ByteVec,
}

/// The relay's nonce.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Challenged {
    /// To be signed within a minute.
    #[n(0)]
    pub nonce: ByteVec,
    /// The whole tenant id.
    #[n(1)]
    pub tenant: ByteArray<32>,
    /// The relay's public key.
    #[n(2)]
    pub relay: ByteArray<32>,
}

/// A device proves who it is; frames after it may bring the roster that says so.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Prove {
    /// The company.
    #[n(0)]
    pub tenant: ByteArray<32>,
    /// The device's (or invitation's) public key.
    #[n(1)]
    pub key: ByteArray<32>,
    /// The relay's nonce.
    #[n(2)]
    pub nonce: ByteVec,
    /// [`auth_signature`].
    #[n(3)]
    pub signature: ByteArray<64>,
}

/// The relay believes it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Granted {
    /// Shown with every request.
    #[n(0)]
    pub token: String,
    /// How long it is good for, in seconds.
    #[n(1)]
    pub seconds: u64,
}

/// Somebody with an invitation asks for the roster: the same, with the invitation's key. The answer is page frames with
/// the roster's document.
pub type Join = Prove;

/// Why a relay refused a request, in the body of an answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Problem {
    /// A stable code.
    #[n(0)]
    pub code: String,
    /// For people.
    #[n(1)]
    pub message: String,
}

macro_rules! cbor {
    ($($name:ty),*) => {$(
        impl $name {
            /// Its CBOR.
            pub fn encode_bytes(&self) -> Vec<u8> {
                to_cbor(self)
            }

            /// Reads it; `None` for anything else.
            pub fn decode_bytes(bytes: &[u8]) -> Option<Self> {
                from_cbor(bytes)
            }
        }
    )*};
}
cbor!(Challenge, Challenged, Prove, Granted, Problem);

impl Challenge {
    /// Asks for a company by its whole id or the first bytes of it.
    pub fn new(tenant: &[u8]) -> Self {
        Self { version: VERSION, tenant: tenant.to_vec().into() }
    }
}

impl Prove {
    /// The device that the key is.
    pub fn device(&self) -> DeviceId {
        PublicKey::from_bytes(self.key.into()).device()
    }
}

/// A signature over a relay's nonce, good for that relay and company only.
pub fn auth_signature(key: &SecretKey, tenant: TenantId, relay: &PublicKey, nonce: &[u8]) -> Signature {
    key.sign(AUTH, &[tenant.as_bytes(), relay.as_bytes(), nonce])
}

/// Checks [`auth_signature`].
pub fn check_auth(
    key: &PublicKey,
    tenant: TenantId,
    relay: &PublicKey,
    nonce: &[u8],
    signature: &Signature,
) -> Result<(), BadSignature> {
    key.verify(AUTH, &[tenant.as_bytes(), relay.as_bytes(), nonce], signature)
}

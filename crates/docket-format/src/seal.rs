//! Seals: a device's signature over its own tips (DESIGN §3). One signature covers a whole hand-over.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::digest;
use crate::ids::{Author, DeviceId, Incarnation, SealId, TenantId};
use crate::keys::{BadSignature, PublicKey, SecretKey, Signature};
use crate::limits;
use crate::merkle::{self, Leaf, Node};

const LABEL: &str = "docket-seal";

/// What a seal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealBody {
    /// For whom.
    pub tenant: TenantId,
    /// By which life of which device.
    pub author: Author,
    /// The author's seals are counted 1, 2, 3 …: a gap shows a withheld seal, two of one count an equivocation.
    pub count: u64,
    /// Merkle root over the leaves, sorted by (document, n, fact).
    pub root: Node,
    /// How many leaves, 1 to [`limits::SEAL_LEAVES`].
    pub leaves: u64,
    /// The newest relay time the device holds (DESIGN §6), as the relay signed it: opaque here, at most
    /// [`limits::BEACON_BYTES`]. No relay, no beacon.
    pub beacon: Option<Vec<u8>>,
    /// The device's wall clock, milliseconds since 1970: a claim.
    pub wall_ms: i64,
}

/// CDDL `seal-body`.
#[derive(Encode, Decode)]
#[cbor(map)]
struct WireBody {
    #[cbor(n(0), with = "minicbor::bytes")]
    tenant: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    device: [u8; 16],
    #[n(2)]
    incarnation: u32,
    #[n(3)]
    count: u64,
    #[cbor(n(4), with = "minicbor::bytes")]
    root: [u8; 32],
    #[n(5)]
    leaves: u64,
    #[n(6)]
    beacon: Option<ByteVec>,
    #[n(7)]
    wall_ms: i64,
}

/// A seal as it came: nothing about it is checked. Only [`Seal::verify`] makes it usable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    body: Vec<u8>,
    signature: Signature,
}

/// A seal whose signature was checked against its device's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSeal {
    body: SealBody,
    raw: Seal,
}

/// Why a seal can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSeal {
    /// The body is not the canonical CBOR of a seal body.
    #[error("malformed seal")]
    Malformed,
    /// It was made for another tenant.
    #[error("a seal for another tenant ({0})")]
    OtherTenant(TenantId),
    /// The key is not that of the device it names.
    #[error("a seal of device {0}, checked against another device's key")]
    OtherDevice(DeviceId),
    /// Signature mismatch.
    #[error("forged seal: {0}")]
    Signature(#[from] BadSignature),
    /// The leaves shown are not those that were signed.
    #[error("the seal's leaves are not those that were signed")]
    Leaves,
}

impl SealBody {
    fn wire(&self) -> WireBody {
        WireBody {
            tenant: *self.tenant.as_bytes(),
            device: *self.author.device.as_bytes(),
            incarnation: self.author.incarnation.0,
            count: self.count,
            root: self.root,
            leaves: self.leaves,
            beacon: self.beacon.clone().map(ByteVec::from),
            wall_ms: self.wall_ms,
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        // Writing to a Vec can't fail.
        let _: Result<(), _> = minicbor::encode(self.wire(), &mut out);
        out
    }
}

impl Seal {
    /// Signs leaves (any order; sorted and made unique here). `None` for no leaves or more than the limit.
    pub fn sign(
        key: &SecretKey,
        tenant: TenantId,
        incarnation: Incarnation,
        count: u64,
        wall_ms: i64,
        leaves: &mut Vec<Leaf>,
    ) -> Option<VerifiedSeal> {
        Self::sign_after(key, tenant, incarnation, count, wall_ms, None, leaves)
    }

    /// As [`Seal::sign`], with the newest relay time that the device holds: proves that the seal came after it.
    pub fn sign_after(
        key: &SecretKey,
        tenant: TenantId,
        incarnation: Incarnation,
        count: u64,
        wall_ms: i64,
        beacon: Option<Vec<u8>>,
        leaves: &mut Vec<Leaf>,
    ) -> Option<VerifiedSeal> {
        leaves.sort_unstable();
        leaves.dedup();
        if leaves.is_empty() || leaves.len() > limits::SEAL_LEAVES {
            return None;
        }
        let nodes: Vec<Node> = leaves.iter().map(Leaf::node).collect();
        let author = Author { device: key.public().device(), incarnation };
        let root = merkle::root(&nodes);
        let body = SealBody { tenant, author, count, root, leaves: leaves.len() as u64, beacon, wall_ms };
        let bytes = body.to_bytes();
        let signature = key.sign(LABEL, &[&bytes]);
        Some(VerifiedSeal { body, raw: Seal { body: bytes, signature } })
    }

    /// A seal from its two parts, unchecked.
    pub fn from_parts(body: Vec<u8>, signature: Signature) -> Self {
        Self { body, signature }
    }

    /// The signed bytes.
    pub fn body_bytes(&self) -> &[u8] {
        &self.body
    }

    /// The signature.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Names the seal.
    pub fn id(&self) -> SealId {
        SealId::from_bytes(digest::labelled("docket-seal-id", &[&self.body]))
    }

    /// What the seal claims, before its signature is checked: for finding the key to check it with.
    pub fn claims(&self) -> Result<SealBody, BadSeal> {
        let wire: WireBody = minicbor::decode(&self.body).map_err(|_| BadSeal::Malformed)?;
        let author = Author { device: DeviceId::from_bytes(wire.device), incarnation: Incarnation(wire.incarnation) };
        let tenant = TenantId::from_bytes(wire.tenant);
        let WireBody { count, root, leaves, beacon, wall_ms, .. } = wire;
        let body = SealBody { tenant, author, count, root, leaves, beacon: beacon.map(Vec::from), wall_ms };
        let counted = body.count > 0 && (1..=limits::SEAL_LEAVES as u64).contains(&body.leaves);
        let small = body.beacon.as_ref().is_none_or(|beacon| beacon.len() <= limits::BEACON_BYTES);
        if !counted || !small || body.to_bytes() != self.body {
            return Err(BadSeal::Malformed);
        }
        Ok(body)
    }

    /// Checks tenant, device and signature.
    pub fn verify(self, tenant: TenantId, key: &PublicKey) -> Result<VerifiedSeal, BadSeal> {
        let body = self.claims()?;
        if body.tenant != tenant {
            return Err(BadSeal::OtherTenant(body.tenant));
        }
        if key.device() != body.author.device {
            return Err(BadSeal::OtherDevice(body.author.device));
        }
        key.verify(LABEL, &[&self.body], &self.signature)?;
        Ok(VerifiedSeal { body, raw: self })
    }
}

impl VerifiedSeal {
    /// What it says.
    pub fn body(&self) -> &SealBody {
        &self.body
    }

    /// Its bytes and signature.
    pub fn raw(&self) -> &Seal {
        &self.raw
    }

    /// Names the seal.
    pub fn id(&self) -> SealId {
        self.raw.id()
    }

    /// Checks that these are all the leaves that were signed, in their order.
    pub fn covers_all(&self, nodes: &[Node]) -> Result<(), BadSeal> {
        let same = nodes.len() as u64 == self.body.leaves && merkle::root(nodes) == self.body.root;
        if same { Ok(()) } else { Err(BadSeal::Leaves) }
    }

    /// Checks that one leaf was signed, in its place.
    pub fn covers(&self, leaf: &Leaf, index: u64, proof: &[Node]) -> Result<(), BadSeal> {
        let climbed = merkle::climb(leaf.node(), index, self.body.leaves, proof);
        if climbed == Some(self.body.root) { Ok(()) } else { Err(BadSeal::Leaves) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DocId, FactId};

    fn leaves(n: u8) -> Vec<Leaf> {
        (0..n)
            .map(|i| Leaf { doc: DocId::new_v7(u64::from(i), [i; 10]), n: 1, fact: FactId::from_bytes([i; 16]) })
            .collect()
    }

    #[test]
    fn a_seal_holds_for_its_tenant_device_and_leaves_only() {
        let key = SecretKey::from_seed(&[1; 32]);
        let tenant = TenantId::from_bytes([9; 32]);
        let mut signed = leaves(5);
        let seal = Seal::sign(&key, tenant, Incarnation(1), 1, 7, &mut signed).unwrap();
        let again = seal.raw().clone().verify(tenant, &key.public()).unwrap();
        assert_eq!(again, seal);
        let nodes: Vec<Node> = signed.iter().map(Leaf::node).collect();
        assert!(again.covers_all(&nodes).is_ok());
        assert!(again.covers_all(&nodes[..4]).is_err());
        assert!(again.covers(&signed[3], 3, &merkle::proof(&nodes, 3)).is_ok());
        assert!(again.covers(&signed[2], 3, &merkle::proof(&nodes, 3)).is_err());

        let other = SecretKey::from_seed(&[2; 32]).public();
        assert!(matches!(seal.raw().clone().verify(tenant, &other), Err(BadSeal::OtherDevice(_))));
        let elsewhere = TenantId::from_bytes([8; 32]);
        assert!(matches!(seal.raw().clone().verify(elsewhere, &key.public()), Err(BadSeal::OtherTenant(_))));
    }

    #[test]
    fn any_flipped_bit_of_body_or_signature_is_noticed() {
        let key = SecretKey::from_seed(&[1; 32]);
        let tenant = TenantId::from_bytes([9; 32]);
        let seal = Seal::sign(&key, tenant, Incarnation(1), 1, 7, &mut leaves(2)).unwrap();
        let raw = seal.raw();
        for bit in 0..raw.body.len() * 8 {
            let mut body = raw.body.clone();
            body[bit / 8] ^= 1 << (bit % 8);
            assert!(Seal::from_parts(body, raw.signature).verify(tenant, &key.public()).is_err(), "bit {bit}");
        }
        for bit in 0..512 {
            let mut signature = *raw.signature.as_bytes();
            signature[bit / 8] ^= 1 << (bit % 8);
            let signature = Signature::from_slice(&signature).unwrap();
            assert!(Seal::from_parts(raw.body.clone(), signature).verify(tenant, &key.public()).is_err());
        }
    }

    #[test]
    fn a_beacon_is_carried_and_bounded() {
        let key = SecretKey::from_seed(&[1; 32]);
        let tenant = TenantId::from_bytes([9; 32]);
        let seal = Seal::sign(&key, tenant, Incarnation(1), 1, 7, &mut leaves(2)).unwrap();
        for (len, good) in [(0, true), (limits::BEACON_BYTES, true), (limits::BEACON_BYTES + 1, false)] {
            let body = SealBody { beacon: Some(vec![7; len]), ..seal.body().clone() };
            let bytes = body.to_bytes();
            let signature = key.sign(LABEL, &[&bytes]);
            let checked = Seal::from_parts(bytes, signature).verify(tenant, &key.public());
            assert_eq!(checked.map(|seal| seal.body().clone()), if good { Ok(body) } else { Err(BadSeal::Malformed) });
        }
    }

    #[test]
    fn nothing_and_too_much_are_not_sealed() {
        let key = SecretKey::from_seed(&[1; 32]);
        assert!(Seal::sign(&key, TenantId::from_bytes([9; 32]), Incarnation(1), 1, 7, &mut Vec::new()).is_none());
    }
}

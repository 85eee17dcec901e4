//! The bytes of docket: ids, canonical facts, genesis, changes and their preflight, seals, certificates, limits.
//!
//! Pure: no clock, no randomness, no files, no SQL, no HTTP; nothing here knows what a checklist is. The formats are
//! for ever and are described in `docs/protocol.md`, whose test vectors a test regenerates.

pub mod bundle;
pub mod canonical;
pub mod change;
pub mod crockford;
pub mod digest;
pub mod fact;
pub mod ids;
pub mod invitation;
pub mod keys;
pub mod limits;
pub mod merkle;
pub mod roster;
pub mod scope;
pub mod seal;
pub mod snapshot;

pub use fact::{Fact, FactHeader, Malformed};
pub use ids::{
    ActorId, Author, BadId, ChangeHash, ContentDigest, DeviceId, DocId, FactId, Incarnation, PersonId, SealId, TenantId,
};

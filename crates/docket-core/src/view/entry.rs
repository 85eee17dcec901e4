//! What each fact did.

use docket_format::{FactId, PersonId};

use crate::record::Standing;
use crate::text;
use crate::time::UnixMs;

/// What a fact did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It counts.
    Applied,
    /// A correction took its place or voided it.
    Corrected,
    /// The same device said something else later.
    Superseded,
    /// A decision kept another fact.
    DecidedAgainst,
    /// Late work that a supervisor rejected, or moved to another job.
    Rejected,
    /// Its author may not state it (D-H20).
    Unauthorised,
    /// A claim that nobody has accepted.
    Claim,
    /// Its device is unknown.
    UnknownDevice,
    /// A kind of a newer version.
    UnknownKind,
    /// Its payload makes no sense.
    BadPayload,
}

impl Effect {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Corrected => "corrected",
            Self::Superseded => "superseded",
            Self::DecidedAgainst => "decided_against",
            Self::Rejected => "rejected",
            Self::Unauthorised => "unauthorised",
            Self::Claim => "claim",
            Self::UnknownDevice => "unknown_device",
            Self::UnknownKind => "unknown_kind",
            Self::BadPayload => "bad_payload",
        }
    }
}

/// One fact in the fold's order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Entry<'a> {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// Its kind.
    pub kind: &'a str,
    /// Who; `None` for an imported fact or an unknown device.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: Option<UnixMs>,
    /// How well it is vouched for.
    pub standing: Standing,
    /// What it did.
    pub effect: Effect,
}

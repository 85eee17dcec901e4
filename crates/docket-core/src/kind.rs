//! The kinds of facts that this version understands. Others are kept and carried, and have no effect. Kinds without a
//! constant here are in the [`catalogue`].

use crate::catalogue;

/// A document's first fact.
pub const CREATED: &str = "created";
/// A document's first fact, out of a file.
pub const IMPORTED: &str = "imported";
/// One register.
pub const SET: &str = "set";
/// Settles a conflict or contradictory facts.
pub const DECIDED: &str = "decided";
/// Free text.
pub const NOTED: &str = "noted";
/// The crew.
pub const ASSIGNED: &str = "assigned";
/// The appointment.
pub const SCHEDULED: &str = "scheduled";
/// On site; its id names the visit.
pub const ARRIVED: &str = "arrived";
/// A checklist step's answer.
pub const STEP: &str = "step";
/// A checklist step's measured answer.
pub const READING: &str = "reading";
/// A photo, by digest.
pub const PHOTO: &str = "photo";
/// A signature over the answers.
pub const SIGNED: &str = "signed";
/// Voids a fact.
pub const CORRECTED: &str = "corrected";
/// A hazard found or removed (D-H14).
pub const HAZARD: &str = "hazard";
/// The work is done.
pub const COMPLETED: &str = "completed";
/// The work was refused, for one thing because it is unsafe (D-H14).
pub const REFUSED: &str = "refused";
/// Nobody opened (D-K2).
pub const NO_ACCESS: &str = "no_access";
/// The job is off.
pub const CANCELLED: &str = "cancelled";
/// The job is on again.
pub const REOPENED: &str = "reopened";
/// A technician's certificate, exam, interview or service (D-H2).
pub const EVIDENCE: &str = "evidence";
/// Takes a technician's evidence back (D-H2).
pub const WITHDRAWN: &str = "withdrawn";
/// Region, nature and severity of a request (D-E1).
pub const CLASSIFIED: &str = "classified";
/// Somebody spoke, or tried to speak, to the customer.
pub const CONTACTED: &str = "contacted";
/// A part's way (D-H15).
pub const PART: &str = "part";
/// Work waits.
pub const PAUSED: &str = "paused";
/// Work goes on.
pub const RESUMED: &str = "resumed";
/// A part of a policy's text.
pub const PACK: &str = "pack";

/// Not a kind of fact: the right to correct a fact that somebody else wrote.
pub const FIX_OTHER: &str = "fix_other";

/// Every kind that is not catalogued, and whose authors a policy may restrict.
const BUILT_IN: [&str; 23] = [
    CREATED, IMPORTED, SET, DECIDED, NOTED, ASSIGNED, SCHEDULED, ARRIVED, STEP, READING, PHOTO, SIGNED, CORRECTED,
    HAZARD, COMPLETED, REFUSED, NO_ACCESS, CANCELLED, REOPENED, EVIDENCE, WITHDRAWN, PACK, FIX_OTHER,
];

/// Every kind whose authors a policy may restrict.
pub fn all() -> impl Iterator<Item = &'static str> {
    BUILT_IN.into_iter().chain(catalogue::SHAPES.iter().map(|shape| shape.kind))
}

/// Whether this version knows what a fact of this kind means.
pub fn is_known(kind: &str) -> bool {
    kind != FIX_OTHER && (BUILT_IN.contains(&kind) || catalogue::shape(kind).is_some())
}

/// Kinds that carry registers.
pub fn sets_registers(kind: &str) -> bool {
    matches!(kind, CREATED | IMPORTED | SET | DECIDED | ASSIGNED | SCHEDULED | CLASSIFIED)
}

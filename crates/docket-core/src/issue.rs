//! What a person must look at: conflicts, contradictory facts, facts without effect. Settled by `decided` facts.

use core::fmt;
use core::str::FromStr;

use docket_format::{BadId, DocId, FactId, PersonId, digest};
use serde_json::Value;

use crate::text;
use crate::time::UnixMs;

/// Names an issue: a digest of the document, the kind of issue and the facts it is about, so that every device that
/// holds the same facts gives it the same name, and one more fact about the matter opens it again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueId([u8; 16]);

impl IssueId {
    /// The id of the issue of this kind about these facts (any order); `detail` tells apart what the facts don't (a
    /// register's name, an appliance).
    pub fn of(doc: DocId, kind: IssueKind, detail: &str, facts: &[FactId]) -> Self {
        let mut sorted = facts.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut framed = Vec::with_capacity(64 + sorted.len() * FactId::LEN);
        for part in [kind.as_str(), detail] {
            framed.extend_from_slice(&(part.len() as u32).to_be_bytes());
            framed.extend_from_slice(part.as_bytes());
        }
        for fact in &sorted {
            framed.extend_from_slice(fact.as_bytes());
        }
        Self(digest::labelled16("docket-issue", &[doc.as_bytes(), &framed]))
    }
}

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        FactId::from_bytes(self.0).fmt(f)
    }
}

impl fmt::Debug for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssueId({self})")
    }
}

impl FromStr for IssueId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        // The same 16 bytes and spelling as a fact id, and never mixed up with one: the types differ.
        FactId::from_str(text).map(|id| Self(*id.as_bytes())).map_err(|bad| BadId { what: "issue id", ..bad })
    }
}

/// What an issue is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    /// A register with two different values, neither of which knew the other.
    Conflict,
    /// Different answers to one step by different devices.
    AnswersDiffer,
    /// Two different corrections of one fact.
    CorrectionsDiffer,
    /// Different outcomes of one visit.
    OutcomesDiffer,
    /// A second visit after one that was completed (D-H9).
    TwoVisits,
    /// Work on a job that is cancelled.
    CancelledWork,
    /// Recorded by a device after its revocation.
    Claim,
    /// Written by somebody whose role may not state it (D-H20).
    Unauthorised,
    /// Written by a device that the roster does not know.
    UnknownDevice,
    /// Well-formed as a fact, but its payload makes no sense.
    BadPayload,
    /// The core step was done without its safety test passed before (D-H14).
    GatePassedUnsafe,
    /// A technician recorded evidence about themselves (D-H2).
    SelfRecorded,
    /// A visit by somebody whom the job had been taken from meanwhile (DESIGN §5).
    LateWork,
}

impl IssueKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Conflict,
        Self::AnswersDiffer,
        Self::CorrectionsDiffer,
        Self::OutcomesDiffer,
        Self::TwoVisits,
        Self::CancelledWork,
        Self::Claim,
        Self::Unauthorised,
        Self::UnknownDevice,
        Self::BadPayload,
        Self::GatePassedUnsafe,
        Self::SelfRecorded,
        Self::LateWork,
    ];

    /// The name used in views, JSON and issue ids: never changed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::AnswersDiffer => "answers_differ",
            Self::CorrectionsDiffer => "corrections_differ",
            Self::OutcomesDiffer => "outcomes_differ",
            Self::TwoVisits => "two_visits",
            Self::CancelledWork => "cancelled_work",
            Self::Claim => "claim",
            Self::Unauthorised => "unauthorised",
            Self::UnknownDevice => "unknown_device",
            Self::BadPayload => "bad_payload",
            Self::GatePassedUnsafe => "gate_passed_unsafe",
            Self::SelfRecorded => "self_recorded",
            Self::LateWork => "late_work",
        }
    }

    /// The row of DOMAIN.md that asks for it, or the section of the design.
    pub const fn row(self) -> &'static str {
        match self {
            Self::TwoVisits => "D-H9",
            Self::Unauthorised => "D-H20",
            Self::GatePassedUnsafe => "D-H14",
            Self::SelfRecorded => "D-H2",
            Self::AnswersDiffer | Self::CorrectionsDiffer | Self::OutcomesDiffer | Self::CancelledWork => "D-H1",
            Self::Conflict | Self::BadPayload => "§2",
            Self::Claim | Self::UnknownDevice => "§3",
            Self::LateWork => "§5",
        }
    }

    /// How much it matters.
    pub const fn severity(self) -> Severity {
        match self {
            Self::GatePassedUnsafe | Self::OutcomesDiffer | Self::UnknownDevice => Severity::High,
            Self::BadPayload => Severity::Low,
            _ => Severity::Medium,
        }
    }
}

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Needs a decision.
    Medium,
    /// Somebody may come to harm, or a record can't be trusted.
    High,
}

impl Severity {
    /// The name used in views, JSON and audit packs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One of the facts that an issue lets a person choose between.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Choice {
    /// The fact (`--keep`).
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// What keeping it would mean: a register's value, or a short description.
    pub value: Value,
    /// Who wrote it; `None` for an imported fact.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as its device claims.
    pub at_ms: Option<UnixMs>,
}

/// A live decision about an issue.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Decided {
    /// The `decided` fact; a later decision names it in `over`.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// The fact kept; `None` = none of them (or nothing to choose).
    #[serde(serialize_with = "text::option")]
    pub keep: Option<FactId>,
    /// The job that the work belongs to, for late work that was moved there; then nothing is kept.
    #[serde(serialize_with = "text::option")]
    pub moved_to: Option<DocId>,
    /// The reason given.
    pub why: String,
    /// Who decided.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
}

/// Something that a person must look at.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Issue {
    /// Stable across devices that hold the same facts.
    #[serde(serialize_with = "text::one")]
    pub id: IssueId,
    /// What it is about.
    pub kind: IssueKind,
    /// The DOMAIN row or design section.
    pub row: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One line for people.
    pub summary: String,
    /// The register, for [`IssueKind::Conflict`].
    pub register: Option<String>,
    /// The facts it is about, in the fold's order.
    #[serde(serialize_with = "text::list")]
    pub facts: Vec<FactId>,
    /// What a decision may keep. Empty when there is nothing to choose: then a decision only says it was seen.
    pub options: Vec<Choice>,
    /// The decision in force, if there is exactly one (or several that agree).
    pub decided: Option<Decided>,
    /// Live decisions that disagree: the issue is open again, and a new decision must name them all in `over`.
    pub contested: Vec<Decided>,
}

impl Issue {
    /// Whether somebody still has to decide.
    pub fn is_open(&self) -> bool {
        self.decided.is_none()
    }
}

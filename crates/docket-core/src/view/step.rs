//! Steps, their answers, their order, and gates.

use docket_format::{FactId, PersonId};
use serde_json::Value;

use crate::policy::Group;
use crate::text;
use crate::time::UnixMs;

/// How an answer, or its absence, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Answered although nobody asks it here (a condition of the step does not hold): kept and shown, judged by nobody.
    NotAsked,
    /// Answered as it should be.
    Ok,
    /// No answer.
    Missing,
    /// Signed, and an answer changed since.
    Stale,
    /// Not an answer that the step takes (text where a choice is asked for).
    Invalid,
    /// A reading in another unit than the step's.
    WrongUnit,
    /// A reading outside the limits.
    OutOfLimits,
    /// The answer says that the test failed.
    Failed,
}

impl StepStatus {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::Ok => "ok",
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Invalid => "invalid",
            Self::WrongUnit => "wrong_unit",
            Self::OutOfLimits => "out_of_limits",
            Self::Failed => "failed",
        }
    }

    /// An answer that does not pass, whatever is wrong with it.
    pub const fn is_fault(self) -> bool {
        !matches!(self, Self::NotAsked | Self::Ok | Self::Missing)
    }
}

/// A live answer to a step.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Answer<'a> {
    /// The fact: what a correction names in `fixes`.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// The value; `None` for a photo or signature.
    pub value: Option<&'a Value>,
    /// The unit, for a reading.
    pub unit: Option<&'a str>,
    /// How it stands.
    pub status: StepStatus,
    /// Who.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: UnixMs,
    /// The visit it belongs to, as an index into [`JobView::visits`].
    pub visit: Option<usize>,
    /// It replaced an earlier answer.
    pub corrects: bool,
    /// Place in the fold's order of the first answer in its chain of corrections.
    #[serde(skip)]
    pub(crate) place: u32,
}

/// A step of the checklist, for one appliance or for the whole visit.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StepState<'a> {
    /// The step's id in its template.
    pub step: &'a str,
    /// The group it belongs to.
    pub group: Group,
    /// The appliance from 1; 0 = asked once for the whole visit.
    pub appliance: u32,
    /// What it says.
    pub title: &'a str,
    /// Whether it must be answered; never where it is not asked.
    pub required: bool,
    /// Part of the safety test (D-H14).
    pub safety: bool,
    /// The core of the visit: the "1" of 1 + 5.
    pub core: bool,
    /// The worst of the live answers.
    pub status: StepStatus,
    /// The live answers that count; more than one only while different devices disagree.
    pub answers: Vec<Answer<'a>>,
}

impl<'a> StepState<'a> {
    /// The answer to show: the worst one, the last of equals.
    pub fn answer(&self) -> Option<&Answer<'a>> {
        self.answers.iter().max_by_key(|answer| answer.status)
    }
}

/// An answer to a step that the template does not have.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StrayAnswer<'a> {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// The step it names.
    pub step: &'a str,
}

/// Two steps done in an order that the template forbids (D-H1).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OrderBreak<'a> {
    /// The appliance from 1; 0 = the whole visit.
    pub appliance: u32,
    /// The step that was done too late.
    pub step: &'a str,
    /// The step it had to come before.
    pub before_step: &'a str,
    /// The late step's answer.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// The answer it should have preceded.
    #[serde(serialize_with = "text::one")]
    pub before_fact: FactId,
    /// One device wrote both, so the order is certain; otherwise it is as two clocks claim.
    pub certain: bool,
}

/// A gate before the core step, for one appliance in one visit (D-H14).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct GateState<'a> {
    /// The gate's id in the policy.
    pub gate: &'a str,
    /// The appliance from 1; 0 = the whole visit.
    pub appliance: u32,
    /// The visit, as an index into [`JobView::visits`].
    pub visit: Option<usize>,
    /// Every needed step was passed, and before the core step if that is done.
    pub passed: bool,
    /// The needed steps that are missing, failed or came too late.
    pub lacking: Vec<&'a str>,
    /// The core step's answer, if it was done.
    #[serde(serialize_with = "text::option")]
    pub core_fact: Option<FactId>,
}

impl GateState<'_> {
    /// The core step was done though the gate was shut.
    pub fn is_violated(&self) -> bool {
        self.core_fact.is_some() && !self.passed
    }
}

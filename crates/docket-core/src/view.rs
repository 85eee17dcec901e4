//! What a fold gives back. Views borrow from the facts and the policy, and serialise for `--json`.

use std::collections::BTreeMap;

use docket_format::{DocId, FactId, PersonId};
use serde_json::Value;

use crate::grade::Credential;
use crate::issue::Issue;
use crate::policy::Group;
use crate::record::Standing;
use crate::text;
use crate::time::UnixMs;

/// Where a job stands. Never stored: derived by the fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody is assigned.
    New,
    /// A crew is assigned.
    Assigned,
    /// Somebody is there.
    OnSite,
    /// Completed.
    Done,
    /// Refused; `unsafe` is unpenalised (D-H14).
    Refused,
    /// Nobody opened.
    NoAccess,
    /// Off.
    Cancelled,
    /// Closed where it was imported from.
    Closed,
}

impl Status {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Assigned => "assigned",
            Self::OnSite => "on_site",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::NoAccess => "no_access",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
        }
    }

    /// Whether there is still something to do.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Assigned | Self::OnSite | Self::NoAccess)
    }
}

/// One value of a register that no later set names.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LiveSet<'a> {
    /// The fact that set it: what a later set names in `over`.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// The value.
    pub value: &'a Value,
    /// Who; `None` for an imported fact.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: Option<UnixMs>,
}

/// A multi-value register (DESIGN §2).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Register<'a> {
    /// The live sets, in the fold's order; never empty.
    pub live: Vec<LiveSet<'a>>,
    /// Two live sets have different values.
    pub conflict: bool,
}

impl<'a> Register<'a> {
    /// The value to show: the last live one in the fold's order. See [`Register::conflict`].
    pub fn value(&self) -> Option<&'a Value> {
        self.live.last().map(|set| set.value)
    }

    /// The value, unless there are two.
    pub fn agreed(&self) -> Option<&'a Value> {
        if self.conflict { None } else { self.value() }
    }

    /// What a new set must name in `over`: every live set that the user was shown.
    pub fn over(&self) -> Vec<FactId> {
        self.live.iter().map(|set| set.fact).collect()
    }
}

/// A document's registers by name.
pub type Registers<'a> = BTreeMap<&'a str, Register<'a>>;

/// One person's arrival.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Arrival {
    /// The `arrived` fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// Who.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: UnixMs,
}

/// How a visit, or a job without one, ended.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Outcome<'a> {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// `completed`, `refused` or `no_access`.
    pub kind: &'a str,
    /// The resolution of `completed`, the reason of `refused`.
    pub detail: Option<&'a str>,
    /// Who.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
    /// When, as the device claims.
    pub at_ms: UnixMs,
}

impl Outcome<'_> {
    /// Refused because it is unsafe: unpenalised, and the seller is told (D-H14).
    pub fn is_refused_unsafe(&self) -> bool {
        self.kind == crate::kind::REFUSED && self.detail == Some("unsafe")
    }
}

/// One visit: arrivals of a crew close together.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Visit<'a> {
    /// The first arrival's fact names it.
    #[serde(serialize_with = "text::one")]
    pub id: FactId,
    /// Who arrived, first first.
    pub arrivals: Vec<Arrival>,
    /// How it ended: each device's last word, in the fold's order. Empty = not ended. Different ones are an issue.
    pub outcomes: Vec<Outcome<'a>>,
    /// Appliances worked on; while it is open, the job's `appliances`.
    pub appliances: u32,
    /// Minutes after the latest agreed time of arrival, policy's tolerance included; negative = in good time; `None` =
    /// no appointment, or two of them.
    pub late_min: Option<i64>,
    /// Minutes that the policy allows for the work (D-H4); `None` = no limit.
    pub limit_min: Option<i64>,
    /// Minutes from the first arrival to the end, by the device's uptime where one boot saw both.
    pub spent_min: Option<i64>,
}

impl Visit<'_> {
    /// When the first of the crew arrived, as claimed.
    pub fn arrived_ms(&self) -> Option<UnixMs> {
        self.arrivals.first().map(|arrival| arrival.at_ms)
    }

    /// When it ended, as claimed.
    pub fn ended_ms(&self) -> Option<UnixMs> {
        self.outcomes.last().map(|outcome| outcome.at_ms)
    }

    /// The outcome to show: the last word in the fold's order.
    pub fn outcome(&self) -> Option<&Outcome<'_>> {
        self.outcomes.last()
    }
}

/// How an answer, or its absence, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
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
            Self::Ok => "ok",
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Invalid => "invalid",
            Self::WrongUnit => "wrong_unit",
            Self::OutOfLimits => "out_of_limits",
            Self::Failed => "failed",
        }
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
    /// Whether it must be answered.
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

/// The state of a clock (DOMAIN.md, "Clocks in general").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockVerdict {
    /// Started, not stopped, not yet due.
    Running,
    /// Stopped in time.
    Met,
    /// Stopped too late, or due and not stopped.
    Breached,
    /// What it depends on is in conflict.
    Undecidable,
    /// It never started.
    NotApplicable,
}

impl ClockVerdict {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Met => "met",
            Self::Breached => "breached",
            Self::Undecidable => "undecidable",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// How good the evidence for a time is (DESIGN §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeEvidence {
    /// The device's wall clock.
    Claimed,
    /// One boot of one device saw both ends, so its wall clock does not matter.
    Elapsed,
}

/// One clock of one job, for one visit or for the job.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ClockState {
    /// The clock's id: `arrive`, `service`, `first_time_fix`.
    pub id: &'static str,
    /// The DOMAIN row.
    pub row: &'static str,
    /// The visit, as an index into [`JobView::visits`].
    pub visit: Option<usize>,
    /// Its state.
    pub state: ClockVerdict,
    /// When it started.
    pub start_ms: Option<UnixMs>,
    /// When it is due.
    pub due_ms: Option<UnixMs>,
    /// When it was stopped.
    pub stop_ms: Option<UnixMs>,
    /// Milliseconds left at the stop, or now; negative = overdue.
    pub slack_ms: Option<i64>,
    /// What the times rest on.
    pub evidence: TimeEvidence,
    /// Wall clock and uptime disagree by more than a minute: the wall clock was changed in between.
    pub suspect: bool,
}

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

/// A job, as its facts tell it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct JobView<'a> {
    /// The document.
    #[serde(serialize_with = "text::one")]
    pub doc: DocId,
    /// Where it stands.
    pub status: Status,
    /// Its registers.
    pub registers: Registers<'a>,
    /// Its visits, in the fold's order.
    pub visits: Vec<Visit<'a>>,
    /// Outcomes outside any visit (solved remotely).
    pub remote_outcomes: Vec<Outcome<'a>>,
    /// The checklist, in the template's order. Empty until somebody arrives or answers; see
    /// [`crate::checklist::Checklist`] for what lies ahead.
    pub steps: Vec<StepState<'a>>,
    /// Answers to steps that the template does not have.
    pub stray_answers: Vec<StrayAnswer<'a>>,
    /// Steps done in a forbidden order.
    pub order_breaks: Vec<OrderBreak<'a>>,
    /// Gates before the core step.
    pub gates: Vec<GateState<'a>>,
    /// Clocks.
    pub clocks: Vec<ClockState>,
    /// What a person must look at, decided or not.
    pub issues: Vec<Issue>,
    /// Every fact in the fold's order, and what it did.
    pub timeline: Vec<Entry<'a>>,
}

/// A customer, as the document's facts tell it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CustomerView<'a> {
    /// The document.
    #[serde(serialize_with = "text::one")]
    pub doc: DocId,
    /// Its registers.
    pub registers: Registers<'a>,
    /// What a person must look at.
    pub issues: Vec<Issue>,
    /// Every fact in the fold's order, and what it did.
    pub timeline: Vec<Entry<'a>>,
}

/// A technician, as the document's facts tell it. [`crate::grade::grade`] makes a grade of the credentials.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TechnicianView<'a> {
    /// The document.
    #[serde(serialize_with = "text::one")]
    pub doc: DocId,
    /// Its registers (`person`, `name`, `outlet`).
    pub registers: Registers<'a>,
    /// Evidence that counts or counted.
    pub credentials: Vec<Credential>,
    /// What a person must look at.
    pub issues: Vec<Issue>,
    /// Every fact in the fold's order, and what it did.
    pub timeline: Vec<Entry<'a>>,
}

fn str_of<'a>(registers: &Registers<'a>, name: &str) -> Option<&'a str> {
    registers.get(name)?.value()?.as_str()
}

impl<'a> JobView<'a> {
    /// A text register's value to show; see [`Register::value`].
    pub fn str(&self, register: &str) -> Option<&'a str> {
        str_of(&self.registers, register)
    }

    /// An integer register's value to show.
    pub fn int(&self, register: &str) -> Option<i64> {
        self.registers.get(register)?.value()?.as_i64()
    }

    /// The kind of job.
    pub fn kind(&self) -> Option<&'a str> {
        self.str("kind")
    }

    /// How many appliances the job is about: at least 1, at most [`crate::fold::MAX_APPLIANCES`].
    pub fn appliances(&self) -> u32 {
        crate::fold::appliances(&self.registers)
    }

    /// The people assigned, in the order given.
    pub fn crew(&self) -> Vec<&'a str> {
        let crew = self.registers.get("crew").and_then(Register::value).and_then(Value::as_array);
        crew.map(|people| people.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
    }

    /// Registers in conflict.
    pub fn conflicts(&self) -> impl Iterator<Item = (&'a str, &Register<'a>)> {
        self.registers.iter().filter(|(_, register)| register.conflict).map(|(name, register)| (*name, register))
    }

    /// Issues that nobody has settled.
    pub fn open_issues(&self) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(|issue| issue.is_open())
    }

    /// What a signature given now would cover: see [`crate::checklist::answers_digest`].
    pub fn answers_digest(&self) -> docket_format::ContentDigest {
        crate::checklist::answers_digest(&self.steps)
    }
}

impl<'a> CustomerView<'a> {
    /// A text register's value to show.
    pub fn str(&self, register: &str) -> Option<&'a str> {
        str_of(&self.registers, register)
    }
}

impl<'a> TechnicianView<'a> {
    /// A text register's value to show.
    pub fn str(&self, register: &str) -> Option<&'a str> {
        str_of(&self.registers, register)
    }
}

//! What a fold gives back. Views borrow from the facts and the policy, and serialise for `--json`.

mod charge;
mod clock;
mod course;
mod entry;
mod event;
mod outlet;
mod owner;
mod problem;
pub(crate) mod register;
mod stage;
mod status;
mod step;
mod visit;
mod waiver;

use docket_format::DocId;
use jiff::civil::Date;

use crate::coverage::Verdict;
use crate::grade::{self, Credential};
use crate::issue::Issue;
use crate::policy::Setting;
use crate::text;

pub use charge::{Charge, Charges};
pub use clock::{ClockState, ClockVerdict, TimeEvidence};
pub use course::{Course, Repeat, Resolved};
pub use entry::{Effect, Entry};
pub use event::{Event, Sign};
pub use outlet::{Call, Inspection, OutletView, StandingSince};
pub use owner::Owner;
pub use problem::{Note, ProblemView};
pub use register::{LiveSet, Register, Registers};
pub use stage::Stage;
pub use status::Status;
pub use step::{Answer, GateState, OrderBreak, StepState, StepStatus, StrayAnswer};
pub use visit::{Arrival, LateWork, Outcome, Visit};
pub use waiver::{AuditView, WaiverState};

use register::{crew_of, str_of};

/// A job, as its facts tell it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct JobView<'a> {
    /// The document.
    #[serde(serialize_with = "text::one")]
    pub doc: DocId,
    /// Where it stands.
    pub status: Status,
    /// The customer's group, as the customer's own document has it (D-H5).
    pub group: Option<&'a str>,
    /// The service mode: chosen by a person, else by the policy (D-H5).
    pub mode: Option<&'a str>,
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
    pub clocks: Vec<ClockState<'a>>,
    /// What happened beside the visits, in the fold's order.
    pub events: Vec<Event<'a>>,
    /// Who answered for it, over time (D-E13).
    pub owners: Vec<Owner<'a>>,
    /// The stage that it is in (D-H12); `None` = it is off.
    pub stage: Option<Stage>,
    /// Duties that were broken.
    pub signs: Vec<Sign>,
    /// How it went as a whole.
    pub course: Course<'a>,
    /// What was charged (D-E9).
    pub charges: Charges,
    /// Whether it is covered or billable, and why (D-E10).
    pub cover: Verdict,
    /// The day on which the appliance was bought.
    pub bought: Option<Date>,
    /// How many days old the appliance was when the request came (D-E11).
    pub age_days: Option<i64>,
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
    /// Catalogued facts with effect, in the fold's order.
    pub events: Vec<Event<'a>>,
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
    /// Courses (D-E14).
    pub courses: Vec<grade::Course>,
    /// Catalogued facts with effect, in the fold's order.
    pub events: Vec<Event<'a>>,
    /// What a person must look at.
    pub issues: Vec<Issue>,
    /// Every fact in the fold's order, and what it did.
    pub timeline: Vec<Entry<'a>>,
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

    /// What its checklist depends on.
    pub fn setting(&self) -> Setting<'a> {
        Setting {
            kind: self.kind(),
            product: self.str("product"),
            industry: self.str("industry"),
            group: self.group,
            mode: self.mode,
        }
    }

    /// How many appliances the job is about: at least 1, at most [`crate::fold::MAX_APPLIANCES`].
    pub fn appliances(&self) -> u32 {
        crate::fold::appliances(&self.registers)
    }

    /// The people assigned, in the order given.
    pub fn crew(&self) -> Vec<&'a str> {
        crew_of(&self.registers).collect()
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

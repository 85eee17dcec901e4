//! The fold: a document's facts, a policy and a time → a view. A pure function of the set of facts (DESIGN §2).

use serde_json::Value;

use crate::policy::Policy;
use crate::record::Record;
use crate::time::UnixMs;
use crate::view::{CustomerView, JobView, Register, Registers, Status, TechnicianView};

/// Most appliances that a checklist is laid out for (D-H9 has 16): a mistyped count must not fill the memory.
pub const MAX_APPLIANCES: u32 = 200;

/// A job's `appliances` register: at least 1, at most [`MAX_APPLIANCES`].
pub(crate) fn appliances(registers: &Registers<'_>) -> u32 {
    let count = registers.get("appliances").and_then(Register::value).and_then(Value::as_i64).unwrap_or(1);
    count.clamp(1, i64::from(MAX_APPLIANCES)) as u32
}

/// Folds a job's record.
pub fn fold_job<'a>(record: &Record<'a>, policy: &'a Policy, now: UnixMs) -> JobView<'a> {
    let _ = (policy, now);
    JobView {
        doc: record.doc,
        status: Status::New,
        registers: Registers::new(),
        visits: Vec::new(),
        remote_outcomes: Vec::new(),
        steps: Vec::new(),
        stray_answers: Vec::new(),
        order_breaks: Vec::new(),
        gates: Vec::new(),
        clocks: Vec::new(),
        issues: Vec::new(),
        timeline: Vec::new(),
    }
}

/// Folds a customer's record.
pub fn fold_customer<'a>(record: &Record<'a>, policy: &'a Policy) -> CustomerView<'a> {
    let _ = policy;
    CustomerView { doc: record.doc, registers: Registers::new(), issues: Vec::new(), timeline: Vec::new() }
}

/// Folds a technician's record.
pub fn fold_technician<'a>(record: &Record<'a>, policy: &'a Policy) -> TechnicianView<'a> {
    let _ = policy;
    TechnicianView {
        doc: record.doc,
        registers: Registers::new(),
        credentials: Vec::new(),
        issues: Vec::new(),
        timeline: Vec::new(),
    }
}

//! What can go wrong, one thing at a time: each defect changes a good story so that exactly one audit rule finds it.

use docket_faultvfs::Rng;
use serde_json::{Value, json};

use super::job::Setting;
use super::script::Script;
use super::{DAY_MS, HOUR_MS, MINUTE_MS};

/// A defect, named after the rule that must find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// A required step is left out.
    MissingStep,
    /// Clean-up before the core step.
    StepOrder,
    /// The earth's resistance is too high, and the visit goes on.
    OutOfLimits,
    /// The technician comes two hours late.
    LateArrival,
    /// The work takes three hours for each appliance.
    OverTime,
    /// Nobody signs.
    Unsigned,
    /// The outlet calls after an hour.
    LateContact,
    /// The centre calls back after two days.
    LateCallBack,
    /// The customer says that the place was not cleaned up.
    FiveContradicted,
}

impl Defect {
    /// Every defect.
    pub const ALL: &[Self] = &[
        Self::MissingStep,
        Self::StepOrder,
        Self::OutOfLimits,
        Self::LateArrival,
        Self::OverTime,
        Self::Unsigned,
        Self::LateContact,
        Self::LateCallBack,
        Self::FiveContradicted,
    ];

    pub(super) fn pick(rng: &mut Rng) -> Option<Self> {
        rng.pick(Self::ALL).copied()
    }

    /// The rule that must find it.
    pub fn rule(self) -> &'static str {
        match self {
            Self::MissingStep => "missing-step",
            Self::StepOrder => "step-order",
            Self::OutOfLimits => "reading-out-of-limits",
            Self::LateArrival => "late-arrival",
            Self::OverTime => "over-time",
            Self::Unsigned => "unsigned-visit",
            Self::LateContact => "late-contact",
            Self::LateCallBack => "late-call-back",
            Self::FiveContradicted => "five-contradicted",
        }
    }

    /// Changes a good story.
    pub(super) fn plant(self, script: &mut Script, at: &Setting<'_>) {
        let _ = at;
        let time = |script: &Script, label: &str| script.get(label).map_or(0, |act| act.at_ms);
        match self {
            Self::MissingStep => script.drop("B1"),
            Self::StepOrder => {
                let core = time(script, "1/1");
                if let Some(act) = script.change("E1") {
                    act.at_ms = core - 1;
                }
            }
            Self::OutOfLimits => set(script, "A1/1", "v", "40".into()),
            Self::LateArrival => {
                let from = time(script, "departed");
                script.delay(from, 2 * HOUR_MS);
            }
            Self::OverTime => {
                let from = time(script, "1/1");
                script.delay(from, 6 * HOUR_MS);
            }
            Self::Unsigned => script.drop("S1"),
            Self::LateContact => {
                let from = time(script, "contacted");
                script.delay(from, 50 * MINUTE_MS);
            }
            Self::LateCallBack => {
                let from = time(script, "called_back");
                script.delay(from, 2 * DAY_MS);
            }
            Self::FiveContradicted => {
                let five = json!({"A": true, "B": true, "C": true, "D": true, "E": false});
                set(script, "confirmed", "five", five);
            }
        }
    }
}

fn set(script: &mut Script, label: &str, field: &str, value: Value) {
    if let Some(body) = script.change(label).and_then(|act| act.body.as_object_mut()) {
        body.insert(field.to_owned(), value);
    }
}

//! Which steps a visit is asked (D-H1, D-H5): a step's condition against the job's setting and the answers before it.

use super::answers::{Answers, Cell};
use super::steps::Deciding;
use crate::policy::{Earlier, Setting, Step, Template};

/// A template in one job.
pub(super) struct Asking<'s, 'i, 'a> {
    pub(super) template: &'a Template,
    setting: Setting<'s>,
    answers: &'s Answers<'i, 'a>,
}

/// Whose answers conditions look at.
#[derive(Clone, Copy)]
pub(super) enum Of<'d> {
    /// One visit's.
    Visit(Option<usize>),
    /// For each appliance those of the visit that counts.
    Deciding(&'d Deciding),
}

impl Of<'_> {
    #[allow(clippy::option_option, reason = "no visit counts, or the one outside any visit does")]
    fn visit(self, appliance: u32) -> Option<Option<usize>> {
        match self {
            Self::Visit(visit) => Some(visit),
            Self::Deciding(deciding) => deciding.get(&appliance).copied(),
        }
    }
}

impl<'s, 'i, 'a> Asking<'s, 'i, 'a> {
    pub(super) fn new(template: &'a Template, setting: Setting<'s>, answers: &'s Answers<'i, 'a>) -> Self {
        Self { template, setting, answers }
    }

    /// Whether the step of this index is asked of an appliance (0 = of the visit). Steps hang on earlier ones only, so
    /// this ends.
    pub(super) fn asks(&self, of: Of<'_>, step: usize, appliance: u32) -> bool {
        let Some(step) = self.template.steps.get(step) else { return false };
        step.when.fits(&self.setting)
            && step.when.answer.as_ref().is_none_or(|earlier| self.meets(of, step, earlier, appliance))
    }

    fn meets(&self, of: Of<'_>, step: &Step, earlier: &Earlier, appliance: u32) -> bool {
        let Some(index) = self.template.steps.iter().position(|step| step.id == earlier.step) else { return false };
        let each = self.template.steps.get(index).is_some_and(|step| step.per_appliance);
        let met = |cell: &Cell<'_, '_>| {
            self.asks(of, index, cell.appliance)
                && earlier.is.is_met(cell.worst(), cell.answers.iter().filter_map(|(_, answer)| answer.value))
        };
        if each && !step.per_appliance {
            // Asked once for the visit: one appliance is enough.
            let cells = self.answers.cells.iter().filter(|cell| cell.step == index);
            return cells.filter(|cell| of.visit(cell.appliance) == Some(cell.visit)).any(met);
        }
        let at = if each { appliance } else { 0 };
        of.visit(at).and_then(|visit| self.answers.cell(visit, index, at)).is_some_and(met)
    }
}

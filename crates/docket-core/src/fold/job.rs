//! Folds a job.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::answers::Answers;
use super::asking::Asking;
use super::clocks;
use super::corrections;
use super::corrections::Fixes;
use super::course::{self, Askers};
use super::duties::{self, Duty};
use super::events;
use super::gates;
use super::issues::Issues;
use super::known::Known;
use super::late::{self, Late};
use super::order::{self, Item};
use super::order_breaks;
use super::outcomes::{self, Outcomes};
use super::owners;
use super::registers;
use super::stage;
use super::start::{Start, start};
use super::status;
use super::steps::{self, Deciding};
use super::visits::{self, Visits};
use super::{MAX_APPLIANCES, appliances};
use crate::policy::{Policy, Setting};
use crate::record::{Record, Site};
use crate::time::UnixMs;
use crate::view::register::str_of;
use crate::view::{Arrival, GateState, JobView, OrderBreak, Registers, Status, StepState, Visit};

/// Folds a job's record under the policy that it pins. The same record (as a set), policy and time give the same view
/// everywhere; only clocks look at the time.
pub fn fold_job<'a>(record: &Record<'a>, policy: &'a Policy, now: UnixMs) -> JobView<'a> {
    let (Begun { items, fixes, registers, mut issues }, late) = begun(record, policy);
    late.report(&mut issues);
    let mut visits = Visits::of(&items, policy);
    let outcomes = Outcomes::of(&items, &visits, &mut issues);
    late.rank(&items, &outcomes.of_visit, &mut visits);
    visits::report(&items, &visits, &outcomes.of_visit, &mut issues);

    let kind = str_of(&registers, "kind");
    let template = kind.and_then(|kind| policy.template(kind, str_of(&registers, "template")));
    let answers = Answers::of(&items, &visits, template, &fixes, &mut issues);
    let setting = setting(&registers, record.site, policy);
    let Checklist { steps, order_breaks, gates } = template.map_or_else(Checklist::default, |template| {
        checklist(&Asking::new(template, setting, &answers), &answers, &visits, &registers, policy, &mut issues)
    });
    let (status, end) = status::of(&items, &registers, &visits, &outcomes);
    let askers = Askers::of(record.site, &visits);
    let ended = matches!(status, Status::Done | Status::Closed);
    let called_back = if ended { askers.called_back(&items, end) } else { None };
    let status = status::closed(status, policy, called_back.is_some());
    let mut seen = view_visits(&visits, &outcomes, &answers, &registers, &late);
    let (events, owners) = (events::of(&items), owners::of(&items));
    let known = Known {
        items: &items,
        events: &events,
        registers: &registers,
        visits: &visits,
        outcomes: &outcomes,
        policy,
        site: record.site,
        askers: &askers,
        status,
    };
    let clocks = clocks::fold(&known, &mut seen, now);
    let duty = Duty {
        known: &known,
        owners: &owners,
        visits: &seen,
        steps: &steps,
        mode: setting.mode,
        asked: OnceCell::new(),
    };
    let (signs, bill) = (duties::judge(&duty), duties::money::bill(&duty));
    let course = course::fold(&known, end, called_back);
    JobView {
        doc: record.doc,
        status,
        group: setting.group,
        mode: setting.mode,
        visits: seen,
        remote_outcomes: outcomes.remote.iter().map(|item| outcomes::view(item)).collect(),
        steps,
        order_breaks,
        gates,
        clocks,
        stage: stage::of(&items, &events, &owners, status),
        owners,
        events,
        signs,
        course,
        charges: bill.charges,
        cover: bill.cover,
        bought: bill.bought,
        age_days: bill.age_days,
        issues: issues.finish(),
        timeline: items.iter().map(order::Item::entry).collect(),
        stray_answers: answers.stray,
        registers,
    }
}

/// What is known before visits are.
struct Begun<'a> {
    items: Vec<Item<'a>>,
    fixes: Fixes,
    registers: Registers<'a>,
    issues: Issues,
}

/// The first stages; once more where late work was set aside, without its effect.
fn begun<'a>(record: &Record<'a>, policy: &Policy) -> (Begun<'a>, Late) {
    let first = begin(record, policy, &Late::default());
    let late = Late::find(&first.items, &first.fixes, &first.registers, policy, &first.issues);
    if late.sets_aside() { (begin(record, policy, &late), late) } else { (first, late) }
}

/// The first stages, without the effect of what `late` sets aside.
fn begin<'a>(record: &Record<'a>, policy: &Policy, late: &Late) -> Begun<'a> {
    let Start { items, fixes, mut issues } = start(record, policy);
    late.set_aside(&items);
    late::hold(&items, &fixes, &issues);
    corrections::resolve(&items, &fixes, &mut issues);
    outcomes::report_cancelled(&items, &mut issues);
    let registers = registers::fold(&items, &mut issues);
    Begun { items, fixes, registers, issues }
}

/// What the checklist depends on. The mode is the one that a person chose, else the one that the policy gives (D-H5).
fn setting<'a>(registers: &Registers<'a>, site: &'a Site, policy: &'a Policy) -> Setting<'a> {
    let told = Setting {
        kind: str_of(registers, "kind"),
        product: str_of(registers, "product"),
        industry: str_of(registers, "industry"),
        group: site.group.as_deref(),
        mode: str_of(registers, "mode"),
    };
    Setting { mode: policy.mode(&told).map(|mode| mode.id.as_str()), ..told }
}

/// What the template makes of the answers.
#[derive(Default)]
struct Checklist<'a> {
    steps: Vec<StepState<'a>>,
    order_breaks: Vec<OrderBreak<'a>>,
    gates: Vec<GateState<'a>>,
}

fn checklist<'a>(
    asking: &Asking<'_, '_, 'a>,
    answers: &Answers<'_, 'a>,
    visits: &Visits<'_, 'a>,
    registers: &Registers<'a>,
    policy: &'a Policy,
    issues: &mut Issues,
) -> Checklist<'a> {
    let deciding = steps::deciding(answers, visits);
    let kind = str_of(registers, "kind").unwrap_or_default();
    Checklist {
        steps: lay_out(asking, answers, &deciding, registers, visits),
        order_breaks: order_breaks::fold(asking, answers),
        gates: gates::fold(policy, asking, kind, answers, &deciding, issues),
    }
}

/// The checklist, once there is a visit or an answer: ten thousand imported jobs need none.
fn lay_out<'a>(
    asking: &Asking<'_, '_, 'a>,
    answers: &Answers<'_, 'a>,
    deciding: &Deciding,
    registers: &Registers<'a>,
    visits: &Visits<'_, 'a>,
) -> Vec<StepState<'a>> {
    if visits.groups.is_empty() && answers.cells.is_empty() {
        return Vec::new();
    }
    // Somebody on site may find more appliances than were announced.
    let found = deciding.keys().last().copied().unwrap_or(0);
    steps::fold(asking, answers, deciding, appliances(registers).max(found).min(MAX_APPLIANCES))
}

fn view_visits<'a>(
    visits: &Visits<'_, 'a>,
    outcomes: &Outcomes<'_, 'a>,
    answers: &Answers<'_, 'a>,
    registers: &Registers<'a>,
    late: &Late,
) -> Vec<Visit<'a>> {
    let groups = visits.groups.iter().zip(&outcomes.of_visit).enumerate();
    let views = groups.filter_map(|(index, (group, ends))| {
        let cells = answers.cells.iter().filter(|cell| cell.visit == Some(index) && cell.appliance > 0);
        let worked: BTreeSet<u32> = cells.map(|cell| cell.appliance).collect();
        let appliances = if ends.is_empty() || worked.is_empty() { appliances(registers) } else { worked.len() as u32 };
        Some(Visit {
            id: group.first()?.id(),
            arrivals: group
                .arrivals
                .iter()
                .map(|item| Arrival {
                    fact: item.id(),
                    person: item.person(),
                    at_ms: item.wall(),
                    late_work: late.mark(item.id()),
                })
                .collect(),
            outcomes: ends.iter().map(|item| outcomes::view(item)).collect(),
            appliances,
            late_min: None,
            limit_min: None,
            spent_min: None,
        })
    });
    views.collect()
}

//! `docket job show`: the docket itself.

use clap::Args;
use docket_core::IssueKind;
use docket_core::checklist::Checklist;
use docket_core::money as amounts;
use docket_core::view::{JobView, Register, Registers, StepState, StepStatus};
use docket_device::app::{Job, inbox, scope};
use docket_format::FactId;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::commands::inbox::worded;
use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::{t, word};
use crate::page::{Page, Span, Table, bad, faint, good, strong, warn};
use crate::times;

/// Show a job: fields, visits, checklist, clocks, notes, what is handed over
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket job show K7Q2")]
pub(crate) struct Show {
    /// The job
    job: String,
}

impl Show {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let job = Job::find(&session, &self.job)?;
        let view = job.view();
        let customer = job.customer_view();
        let checklist = Checklist::of(&view, &job.policy);
        let number = session.store().info(job.doc)?.and_then(|info| info.number);
        let kept = session.kept(job.doc)?;
        let retained = scope::retained(&session)?.contains(&job.doc);
        let answer = json!({
            "doc": job.doc.to_string(), "code": job.doc.short(), "number": number, "policy": job.policy.name,
            "view": view, "customer": customer, "checklist": checklist, "kept": kept, "retained": retained,
        });
        let zone = context.zone();
        context.out.show(&answer, |page| {
            header(page, &job, &view, number.as_deref());
            if retained {
                page.line([warn(t("  no longer yours: retained"))]);
            }
            let mode = view.mode.and_then(|id| job.policy.mode_named(id));
            if let Some(mode) = mode {
                page.line(["  ".into(), faint(mode.title.as_str())]);
            }
            fields(page, "Fields", &view.registers, &zone);
            if let Some(customer) = &customer {
                fields(page, "Customer", &customer.registers, &zone);
            }
            visits(page, &view, &zone);
            late_work(page, &view);
            steps(page, &checklist);
            clocks(page, &view, &zone);
            super::course::show(page, &view, &zone);
            money(page, &view);
            notes(page, &job, &view, &zone);
            issues(page, &view);
            page.title("Kept");
            page.pairs([
                ("records", Span::from(kept.facts.to_string())),
                ("saved here, not handed over", Span::from(kept.unsealed.to_string())),
                ("photos not sent", Span::from(kept.blobs_unsent.to_string())),
                ("only here", Span::from(kept.places.here.to_string())),
                ("at the relay", Span::from(kept.places.relay.to_string())),
                ("seen by a supervisor", Span::from(kept.places.seen.to_string())),
            ]);
        })?;
        Ok(Exit::Clean)
    }
}

fn short(fact: FactId) -> String {
    fact.to_string().chars().take(8).collect()
}

fn header(page: &mut Page, job: &Job, view: &JobView, number: Option<&str>) {
    let what = [view.kind().map(word), view.str("product").map(Into::into)];
    let what = what.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let number = number.map(|number| format!("  {number}")).unwrap_or_default();
    let status = word(view.status.as_str());
    let status = if view.status.is_open() { strong(status) } else { good(status) };
    page.line([strong(job.doc.short()), number.into(), "  ".into(), what.into(), "  ".into(), status]);
}

/// Who pays, and what was taken (D-E9, D-E10).
fn money(page: &mut Page, view: &JobView) {
    if !view.cover.lines.is_empty() {
        page.title("Coverage");
        for line in view.cover.lines() {
            page.say(format!("  {line}"));
        }
        if let Some(days) = view.age_days {
            page.say(format!("  the appliance was {days} days old when the request came"));
        }
    }
    if view.charges.lines.is_empty() {
        return;
    }
    let shown = |minor: i64, currency: &str| {
        currency.parse().map_or_else(|_| format!("{minor} {currency}"), |currency| amounts::show(minor, currency))
    };
    page.title("Charged");
    let mut table = Table::new(&["item", "how many", "amount", "who"]).right(&[1, 2]);
    for charge in &view.charges.lines {
        let who = charge.person.as_ref().map(ToString::to_string).unwrap_or_default();
        let amount = shown(charge.minor, &charge.currency);
        table.row([(&charge.item).into(), charge.qty.to_string().into(), amount.into(), who.into()]);
    }
    for (currency, minor) in &view.charges.total {
        table.row([strong(t("total")), "".into(), strong(shown(*minor, currency)), "".into()]);
    }
    page.indented(&table);
}

/// Registers that the header shows or that mean nothing to people.
const HIDDEN: [&str; 5] = ["kind", "product", "customer", "policy", "template"];

fn fields(page: &mut Page, title: &str, registers: &Registers, zone: &TimeZone) {
    let shown: Vec<_> =
        registers.iter().filter(|(name, register)| register.conflict || !HIDDEN.contains(name)).collect();
    if shown.is_empty() {
        return;
    }
    page.title(title);
    let mut table = Table::new(&[]);
    for (name, register) in shown {
        if register.conflict {
            for (index, set) in register.live.iter().enumerate() {
                let label = if index == 0 { faint(name) } else { faint("") };
                let by = set.person.as_ref().map(|person| format!(" by {person}")).unwrap_or_default();
                let at = set.at_ms.map(|at| format!(", {}", times::show(at.0, zone))).unwrap_or_default();
                let value = format!("{}  (conflict: {}{by}{at})", readable(set.value, zone), short(set.fact));
                table.row([label, bad(value)]);
            }
        } else if let Some(value) = Register::value(register) {
            table.row([faint(name), readable(value, zone).into()]);
        }
    }
    page.indented(&table);
}

/// A value as people read it: times in the zone, the rest as they would type it.
fn readable(value: &Value, zone: &TimeZone) -> String {
    let time = value.as_str().filter(|text| text.len() >= 19).and_then(|text| text.parse::<jiff::Timestamp>().ok());
    time.map_or_else(|| inbox::plain(value), |time| times::show(time.as_millisecond(), zone))
}

fn visits(page: &mut Page, view: &JobView, zone: &TimeZone) {
    if view.visits.is_empty() {
        return;
    }
    page.title("Visits");
    let mut table = Table::new(&["", "arrived", "ended", "who", "outcome", "minutes", "late"]).right(&[5, 6]);
    for (index, visit) in view.visits.iter().enumerate() {
        let time = |at: Option<docket_core::UnixMs>| at.map(|at| times::show(at.0, zone)).unwrap_or_default();
        let who: Vec<String> = visit.arrivals.iter().filter_map(|one| Some(one.person.as_ref()?.to_string())).collect();
        let mut outcomes: Vec<String> = visit
            .outcomes
            .iter()
            .map(|outcome| match outcome.detail {
                Some(detail) => format!("{}: {detail}", outcome.kind.replace('_', " ")),
                None => outcome.kind.replace('_', " "),
            })
            .collect();
        outcomes.dedup();
        let outcome = match outcomes.as_slice() {
            [] => strong(t("open")),
            [one] => Span::from(one),
            several => bad(several.join(" / ")),
        };
        let limit = visit.limit_min.map(|limit| format!("/{limit}")).unwrap_or_default();
        let spent = visit.spent_min.map(|spent| format!("{spent}{limit}")).unwrap_or_default();
        let spent = if over(visit.spent_min, visit.limit_min) { bad(spent) } else { Span::from(spent) };
        let late = match visit.late_min {
            Some(late) if late > 0 => bad(late.to_string()),
            Some(_) => good(t("no")),
            None => Span::from(""),
        };
        let number = (index + 1).to_string();
        table.row([
            number.into(),
            time(visit.arrived_ms()).into(),
            time(visit.ended_ms()).into(),
            who.join(", ").into(),
            outcome,
            spent,
            late,
        ]);
    }
    page.indented(&table);
}

/// Work of people whom the job had been taken from, and what was decided about it.
fn late_work(page: &mut Page, view: &JobView) {
    let late: Vec<_> = view.issues.iter().filter(|issue| issue.kind == IssueKind::LateWork).collect();
    if late.is_empty() {
        return;
    }
    page.title("Late work");
    for issue in late {
        page.line(["  ".into(), Span::from(issue.summary.as_str())]);
        for decided in issue.decided.iter().chain(&issue.contested) {
            let who = decided.person.as_ref().map(ToString::to_string).unwrap_or_default();
            let what = worded(issue.kind, decided);
            let what = if issue.is_open() { bad(what) } else { good(what) };
            page.line(["    ".into(), what, format!(" by {who} ({})", decided.why).into()]);
        }
    }
}

fn over(spent: Option<i64>, limit: Option<i64>) -> bool {
    spent.zip(limit).is_some_and(|(spent, limit)| spent > limit)
}

fn steps(page: &mut Page, checklist: &Checklist) {
    let Some(template) = &checklist.template else { return };
    let mut appliances: Vec<u32> = checklist.steps.iter().map(|step| step.appliance).collect();
    appliances.sort_unstable();
    appliances.dedup();
    // With one appliance the template's own order reads best; with several, each gets its list.
    if appliances.iter().filter(|&&appliance| appliance > 0).count() <= 1 {
        page.title(format!("Checklist {template}"));
        return step_table(page, checklist.steps.iter());
    }
    for appliance in appliances {
        match appliance {
            0 => page.title(format!("Checklist {template}, the visit")),
            _ => page.title(format!("Checklist {template}, appliance {appliance}")),
        }
        step_table(page, checklist.steps.iter().filter(|step| step.appliance == appliance));
    }
}

fn step_table<'c>(page: &mut Page, steps: impl Iterator<Item = &'c StepState<'c>>) {
    let mut table = Table::new(&[]);
    for step in steps {
        table.row(step_row(step));
    }
    page.indented(&table);
}

fn step_row(step: &StepState) -> [Span; 4] {
    let optional = if step.required || step.status == StepStatus::NotAsked { "" } else { " (optional)" };
    let title = format!("{}{optional}", step.title);
    let (mark, state) = match step.status {
        StepStatus::Ok => (good("[x]"), Span::from(answer_of(step))),
        StepStatus::Missing => (faint("[ ]"), faint("")),
        StepStatus::NotAsked => (faint("[-]"), faint(t(&format!("{} (not asked here)", answer_of(step))))),
        status => (bad("[!]"), bad(format!("{} {}", answer_of(step), status.as_str().replace('_', " ")))),
    };
    [mark, strong(step.step), title.into(), state]
}

fn answer_of(step: &StepState) -> String {
    let mut all: Vec<String> = step
        .answers
        .iter()
        .map(|answer| {
            let value = answer.value.map_or_else(|| short(answer.fact), inbox::plain);
            let unit = answer.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
            let who = answer.person.as_ref().map(|person| format!(" {person}")).unwrap_or_default();
            if step.answers.len() > 1 { format!("{value}{unit} by{who}") } else { format!("{value}{unit}") }
        })
        .collect();
    all.dedup();
    all.join(" / ")
}

fn clocks(page: &mut Page, view: &JobView, zone: &TimeZone) {
    let running: Vec<_> =
        view.clocks.iter().filter(|clock| clock.state != docket_core::view::ClockVerdict::NotApplicable).collect();
    if running.is_empty() {
        return;
    }
    page.title("Clocks");
    let mut table = Table::new(&["clock", "state", "due", "left"]);
    for clock in running {
        let state = word(clock.state.as_str());
        let state = match clock.state {
            docket_core::view::ClockVerdict::Met => good(state),
            docket_core::view::ClockVerdict::Breached => bad(state),
            _ => warn(state),
        };
        let suspect = if clock.suspect { " (clock was changed)" } else { "" };
        let name = format!("{} {}{suspect}", clock.id.replace('_', " "), clock.row);
        let due = match clock.why {
            Some(why) => why.to_owned(),
            None => clock.due_ms.map(|due| times::show(due.0, zone)).unwrap_or_default(),
        };
        let left = clock.slack_ms.map(times::left).unwrap_or_default();
        table.row([name.into(), state, due.into(), left.into()]);
    }
    page.indented(&table);
}

fn notes(page: &mut Page, job: &Job, view: &JobView, zone: &TimeZone) {
    let notes = view.timeline.iter().filter(|entry| SHOWN.contains(&entry.kind));
    let notes: Vec<_> = notes.collect();
    if notes.is_empty() {
        return;
    }
    page.title("Notes, photos, signatures");
    let mut table = Table::new(&[]);
    for entry in notes {
        let text = |key: &str| job.fact_by_id(entry.fact).and_then(|fact| fact.str(key)).unwrap_or_default();
        let said = match entry.kind {
            "noted" => text("text").to_owned(),
            "photo" => format!("photo {} {}, not sent", text("step"), short_of(text("sha256"))),
            "signed" => format!("signed by {} ({})", text("name"), text("role")),
            "hazard_removed" => format!("hazard {} removed", text("hazard").chars().take(8).collect::<String>()),
            "told_seller" => format!("the seller was told {}", text("text")),
            "confirmed" => confirmed(job, entry.fact),
            _ => hazard(job, entry.fact),
        };
        let who = entry.person.as_ref().map(ToString::to_string).unwrap_or_default();
        let when = entry.at_ms.map(|at| times::show(at.0, zone)).unwrap_or_default();
        table.row([faint(when), faint(who), said.into()]);
    }
    page.indented(&table);
}

/// Records that are shown in words beside the checklist.
const SHOWN: [&str; 7] = ["noted", "photo", "signed", "hazard", "hazard_removed", "told_seller", "confirmed"];

fn hazard(job: &Job, id: FactId) -> String {
    let Some(fact) = job.fact_by_id(id) else { return String::new() };
    let mut said = format!("hazard {}: {}", short(id), fact.str("hk").unwrap_or_default());
    said.extend(fact.str("extent").map(|extent| format!(", {extent}")));
    said.extend(fact.int("households").map(|count| format!(", {count} households")));
    said.extend(fact.str("removed_by").map(|who| format!(", removed by {who}")));
    said
}

/// The customer's own word (D-H13).
fn confirmed(job: &Job, id: FactId) -> String {
    let Some(fact) = job.fact_by_id(id) else { return String::new() };
    let five = fact.body.get("five").and_then(Value::as_object);
    let of = |wanted: bool| -> String {
        let letters = five.into_iter().flatten().filter(|(_, word)| word.as_bool() == Some(wanted));
        letters.map(|(letter, _)| letter.as_str()).collect::<Vec<_>>().join(" ")
    };
    let no = Some(of(false)).filter(|no| !no.is_empty()).map(|no| format!(", no to {no}")).unwrap_or_default();
    format!("{} says yes to {}{no}", fact.str("name").unwrap_or("the customer"), of(true))
}

fn short_of(digest: &str) -> String {
    digest.chars().take(8).collect()
}

fn issues(page: &mut Page, view: &JobView) {
    let open: Vec<_> = view.open_issues().collect();
    if open.is_empty() {
        return;
    }
    page.title("To decide");
    let mut table = Table::new(&[]);
    for issue in open {
        let id: String = issue.id.to_string().chars().take(8).collect();
        table.row([strong(id), bad(word(issue.kind.as_str())), t(&issue.summary).into()]);
    }
    page.indented(&table);
    page.line([faint(t("  docket inbox show ID   docket inbox decide ID --keep … --reason …"))]);
}

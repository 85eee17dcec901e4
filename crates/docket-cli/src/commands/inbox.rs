use clap::{Args, Subcommand};
use docket_core::issue::{Decided, IssueKind};
use docket_device::app::inbox::{self, Made, Verdict};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::{t, word};
use crate::page::{Span, Table, bad, faint, good, strong, warn};
use crate::times;

/// See and decide what clashes
#[derive(Debug, Subcommand)]
pub(crate) enum Inbox {
    List(List),
    Show(Show),
    Decide(Decide),
}

/// List conflicts, contradictions, claims and quarantined records
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket inbox list\n  docket inbox list --all --json")]
pub(crate) struct List {
    /// Include what is already decided
    #[arg(long)]
    all: bool,
}

/// Show one item: every value, who recorded it and when
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket inbox show 3F9A")]
pub(crate) struct Show {
    /// The item: any unique start of its id
    id: String,
}

/// Decide an item; the decision is itself a record
///
/// Two people deciding differently is a conflict again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket inbox decide 3F9A --keep '2020-02-03 09:00' --reason 'customer confirmed by phone'
  docket inbox decide 3F9A --keep 4ZJ1 --reason 'photo shows it'     by the record's id
  docket inbox decide 7QK2 --credit --reason 'the work was done before the other crew came'
  docket inbox decide 7QK2 --move B4T1 --reason 'wrong flat, same house'")]
pub(crate) struct Decide {
    /// The item: any unique start of its id
    id: String,
    /// The value or the record that counts; `none`; left out where there is nothing to choose
    #[arg(long, value_name = "VALUE|RECORD", conflicts_with_all = ["credit", "reject", "to"])]
    keep: Option<String>,
    /// Late work, or what a revoked device claims on this job, counts
    #[arg(long, conflicts_with_all = ["reject", "to"])]
    credit: bool,
    /// Late work, or what a revoked device claims on this job, has no effect; it stays in the record
    #[arg(long, conflicts_with = "to")]
    reject: bool,
    /// Late work belongs to another job: no effect here, noted there
    #[arg(long = "move", value_name = "JOB")]
    to: Option<String>,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Inbox {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Decide(command) => command.run(context),
        }
    }
}

fn severity(text: &str) -> Span {
    match text {
        "high" | "error" => bad(word(text)),
        "medium" | "warning" => warn(word(text)),
        _ => faint(word(text)),
    }
}

/// An item's id as lists show it.
fn short(id: &str) -> String {
    if id.contains('-') { id.to_owned() } else { id.chars().take(8).collect() }
}

impl List {
    fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let items = inbox::list(&session, self.all)?;
        context.out.show(&json!({"items": items}), |page| {
            if items.is_empty() {
                page.say("the inbox is empty");
                return;
            }
            let mut table = Table::new(&["id", "severity", "kind", "job", "what", ""]);
            for item in &items {
                table.row([
                    strong(short(&item.id)),
                    severity(&item.severity),
                    word(&item.kind).into(),
                    item.code.as_deref().unwrap_or_default().into(),
                    t(&inbox::readable(&session, &item.summary)).into(),
                    if item.decided { good(t("decided")) } else { Span::from("") },
                ]);
            }
            page.table(&table);
        })?;
        Ok(Exit::Clean)
    }
}

impl Show {
    fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let detail = inbox::show(&session, &self.id)?;
        let zone = context.zone();
        context.out.show(&detail, |page| {
            let item = &detail.item;
            page.line([
                strong(short(&item.id)),
                "  ".into(),
                severity(&item.severity),
                "  ".into(),
                item.kind.replace('_', " ").into(),
            ]);
            page.say(inbox::readable(&session, &item.summary));
            if let Some(code) = &item.code {
                page.pairs([("job", strong(code))]);
            }
            let Some(issue) = &detail.issue else {
                page.line([faint(t("  kept as it came; it has no effect and can't be decided"))]);
                return;
            };
            let mut table = Table::new(&["record", "value", "who", "when"]);
            for option in &issue.options {
                let who = option.person.as_ref().map_or_else(|| "import".to_owned(), ToString::to_string);
                let when = option.at_ms.map(|at| times::show(at.0, &zone)).unwrap_or_default();
                let fact: String = option.fact.to_string().chars().take(8).collect();
                table.row([
                    strong(fact),
                    inbox::readable(&session, &inbox::plain(&option.value)).into(),
                    who.into(),
                    when.into(),
                ]);
            }
            if !issue.options.is_empty() {
                page.title("Values");
                page.indented(&table);
            }
            for decided in issue.decided.iter().chain(&issue.contested) {
                let who = decided.person.as_ref().map(ToString::to_string).unwrap_or_default();
                let contested = if issue.contested.is_empty() { good(t("decided")) } else { bad(t("contested")) };
                page.line([contested, format!(" by {who}: {} ({})", worded(issue.kind, decided), decided.why).into()]);
            }
        })?;
        Ok(Exit::Clean)
    }
}

impl Decide {
    fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let verdict = match (self.credit, self.reject, &self.to) {
            (true, ..) => Verdict::Credit,
            (_, true, _) => Verdict::Reject,
            (.., Some(job)) => Verdict::Move(job),
            _ => Verdict::Keep(self.keep.as_deref()),
        };
        let made = inbox::decide(&mut session, &self.id, verdict, &self.reason)?;
        let kept = made.kept.map(|fact| fact.to_string());
        let moved_to = made.moved_to.map(|job| job.to_string());
        let answer = json!({"fact": made.fact.to_string(), "kept": kept, "moved_to": moved_to, "items": made.items});
        context.out.show(&answer, |page| page.say(told(verdict, &made)))?;
        Ok(Exit::Clean)
    }
}

fn told(verdict: Verdict, made: &Made) -> String {
    let several = (made.items > 1).then_some(made.items);
    match (verdict, made.kept, made.moved_to) {
        (Verdict::Credit, ..) => several.map_or("decided: it counts".into(), |n| format!("decided: {n} records count")),
        (Verdict::Reject, ..) => {
            several.map_or("decided: it has no effect".into(), |n| format!("decided: {n} records have no effect"))
        }
        (_, _, Some(job)) => format!("decided: it belongs to {}", job.short()),
        (_, Some(kept), _) => format!("decided: {} counts", kept.to_string().chars().take(8).collect::<String>()),
        _ => "decided".to_owned(),
    }
}

/// What a decision says, in words.
pub(crate) fn worded(kind: IssueKind, decided: &Decided) -> String {
    match (kind, decided.keep, decided.moved_to) {
        (_, _, Some(job)) => format!("moved to {}", job.short()),
        (IssueKind::LateWork, Some(_), _) => "credited".into(),
        (IssueKind::LateWork, None, _) => "rejected".into(),
        (_, Some(kept), _) => format!("keep {}", kept.to_string().chars().take(8).collect::<String>()),
        (_, None, _) => "keep none".into(),
    }
}

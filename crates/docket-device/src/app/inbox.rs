//! What clashes, and deciding it. A decision is a fact like any other; two that differ are a conflict again.

use docket_core::issue::{Choice, Issue, IssueKind};
use docket_core::{Record, Site, fold_customer, fold_technician};
use docket_format::{DocId, FactId, crockford};
use rusqlite::Row;
use serde_json::Value;

use super::error::AppError;
use super::job::{Job, short};
use super::scope::{self, Planned};
use super::session::Session;
use super::{body, jobs};
use crate::error::StoreError;
use crate::store::Draft;

/// One line of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// The document's id, if the item belongs to one.
    pub doc: Option<String>,
    /// The document's short code.
    pub code: Option<String>,
    /// What it is about.
    pub kind: String,
    /// How much it matters: low, medium, high.
    pub severity: String,
    /// In one line.
    pub summary: String,
    /// Whether a decision settles it.
    pub decided: bool,
}

/// An item with what can be chosen.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Detail {
    /// Its line.
    #[serde(flatten)]
    pub item: Item,
    /// The matter itself; none for quarantined, parked and malformed records, which can't be decided.
    pub issue: Option<Issue>,
}

const COLUMNS: &str = "id, doc, code, kind, severity, summary, decided";

/// What waits for a decision; with `all` also what is decided.
pub fn list(session: &Session, all: bool) -> Result<Vec<Item>, AppError> {
    let condition = if all { "1" } else { "decided = 0" };
    let rank =
        "CASE severity WHEN 'high' THEN 0 WHEN 'error' THEN 0 WHEN 'medium' THEN 1 WHEN 'warning' THEN 1 ELSE 2 END";
    let query = format!("SELECT {COLUMNS} FROM v_inbox WHERE {condition} ORDER BY decided, {rank}, code, kind, id");
    rows(session, &query, &[])
}

fn rows(session: &Session, query: &str, values: &[&str]) -> Result<Vec<Item>, AppError> {
    let run = || -> rusqlite::Result<Vec<Item>> {
        let mut statement = session.store().conn().prepare(query)?;
        statement.query_map(rusqlite::params_from_iter(values), item)?.collect()
    };
    Ok(run().map_err(StoreError::from)?)
}

fn item(row: &Row) -> rusqlite::Result<Item> {
    Ok(Item {
        id: row.get(0)?,
        doc: row.get(1)?,
        code: row.get(2)?,
        kind: row.get(3)?,
        severity: row.get(4)?,
        summary: row.get(5)?,
        decided: row.get(6)?,
    })
}

/// The item that `typed` names: any unique start of its id.
pub fn show(session: &Session, typed: &str) -> Result<Detail, AppError> {
    let item = one(session, typed)?;
    let doc = item.doc.as_deref().and_then(|doc| doc.parse::<DocId>().ok());
    let issues = doc.map(|doc| issues(session, doc)).transpose()?.unwrap_or_default();
    let issue = issues.into_iter().find(|issue| issue.id.to_string() == item.id);
    Ok(Detail { item, issue })
}

fn one(session: &Session, typed: &str) -> Result<Item, AppError> {
    let unknown = || AppError::refused(format!("the inbox has no `{}`", short(typed))).hint("docket inbox list --all");
    let all = list(session, true)?;
    let code = crockford::normalise_prefix(typed).unwrap_or_default();
    if typed.trim().is_empty() {
        return Err(unknown());
    }
    let mut found: Vec<Item> = all.into_iter().filter(|item| item.id == typed || names(item, typed, &code)).collect();
    if let Some(exact) = found.iter().position(|item| item.id == typed) {
        return Ok(found.swap_remove(exact));
    }
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(unknown()),
        (Some(item), true) => Ok(item),
        (Some(last), false) => {
            found.push(last);
            let shown = found.iter().take(10).map(|item| format!("{}  {}", item.id, item.summary));
            Err(AppError::refused(format!("`{}` names {} items", short(typed), found.len()))
                .details(shown.collect::<Vec<_>>())
                .hint("type more characters"))
        }
    }
}

fn names(item: &Item, typed: &str, code: &str) -> bool {
    item.id.starts_with(typed) || (!code.is_empty() && item.id.starts_with(code))
}

/// A document's issues, whatever kind of document it is.
fn issues(session: &Session, doc: DocId) -> Result<Vec<Issue>, AppError> {
    let kind = session.store().info(doc)?.and_then(|info| info.kind).unwrap_or_default();
    if kind == "job" {
        return Ok(Job::load(session, doc)?.view().issues);
    }
    let (facts, policy) = (session.facts(doc)?, session.policy()?);
    let evidence = session.evidence(doc, &facts)?;
    let record = Record { doc, facts: &facts, evidence: &evidence, site: &Site::NOWHERE };
    Ok(match kind.as_str() {
        "technician" => fold_technician(&record, &policy).issues,
        _ => fold_customer(&record, &policy).issues,
    })
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// This value or fact counts, or "none"; `None` where there is nothing to choose.
    Keep(Option<&'a str>),
    /// Late work, or a claim, counts.
    Credit,
    /// It has no effect.
    Reject,
    /// It belongs to this job and has no effect here.
    Move(&'a str),
}

/// A decision made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The `decided` fact.
    pub fact: FactId,
    /// The fact kept; `None` = none, or nothing to choose.
    pub kept: Option<FactId>,
    /// The job that the work was moved to.
    pub moved_to: Option<DocId>,
    /// How many items it settles: all that a device without standing claims on one job are decided together.
    pub items: usize,
}

/// Decides an item.
pub fn decide(session: &mut Session, typed: &str, verdict: Verdict<'_>, why: &str) -> Result<Made, AppError> {
    if why.trim().is_empty() {
        return Err(AppError::refused("a decision needs a reason"));
    }
    let detail = show(session, typed)?;
    let code = detail.item.code.clone().unwrap_or_default();
    let (Some(issue), Some(doc)) = (detail.issue, detail.item.doc.and_then(|doc| doc.parse::<DocId>().ok())) else {
        return Err(AppError::refused(format!("a {} record can't be decided: it has no effect", detail.item.kind))
            .hint("ask its sender for a new bundle; `docket verify` says what is wrong with it"));
    };
    let keep = match verdict {
        Verdict::Keep(keep) => keep,
        verdict => return judge_work(session, doc, &issue, verdict, why),
    };
    let chosen = choose(&issue, keep, &code)?;
    let kept = chosen.as_ref().map(|choice| choice.fact);
    let fact = match (&issue.register, &chosen) {
        (Some(register), Some(choice)) if issue.kind == IssueKind::Conflict => {
            settle_register(session, doc, &issue, register, &choice.value, why)?
        }
        _ => first(session.write(doc, &[about(&issue, kept, None, why)])?)?,
    };
    Ok(Made { fact, kept, moved_to: None, items: 1 })
}

fn first(facts: Vec<FactId>) -> Result<FactId, AppError> {
    facts.into_iter().next().ok_or_else(|| AppError::refused("nothing was written"))
}

/// A decision about an issue.
fn about(issue: &Issue, keep: Option<FactId>, to: Option<DocId>, why: &str) -> Draft {
    let over: Vec<FactId> = settled(issue).collect();
    let over = (!over.is_empty()).then(|| ("over", list_of(over.into_iter())));
    let keep = keep.map(|fact| ("keep", Value::from(fact.to_string())));
    let to = to.map(|doc| ("to", Value::from(doc.to_string())));
    let entries = [("about", Value::from(issue.id.to_string())), ("why", why.into())];
    Draft { kind: "decided".into(), body: body(entries.into_iter().chain(keep).chain(to).chain(over)) }
}

/// One of two values stands; who is shown the job follows its crew and what it names.
fn settle_register(
    session: &mut Session,
    doc: DocId,
    issue: &Issue,
    register: &str,
    value: &Value,
    why: &str,
) -> Result<FactId, AppError> {
    let over: Vec<FactId> = issue.options.iter().map(|option| option.fact).chain(settled(issue)).collect();
    // The value is taken from the fact, so that it is the same value to the last bit.
    let entries = [("r", Value::from(register)), ("v", value.clone()), ("why", why.into())];
    let mut decision = body(entries.into_iter().chain([("over", list_of(over.iter().copied()))]));
    let mut scopes = Vec::new();
    if session.store().info(doc)?.is_some_and(|info| info.kind.as_deref() == Some("job")) {
        let job = Job::load(session, doc)?;
        let view = job.view();
        let planned = if register == "crew" {
            let crew = scope::people(value);
            decision.insert("seen".into(), jobs::seen(&view, &crew));
            Planned { crew: Some(crew), register: None }
        } else {
            Planned { crew: None, register: Some((register, value, &over)) }
        };
        let standing = view.registers.get(register).map(|register| register.live.as_slice()).unwrap_or_default();
        if register == "crew" || scope::names_documents(standing, value) {
            scopes = scope::follow(session, &job, &view, &planned)?;
        }
    }
    first(session.write_all(doc, &[Draft { kind: "decided".into(), body: decision }], &scopes)?)
}

/// Credits, rejects or moves work that came late or from a device without standing.
fn judge_work(
    session: &mut Session,
    doc: DocId,
    issue: &Issue,
    verdict: Verdict<'_>,
    why: &str,
) -> Result<Made, AppError> {
    let kind = issue.kind.as_str().replace('_', " ");
    let hint = if issue.options.is_empty() { "leave it out: there is nothing to choose" } else { "use --keep" };
    match (issue.kind, verdict) {
        (IssueKind::LateWork, _) | (IssueKind::Claim, Verdict::Credit | Verdict::Reject) => {}
        (IssueKind::Claim, _) => {
            return Err(AppError::refused("a claim can't be moved: it has no effect before somebody credits it")
                .hint("--credit lets it count, --reject closes it"));
        }
        _ => {
            return Err(AppError::refused(format!("--credit, --reject and --move are for late work, not for {kind}"))
                .hint(hint));
        }
    }
    let keep = |issue: &Issue| issue.options.first().map(|option| option.fact).filter(|_| verdict == Verdict::Credit);
    if let Verdict::Move(to) = verdict {
        return move_work(session, doc, issue, to, why);
    }
    let together = if issue.kind == IssueKind::Claim { claimed_together(session, doc, issue)? } else { Vec::new() };
    let drafts: Vec<Draft> =
        core::iter::once(issue).chain(&together).map(|issue| about(issue, keep(issue), None, why)).collect();
    let fact = first(session.write(doc, &drafts)?)?;
    Ok(Made { fact, kept: keep(issue), moved_to: None, items: drafts.len() })
}

/// The other open claims of the device that this claim is of, in the same document.
fn claimed_together(session: &Session, doc: DocId, issue: &Issue) -> Result<Vec<Issue>, AppError> {
    let facts = session.facts(doc)?;
    let device = |issue: &Issue| {
        let fact = issue.facts.first().and_then(|id| facts.iter().find(|fact| fact.id == *id))?;
        // Nobody's decisions count because somebody else accepts them.
        fact.author().filter(|_| fact.kind() != "decided").map(|author| author.device)
    };
    let Some(of) = device(issue) else { return Ok(Vec::new()) };
    let mut all = issues(session, doc)?;
    all.retain(|other| {
        other.kind == IssueKind::Claim && other.is_open() && other.id != issue.id && device(other) == Some(of)
    });
    Ok(all)
}

/// Late work that belongs to another job: recorded on both.
fn move_work(session: &mut Session, doc: DocId, issue: &Issue, to: &str, why: &str) -> Result<Made, AppError> {
    let target = session.resolve(to, "job")?;
    if target == doc {
        return Err(AppError::refused("the work is on this job already").hint("--credit lets it count"));
    }
    let who = issue.options.first().and_then(|option| option.person.as_ref()).map(ToString::to_string);
    let text = format!("work of {} was moved here from {}: {why}", who.unwrap_or_default(), doc.short());
    let visit = issue.facts.first().map(|visit| ("visit", Value::from(visit.to_string())));
    let from = body([("doc", Value::from(doc.to_string()))].into_iter().chain(visit));
    let note = Draft { kind: "noted".into(), body: body([("text", text.into()), ("moved", Value::Object(from))]) };
    let decision = about(issue, None, Some(target), why);
    let fact = first(session.write_all(doc, &[decision], &[(target, vec![note])])?)?;
    Ok(Made { fact, kept: None, moved_to: Some(target), items: 1 })
}

/// Earlier decisions about the same matter that the new one replaces.
fn settled(issue: &Issue) -> impl Iterator<Item = FactId> {
    issue.decided.iter().chain(&issue.contested).map(|decided| decided.fact)
}

fn list_of(facts: impl Iterator<Item = FactId>) -> Value {
    let mut facts: Vec<FactId> = facts.collect();
    facts.sort_unstable();
    facts.dedup();
    facts.iter().map(|fact| Value::from(fact.to_string())).collect()
}

fn choose(issue: &Issue, keep: Option<&str>, code: &str) -> Result<Option<Choice>, AppError> {
    let shown = || {
        let each = issue.options.iter();
        each.map(|option| format!("{}  {}", option.fact, plain(&option.value))).collect::<Vec<_>>()
    };
    let Some(keep) = keep else {
        if issue.options.is_empty() {
            return Ok(None);
        }
        let hint = match issue.kind {
            IssueKind::Conflict => "--keep VALUE or --keep RECORD",
            IssueKind::LateWork => {
                "--credit lets it count, --reject lets it have no effect, --move JOB says where it belongs"
            }
            _ => "--keep RECORD lets that one count; --keep none lets none",
        };
        return Err(AppError::refused("say which one counts").details(shown()).hint(hint));
    };
    if issue.options.is_empty() {
        return Err(AppError::refused("there is nothing to choose here").hint("leave --keep out"));
    }
    if issue.kind != IssueKind::Conflict && keep.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let by_value = issue.options.iter().find(|option| plain(&option.value) == keep);
    let prefix = crockford::normalise_prefix(keep).filter(|prefix| prefix.len() >= 3);
    let mut by_fact = issue
        .options
        .iter()
        .filter(|option| prefix.as_deref().is_some_and(|prefix| option.fact.to_string().starts_with(prefix)));
    let found = by_value.or_else(|| by_fact.next().filter(|_| by_fact.next().is_none()));
    found.cloned().map(Some).ok_or_else(|| {
        AppError::refused(format!("`{}` is none of the values", short(keep)))
            .details(shown())
            .hint(format!("docket inbox show {code}…   shows them; `docket set` makes a third value"))
    })
}

/// A text with the customers' documents that it names told as people know them: by name or address.
pub fn readable(session: &Session, text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end_matches([' ', ',', ';']);
        match bare.parse().ok().and_then(|doc| known_as(session, doc)) {
            Some(name) => {
                shown.push_str(&name);
                shown.push_str(word.get(bare.len()..).unwrap_or_default());
            }
            None => shown.push_str(word),
        }
    }
    shown
}

fn known_as(session: &Session, doc: DocId) -> Option<String> {
    let (facts, policy) = (session.facts(doc).ok()?, session.policy().ok()?);
    let evidence = session.evidence(doc, &facts).ok()?;
    let customer = fold_customer(&Record { doc, facts: &facts, evidence: &evidence, site: &Site::NOWHERE }, &policy);
    let parts: Vec<&str> = ["name", "address", "phone"].into_iter().filter_map(|field| customer.str(field)).collect();
    (!parts.is_empty()).then(|| format!("{} ({})", parts.join(", "), doc.short()))
}

/// A value as people type it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

//! What clashes, and deciding it. A decision is a fact like any other; two that differ are a conflict again.

use docket_core::issue::{Choice, Issue, IssueKind};
use docket_core::{Record, fold_customer, fold_technician};
use docket_format::{DocId, FactId, crockford};
use rusqlite::Row;
use serde_json::Value;

use super::body;
use super::error::AppError;
use super::job::{Job, short};
use super::session::Session;
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
    let record = Record { doc, facts: &facts, evidence: &evidence };
    Ok(match kind.as_str() {
        "technician" => fold_technician(&record, &policy).issues,
        _ => fold_customer(&record, &policy).issues,
    })
}

/// A decision made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The `decided` fact.
    pub fact: FactId,
    /// The fact kept; `None` = none, or nothing to choose.
    pub kept: Option<FactId>,
}

/// Decides an item: `keep` is a value or a fact's id; `None` where there is nothing to choose.
pub fn decide(session: &mut Session, typed: &str, keep: Option<&str>, why: &str) -> Result<Made, AppError> {
    if why.trim().is_empty() {
        return Err(AppError::refused("a decision needs a reason"));
    }
    let detail = show(session, typed)?;
    let code = detail.item.code.clone().unwrap_or_default();
    let (Some(issue), Some(doc)) = (detail.issue, detail.item.doc.and_then(|doc| doc.parse::<DocId>().ok())) else {
        return Err(AppError::refused(format!("a {} record can't be decided: it has no effect", detail.item.kind))
            .hint("ask its sender for a new bundle; `docket verify` says what is wrong with it"));
    };
    let chosen = choose(&issue, keep, &code)?;
    let draft = match (&issue.register, &chosen) {
        (Some(register), Some(choice)) if issue.kind == IssueKind::Conflict => {
            // The value is taken from the fact, so that it is the same value to the last bit.
            let entries = [("r", Value::from(register.as_str())), ("v", choice.value.clone()), ("why", why.into())];
            let over = issue.options.iter().map(|option| option.fact);
            body(entries.into_iter().chain([("over", list_of(over.chain(settled(&issue))))]))
        }
        _ => {
            let keep = chosen.as_ref().map(|choice| ("keep", Value::from(choice.fact.to_string())));
            let over: Vec<FactId> = settled(&issue).collect();
            let over = (!over.is_empty()).then(|| ("over", list_of(over.into_iter())));
            let entries = [("about", Value::from(issue.id.to_string())), ("why", why.into())];
            body(entries.into_iter().chain(keep).chain(over))
        }
    };
    let facts = session.write(doc, &[Draft { kind: "decided".into(), body: draft }])?;
    let fact = facts.first().copied().ok_or_else(|| AppError::refused("nothing was written"))?;
    Ok(Made { fact, kept: chosen.map(|choice| choice.fact) })
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
    let customer = fold_customer(&Record { doc, facts: &facts, evidence: &evidence }, &policy);
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

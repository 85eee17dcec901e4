//! Collects issues, and settles them with the decisions in the record.
//!
//! Decisions about one issue are a multi-value register again: those that no later one names in `over` are live, and
//! two live ones that keep different facts are a conflict again.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::{DocId, FactId};
use serde_json::Value;

use super::order::Item;
use crate::issue::{Choice, Decided, Issue, IssueId, IssueKind};
use crate::kind;

pub(super) struct Issues {
    doc: DocId,
    decisions: BTreeMap<IssueId, Vec<Decided>>,
    list: Vec<Issue>,
}

impl Issues {
    /// Collects the live decisions of the record.
    pub(super) fn new(doc: DocId, items: &[Item<'_>]) -> Self {
        let mut decisions: BTreeMap<IssueId, Vec<Decided>> = BTreeMap::new();
        let mut named = BTreeSet::new();
        for item in items.iter().filter(|item| item.is(kind::DECIDED)) {
            let Some(about) = item.fact.str("about").and_then(|about| about.parse::<IssueId>().ok()) else { continue };
            named.extend(item.fact.fact_ids("over").into_iter().filter(|id| *id != item.id()).map(|id| (about, id)));
            decisions.entry(about).or_default().push(Decided {
                fact: item.id(),
                keep: item.fact.fact_id("keep"),
                moved_to: item.fact.str("to").and_then(|to| to.parse().ok()),
                why: item.fact.str("why").unwrap_or_default().to_owned(),
                person: item.person(),
            });
        }
        for (about, live) in &mut decisions {
            live.retain(|decision| !named.contains(&(*about, decision.fact)));
        }
        Self { doc, decisions, list: Vec::new() }
    }

    /// Records an issue, and tells how the record's decisions settle it.
    pub(super) fn raise(
        &mut self,
        kind: IssueKind,
        detail: &str,
        facts: Vec<FactId>,
        options: Vec<Choice>,
        summary: String,
    ) -> Settled {
        let id = IssueId::of(self.doc, kind, detail, &facts);
        let (live, agree) = self.live(kind, id);
        let decided = if agree { live.last().cloned() } else { None };
        let contested = if agree { Vec::new() } else { live.to_vec() };
        let settled = decided.as_ref().map_or(Settled::Open, |decision| Settled::of(decision.keep));
        let register = (kind == IssueKind::Conflict).then(|| detail.to_owned());
        let (row, severity) = (kind.row(), kind.severity());
        self.list.push(Issue { id, kind, row, severity, summary, register, facts, options, decided, contested });
        settled
    }

    /// The live decisions about an issue, and whether they agree.
    fn live(&self, kind: IssueKind, id: IssueId) -> (&[Decided], bool) {
        // A register's conflict ends when a set names all its values, and in no other way.
        let about = self.decisions.get(&id).filter(|_| kind != IssueKind::Conflict);
        let live = about.map(Vec::as_slice).unwrap_or_default();
        (live, live.windows(2).all(|pair| matches!(pair, [a, b] if a.keep == b.keep && a.moved_to == b.moved_to)))
    }

    /// Whether any decision about any issue is in the record.
    pub(super) fn any_decided(&self) -> bool {
        !self.decisions.is_empty()
    }

    /// Whether there is a decision, or more than one, about an issue that is not raised yet.
    pub(super) fn is_decided(&self, kind: IssueKind, detail: &str, facts: &[FactId]) -> bool {
        !self.live(kind, IssueId::of(self.doc, kind, detail, facts)).0.is_empty()
    }

    /// How the record's decisions settle an issue that is not raised yet, and the decision that does.
    pub(super) fn settled(&self, kind: IssueKind, detail: &str, facts: &[FactId]) -> (Settled, Option<FactId>) {
        let (live, agree) = self.live(kind, IssueId::of(self.doc, kind, detail, facts));
        let decided = live.last().filter(|_| agree);
        (decided.map_or(Settled::Open, |decision| Settled::of(decision.keep)), decided.map(|decision| decision.fact))
    }

    /// Whether an open issue of this kind is about all of these facts.
    pub(super) fn covers(&self, kind: IssueKind, facts: &[FactId]) -> bool {
        let mut open = self.list.iter().filter(|issue| issue.kind == kind && issue.is_open());
        open.any(|issue| facts.iter().all(|fact| issue.facts.contains(fact)))
    }

    /// All issues, in a fixed order.
    pub(super) fn finish(mut self) -> Vec<Issue> {
        self.list.sort_by_key(|issue| (issue.kind, issue.id));
        self.list
    }
}

/// Whether, and how, an issue is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// Nobody decided, or two decisions disagree.
    Open,
    /// This fact is kept.
    Keep(FactId),
    /// None is kept.
    KeepNone,
}

impl Settled {
    fn of(keep: Option<FactId>) -> Self {
        keep.map_or(Self::KeepNone, Self::Keep)
    }

    /// Whether this fact was kept.
    pub(super) fn keeps(self, item: &Item<'_>) -> bool {
        self == Self::Keep(item.id())
    }
}

/// An option to keep a fact.
pub(super) fn choice(item: &Item<'_>, value: Value) -> Choice {
    Choice { fact: item.id(), value, person: item.person(), at_ms: item.at() }
}

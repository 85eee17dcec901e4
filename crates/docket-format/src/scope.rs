//! Scopes: which documents a person's devices are shown (DESIGN §5). A scope is a document of facts, one for each
//! person, written by office devices at dispatch: an observed-remove set. Scopes decide sight, never what may be
//! written or pushed.
//!
//! | kind | payload | effect |
//! |---|---|---|
//! | `created` | `dk` = "scope", `regs` = {`person`} | names the person |
//! | `entered` | `docs` = [document, …]: the job first, then what it needs | these are shown |
//! | `left` | `over` = [ids of `entered` facts] | what only those named is shown no longer |
//!
//! Facts by devices whose role may not dispatch have no effect. Rosters, policies and technicians' files are shown to
//! everybody; to roles of the office everything is.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::Fact;
use crate::ids::{DocId, FactId, PersonId, TenantId};

/// Most documents that one `entered` fact can name: a fact has at most 16 KiB.
pub const ENTERED_DOCS: usize = 256;
/// Most `entered` facts that one `left` fact can name.
pub const LEFT_TAGS: usize = 400;

/// A person's scope document.
pub fn doc(tenant: TenantId, person: &PersonId) -> DocId {
    DocId::derived(tenant, "scope", "docket", person.as_str())
}

/// The person whose scope a document is: what its `created` fact says, if the document's id belongs to that person.
pub fn person_of(tenant: TenantId, at: DocId, fact: &Fact) -> Option<PersonId> {
    let named = fact.kind() == "created" && fact.str("dk") == Some("scope");
    let text = fact.body.get("regs").filter(|_| named)?.get("person")?.as_str()?;
    let person: PersonId = text.parse().ok()?;
    (doc(tenant, &person) == at).then_some(person)
}

/// Whether a role sees every document of the company.
pub fn sees_all(role: &str) -> bool {
    matches!(role, "admin" | "dispatcher" | "supervisor" | "auditor" | "call_back_agent" | "director")
}

/// Whether a role decides what others are shown.
pub fn may_dispatch(role: &str) -> bool {
    matches!(role, "admin" | "dispatcher" | "supervisor")
}

/// Whether documents of a kind are shown to everybody in the company: only kinds that are known to hold nothing of
/// customers.
pub fn is_common(kind: &str) -> bool {
    matches!(kind, "roster" | "policy" | "technician" | "outlet" | "problem")
}

/// What one fact does to a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Documents come into sight under this tag (the fact's id).
    Enter(Vec<DocId>),
    /// Tags end.
    Leave(Vec<FactId>),
}

/// Reads a fact of a scope document; `None` for one without effect. Who may state it is the caller's question.
pub fn step(fact: &Fact) -> Option<Step> {
    match fact.kind() {
        "entered" => {
            let docs = fact.body.get("docs")?.as_array()?.iter().take(ENTERED_DOCS);
            let docs: Option<Vec<DocId>> = docs.map(|doc| doc.as_str()?.parse().ok()).collect();
            docs.filter(|docs| !docs.is_empty()).map(Step::Enter)
        }
        "left" => Some(Step::Leave(fact.fact_ids("over"))),
        _ => None,
    }
}

/// An observed-remove set: a document is in as long as one tag that nobody ended names it. The order in which steps
/// come doesn't matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    live: BTreeMap<FactId, Vec<DocId>>,
    ended: BTreeSet<FactId>,
}

impl Scope {
    /// Folds the facts of a scope document. `may` says whether a fact's author may dispatch.
    pub fn fold<'a>(facts: impl IntoIterator<Item = &'a Fact>, may: impl Fn(&Fact) -> bool) -> Self {
        let mut scope = Self::default();
        for fact in facts.into_iter().filter(|fact| may(fact)) {
            if let Some(step) = step(fact) {
                scope.take(fact.id, step);
            }
        }
        scope
    }

    /// Takes one step.
    pub fn take(&mut self, fact: FactId, step: Step) {
        match step {
            Step::Enter(docs) if !self.ended.contains(&fact) => {
                self.live.insert(fact, docs);
            }
            Step::Enter(_) => {}
            Step::Leave(tags) => {
                for tag in tags {
                    self.live.remove(&tag);
                    self.ended.insert(tag);
                }
            }
        }
    }

    /// Every document in sight.
    pub fn docs(&self) -> BTreeSet<DocId> {
        self.live.values().flatten().copied().collect()
    }

    /// The tags that hold a document in, and whose first document (the job they were made for) it is.
    pub fn tags_for(&self, job: DocId) -> Vec<FactId> {
        self.live.iter().filter(|(_, docs)| docs.first() == Some(&job)).map(|(tag, _)| *tag).collect()
    }

    /// The documents that the tags made for a job hold in.
    pub fn docs_for(&self, job: DocId) -> BTreeSet<DocId> {
        self.live.values().filter(|docs| docs.first() == Some(&job)).flatten().copied().collect()
    }

    /// How many tags hold a document in.
    pub fn held_by(&self, doc: DocId) -> usize {
        self.live.values().filter(|docs| docs.contains(&doc)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> FactId {
        FactId::from_bytes([n; 16])
    }

    fn at(n: u8) -> DocId {
        DocId::new_v7(u64::from(n), [n; 10])
    }

    #[test]
    fn a_document_stays_until_every_tag_that_names_it_has_ended_in_any_order() {
        let steps = [
            (id(1), Step::Enter(vec![at(1), at(9)])),
            (id(2), Step::Enter(vec![at(2), at(9)])),
            (id(3), Step::Leave(vec![id(1)])),
            (id(4), Step::Enter(vec![at(1), at(9)])),
            (id(5), Step::Leave(vec![id(2)])),
        ];
        let expect: BTreeSet<DocId> = [at(1), at(9)].into();
        // Every rotation and its reverse: enough orders to put each leave before its enter.
        for turn in 0..steps.len() {
            for reverse in [false, true] {
                let mut order = steps.to_vec();
                order.rotate_left(turn);
                if reverse {
                    order.reverse();
                }
                let mut scope = Scope::default();
                for (fact, step) in order {
                    scope.take(fact, step);
                }
                assert_eq!(scope.docs(), expect, "turned by {turn}, reversed {reverse}");
                assert_eq!(scope.tags_for(at(1)), vec![id(4)]);
                assert_eq!(scope.docs_for(at(1)), [at(1), at(9)].into());
                assert_eq!(scope.docs_for(at(2)), BTreeSet::new());
                assert_eq!((scope.held_by(at(9)), scope.held_by(at(2))), (1, 0));
            }
        }
    }
}

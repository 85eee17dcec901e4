//! The roster as the log has it: folded once, shared by everybody who judges.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_format::roster::Roster;
use docket_format::{Fact, FactId, TenantId};

/// A roster and the facts that it was folded from.
pub(crate) struct Rostered {
    /// Who may what.
    pub(crate) roster: Roster,
    facts: Vec<Fact>,
    ids: BTreeSet<FactId>,
}

impl Rostered {
    pub(crate) fn fold(tenant: TenantId, facts: Vec<Fact>) -> Self {
        let ids = facts.iter().map(|fact| fact.id).collect();
        Self { roster: Roster::fold(tenant, &facts), facts, ids }
    }

    /// The roster with these facts too; itself if they say nothing new.
    pub(crate) fn with(self: &Arc<Self>, more: Vec<Fact>) -> Arc<Self> {
        let new: Vec<Fact> = more.into_iter().filter(|fact| !self.ids.contains(&fact.id)).collect();
        if new.is_empty() {
            return Arc::clone(self);
        }
        Arc::new(Self::fold(self.roster.tenant, self.facts.iter().cloned().chain(new).collect()))
    }
}

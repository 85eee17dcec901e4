//! Taking judged changes into the record, from a bundle or a page: what fails goes to quarantine, its genuine facts are
//! carried again, and nothing stops the rest.

use std::collections::BTreeMap;

use docket_format::ChangeHash;
use docket_sync::judge::{Judged, Objection};

use crate::error::StoreError;
use crate::store::{Counts, Outcome, Sender, Tx, bytes_of};

/// What became of a parcel's changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Taken {
    /// What became of the changes.
    pub counts: Counts,
    /// Facts carried again by this device because the change that brought them can't be built on.
    pub recarried: u64,
    /// Why items were quarantined: reason and how many.
    pub reasons: BTreeMap<String, u64>,
    /// Changes that were not taken in: what builds on them can't be either.
    dead: Vec<ChangeHash>,
}

impl Taken {
    /// Takes one change in.
    pub(crate) fn take(
        &mut self,
        tx: &mut Tx<'_>,
        sender: &Sender<'_>,
        judged: Judged,
    ) -> Result<Option<Outcome>, StoreError> {
        let doc = judged.arrival.change.doc;
        let held = judged.objection(|fact| tx.holds(doc, &[fact]))?;
        if let Some(Objection { code, detail }) = held {
            let bytes = bytes_of(judged.arrival.carrier, &judged.arrival.change)?;
            tx.quarantine(sender, Some(doc), &bytes, code, &detail)?;
            self.dead.push(judged.arrival.change.hash);
            let facts = judged.arrival.change.facts.into_iter().enumerate();
            let genuine = facts.filter(|(place, _)| !judged.unvouched.contains(place)).map(|(_, fact)| fact);
            self.recarried += tx.carry_again(doc, genuine.collect(), sender.now_ms)?;
            self.counts.refused += 1;
            *self.reasons.entry(code.to_owned()).or_default() += 1;
            return Ok(None);
        }
        let (outcome, back) = tx.ingest_or_return(sender, judged.arrival)?;
        self.counts.add(&outcome);
        if let (Outcome::Refused(reason), Some(arrival)) = (&outcome, back) {
            *self.reasons.entry(reason.code().to_owned()).or_default() += 1;
            // The facts are genuine; only their carriage is not: carry them again, so that nothing is lost.
            self.dead.push(arrival.change.hash);
            self.recarried += tx.carry_again(doc, arrival.change.facts, sender.now_ms)?;
        }
        Ok(Some(outcome))
    }

    /// Settles a transaction's changes before its commit.
    pub(crate) fn settle(&mut self, tx: &mut Tx<'_>, sender: &Sender<'_>) -> Result<(), StoreError> {
        // Waiting for these would be for ever: the facts are carried again instead.
        let (changes, facts) = tx.give_up(sender, &self.dead)?;
        self.recarried += facts;
        self.counts.parked = self.counts.parked.saturating_sub(changes);
        if changes > 0 {
            self.counts.refused += changes;
            *self.reasons.entry("builds-on-refused".to_owned()).or_default() += changes;
        }
        self.counts.new += tx.unparked();
        self.counts.parked = self.counts.parked.saturating_sub(tx.unparked());
        Ok(())
    }
}

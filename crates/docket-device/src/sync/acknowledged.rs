//! What a reply says of a push: what the relay holds now, what it refused, what it asks for whole.

use std::collections::BTreeMap;
use std::rc::Rc;

use docket_format::change::Carrier;
use docket_format::fact::Stamp;
use docket_format::{ChangeHash, DocId};
use docket_sync::judge::Objection;
use docket_sync::wire::Reply;

use super::exchange::{Exchange, SENDER};
use super::{SyncError, lease, receipt};
use crate::error::StoreError;
use crate::store::relay::REUSED;
use crate::store::{Sender, Store, Tx};

/// What was pushed is at the relay, but for what it refused or asks for whole.
pub(super) struct Acknowledged {
    reply: Reply,
    /// The newest change's and the newest seal's row that were pushed.
    rows: (i64, i64),
    accepted: Vec<ChangeHash>,
    refused: Refused,
    now_ms: i64,
}

impl Exchange {
    /// Checks what a reply acknowledges. It is noted in the transaction of what comes next, each costs a flush; where
    /// something has to be mended, at once.
    pub(super) fn acknowledge(
        &mut self,
        store: &mut Store,
        reply: &Reply,
        rows: (i64, i64),
        now: &Stamp,
    ) -> Result<(), SyncError> {
        let refused = self.refused(reply);
        self.asked = reply.want.iter().copied().filter(|doc| self.sent.contains_key(doc)).collect();
        let mut accepted: Vec<ChangeHash> = Vec::new();
        for (doc, hashes) in self.sent.iter().filter(|(doc, _)| !self.asked.contains(doc)) {
            let out = refused.get(doc);
            accepted.extend(hashes.iter().filter(|hash| !out.is_some_and(|out| out.contains_key(hash))));
        }
        accepted.sort_unstable();
        accepted.dedup();
        if !receipt::holds(reply, &self.key, store.tenant(), store.device(), &accepted) {
            return Err(self.bad("a receipt for something else"));
        }
        self.clash = clashes(store, &refused)?;
        let unsealed = refused.iter().filter(|(_, codes)| codes.values().any(|code| code == Objection::UNSEALED));
        self.unsealed = unsealed.map(|(doc, _)| *doc).collect();
        let plain = refused.is_empty() && self.asked.is_empty() && !self.reconcile;
        let reply = reply.clone();
        self.acknowledged = Some(Rc::new(Acknowledged { reply, rows, accepted, refused, now_ms: now.wall_ms }));
        if plain { Ok(()) } else { self.settle(store) }
    }

    /// Notes what the reply acknowledged, with the lease, the anchor and the facts carried again; nothing if that was
    /// done. It is forgotten only when the transaction is committed.
    pub(super) fn note_acknowledged(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let Some(acknowledged) = self.acknowledged.clone() else { return Ok(()) };
        let Acknowledged { reply, rows, accepted, refused, now_ms } = acknowledged.as_ref();
        let sender = Sender { name: SENDER, now_ms: *now_ms, vouch: false };
        tx.raise_marks(self.relay.pushed, reply.head.pos)?;
        if refused.is_empty() && self.asked.is_empty() {
            self.relay.pushed = self.relay.pushed.max(rows.0);
            tx.forget_refused()?;
        } else {
            tx.note_from_relay(self.relay.pushed, accepted)?;
        }
        tx.settle_pushed(&mut self.relay)?;
        if self.asked.is_empty() && !self.reconcile {
            self.relay.seals = self.relay.seals.max(rows.1);
        }
        receipt::note(&mut self.relay, reply);
        tx.keep_receipt(&self.key, reply, accepted)?;
        lease::renew(&mut self.relay, reply);
        // In the present life what is carried again would clash again: first a new one, then what waits is pushed, and
        // refused, once more.
        if !self.clash {
            self.carry_again(tx, &sender, refused)?;
        }
        if !self.reconcile {
            tx.put_mark(self.relay.pushed, reply.head.pos, reply.seen)?;
        }
        self.pushed.accepted = accepted.len() as u64;
        self.pushed.new = reply.new;
        Ok(())
    }

    /// What the relay refused of what was pushed.
    fn refused(&self, reply: &Reply) -> Refused {
        let mut refused = Refused::new();
        for refusal in &reply.refused {
            if self.sent.get(&refusal.doc).is_some_and(|sent| sent.contains(&refusal.change)) {
                let code: String = refusal.code.chars().take(64).collect();
                refused.entry(refusal.doc).or_default().insert(refusal.change, code);
            }
        }
        refused
    }

    /// Takes what was refused for the first time out of the record and carries its facts again; what was refused before
    /// stays, and nobody is asked to take it a third time.
    fn carry_again(&mut self, tx: &mut Tx<'_>, sender: &Sender<'_>, refused: &Refused) -> Result<(), StoreError> {
        let mut out = Vec::new();
        for (doc, hashes) in refused {
            for code in hashes.values() {
                *self.pushed.refused.entry(code.clone()).or_default() += 1;
            }
            let (first, again) = tx.sort_refused(*doc, hashes)?;
            for hash in &again {
                tx.leave_refused(sender, *doc, *hash, hashes.get(hash).map_or("refused", String::as_str))?;
            }
            self.pushed.stuck += again.len() as u64;
            let retracted = tx.retract(sender, *doc, &first)?;
            if retracted.changes > 0 {
                self.torn.insert(*doc);
            }
            out.push((*doc, retracted));
        }
        // Rows of what was taken out are given out again to what is carried again, which was not pushed.
        tx.clip_relay(&mut self.relay)?;
        let life = tx.author().incarnation;
        if life != self.hello.incarnation {
            // It has not pushed yet.
            (self.relay.lease, self.relay.nonce, self.pushed.new_life) = (0, None, Some(life));
        }
        for (doc, retracted) in out {
            self.pushed.recarried += tx.carry_again(doc, retracted.facts.clone(), sender.now_ms)?;
            tx.reseat(doc, &retracted)?;
        }
        Ok(())
    }
}

/// Refused changes with their codes, by document.
type Refused = BTreeMap<DocId, BTreeMap<ChangeHash, String>>;

/// Whether the relay holds another change under a number of this device's present life: only a copy can have made it.
fn clashes(store: &Store, refused: &Refused) -> Result<bool, StoreError> {
    let own = Carrier::Device(store.author());
    for (doc, hashes) in refused {
        let clashing = |hash: &ChangeHash| hashes.get(hash).is_some_and(|code| code == REUSED);
        if hashes.keys().any(clashing)
            && store.changes(*doc)?.iter().any(|change| change.carrier == own && clashing(&change.hash))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

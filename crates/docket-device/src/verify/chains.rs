//! One author's facts in one document: numbered 1, 2, 3 … without a gap, each naming the one before, sealed up to a tip.

use std::collections::{BTreeMap, BTreeSet};

use docket_format::fact::Origin;
use docket_format::{Author, Fact, FactId};

use crate::project::evidence::reached;

use super::{Document, Report, Verdict};

impl Document<'_> {
    pub(super) fn check_chain(&self, author: Author, chain: &[&Fact], report: &mut Report) {
        let mut by_number: BTreeMap<u64, &Fact> = BTreeMap::new();
        // By walking, not by number: under a number that was sealed the device can state another fact.
        let good = reached(chain.iter().copied(), author, self.sealed.good_tips(self.roster, self.doc, author));
        for &fact in chain {
            let Origin::Device { n, .. } = fact.header.origin else { continue };
            if let Some(other) = by_number.insert(n, fact) {
                let detail = format!(
                    "device {} stated two facts as its number {n}: {} and {}",
                    author.device, other.id, fact.id
                );
                report.flaws.push(self.flaw(Verdict::Forged, Some(fact.id), detail));
                if !self.is_roster_fact(other) {
                    report.claims += u64::from(!good.contains(&other.id));
                }
            }
        }
        let sealed = self.sealed.reach(self.doc, author);
        self.check_links(author, &by_number, sealed.map(|(n, _)| n), report);
        self.check_seal(author, &by_number, sealed, &good, report);
        let last = by_number.keys().next_back().copied().unwrap_or_default();
        if sealed.is_none_or(|(n, _)| n <= last) {
            report.tail_unknown += 1;
        }
    }

    fn check_links(&self, author: Author, chain: &BTreeMap<u64, &Fact>, sealed: Option<u64>, report: &mut Report) {
        let mut before: Option<(u64, FactId)> = None;
        for (&n, fact) in chain {
            let expected = before.map_or(1, |(last, _)| last + 1);
            if n != expected {
                let detail = format!("device {}: facts {expected} to {} are missing", author.device, n - 1);
                report.flaws.push(self.flaw(Verdict::Gap, Some(fact.id), detail));
            } else if let Origin::Device { prev, .. } = &fact.header.origin
                && *prev != before.map(|(_, id)| id)
            {
                let detail = format!("device {}: fact {n} does not follow fact {}", author.device, n.saturating_sub(1));
                report.flaws.push(self.flaw(Verdict::Altered, Some(fact.id), detail));
            }
            before = Some((n, fact.id));
        }
        let last = before.map_or(0, |(n, _)| n);
        if let Some(sealed) = sealed.filter(|&sealed| sealed > last) {
            let detail =
                format!("device {} sealed facts up to {sealed}; {} to {sealed} are missing", author.device, last + 1);
            report.flaws.push(self.flaw(Verdict::Gap, None, detail));
        }
    }

    fn check_seal(
        &self,
        author: Author,
        chain: &BTreeMap<u64, &Fact>,
        sealed: Option<(u64, FactId)>,
        good: &BTreeSet<FactId>,
        report: &mut Report,
    ) {
        let known = self.roster.key(author.device).is_some();
        let own = author.device == self.store.device();
        let reach = sealed.map_or(0, |(n, _)| n);
        if let Some((n, tip)) = sealed
            && chain.get(&n).is_some_and(|fact| fact.id != tip)
        {
            let detail = format!("device {} sealed another fact as its number {n}", author.device);
            report.flaws.push(self.flaw(Verdict::Altered, Some(tip), detail));
        }
        for (&n, fact) in chain {
            if self.is_roster_fact(fact) {
                continue;
            }
            if n <= reach {
                report.proven += 1;
                report.claims += u64::from(!good.contains(&fact.id));
            } else if !known {
                let detail = format!("device {} is not in the roster", author.device);
                report.flaws.push(self.flaw(Verdict::UnknownDevice, Some(fact.id), detail));
            } else if own {
                report.own_unsealed += 1;
            } else {
                let detail = format!("no seal of device {} reaches its fact {n}", author.device);
                report.flaws.push(self.flaw(Verdict::Unsealed, Some(fact.id), detail));
            }
        }
    }
}

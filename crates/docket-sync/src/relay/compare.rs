//! Comparing a device's record with what the log holds in its sight.

use super::{Log, View};
use crate::wire::{Buckets, Compare, Compared, DocSum, bucket_of};

/// Answers a comparison. Of documents that a device names itself it is told whether the log has the same, whatever its
/// view: it knows them, and learns no more than that.
pub fn compare<L: Log>(log: &L, view: &View, ask: &Compare) -> Result<Compared, L::Error> {
    let mut answer = Compared {
        epoch: log.epoch(),
        head: log.head()?,
        view: view.tag(),
        docs: Vec::new(),
        buckets: Vec::new(),
        differing: Vec::new(),
    };
    if let Some(theirs) = &ask.buckets {
        let mut own = Buckets::default();
        log.sums(view, &mut |doc| own.add(doc))?;
        answer.buckets = own.differing(theirs);
        let mut listed = [false; crate::wire::BUCKETS];
        for bucket in &answer.buckets {
            if let Some(listed) = listed.get_mut(usize::from(*bucket)) {
                *listed = true;
            }
        }
        log.sums(view, &mut |doc| {
            if listed.get(bucket_of(doc.doc)).copied().unwrap_or(false) {
                answer.docs.push(doc);
            }
        })?;
    }
    for DocSum { doc, sum } in &ask.docs {
        let same = log.doc(*doc)?.is_some_and(|(_, row)| row.changes > 0 && row.sum == *sum);
        if !same {
            answer.differing.push(*doc);
        }
    }
    Ok(answer)
}

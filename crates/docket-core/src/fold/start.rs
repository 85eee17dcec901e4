//! What every fold does first: put the facts in order, and find out which have an effect.

use super::admit;
use super::corrections::{self, Fixes};
use super::issues::Issues;
use super::order::{self, Item};
use crate::policy::Policy;
use crate::record::Record;

pub(super) struct Start<'a> {
    pub(super) items: Vec<Item<'a>>,
    pub(super) fixes: Fixes,
    pub(super) issues: Issues,
}

pub(super) fn start<'a>(record: &Record<'a>, policy: &Policy) -> Start<'a> {
    let items = order::sorted(record);
    admit::judge(&items, policy);
    let fixes = corrections::find(&items, policy);
    let mut issues = Issues::new(record.doc, &items);
    admit::report(&items, &mut issues);
    Start { items, fixes, issues }
}

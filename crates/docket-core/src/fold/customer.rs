//! Folds a customer.

use super::start::{Start, start};
use super::{corrections, order, registers};
use crate::policy::Policy;
use crate::record::Record;
use crate::view::CustomerView;

/// Folds a customer's record.
pub fn fold_customer<'a>(record: &Record<'a>, policy: &'a Policy) -> CustomerView<'a> {
    let Start { items, fixes, mut issues } = start(record, policy);
    corrections::resolve(&items, &fixes, &mut issues);
    let registers = registers::fold(&items, &mut issues);
    let events = super::events::of(&items);
    let timeline = items.iter().map(order::Item::entry).collect();
    CustomerView { doc: record.doc, registers, events, issues: issues.finish(), timeline }
}

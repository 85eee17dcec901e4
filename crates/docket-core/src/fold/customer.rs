//! Folds a customer.

use super::order;
use super::start::{Plain, plain};
use crate::policy::Policy;
use crate::record::Record;
use crate::view::CustomerView;

/// Folds a customer's record.
pub fn fold_customer<'a>(record: &Record<'a>, policy: &'a Policy) -> CustomerView<'a> {
    let Plain { items, registers, issues } = plain(record, policy);
    let events = super::events::of(&items);
    let timeline = items.iter().map(order::Item::entry).collect();
    CustomerView { doc: record.doc, registers, events, issues: issues.finish(), timeline }
}

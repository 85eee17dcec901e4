//! What every fold does first: put the facts in order, and find out which have an effect.

use super::corrections::{self, Fixes};
use super::issues::Issues;
use super::order::{self, Item};
use super::{admit, registers};
use crate::policy::Policy;
use crate::record::Record;
use crate::view::Registers;

pub(super) struct Start<'a> {
    pub(super) items: Vec<Item<'a>>,
    pub(super) fixes: Fixes,
    pub(super) issues: Issues,
}

pub(super) fn start<'a>(record: &Record<'a>, policy: &Policy) -> Start<'a> {
    let items = order::sorted(record, policy);
    admit::judge(&items, policy);
    let fixes = corrections::find(&items, policy);
    let mut issues = Issues::new(record.doc, &items);
    admit::report(&items, &mut issues);
    Start { items, fixes, issues }
}

/// A document without visits: its facts with their effects, and the registers that they give.
pub(super) struct Plain<'a> {
    pub(super) items: Vec<Item<'a>>,
    pub(super) registers: Registers<'a>,
    pub(super) issues: Issues,
}

pub(super) fn plain<'a>(record: &Record<'a>, policy: &Policy) -> Plain<'a> {
    let Start { items, fixes, mut issues } = start(record, policy);
    corrections::resolve(&items, &fixes, &mut issues);
    let registers = registers::fold(&items, &mut issues);
    Plain { items, registers, issues }
}

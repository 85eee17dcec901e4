//! Catalogued facts with effect, in the fold's order.

use super::order::Item;
use crate::catalogue;
use crate::time::UnixMs;
use crate::view::Event;

pub(super) fn of<'a>(items: &[Item<'a>]) -> Vec<Event<'a>> {
    let applied = items.iter().filter(|item| item.applied() && catalogue::shape(item.kind()).is_some());
    applied.map(event).collect()
}

fn event<'a>(item: &Item<'a>) -> Event<'a> {
    let stated = item.fact.str("when").and_then(UnixMs::parse);
    Event {
        fact: item.id(),
        kind: item.kind(),
        person: item.person(),
        role: item.who.as_ref().map(|who| who.role.clone()),
        at_ms: stated.or_else(|| item.at()),
        stated: stated.is_some(),
        pos: item.pos,
        body: &item.fact.body,
    }
}

//! Whom a customer's contract names (D-H10).

use jiff::civil::Date;

use crate::time;
use crate::view::Event;

/// Whom a coverage names; the one that began last where several hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Designated<'a> {
    /// The warranty outlet.
    pub outlet: Option<&'a str>,
    /// The one-to-one technician, by staff number.
    pub technician: Option<&'a str>,
}

/// Whom the customer's coverages name for a product on a day.
pub fn designated<'a>(customer: &[Event<'a>], product: Option<&str>, on: Date) -> Designated<'a> {
    let ended = |event: &Event<'_>| {
        let id = event.fact.to_string();
        customer.iter().any(|other| other.kind == "ended" && other.str("coverage") == Some(id.as_str()))
    };
    let holds = |event: &&Event<'_>| {
        let day = |field: &str| event.str(field).and_then(time::date);
        let begun = day("from").is_some_and(|from| from <= on);
        let lasts = event.flag("life") == Some(true) || day("until").is_none_or(|until| on <= until);
        let fits = event.str("product").is_none_or(|covered| product.is_none_or(|product| product == covered));
        begun && lasts && fits && !ended(event)
    };
    let mut holding: Vec<&Event<'a>> = customer.iter().filter(|event| event.kind == "coverage").filter(holds).collect();
    holding.sort_by_key(|event| (event.str("from"), event.pos));
    let newest = |field: &str| holding.iter().rev().find_map(|event| event.str(field));
    Designated { outlet: newest("outlet"), technician: newest("technician") }
}

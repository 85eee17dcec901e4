//! What customers of the stories bought and agreed on.

use docket_core::coverage::Coverage;
use docket_core::time::date;
use docket_format::FactId;
use jiff::civil::Date;

pub(crate) fn day(text: &str) -> Date {
    date(text).unwrap()
}

/// A coverage of everything, by an outlet that nobody named.
pub(crate) fn coverage(n: u8, what: &str, from: &str, until: Option<&str>) -> Coverage {
    Coverage {
        fact: FactId::from_bytes([n; 16]),
        what: what.into(),
        from: day(from),
        until: until.map(day),
        life: false,
        product: None,
        serial: None,
        level: None,
        outlet: None,
        technician: None,
        inspect_months: None,
        ended: None,
    }
}

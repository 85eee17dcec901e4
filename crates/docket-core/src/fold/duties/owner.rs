//! Each customer has an owner, who decides dates, quantities and complaints (D-K1). Somebody else may decide, with a
//! reason; both are signs.

use super::{Duty, Signs};
use crate::fold::order::Item;
use crate::fold::registers::values;
use crate::kind;

/// The registers that a customer's owner decides.
const DECIDES: [(&str, &str); 3] =
    [("appointment", "the date"), ("requested_by", "the date asked for"), ("appliances", "the quantity")];

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    let Some(owner) = duty.known.site.owner.as_deref() else { return };
    for item in duty.known.items.iter().filter(|item| item.applied()) {
        let Some(person) = item.person().filter(|person| person.as_str() != owner) else { continue };
        let Some(what) = decided(item) else { continue };
        let reason = duty.of_kind("overruled").find(|event| event.person.as_ref() == Some(&person));
        let (sign, said) = match reason.and_then(|event| event.str("why")) {
            Some(why) => ("owner_overruled_with_reason", format!(": {why}")),
            None => ("owner_overruled", ", without a reason".to_owned()),
        };
        let words = format!("{person} decided {what}, which is {owner}'s to decide{said}");
        signs.at_item((sign, "D-K1"), format!("{what} {}", item.id()), words, item);
    }
}

/// What the owner should have decided; `None` = nothing of the kind. Taking a request in decides nothing.
fn decided(item: &Item<'_>) -> Option<&'static str> {
    match item.kind() {
        "handled" => Some("a complaint"),
        kind::SET | kind::SCHEDULED | kind::DECIDED => {
            let known = |name: &str| DECIDES.iter().find(|(register, _)| *register == name);
            values(item).find_map(|(name, _)| known(name)).map(|(_, what)| *what)
        }
        _ => None,
    }
}

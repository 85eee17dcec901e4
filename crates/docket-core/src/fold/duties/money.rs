//! What was charged (D-E9), and who should have paid or come: the price list of the day, what is free (D-H5), what is
//! covered (D-E10), whom a contract names (D-H10).

use jiff::civil::Date;

use super::{Duty, Signs};
use crate::coverage::{self, Claim, Paid, Verdict};
use crate::fold::order::Item;
use crate::kind;
use crate::money::{self, Currency};
use crate::policy::Price;
use crate::time::{self, UnixMs};
use crate::view::register::crew_of;
use crate::view::{Charge, Charges, Event};

/// What the fold says about money: shown with the job.
pub(in crate::fold) struct Bill {
    pub(in crate::fold) charges: Charges,
    pub(in crate::fold) cover: Verdict,
    pub(in crate::fold) age_days: Option<i64>,
    pub(in crate::fold) bought: Option<Date>,
}

/// The job's claim, and the day on which it is judged: that of the request. Who asks in time is covered, however long
/// the visit takes to come.
pub(in crate::fold) struct Asked<'a> {
    claim: Claim<'a>,
    on: Date,
}

fn asked<'d, 'a>(duty: &'d Duty<'_, 'a>) -> Option<&'d Asked<'a>> {
    duty.asked.get_or_init(|| find(duty)).as_ref()
}

fn find<'a>(duty: &Duty<'_, 'a>) -> Option<Asked<'a>> {
    let received = duty.text("received_at").and_then(UnixMs::parse);
    let on = duty.day_of(received.or_else(|| duty.known.items.iter().find_map(Item::at))?)?;
    let claim = Claim {
        kind: duty.text("kind"),
        product: duty.text("product"),
        serial: duty.text("serial"),
        cause: duty.of_kind("found").last().and_then(|event| event.str("cause")),
        purchased_on: duty.text("purchased_on").and_then(time::date),
    };
    Some(Asked { claim, on })
}

/// The bill of a job.
pub(in crate::fold) fn bill(duty: &Duty<'_, '_>) -> Bill {
    let charges = charges(duty);
    let nothing = Verdict { paid: Paid::NotAsked, lines: Vec::new() };
    let Some(asked) = asked(duty) else { return Bill { charges, cover: nothing, age_days: None, bought: None } };
    let holding = duty.known.site.holding();
    let bought = holding.purchase(asked.claim.product, asked.claim.serial, asked.on).map(|one| one.on);
    let bought = bought.or(asked.claim.purchased_on);
    let age = bought.and_then(|bought| i64::from(asked.on.since(bought).ok()?.get_days()).into());
    Bill {
        charges,
        cover: coverage::judge(holding, &asked.claim, asked.on, duty.known.policy),
        age_days: age.filter(|days: &i64| *days >= 0),
        bought,
    }
}

fn charges(duty: &Duty<'_, '_>) -> Charges {
    let mut charges = Charges::default();
    for event in duty.of_kind("charged") {
        let (Some(item), Some(minor), Some(currency)) = (event.str("item"), event.int("minor"), event.str("currency"))
        else {
            continue;
        };
        let total = charges.total.entry(currency.to_owned()).or_default();
        *total = total.saturating_add(minor);
        charges.lines.push(Charge {
            fact: event.fact,
            item: item.to_owned(),
            minor,
            currency: currency.to_owned(),
            qty: event.int("qty").unwrap_or(1),
            person: event.person.clone(),
            at_ms: event.at_ms,
        });
    }
    charges
}

pub(super) fn judge(duty: &Duty<'_, '_>, signs: &mut Signs) {
    for event in duty.of_kind("charged").filter(|event| event.int("minor").is_some_and(|minor| minor > 0)) {
        charged(duty, event, signs);
    }
    contract(duty, signs);
}

fn charged(duty: &Duty<'_, '_>, event: &Event<'_>, signs: &mut Signs) {
    let (Some(item), Some(minor), Some(currency)) = (event.str("item"), event.int("minor"), event.str("currency"))
    else {
        return;
    };
    let shown = |minor: i64| currency.parse::<Currency>().map_or_else(|_| minor.to_string(), |c| money::show(minor, c));
    let list = &duty.known.policy.prices;
    let mode = duty.mode.and_then(|id| duty.known.policy.mode_named(id));
    let in_mode = mode.is_some_and(|mode| mode.free_items.iter().any(|free| free == item));
    if in_mode || list.is_free(item, duty.known.site.group.as_deref(), duty.mode) {
        let detail = format!("{item} is free, and {} was charged", shown(minor));
        signs.about(("free_item_charged", "D-H5"), item, detail, event);
        return;
    }
    let day = event.at_ms.and_then(|at| duty.day_of(at));
    let Some(price) = day.and_then(|day| list.price(item, currency, day)) else {
        if !list.is_empty() {
            let detail = format!("{item} is not on the price list in {currency}, and {} was charged", shown(minor));
            signs.about(("unlisted_item_charged", "D-E9"), item, detail, event);
        }
        return;
    };
    covered(duty, price, (item, shown(minor)), event, signs);
    let quantity = event.int("qty").unwrap_or(1).max(1);
    let most = price.max.saturating_mul(quantity);
    if minor > most {
        let detail = format!("{item} × {quantity}: {} charged, {} by the list", shown(minor), shown(most));
        signs.about(("overcharged", "D-E9"), item, detail, event);
    }
}

fn covered(duty: &Duty<'_, '_>, price: &Price, (item, paid): (&str, String), event: &Event<'_>, signs: &mut Signs) {
    let Some((need, asked)) = price.covered_by.as_deref().zip(asked(duty)) else { return };
    let line = coverage::covers(duty.known.site.holding(), &asked.claim, asked.on, duty.known.policy, need);
    if line.covered {
        let detail = format!("{item} is covered ({}), and {paid} was charged", line.why);
        signs.about(("covered_item_charged", "D-E9"), item, detail, event);
    }
}

/// A contract that names an outlet or a technician is kept, or somebody said why not.
fn contract(duty: &Duty<'_, '_>, signs: &mut Signs) {
    if duty.known.site.holding().coverages.is_empty() {
        return;
    }
    let Some(asked) = asked(duty) else { return };
    let named = duty.known.site.holding().designated(asked.claim.product, asked.claim.serial, asked.on);
    let Some(contract) = named else { return };
    let reason = duty.known.items.iter().any(|item| {
        let place = item.is(kind::ASSIGNED) || item.is(kind::CLASSIFIED);
        let mut reasons = ["elsewhere", "override", "why"].into_iter().filter_map(|field| item.fact.str(field));
        place && reasons.any(|why| !why.trim().is_empty())
    });
    if reason {
        return;
    }
    if let Some((outlet, other)) = contract.outlet.as_deref().zip(duty.text("outlet"))
        && outlet != other
    {
        let detail = format!("the {} names outlet {outlet}, and {other} was given the job", contract.what);
        signs.whole(("contract_other_outlet", "D-H10"), "outlet", detail);
    }
    let crew: Vec<&str> = crew_of(duty.known.registers).collect();
    if let Some(technician) = contract.technician.as_deref()
        && !crew.is_empty()
        && !crew.contains(&technician)
    {
        let detail = format!("the {} names {technician}, and {} was sent", contract.what, crew.join(", "));
        signs.whole(("contract_other_outlet", "D-H10"), "technician", detail);
    }
}

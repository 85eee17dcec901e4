//! The table. A kind's name and the meaning of its fields never change: records live for years.

use super::Shape;
use super::field::Field;
use super::field::Type::{self, Currency, Date, Doc, Fact, Finding, Five, Flag, Int, Registers, Text, Word};
use crate::fold::MAX_APPLIANCES;

const APPLIANCE: Type = Int(1, MAX_APPLIANCES as i64);
/// Money in a currency's minor unit (cents, fen).
const MONEY: Type = Int(0, 1_000_000_000_000);

const JOB: &[&str] = &["job"];
const CUSTOMER: &[&str] = &["customer"];
const OUTLET: &[&str] = &["outlet"];
const AUDIT: &[&str] = &["audit"];
const TECHNICIAN_OUTLET: &[&str] = &["technician", "outlet"];

const fn of(kind: &'static str, docs: &'static [&'static str], fields: &'static [Field]) -> Shape {
    Shape { kind, docs, fields }
}

const fn must(name: &'static str, ty: Type) -> Field {
    Field::must(name, ty)
}

const fn may(name: &'static str, ty: Type) -> Field {
    Field::may(name, ty)
}

/// Every catalogued kind.
pub static SHAPES: &[Shape] = &[
    of("accepted", JOB, &[may("severity", Text)]),
    of("classified", JOB, &[must("regs", Registers), may("why", Text)]),
    of(
        "contacted",
        JOB,
        &[
            must("purpose", Word(&["first", "solution", "progress", "part_arrived", "result", "other"])),
            may("channel", Text),
            may("reached", Flag),
            may("solution", Flag),
            may("who", Word(&["customer", "contact", "owner"])),
            may("rings", Int(0, 50)),
        ],
    ),
    of(
        "escalated",
        JOB,
        &[
            must("to", Word(&["head_of_department", "company_leader", "named_contact", "task_force"])),
            may("person", Text),
        ],
    ),
    of("diagnosed", JOB, &[may("fault", Text), must("remote", Flag)]),
    of(
        "found",
        JOB,
        &[
            must("cause", Word(&["defect", "misuse", "none", "installation", "wear"])),
            may("fault", Text),
            may("appliance", APPLIANCE),
        ],
    ),
    of("tested", JOB, &[must("shows_fault", Flag), may("appliance", APPLIANCE)]),
    of("sent_on", JOB, &[must("to", Text), may("why", Text)]),
    of("handed_in", JOB, &[]),
    of("ready", JOB, &[]),
    of("collected", JOB, &[]),
    of("loaned", JOB, &[must("item", Text), may("serial", Text)]),
    of("loan_returned", JOB, &[must("item", Text)]),
    of("paused", JOB, &[must("for", Word(&["customer", "part", "break", "travel", "other"]))]),
    of("resumed", JOB, &[]),
    of("departed", JOB, &[may("vehicle", Text), may("km", Int(0, 5000))]),
    of(
        "part",
        JOB,
        &[
            must("part", Text),
            must("state", Word(&["requested", "ordered", "shipped", "received", "fitted", "returned"])),
            may("qty", Int(1, 999)),
            may("appliance", APPLIANCE),
            may("foreseeable", Flag),
            may("tier", Text),
        ],
    ),
    of("delivered", JOB, &[may("goods", Text)]),
    of("plan_submitted", JOB, &[]),
    of("plan_approved", JOB, &[]),
    of("works_witnessed", JOB, &[]),
    of("works_accepted", JOB, &[must("passed", Flag)]),
    of("confirmed", JOB, &[must("five", Five), must("name", Text)]),
    of(
        "charged",
        JOB,
        &[
            must("item", Text),
            must("minor", MONEY),
            must("currency", Currency),
            may("qty", Int(1, 999)),
            may("appliance", APPLIANCE),
        ],
    ),
    of(
        "called_back",
        JOB,
        &[
            must("reached", Flag),
            may("satisfied", Flag),
            may("score", Int(0, 100)),
            may("solved", Flag),
            may("five", Five),
            may("channel", Word(&["call", "visit", "letter", "app"])),
        ],
    ),
    of(
        "surveyed",
        JOB,
        &[must("score", Int(0, 100)), must("channel", Text), must("relation", Word(&["own", "third_party"]))],
    ),
    of(
        "complained",
        JOB,
        &[
            must("cause", Text),
            may("about", Word(&["quality", "packaging", "attitude", "price", "time", "other"])),
            may("step", Word(&["A", "1", "B", "C", "D", "E"])),
            may("channel", Text),
        ],
    ),
    of("handled", JOB, &[must("complaint", Fact), must("result", Text)]),
    of("answered", JOB, &[must("complaint", Fact)]),
    of("linked", JOB, &[must("problem", Doc)]),
    of("overruled", JOB, &[must("why", Text)]),
    of("told_seller", JOB, &[]),
    of("hazard_removed", JOB, &[must("hazard", Fact)]),
    of(
        "bought",
        CUSTOMER,
        &[must("product", Text), must("on", Date), may("serial", Text), may("minor", MONEY), may("currency", Currency)],
    ),
    of(
        "coverage",
        CUSTOMER,
        &[
            must("what", Word(&["hardware", "on_site", "software", "extended", "contract", "lifetime", "upkeep"])),
            must("from", Date),
            may("until", Date),
            may("life", Flag),
            may("product", Text),
            may("serial", Text),
            may("level", Text),
            may("outlet", Text),
            may("technician", Text),
            may("inspect_months", Int(1, 120)),
        ],
    ),
    of("ended", CUSTOMER, &[must("coverage", Fact), must("why", Text)]),
    of("cared", CUSTOMER, &[must("event", Text), must("due", Date)]),
    of("same_as", CUSTOMER, &[must("doc", Doc)]),
    of("not_same_as", CUSTOMER, &[must("fixes", Fact)]),
    of("trained", TECHNICIAN_OUTLET, &[must("course", Text), must("on", Date), may("until", Date)]),
    of("rewarded", TECHNICIAN_OUTLET, &[must("why", Text), may("about", Text)]),
    of(
        "penalised",
        TECHNICIAN_OUTLET,
        &[
            must("why", Text),
            may("about", Word(&["attitude", "arbitrary_charges", "not_as_told", "other"])),
            may("publish", Flag),
        ],
    ),
    of(
        "rated",
        TECHNICIAN_OUTLET,
        &[
            must("rater", Word(&["supervisor", "peer", "customer", "shopper"])),
            must("score", Int(0, 100)),
            may("publish", Flag),
        ],
    ),
    of(
        "standing",
        OUTLET,
        &[must("state", Word(&["assessed", "contracted", "authorised", "dropped"])), may("why", Text)],
    ),
    of(
        "inspected",
        OUTLET,
        &[
            must("how", Word(&["open", "undercover", "shopper"])),
            must("passed", Flag),
            may("score", Int(0, 100)),
            may("item", Text),
        ],
    ),
    of("called_in", OUTLET, &[must("from", Word(&["customer", "supplier", "colleague"])), may("channel", Text)]),
    of("responded", OUTLET, &[must("to", Fact)]),
    of("fed_back", OUTLET, &[must("about", Text), may("to", Text)]),
    of("waived", AUDIT, &[must("finding", Finding), must("until", Date), must("why", Text)]),
    of("waiver_ended", AUDIT, &[must("fixes", Fact), may("why", Text)]),
];

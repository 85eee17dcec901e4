//! What a customer bought and is covered for, and whether a job is paid for by it (D-E10, D-H10).
//!
//! A coverage holds from its first to its last day, both included. A purchase implies the coverages that the policy
//! gives with every product (hardware three years, on site one year, advice for life).

use docket_format::FactId;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::policy::{CoverageRules, Policy, Reach};
use crate::text as as_text;
use crate::time::{self, UnixMs};
use crate::view::CustomerView;

/// An appliance that a customer bought.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Purchase {
    /// The `bought` fact.
    #[serde(serialize_with = "as_text::one")]
    pub fact: FactId,
    /// The product's id.
    pub product: String,
    /// The day.
    pub on: Date,
    /// The serial number, where known.
    pub serial: Option<String>,
}

/// A coverage that was agreed on: an extended warranty, a contract, signed upkeep.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Coverage {
    /// The `coverage` fact.
    #[serde(serialize_with = "as_text::one")]
    pub fact: FactId,
    /// What: hardware, `on_site`, software, extended, contract, lifetime, upkeep.
    pub what: String,
    /// The first day.
    pub from: Date,
    /// The last day; `None` = no end.
    pub until: Option<Date>,
    /// For the appliance's life.
    pub life: bool,
    /// Only for this product.
    pub product: Option<String>,
    /// Only for this appliance.
    pub serial: Option<String>,
    /// The contract's service level.
    pub level: Option<String>,
    /// The outlet that the contract names (D-H10: a designated warranty outlet).
    pub outlet: Option<String>,
    /// The technician whom the contract names (D-H10: one-to-one repair).
    pub technician: Option<String>,
    /// Months between planned inspections.
    pub inspect_months: Option<i64>,
    /// The day on which it was ended before its time.
    pub ended: Option<Date>,
}

impl Coverage {
    /// The last day on which it holds; `None` = no end.
    pub fn last_day(&self) -> Option<Date> {
        let until = if self.life { None } else { self.until };
        match (until, self.ended) {
            (Some(until), Some(ended)) => Some(until.min(ended)),
            (until, ended) => until.or(ended),
        }
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.last_day().is_none_or(|last| day <= last)
    }

    /// Whether it is about such an appliance. A job that does not name the serial number is known by its product.
    pub fn is_about(&self, product: Option<&str>, serial: Option<&str>) -> bool {
        let differs = |mine: &Option<String>, theirs: Option<&str>| {
            mine.as_deref().zip(theirs).is_some_and(|(mine, theirs)| mine != theirs)
        };
        if differs(&self.serial, serial) {
            return false;
        }
        let by_serial = self.serial.is_some() && serial.is_some();
        by_serial || self.product.is_none() || self.product.as_deref() == product
    }
}

/// What a customer's document says about purchases, coverages and care.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Holding {
    /// The customer's group.
    pub group: Option<String>,
    /// The customer's birthday.
    pub birthday: Option<Date>,
    /// Purchases, in the record's order.
    pub purchases: Vec<Purchase>,
    /// Coverages that were agreed on, in the record's order.
    pub coverages: Vec<Coverage>,
    /// Care events that were done: the event and the day on which it was due.
    pub cared: Vec<(String, Date)>,
}

/// One thing that a customer's document tells.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The fact.
    pub fact: FactId,
    /// Its kind.
    pub kind: &'a str,
    /// When it was stated.
    pub at_ms: Option<UnixMs>,
    /// Its fields.
    pub body: &'a Map<String, Value>,
}

impl Holding {
    /// Nothing is known.
    pub const EMPTY: Self =
        Self { group: None, birthday: None, purchases: Vec::new(), coverages: Vec::new(), cared: Vec::new() };

    /// The kinds of facts that it is made of.
    pub const KINDS: [&'static str; 4] = ["bought", "coverage", "ended", "cared"];

    /// What the events of a customer's document come to, in whatever order; group and birthday are for the caller to add.
    pub fn of<'a>(told: impl IntoIterator<Item = Told<'a>>) -> Self {
        let (mut holding, mut ended) = (Self::default(), Vec::new());
        for one in told {
            match one.kind {
                "bought" => holding.purchases.extend(purchase(&one)),
                "coverage" => holding.coverages.extend(coverage(&one)),
                "ended" => {
                    let named = text(one.body, "coverage").and_then(|id| id.parse::<FactId>().ok());
                    ended.extend(named.zip(day(&one)));
                }
                "cared" => holding.cared.extend(text(one.body, "event").map(str::to_owned).zip(date(one.body, "due"))),
                _ => {}
            }
        }
        for (fact, day) in ended {
            for one in holding.coverages.iter_mut().filter(|one| one.fact == fact) {
                one.ended = Some(one.ended.map_or(day, |earlier| earlier.min(day)));
            }
        }
        holding
    }

    /// What a customer's folded document comes to.
    pub fn of_view(view: &CustomerView<'_>) -> Self {
        let told = view.events.iter().map(|event| Told {
            fact: event.fact,
            kind: event.kind,
            at_ms: event.at_ms,
            body: event.body,
        });
        Self {
            group: view.str("group").map(ToOwned::to_owned),
            birthday: view.str("birthday").and_then(time::date),
            ..Self::of(told)
        }
    }

    /// The purchase that an appliance came from: by serial number, else by product; of several the last one that is
    /// not after the day.
    pub fn purchase(&self, product: Option<&str>, serial: Option<&str>, on: Date) -> Option<&Purchase> {
        let before = || self.purchases.iter().filter(|bought| bought.on <= on);
        let exact = before().filter(|bought| serial.is_some() && bought.serial.as_deref() == serial);
        let alike = before()
            .filter(|bought| product == Some(bought.product.as_str()) && (serial.is_none() || bought.serial.is_none()));
        exact.max_by_key(|bought| bought.on).or_else(|| alike.max_by_key(|bought| bought.on))
    }

    /// The contract that names who comes to such an appliance on a day (D-H10); of several the newest.
    pub fn designated(&self, product: Option<&str>, serial: Option<&str>, on: Date) -> Option<&Coverage> {
        let naming = self.coverages.iter().filter(|one| one.outlet.is_some() || one.technician.is_some());
        naming.filter(|one| one.holds_on(on) && one.is_about(product, serial)).max_by_key(|one| one.from)
    }
}

fn text<'a>(body: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    body.get(field)?.as_str()
}

fn date(body: &Map<String, Value>, field: &str) -> Option<Date> {
    text(body, field).and_then(time::date)
}

/// The day on which something was stated; in UTC, which every device knows.
fn day(told: &Told<'_>) -> Option<Date> {
    told.at_ms.and_then(UnixMs::utc_date)
}

fn purchase(told: &Told<'_>) -> Option<Purchase> {
    Some(Purchase {
        fact: told.fact,
        product: text(told.body, "product")?.to_owned(),
        on: date(told.body, "on")?,
        serial: text(told.body, "serial").map(ToOwned::to_owned),
    })
}

fn coverage(told: &Told<'_>) -> Option<Coverage> {
    let own = |field: &str| text(told.body, field).map(ToOwned::to_owned);
    Some(Coverage {
        fact: told.fact,
        what: own("what")?,
        from: date(told.body, "from")?,
        until: date(told.body, "until"),
        life: told.body.get("life").and_then(Value::as_bool).unwrap_or(false),
        product: own("product"),
        serial: own("serial"),
        level: own("level"),
        outlet: own("outlet"),
        technician: own("technician"),
        inspect_months: told.body.get("inspect_months").and_then(Value::as_i64),
        ended: None,
    })
}

/// What a job asks of its customer's coverages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Claim<'a> {
    /// The job's kind.
    pub kind: Option<&'a str>,
    /// The job's product.
    pub product: Option<&'a str>,
    /// The appliance's serial number.
    pub serial: Option<&'a str>,
    /// What the fault turned out to come from.
    pub cause: Option<&'a str>,
    /// The day of purchase, as the job itself says.
    pub purchased_on: Option<Date>,
}

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Paid {
    /// Everything that the kind of job draws on is covered.
    Covered,
    /// Something is not.
    Billable,
    /// The policy says nothing about such jobs.
    NotAsked,
}

impl Paid {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Billable => "billable",
            Self::NotAsked => "not_asked",
        }
    }
}

/// One thing that a job draws on, and whether it is covered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    /// hardware, `on_site`, software, upkeep.
    pub need: String,
    /// Whether it is covered.
    pub covered: bool,
    /// The last day; `None` = no end, or not covered.
    pub until: Option<Date>,
    /// Why, in words.
    pub why: String,
}

/// Whether a job is covered or billable, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// In a word.
    pub paid: Paid,
    /// One line for each thing that the job draws on.
    pub lines: Vec<Line>,
}

impl Verdict {
    /// Whether this is paid for.
    pub fn covers(&self, need: &str) -> bool {
        self.lines.iter().any(|line| line.need == need && line.covered)
    }

    /// In one line: `hardware: covered until 2029-03-01: bought 2026-03-01`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.lines.iter().map(|line| {
            let state = match (line.covered, line.until) {
                (true, Some(until)) => format!("covered until {until}"),
                (true, None) => "covered without end".to_owned(),
                (false, _) => "billable".to_owned(),
            };
            format!("{}: {state}: {}", line.need.replace('_', " "), line.why)
        })
    }
}

/// Whether a job of `claim` is covered on a day: for everything that its kind draws on the coverage that holds longest.
pub fn judge(holding: &Holding, claim: &Claim<'_>, on: Date, policy: &Policy) -> Verdict {
    let rules = &policy.coverage;
    let needs = claim.kind.and_then(|kind| rules.needs.get(kind)).map(Vec::as_slice).unwrap_or_default();
    let lines: Vec<Line> = needs.iter().map(|need| line(holding, claim, on, rules, need)).collect();
    let paid = match lines.as_slice() {
        [] => Paid::NotAsked,
        lines if lines.iter().all(|line| line.covered) => Paid::Covered,
        _ => Paid::Billable,
    };
    Verdict { paid, lines }
}

/// As [`judge`], for one thing that a charge is made for.
pub fn covers(holding: &Holding, claim: &Claim<'_>, on: Date, policy: &Policy, need: &str) -> Line {
    line(holding, claim, on, &policy.coverage, need)
}

fn line(holding: &Holding, claim: &Claim<'_>, on: Date, rules: &CoverageRules, need: &str) -> Line {
    let not = |why: String| Line { need: need.to_owned(), covered: false, until: None, why };
    if let Some(cause) = claim.cause.filter(|cause| rules.not_for.contains(*cause)) {
        return not(format!("the fault came from {cause}"));
    }
    let mut grounds = grounds(holding, claim, on, rules, need);
    // No end is later than any end.
    grounds.sort_by_key(|ground| (ground.from <= on, ground.until.is_none(), ground.until));
    match grounds.pop() {
        None if holding.purchases.is_empty() && claim.purchased_on.is_none() => {
            not("no purchase and no coverage is recorded".into())
        }
        None => not("nothing that was bought or agreed on pays for it".into()),
        Some(ground) if ground.from > on => not(format!("{} begins {}", ground.why, ground.from)),
        Some(ground) if ground.until.is_some_and(|until| until < on) => {
            not(format!("{} ended {}", ground.why, ground.until.unwrap_or(on)))
        }
        Some(ground) => Line { need: need.to_owned(), covered: true, until: ground.until, why: ground.why },
    }
}

/// Something that pays, or paid, for a need.
struct Ground {
    from: Date,
    until: Option<Date>,
    why: String,
}

fn grounds(holding: &Holding, claim: &Claim<'_>, on: Date, rules: &CoverageRules, need: &str) -> Vec<Ground> {
    let mut grounds = Vec::new();
    if let Some(group) = holding.group.as_ref().filter(|group| rules.lifetime_groups.contains(*group)) {
        grounds.push(Ground { from: Date::MIN, until: None, why: format!("customer group {group}, for life") });
    }
    let agreed = holding.coverages.iter().filter(|one| one.is_about(claim.product, claim.serial));
    grounds.extend(agreed.filter(|one| pays(one, rules, need)).map(|one| Ground {
        from: one.from,
        until: one.last_day(),
        why: named(one),
    }));
    let bought = holding.purchase(claim.product, claim.serial, on).map(|bought| bought.on).or(claim.purchased_on);
    if let Some(bought) = bought {
        grounds.extend(rules.kinds.iter().filter(|kind| kind.covers.iter().any(|one| one == need)).filter_map(
            |kind| {
                let until = last_day(bought, kind.implied?);
                Some(Ground { from: bought, until, why: format!("bought {bought}, {} comes with it", kind.what) })
            },
        ));
    }
    grounds
}

/// The last day of what a purchase implies; `None` = no end.
fn last_day(bought: Date, reach: Reach) -> Option<Date> {
    match reach {
        Reach::Life => None,
        Reach::Months(months) => Some(bought.saturating_add(months.months())),
    }
}

/// The coverages that come with a purchase, with their last day: for notices that they run out.
pub fn implied_ends(bought: Date, rules: &CoverageRules) -> impl Iterator<Item = (&str, Date)> {
    rules.kinds.iter().filter_map(move |kind| Some((kind.what.as_str(), last_day(bought, kind.implied?)?)))
}

/// A contract pays for what its level says, anything else for what its kind says.
fn pays(coverage: &Coverage, rules: &CoverageRules, need: &str) -> bool {
    let level = coverage.level.as_ref().and_then(|level| rules.levels.iter().find(|known| known.id == *level));
    let kind = || rules.kinds.iter().find(|kind| kind.what == coverage.what);
    let covers = level.map(|level| &level.covers).or_else(|| kind().map(|kind| &kind.covers));
    covers.is_some_and(|covers| covers.iter().any(|one| one == need))
}

fn named(coverage: &Coverage) -> String {
    let level = coverage.level.as_ref().map(|level| format!(", level {level}")).unwrap_or_default();
    let ended = if coverage.ended.is_some() { ", ended before its time" } else { "" };
    format!("{}{level} from {}{ended}", coverage.what, coverage.from)
}

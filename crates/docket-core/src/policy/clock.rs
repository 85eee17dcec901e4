//! `[[clock]]`: what must happen within what time (DOMAIN.md, "Clocks in general").
//!
//! ```toml
//! [[clock]]
//! id = "contact"
//! row = "D-C1"
//! title = "The customer is contacted"
//! per = "job"                 # job (default), visit, part, complaint, call
//! kinds = ["repair"]          # kinds of job; left out = all
//! when = { severity = ["urgent"] }
//! start = ["received"]
//! stop = [{ fact = "contacted", reached = true }]
//! deadline = { minutes = 30 }
//! pauses = ["customer"]       # waiting that doesn't count; left out = none
//! calendar = "outlet"         # its opening hours; or "mo-fr 08:00-18:00"; left out = 24/7
//! ```

use serde_json::Value as Json;

use super::clock_deadline::{self, Deadline};
use super::error::PolicyError;
use super::read::{self, At, Table, Value};
use crate::clock::Hours;
use crate::{catalogue, kind};

/// A clock as policy defines it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRule {
    /// Its id (`contact`).
    pub id: String,
    /// The DOMAIN row, or the company's own.
    pub row: String,
    /// What it is about, for people.
    pub title: String,
    /// What there is one clock for.
    pub per: Per,
    /// The kinds of job; empty = all.
    pub kinds: Vec<String>,
    /// Registers of the job (or `market`, `group`, `level` of its outlet and customer) and the values that they must have.
    pub when: Vec<(String, Vec<String>)>,
    /// What starts it.
    pub start: Vec<Trigger>,
    /// What stops it; for duties, what counts as done.
    pub stop: Vec<Trigger>,
    /// What ends a duty besides the end of the job.
    pub until: Vec<Trigger>,
    /// When it is due.
    pub deadline: Deadline,
    /// Its minutes hold for each appliance (D-H4).
    pub per_appliance: bool,
    /// Reasons of pauses during which it stands still.
    pub pauses: Vec<String>,
    /// The hours in which it runs.
    pub calendar: Calendar,
    /// Starts anew with the next start after it was stopped.
    pub again: bool,
}

/// What there is one clock for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// The job.
    Job,
    /// Each visit; for clocks that a completion starts, each work that was done remotely too.
    Visit,
    /// Each part requested (D-H15).
    Part,
    /// Each complaint (D-C4, D-K1).
    Complaint,
    /// Each call that came in without a job, on the outlet's document (D-C3).
    Call,
}

impl Per {
    const ALL: [(&'static str, Self); 5] = [
        ("job", Self::Job),
        ("visit", Self::Visit),
        ("part", Self::Part),
        ("complaint", Self::Complaint),
        ("call", Self::Call),
    ];

    /// The name in policies.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, per)| *per == self).map_or("job", |(name, _)| name)
    }
}

/// Something in the record that starts or stops a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// The demand came in: the `received_at` register, else when the job was recorded.
    Received,
    /// A fact of this kind of which each of these fields has one of these values.
    Fact {
        /// The kind.
        kind: String,
        /// Fields and the values that they may have.
        fields: Vec<(String, Vec<Json>)>,
        /// Only if the centre says so: nobody of the outlet that served, nobody who was on site (D-C2).
        centre: bool,
    },
}

impl Trigger {
    /// The kind of fact, if it is one.
    pub fn kind(&self) -> Option<&str> {
        match self {
            Self::Received => None,
            Self::Fact { kind, .. } => Some(kind),
        }
    }
}

/// The hours in which a clock runs (D-C7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calendar {
    /// Always.
    Always,
    /// While the job's outlet is open; an outlet that doesn't say is always open.
    Outlet,
    /// While these hours are open.
    Hours(Hours),
}

const KEYS: [&str; 14] = [
    "id",
    "row",
    "title",
    "per",
    "kinds",
    "when",
    "start",
    "stop",
    "until",
    "deadline",
    "per_appliance",
    "pauses",
    "calendar",
    "again",
];

/// What `when` may ask about besides the job's registers.
const PLACES: [&str; 3] = ["market", "group", "level"];

const REGISTERS: [&str; 15] = [
    "severity",
    "nature",
    "region",
    "handled_by",
    "channel",
    "product",
    "model",
    "brand",
    "industry",
    "difficulty",
    "outlet",
    "kind",
    "mode",
    "contract",
    "own_initiative",
];

/// Why a job waits: what `paused` says in `for`.
pub const PAUSES: [&str; 5] = ["customer", "part", "break", "travel", "other"];

pub(super) fn read(root: &Table<'_>) -> Result<Vec<ClockRule>, PolicyError> {
    let tables = root.catalogue("clock", "id", "clock")?;
    tables.iter().map(read_clock).collect()
}

fn read_clock(table: &Table<'_>) -> Result<ClockRule, PolicyError> {
    table.only(&KEYS)?;
    let id = table.text("id")?;
    let is_id = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_id(id.value) || id.value.len() > 40 {
        let what = format!("\"{}\" is no clock id", id.value);
        return Err(table.source.error(&id.span, what, "at most 40 of a-z, 0-9 and _"));
    }
    let deadline = clock_deadline::read(&table.need("deadline")?.table()?)?;
    let rule = ClockRule {
        id: id.value.to_owned(),
        row: table.text("row")?.value.to_owned(),
        title: table.text("title")?.value.to_owned(),
        per: read_per(table)?,
        kinds: table.names("kinds")?,
        when: read_when(table)?,
        start: triggers(table, "start")?,
        stop: triggers(table, "stop")?,
        until: triggers(table, "until")?,
        per_appliance: table.flag("per_appliance", false)?,
        pauses: read_pauses(table, &deadline)?,
        calendar: read_calendar(table, &deadline)?,
        again: table.flag("again", false)?,
        deadline,
    };
    check(table, &rule)?;
    Ok(rule)
}

/// What the parts of a clock demand of each other.
fn check(table: &Table<'_>, rule: &ClockRule) -> Result<(), PolicyError> {
    let refuse = |key: &'static str, what: &str, hint: &str| match table.get(key) {
        Some(value) => Err(value.error(what, hint)),
        None => Err(table.error(what, hint)),
    };
    let is_appointment = matches!(rule.deadline, Deadline::Appointment { .. });
    if is_appointment && (rule.per != Per::Visit || !rule.start.is_empty() || !rule.stop.is_empty()) {
        return refuse("start", "an appointment's clock is per visit, and has neither `start` nor `stop`", "");
    }
    if !is_appointment && rule.start.is_empty() {
        return refuse("start", "nothing starts the clock", "for example start = [\"received\"]");
    }
    if !is_appointment && rule.stop.is_empty() {
        return refuse("stop", "nothing stops the clock", "for example stop = [\"contacted\"]");
    }
    if rule.stop.contains(&Trigger::Received) {
        return refuse("stop", "`received` can only start a clock", "");
    }
    if rule.start.contains(&Trigger::Received) && rule.per != Per::Job {
        return refuse("start", "only a job is `received`", "write per = \"job\"");
    }
    let is_duty = matches!(rule.deadline, Deadline::Daily(_) | Deadline::Gap(_));
    if is_duty && rule.per != Per::Job {
        return refuse("per", "a duty that recurs while the job is open is per job", "");
    }
    if !is_duty && !rule.until.is_empty() {
        return refuse("until", "`until` ends duties that recur: `daily`, `gap_min`", "write it into `stop`");
    }
    if matches!(rule.deadline, Deadline::Quiet { .. }) && rule.per != Per::Visit {
        return refuse("per", "`quiet_days` counts from a visit to the next: per = \"visit\"", "");
    }
    let needs_minutes = matches!(rule.deadline, Deadline::Minutes(_) | Deadline::Tiers { .. });
    if rule.per_appliance && !needs_minutes {
        return refuse("per_appliance", "only minutes can hold for each appliance", "");
    }
    Ok(())
}

fn read_per(table: &Table<'_>) -> Result<Per, PolicyError> {
    let Some(name) = table.opt_text("per")? else { return Ok(Per::Job) };
    let known = Per::ALL.iter().find(|(known, _)| *known == name.value);
    known.map(|(_, per)| *per).ok_or_else(|| {
        let hint = format!("expected one of: {}", Per::ALL.map(|(name, _)| name).join(", "));
        table.source.error(&name.span, format!("no clock is per \"{}\"", name.value), hint)
    })
}

fn read_when(table: &Table<'_>) -> Result<Vec<(String, Vec<String>)>, PolicyError> {
    let Some(when) = table.opt_table("when")? else { return Ok(Vec::new()) };
    let mut read = Vec::new();
    for (key, value) in when.entries() {
        known_question(table, &key)?;
        read.push((key.value.to_owned(), read::own(value.texts()?)));
    }
    Ok(read)
}

/// Refuses what no clock can ask about.
pub(super) fn known_question(table: &Table<'_>, key: &At<&str>) -> Result<(), PolicyError> {
    if REGISTERS.contains(&key.value) || PLACES.contains(&key.value) {
        return Ok(());
    }
    let hint = format!("expected one of: {}, {}", REGISTERS.join(", "), PLACES.join(", "));
    Err(table.source.error(&key.span, format!("no clock depends on `{}`", key.value), hint))
}

fn triggers(table: &Table<'_>, key: &'static str) -> Result<Vec<Trigger>, PolicyError> {
    let Some(list) = table.get(key) else { return Ok(Vec::new()) };
    list.items()?.map(|item| read_trigger(&item)).collect()
}

fn read_trigger(item: &Value<'_>) -> Result<Trigger, PolicyError> {
    if item.is_table() {
        let table = item.table()?;
        let kind = table.text("fact")?;
        known_kind(item, kind.value)?;
        let others = table.entries().filter(|(key, _)| !matches!(key.value, "fact" | "by"));
        let fields =
            others.map(|(key, value)| Ok((key.value.to_owned(), read_field(&table, kind.value, &key, &value)?)));
        let fields = fields.collect::<Result<_, PolicyError>>()?;
        return Ok(Trigger::Fact { kind: kind.value.to_owned(), fields, centre: read_centre(&table)? });
    }
    let name = item.text()?;
    if name.value == "received" {
        return Ok(Trigger::Received);
    }
    known_kind(item, name.value)?;
    Ok(Trigger::Fact { kind: name.value.to_owned(), fields: Vec::new(), centre: false })
}

/// `by = "centre"`: somebody who neither was on site nor belongs to the outlet that served.
fn read_centre(table: &Table<'_>) -> Result<bool, PolicyError> {
    match table.opt_text("by")? {
        None => Ok(false),
        Some(by) if by.value == "centre" => Ok(true),
        Some(by) => Err(table.source.error(&by.span, format!("`by` can't be \"{}\"", by.value), "expected \"centre\"")),
    }
}

/// The values that a field may have; of a catalogued kind only fields and values that there are.
fn read_field(table: &Table<'_>, kind: &str, key: &At<&str>, value: &Value<'_>) -> Result<Vec<Json>, PolicyError> {
    let values = value.scalars()?;
    let Some(shape) = catalogue::shape(kind) else { return Ok(values) };
    let Some(field) = shape.fields.iter().find(|field| field.name == key.value) else {
        let names: Vec<&str> = shape.fields.iter().map(|field| field.name).collect();
        let hint = format!("expected one of: {}", names.join(", "));
        return Err(table.source.error(&key.span, format!("`{kind}` has no field `{}`", key.value), hint));
    };
    match values.iter().find_map(|value| field.ty.fault(value)) {
        Some(what) => Err(value.error(format!("`{}` of `{kind}` {what}", key.value), "")),
        None => Ok(values),
    }
}

fn known_kind(item: &Value<'_>, kind: &str) -> Result<(), PolicyError> {
    if kind::is_known(kind) {
        return Ok(());
    }
    Err(item.error(format!("unknown fact kind \"{kind}\""), "expected \"received\" or the kind of a fact"))
}

fn read_pauses(table: &Table<'_>, deadline: &Deadline) -> Result<Vec<String>, PolicyError> {
    let pauses = table.texts("pauses")?;
    if let Some(bad) = pauses.iter().find(|reason| !PAUSES.contains(&reason.value)) {
        let hint = format!("expected one of: {}", PAUSES.join(", "));
        return Err(table.source.error(&bad.span, format!("nothing pauses for \"{}\"", bad.value), hint));
    }
    if let Some(first) = pauses.first()
        && !deadline.is_span()
    {
        return Err(table.source.error(&first.span, "only a span of time can pause", "leave `pauses` out"));
    }
    Ok(read::own(pauses))
}

fn read_calendar(table: &Table<'_>, deadline: &Deadline) -> Result<Calendar, PolicyError> {
    let Some(text) = table.opt_text("calendar")? else { return Ok(Calendar::Always) };
    if !deadline.is_span() {
        return Err(table.source.error(&text.span, "only a span of time has a calendar", "leave `calendar` out"));
    }
    if text.value == "outlet" {
        return Ok(Calendar::Outlet);
    }
    match Hours::parse(text.value) {
        Some(hours) if hours.is_always() => Ok(Calendar::Always),
        Some(hours) => Ok(Calendar::Hours(hours)),
        None => {
            let what = format!("\"{}\" are no opening hours", text.value);
            let hint = "write \"24/7\", \"outlet\" or as in \"mo-fr 08:00-18:00, sa 09:00-13:00\"";
            Err(table.source.error(&text.span, what, hint))
        }
    }
}

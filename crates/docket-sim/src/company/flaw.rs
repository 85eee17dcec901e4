//! Files that are at fault themselves: technicians whose evidence does not give the grade that they are sent with
//! (D-H2, D-E14), outlets that let calls wait, fail inspections or stand badly (D-C3, D-H23, D-E6).

use serde_json::{Value, json};

use super::cast::Cast;
use super::page::Page;
use super::{DAY_MS, FIRST_DAY_MS, HOUR_MS};

/// Courses that the default policy asks of technicians.
const COURSE: &str = "induction";

/// What is wrong with a technician's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The higher certificate names an expiry before the first visit.
    Lapsed,
    /// The higher exam was withdrawn.
    Withdrawn,
    /// The higher certificate never came.
    NoCertificate,
    /// The higher exam was passed after the last visit.
    ExamLater,
    /// Too few years of service for the higher grade.
    ShortService,
    /// Everything but the course that the post asks for.
    Untrained,
    /// An exam that only the person says was passed, who may record those of others. Nobody is sent on the strength of it.
    SelfRecorded,
}

impl Flaw {
    /// All of them.
    pub(super) const ALL: [Self; 7] = [
        Self::Lapsed,
        Self::Withdrawn,
        Self::NoCertificate,
        Self::ExamLater,
        Self::ShortService,
        Self::Untrained,
        Self::SelfRecorded,
    ];

    pub(super) const fn role(self) -> &'static str {
        match self {
            Self::SelfRecorded => "technical_manager",
            _ => "technician",
        }
    }

    /// The rules that find the file itself, whoever is sent where.
    pub(super) const fn rules(self) -> &'static [&'static str] {
        match self {
            Self::SelfRecorded => &["self-recorded-evidence"],
            _ => &[],
        }
    }

    /// Writes the evidence: what gives a B stands, what would give an A is flawed.
    pub(super) fn write(self, page: &mut Page<'_>, who: usize, by: usize, at_ms: i64) -> Result<(), String> {
        if self != Self::Untrained {
            page.put(by, at_ms, "trained", trained())?;
        }
        for evidence in [certificate("intermediate"), exam("B", "2025-04-04")] {
            page.put(by, at_ms, "evidence", evidence)?;
        }
        let from = if self == Self::ShortService { "2025-01-01" } else { "2019-03-01" };
        page.put(by, at_ms, "evidence", json!({"ek": "service", "issuer": "Brand", "from": from}))?;
        let mut higher = certificate("advanced");
        if let (Self::Lapsed, Some(higher)) = (self, higher.as_object_mut()) {
            higher.insert("expires".into(), "2025-12-31".into());
        }
        if self != Self::NoCertificate {
            page.put(by, at_ms, "evidence", higher)?;
        }
        let (by, at_ms, on) = match self {
            Self::ExamLater => (by, FIRST_DAY_MS + 300 * DAY_MS, "2026-10-31"),
            Self::SelfRecorded => (who, at_ms, "2025-05-05"),
            _ => (by, at_ms, "2025-05-05"),
        };
        let exam = page.put(by, at_ms, "evidence", exam("A", on))?;
        if self == Self::Withdrawn {
            let why = json!({"fixes": exam.to_string(), "on": "2025-12-20", "why": "somebody else sat it"});
            page.put(by, at_ms + DAY_MS, "withdrawn", why)?;
        }
        Ok(())
    }
}

/// A course that was had before the post was taken (D-E14).
pub(super) fn trained() -> Value {
    json!({"course": COURSE, "on": "2019-03-01"})
}

pub(super) fn certificate(level: &str) -> Value {
    json!({"ek": "certificate", "level": level, "issuer": "State", "issued": "2020-05-04"})
}

pub(super) fn exam(grade: &str, on: &str) -> Value {
    json!({"ek": "exam", "level": grade, "issuer": "Brand", "issued": on})
}

/// What is wrong with an outlet. Such outlets have nobody, so that only what is planted speaks of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blot {
    /// A call was answered after sundown.
    LateResponse,
    /// A call was never answered.
    NoResponse,
    /// Undercover inspections went badly.
    Inspections,
    /// Authorised without a contract.
    Skipped,
    /// Dropped before the first day. Nothing finds that, but what is given to it.
    Dropped,
}

impl Blot {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::LateResponse, Self::NoResponse, Self::Inspections, Self::Skipped, Self::Dropped];

    /// The rules that find the outlet.
    pub(super) const fn rules(self) -> &'static [&'static str] {
        match self {
            Self::LateResponse | Self::NoResponse => &["late-response"],
            Self::Inspections => &["outlet-inspections"],
            Self::Skipped => &["outlet-standing-skipped"],
            Self::Dropped => &[],
        }
    }

    const fn standings(self) -> &'static [&'static str] {
        match self {
            Self::Skipped => &["assessed", "authorised"],
            Self::Dropped => &["assessed", "contracted", "authorised", "dropped"],
            _ => GOOD,
        }
    }
}

/// The way to being authorised (D-E6).
const GOOD: &[&str] = &["assessed", "contracted", "authorised"];

/// What was written about an outlet after it was created: how it came to stand as it does, inspections, and calls that
/// concern no job; those of a good outlet where nothing is wrong with it.
pub(super) fn tell_outlet(page: &mut Page<'_>, cast: &Cast, blot: Option<Blot>, at_ms: i64) -> Result<(), String> {
    let standings = blot.map_or(GOOD, Blot::standings);
    for (day, state) in (0..).zip(standings) {
        page.put(cast.supervisor, at_ms + day * DAY_MS, "standing", json!({"state": state}))?;
    }
    let bad = blot == Some(Blot::Inspections);
    for (day, how) in [(20, "open"), (50, "undercover"), (80, "shopper")] {
        let result = json!({"how": how, "passed": !bad, "score": if bad { 40 } else { 92 }});
        page.put(cast.supervisor, FIRST_DAY_MS + day * DAY_MS + 10 * HOUR_MS, "inspected", result)?;
    }
    for (day, from) in [(10, "customer"), (40, "supplier"), (70, "colleague")] {
        let called_ms = FIRST_DAY_MS + day * DAY_MS + 10 * HOUR_MS;
        let call = json!({"from": from, "channel": "phone"});
        let call = page.put(cast.representative, called_ms, "called_in", call)?;
        let hours = match blot {
            Some(Blot::NoResponse) if day == 40 => continue,
            Some(Blot::LateResponse) if day == 40 => 30,
            _ => 2,
        };
        let answer = json!({"to": call.to_string()});
        page.put(cast.representative, called_ms + hours * HOUR_MS, "responded", answer)?;
    }
    Ok(())
}

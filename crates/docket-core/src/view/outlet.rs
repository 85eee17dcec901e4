//! An outlet, as the document's facts tell it (D-H6, D-E6).

use docket_format::{DocId, FactId, PersonId};

use super::entry::Entry;
use super::event::{Event, Sign};
use super::register::{Registers, str_of};
use crate::grade::Course;
use crate::issue::Issue;
use crate::text;
use crate::time::UnixMs;

/// Most inspections that a score looks back on: an outlet that mended its ways is judged by what it does now.
const INSPECTIONS: usize = 10;

/// An outlet.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct OutletView<'a> {
    /// The document.
    #[serde(serialize_with = "text::one")]
    pub doc: DocId,
    /// Its registers: outlet, name, level, zone, lat, lon, region, market, hours, `supervised_by`, contact.
    pub registers: Registers<'a>,
    /// Its standing with headquarters over time, first first (D-E6). Before the first: none.
    pub standings: Vec<StandingSince<'a>>,
    /// Inspections, first first (D-H23).
    pub inspections: Vec<Inspection<'a>>,
    /// Calls that need no job, and when they were answered (D-C3).
    pub calls: Vec<Call<'a>>,
    /// Courses that its staff had together.
    pub courses: Vec<Course>,
    /// Catalogued facts with effect, in the fold's order.
    pub events: Vec<Event<'a>>,
    /// Duties that were broken.
    pub signs: Vec<Sign>,
    /// What a person must look at.
    pub issues: Vec<Issue>,
    /// Every fact in the fold's order, and what it did.
    pub timeline: Vec<Entry<'a>>,
}

/// A standing, and since when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StandingSince<'a> {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// `assessed`, `contracted`, `authorised` or `dropped`.
    pub state: &'a str,
    /// Since when.
    pub since_ms: Option<UnixMs>,
    /// Why.
    pub why: Option<&'a str>,
    /// Who said so.
    #[serde(serialize_with = "text::option")]
    pub person: Option<PersonId>,
}

/// An inspection (D-H23, D-E6).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Inspection<'a> {
    /// The fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// `open`, `undercover` or `shopper`.
    pub how: &'a str,
    /// Whether it was passed.
    pub passed: bool,
    /// The score, 0 to 100, if one was given.
    pub score: Option<u32>,
    /// What was looked at, if not everything (D-E12).
    pub item: Option<&'a str>,
    /// When.
    pub at_ms: Option<UnixMs>,
}

/// A call by a customer, supplier or colleague (D-C3).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Call<'a> {
    /// The `called_in` fact.
    #[serde(serialize_with = "text::one")]
    pub fact: FactId,
    /// `customer`, `supplier` or `colleague`.
    pub from: &'a str,
    /// When it came.
    pub at_ms: Option<UnixMs>,
    /// When it was first responded to.
    pub responded_ms: Option<UnixMs>,
    /// The response.
    #[serde(serialize_with = "text::option")]
    pub response: Option<FactId>,
}

impl<'a> OutletView<'a> {
    /// A text register's value to show.
    pub fn str(&self, register: &str) -> Option<&'a str> {
        str_of(&self.registers, register)
    }

    /// How it stands now; `None` = nothing recorded.
    pub fn standing(&self) -> Option<&StandingSince<'a>> {
        self.standings.last()
    }

    /// What its newest inspections found, 0 to 100: their mean; one without a score counts 100 or 0. `None` = never
    /// inspected.
    pub fn inspection_score(&self) -> Option<u32> {
        let newest = self.inspections.iter().rev().take(INSPECTIONS);
        let scores: Vec<u32> = newest.map(Inspection::points).collect();
        let count = scores.len() as u32;
        (count > 0).then(|| (scores.iter().sum::<u32>() + count / 2) / count)
    }
}

impl Inspection<'_> {
    fn points(&self) -> u32 {
        self.score.unwrap_or(if self.passed { 100 } else { 0 })
    }
}

//! `[coverage]`: what a purchase brings with it, what contracts pay for, and what each kind of job draws on (D-E10).

use std::collections::{BTreeMap, BTreeSet};

use super::error::PolicyError;
use super::read::{self, At, Table};

/// How far a coverage that comes with a purchase reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// So many months from the day of purchase.
    Months(i64),
    /// For the appliance's life.
    Life,
}

/// A kind of coverage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageKind {
    /// Its name, as the `coverage` fact has it in `what`.
    pub what: String,
    /// What it pays for.
    pub covers: Vec<String>,
    /// How far it reaches where a purchase brings it; `None` = it has to be agreed on.
    pub implied: Option<Reach>,
}

/// A service level of contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageLevel {
    /// Its id, as the `coverage` fact has it in `level`.
    pub id: String,
    /// What it pays for.
    pub covers: Vec<String>,
}

/// Who pays for what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CoverageRules {
    /// Customer groups for whom everything is paid for life.
    pub lifetime_groups: BTreeSet<String>,
    /// Causes of a fault that no coverage pays for.
    pub not_for: BTreeSet<String>,
    /// Kind of job → what it draws on.
    pub needs: BTreeMap<String, Vec<String>>,
    /// Kinds of coverage.
    pub kinds: Vec<CoverageKind>,
    /// Service levels of contracts.
    pub levels: Vec<CoverageLevel>,
}

impl CoverageRules {
    /// Whether anything at all can be judged.
    pub fn is_empty(&self) -> bool {
        self.needs.is_empty() && self.kinds.is_empty()
    }
}

/// Most months that a purchase may imply: a hundred years.
const MOST_MONTHS: i64 = 1200;

pub(super) fn read(root: &Table<'_>) -> Result<CoverageRules, PolicyError> {
    let Some(table) = root.opt_table("coverage")? else { return Ok(CoverageRules::default()) };
    table.only(&["lifetime_groups", "not_for", "needs", "kind", "level"])?;
    let kinds = kinds(&table)?;
    let levels = levels(&table, &kinds)?;
    Ok(CoverageRules {
        lifetime_groups: table.names("lifetime_groups")?,
        not_for: table.names("not_for")?,
        needs: needs(&table, &kinds)?,
        kinds,
        levels,
    })
}

fn kinds(table: &Table<'_>) -> Result<Vec<CoverageKind>, PolicyError> {
    let tables = table.catalogue("kind", "what", "coverage")?;
    let read = tables.iter().map(|kind| {
        kind.only(&["what", "covers", "months", "life"])?;
        let months = kind.opt_int("months", 1..=MOST_MONTHS)?;
        let implied = match (months, kind.flag("life", false)?) {
            (Some(_), true) => return Err(kind.error("both `months` and `life`", "it lasts so long, or for life")),
            (Some(months), false) => Some(Reach::Months(months)),
            (None, true) => Some(Reach::Life),
            (None, false) => None,
        };
        let covers = read::own(kind.need("covers")?.texts()?);
        Ok(CoverageKind { what: kind.text("what")?.value.to_owned(), covers, implied })
    });
    read.collect()
}

/// What the kinds of coverage pay for: anything else is a slip of the pen.
fn check(table: &Table<'_>, needs: &[At<&str>], kinds: &[CoverageKind]) -> Result<Vec<String>, PolicyError> {
    let known: BTreeSet<&str> = kinds.iter().flat_map(|kind| &kind.covers).map(String::as_str).collect();
    for need in needs {
        if !known.contains(need.value) {
            let hint = format!("expected one of: {}", known.into_iter().collect::<Vec<_>>().join(", "));
            let what = format!("no kind of coverage pays for \"{}\"", need.value);
            return Err(table.source.error(&need.span, what, hint));
        }
    }
    Ok(needs.iter().map(|need| need.value.to_owned()).collect())
}

fn levels(table: &Table<'_>, kinds: &[CoverageKind]) -> Result<Vec<CoverageLevel>, PolicyError> {
    let tables = table.catalogue("level", "id", "level")?;
    let read = tables.iter().map(|level| {
        level.only(&["id", "covers"])?;
        let covers = check(table, &level.need("covers")?.texts()?, kinds)?;
        Ok(CoverageLevel { id: level.text("id")?.value.to_owned(), covers })
    });
    read.collect()
}

fn needs(table: &Table<'_>, kinds: &[CoverageKind]) -> Result<BTreeMap<String, Vec<String>>, PolicyError> {
    let Some(needs) = table.opt_table("needs")? else { return Ok(BTreeMap::new()) };
    needs.entries().map(|(kind, value)| Ok((kind.value.to_owned(), check(table, &value.texts()?, kinds)?))).collect()
}

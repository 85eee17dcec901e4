//! `[[mode]]`: how a job is served (D-H5): customer group × product × industry → mode → extra steps, free items, care
//! events. VIPs get five-star diamond service, whole sets one stop, engineering the full course, everybody else an
//! installation or a repair.

use std::collections::BTreeSet;

use super::error::PolicyError;
use super::faults::Faults;
use super::read::Table;
use super::when::{self, Setting, among};

/// A service mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Customer groups that get it; empty = any.
    pub groups: Vec<String>,
    /// Products; empty = any.
    pub products: Vec<String>,
    /// Industries; empty = any.
    pub industries: Vec<String>,
    /// Items that may not be charged for (D-H5, D-E9).
    pub free_items: Vec<String>,
    /// Care events that a customer in this mode is owed (D-H5, D-H11).
    pub care: Vec<String>,
}

impl Mode {
    /// How much the mode asks for: what asks for more is chosen before what asks for less.
    fn narrowness(&self) -> usize {
        [&self.groups, &self.products, &self.industries].iter().filter(|list| !list.is_empty()).count()
    }

    fn is_for(&self, setting: &Setting<'_>) -> bool {
        among(&self.groups, setting.group)
            && among(&self.products, setting.product)
            && among(&self.industries, setting.industry)
    }
}

/// The mode of a job: the one that a person chose, if the policy has it; else the narrowest that fits, of equals the
/// first of the file.
pub(super) fn choose<'m>(modes: &'m [Mode], setting: &Setting<'_>) -> Option<&'m Mode> {
    let chosen = setting.mode.and_then(|id| modes.iter().find(|mode| mode.id == id));
    let fitting = || modes.iter().rev().filter(|mode| mode.is_for(setting)).max_by_key(|mode| mode.narrowness());
    chosen.or_else(fitting)
}

const KEYS: [&str; 8] = ["id", "title", "group", "product", "industry", "free", "care", "step"];

/// Reads the modes; their steps are read with the templates that they go into.
pub(super) fn read<'s>(
    root: &Table<'s>,
    groups: &BTreeSet<&str>,
    products: &BTreeSet<&str>,
    faults: &mut Faults,
) -> Vec<(Mode, Table<'s>)> {
    let Some(tables) = faults.take(root.tables("mode")) else { return Vec::new() };
    // Care events are checked by their own section; here only their names are needed.
    let cared: BTreeSet<&str> = root.tables("care").map_or_else(
        |_| BTreeSet::new(),
        |tables| tables.iter().filter_map(|table| table.text("event").ok()).map(|event| event.value).collect(),
    );
    let mut modes: Vec<(Mode, Table<'s>)> = Vec::new();
    for table in tables {
        let Some(mode) = faults.take(read_mode(&table, groups, products, &cared)) else { continue };
        let same = |other: &Mode| {
            [(&other.groups, &mode.groups), (&other.products, &mode.products), (&other.industries, &mode.industries)]
                .iter()
                .all(|(a, b)| sorted(a) == sorted(b))
        };
        if modes.iter().any(|(other, _)| other.id == mode.id) {
            faults.push(table.error(format!("mode `{}` appears twice", mode.id), "ids must differ"));
        } else if let Some((other, _)) = modes.iter().find(|(other, _)| same(other)) {
            let what = format!("mode \"{}\" is never chosen: \"{}\" is for the same customers", mode.id, other.id);
            faults.push(table.error(what, "name another group, product or industry"));
        }
        modes.push((mode, table));
    }
    modes
}

fn sorted(names: &[String]) -> BTreeSet<&str> {
    names.iter().map(String::as_str).collect()
}

fn read_mode(
    table: &Table<'_>,
    groups: &BTreeSet<&str>,
    products: &BTreeSet<&str>,
    cared: &BTreeSet<&str>,
) -> Result<Mode, PolicyError> {
    table.only(&KEYS)?;
    let any = BTreeSet::new();
    Ok(Mode {
        id: table.text("id")?.value.to_owned(),
        title: table.text("title")?.value.to_owned(),
        groups: when::names(table, "group", groups)?,
        products: when::names(table, "product", products)?,
        industries: when::names(table, "industry", &any)?,
        free_items: table.unique_names("free", "free")?,
        care: when::names(table, "care", cared)?,
    })
}

//! `[[form]]`: forms for inside and outside, all with the same five parts (D-E8, D-E2).

use super::error::PolicyError;
use super::read::{self, Table};
use crate::catalogue;

/// A form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// It is for customers and partners; else for the company.
    pub outside: bool,
    /// The five parts: what each asks for, as names of registers, kinds of facts, or figures ([`FIGURES`]).
    pub parts: [Vec<String>; 5],
}

/// The five parts of every form, in their order.
pub const PARTS: [&str; 5] = ["collect", "classify", "handle", "feed_back", "summarise"];

/// Figures of a job that a form may ask for besides registers and facts.
pub const FIGURES: [&str; 7] =
    ["resolution", "first_time_fix", "work_visits", "completeness", "intake_corrections", "reclassified", "problem"];

pub(super) fn read(root: &Table<'_>) -> Result<Vec<Form>, PolicyError> {
    let tables = root.catalogue("form", "id", "form")?;
    tables.iter().map(read_form).collect()
}

fn read_form(table: &Table<'_>) -> Result<Form, PolicyError> {
    table.only(&["id", "title", "outside", "collect", "classify", "handle", "feed_back", "summarise"])?;
    let part = |key: &'static str| -> Result<Vec<String>, PolicyError> {
        let names = table.need(key)?.texts()?;
        read::unique(table.source, key, &names)?;
        if names.is_empty() {
            return Err(
                table.error(format!("the form's part `{key}` asks for nothing"), "every form has all five parts")
            );
        }
        Ok(read::own(names))
    };
    let [collect, classify, handle, feed_back, summarise] = PARTS;
    Ok(Form {
        id: table.text("id")?.value.to_owned(),
        title: table.text("title")?.value.to_owned(),
        outside: table.flag("outside", false)?,
        parts: [part(collect)?, part(classify)?, part(handle)?, part(feed_back)?, part(summarise)?],
    })
}

/// What a form's entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A figure of the job as a whole.
    Figure,
    /// The last fact of this kind.
    Fact,
    /// A register.
    Register,
}

/// What a name in a form stands for.
pub fn asked(name: &str) -> Asked {
    if FIGURES.contains(&name) {
        Asked::Figure
    } else if catalogue::shape(name).is_some() {
        Asked::Fact
    } else {
        Asked::Register
    }
}

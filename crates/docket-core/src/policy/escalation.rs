//! `[[escalation]]`: to whom what is unsolved goes (D-E8, D-S2, D-S3).

use super::error::PolicyError;
use super::read::Table;
use crate::catalogue;

/// Somebody to whom a job may be escalated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The level: a word of `escalated`'s `to`.
    pub to: String,
    /// The department that it is about; `None` = any.
    pub department: Option<String>,
    /// Who it is.
    pub contact: String,
    /// How to reach them.
    pub phone: Option<String>,
}

/// The levels: the words that `escalated` knows.
pub fn levels() -> &'static [&'static str] {
    let field = catalogue::shape("escalated").and_then(|shape| shape.fields.iter().find(|field| field.name == "to"));
    match field.map(|field| field.ty) {
        Some(catalogue::Type::Word(words)) => words,
        _ => &[],
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<Vec<Contact>, PolicyError> {
    root.tables("escalation")?.iter().map(read_contact).collect()
}

fn read_contact(table: &Table<'_>) -> Result<Contact, PolicyError> {
    table.only(&["to", "department", "contact", "phone"])?;
    let to = table.text("to")?;
    if !levels().contains(&to.value) {
        let hint = format!("expected one of: {}", levels().join(", "));
        return Err(table.source.error(&to.span, format!("unknown level \"{}\"", to.value), hint));
    }
    let own =
        |key| -> Result<Option<String>, PolicyError> { Ok(table.opt_text(key)?.map(|text| text.value.to_owned())) };
    Ok(Contact {
        to: to.value.to_owned(),
        department: own("department")?,
        contact: table.text("contact")?.value.to_owned(),
        phone: own("phone")?,
    })
}

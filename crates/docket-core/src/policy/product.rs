//! `[[product]]`: products and the difficulty of their faults (D-H3). Minimal: what dispatch needs.

use super::error::PolicyError;
use super::read::Table;

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id, as the job's `product` register has it.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The difficulty of a job about it where neither the job nor the fault says more.
    pub difficulty: Option<String>,
    /// Its known faults.
    pub faults: Vec<Fault>,
}

/// A known fault of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its id, as the job's `fault` register has it.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its difficulty.
    pub difficulty: String,
}

pub(super) fn read(root: &Table<'_>) -> Result<Vec<Product>, PolicyError> {
    let tables = root.catalogue("product", "id", "product")?;
    let known = difficulties(root)?;
    tables.iter().map(|table| read_product(table, &known)).collect()
}

fn difficulties<'s>(root: &Table<'s>) -> Result<Vec<&'s str>, PolicyError> {
    let Some(dispatch) = root.opt_table("dispatch")? else { return Ok(Vec::new()) };
    let Some(table) = dispatch.opt_table("difficulty")? else { return Ok(Vec::new()) };
    Ok(table.entries().map(|(name, _)| name.value).collect())
}

fn read_product(table: &Table<'_>, known: &[&str]) -> Result<Product, PolicyError> {
    table.only(&["id", "title", "difficulty", "fault"])?;
    let tables = table.catalogue("fault", "id", "fault")?;
    let faults = tables.iter().map(|fault| {
        fault.only(&["id", "title", "difficulty"])?;
        let difficulty = difficulty(fault, known)?;
        Ok(Fault {
            id: fault.text("id")?.value.to_owned(),
            title: fault.text("title")?.value.to_owned(),
            difficulty: difficulty.ok_or_else(|| fault.error("the fault lacks `difficulty`", ""))?,
        })
    });
    Ok(Product {
        id: table.text("id")?.value.to_owned(),
        title: table.text("title")?.value.to_owned(),
        difficulty: difficulty(table, known)?,
        faults: faults.collect::<Result<_, PolicyError>>()?,
    })
}

fn difficulty(table: &Table<'_>, known: &[&str]) -> Result<Option<String>, PolicyError> {
    let Some(text) = table.opt_text("difficulty")? else { return Ok(None) };
    if known.contains(&text.value) {
        return Ok(Some(text.value.to_owned()));
    }
    let hint = format!("[dispatch.difficulty] has: {}", known.join(", "));
    Err(table.source.error(&text.span, format!("unknown difficulty \"{}\"", text.value), hint))
}

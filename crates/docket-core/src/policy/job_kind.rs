//! `[[kind]]`: the kinds of job that a company takes (D-H21), and how each may end (D-C6).

use super::error::PolicyError;
use super::read::{self, Table};

/// A kind of job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobKind {
    /// Its id, as the job's `kind` register has it.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The resolutions that it may end with; empty = any.
    pub resolutions: Vec<String>,
}

impl JobKind {
    /// Whether a job of this kind may end so.
    pub fn may_end(&self, resolution: &str) -> bool {
        self.resolutions.is_empty() || self.resolutions.iter().any(|known| known == resolution)
    }
}

/// Reads the catalogue. Where there is one, templates and gates may name no other kind.
pub(super) fn read(root: &Table<'_>) -> Result<Vec<JobKind>, PolicyError> {
    let tables = root.catalogue("kind", "id", "kind")?;
    let known: Vec<&str> = match root.opt_table("resolution")? {
        Some(table) => table.entries().map(|(name, _)| name.value).collect(),
        None => Vec::new(),
    };
    tables.iter().map(|table| read_kind(table, &known)).collect()
}

fn read_kind(table: &Table<'_>, known: &[&str]) -> Result<JobKind, PolicyError> {
    table.only(&["id", "title", "resolutions"])?;
    let resolutions = table.texts("resolutions")?;
    read::unique(table.source, "resolution", &resolutions)?;
    if let Some(stray) = resolutions.iter().find(|name| !known.is_empty() && !known.contains(&name.value)) {
        let hint = format!("[resolution] has: {}", known.join(", "));
        return Err(table.source.error(&stray.span, format!("unknown resolution \"{}\"", stray.value), hint));
    }
    Ok(JobKind {
        id: table.text("id")?.value.to_owned(),
        title: table.text("title")?.value.to_owned(),
        resolutions: read::own(resolutions),
    })
}

/// Refuses a template for a kind that the catalogue lacks: no job could ever be of it.
pub(super) fn check(root: &Table<'_>, kinds: &[JobKind]) -> Result<(), PolicyError> {
    if kinds.is_empty() {
        return Ok(());
    }
    for table in root.tables("template")? {
        let named = table.need("kind")?.texts()?;
        if let Some(stray) = named.iter().find(|name| !kinds.iter().any(|kind| kind.id == name.value)) {
            let known: Vec<&str> = kinds.iter().map(|kind| kind.id.as_str()).collect();
            let what = format!("no [[kind]] is called \"{}\"", stray.value);
            return Err(table.source.error(&stray.span, what, format!("expected one of: {}", known.join(", "))));
        }
    }
    Ok(())
}

//! `[[nature]]`: the tree by which requests are classed (D-E1): hardware, software, network (coverage, speed, line) …

use super::error::PolicyError;
use super::read::Table;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nature {
    /// Its id, as the job's `nature` register has it.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The node it belongs to; `None` = a root.
    pub parent: Option<String>,
    /// Who handles it; its own word, else its parent's.
    pub handled_by: HandledBy,
}

/// Who handles a request (D-E1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandledBy {
    /// The outlet.
    Outlet,
    /// Headquarters.
    Headquarters,
}

impl HandledBy {
    /// The name used in policies and in the job's `handled_by` register.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outlet => "outlet",
            Self::Headquarters => "headquarters",
        }
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<Vec<Nature>, PolicyError> {
    let tables = root.catalogue("nature", "id", "nature")?;
    let mut natures: Vec<Nature> = Vec::with_capacity(tables.len());
    for table in &tables {
        let nature = read_nature(table, &natures)?;
        natures.push(nature);
    }
    Ok(natures)
}

fn read_nature(table: &Table<'_>, above: &[Nature]) -> Result<Nature, PolicyError> {
    table.only(&["id", "title", "parent", "handled_by"])?;
    let parent = match table.opt_text("parent")? {
        None => None,
        // A parent comes first, so that there is no cycle to look for.
        Some(name) => {
            let parent = above.iter().find(|nature| nature.id == name.value);
            Some(parent.ok_or_else(|| {
                let what = format!("no nature `{}` stands above this one", name.value);
                table.source.error(&name.span, what, "a parent comes before its children")
            })?)
        }
    };
    let handled_by = match table.opt_text("handled_by")? {
        None => parent.map_or(HandledBy::Outlet, |parent| parent.handled_by),
        Some(text) => match text.value {
            "outlet" => HandledBy::Outlet,
            "headquarters" => HandledBy::Headquarters,
            other => {
                let what = format!("`{other}` handles no requests");
                return Err(table.source.error(&text.span, what, "expected one of: outlet, headquarters"));
            }
        },
    };
    Ok(Nature {
        id: table.text("id")?.value.to_owned(),
        title: table.text("title")?.value.to_owned(),
        parent: parent.map(|parent| parent.id.clone()),
        handled_by,
    })
}

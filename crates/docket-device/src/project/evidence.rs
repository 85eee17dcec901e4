//! What the fold may know about a document's authors: from the projected roster and the stored seals.

use std::collections::BTreeMap;

use docket_core::{Evidence, Standing, Who};
use docket_format::fact::Origin;
use docket_format::{Author, Fact, FactId};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::StoreError;

/// The authors of one document, and how far each one's seals reach in it.
#[derive(Debug, Default)]
pub struct DocEvidence {
    people: BTreeMap<Author, Who>,
    standing: BTreeMap<FactId, Standing>,
}

impl Evidence for DocEvidence {
    fn person(&self, author: Author) -> Option<Who> {
        self.people.get(&author).cloned()
    }

    fn standing(&self, fact: FactId) -> Standing {
        self.standing.get(&fact).copied().unwrap_or(Standing::Ok)
    }
}

/// What is known about one author in one document.
struct Known {
    who: Option<Who>,
    /// Highest `n` under a seal that counts.
    sealed_n: u64,
    /// What a fact above `sealed_n` is.
    above: Standing,
}

impl DocEvidence {
    /// Looks the authors of these facts of the document at `row` up.
    pub(crate) fn load(sql: &Connection, row: i64, facts: &[Fact]) -> Result<Self, StoreError> {
        let mut known: BTreeMap<Author, Known> = BTreeMap::new();
        let mut evidence = Self::default();
        for fact in facts {
            let Origin::Device { author, n, .. } = fact.header.origin else { continue };
            let entry = match known.entry(author) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => entry.insert(look_up(sql, row, author)?),
            };
            let standing = if n <= entry.sealed_n { Standing::Ok } else { entry.above };
            evidence.standing.insert(fact.id, standing);
        }
        for (author, entry) in known {
            if let Some(who) = entry.who {
                evidence.people.insert(author, who);
            }
        }
        Ok(evidence)
    }
}

fn look_up(sql: &Connection, row: i64, author: Author) -> Result<Known, StoreError> {
    let device = author.device.as_bytes();
    let entry = sql
        .prepare_cached("SELECT person, role, state, seals FROM p_device WHERE device = ?1")?
        .query_row([device], |row| {
            let person: Option<String> = row.get(0)?;
            let (role, state, seals): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((person, role, state, seals))
        })
        .optional()?;
    let Some((person, role, state, seals)) = entry else {
        return Ok(Known { who: None, sealed_n: 0, above: Standing::UnknownDevice });
    };
    let who = person.and_then(|person| Some(Who { person: person.parse().ok()?, role: role.parse().ok()? }));
    if matches!(state.as_str(), "active" | "rotated") {
        let sealed: Option<i64> = sql
            .prepare_cached(
                "SELECT c.sealed_n FROM author a JOIN chain c ON c.author = a.id
                  WHERE c.doc = ?1 AND a.device = ?2 AND a.incarnation = ?3",
            )?
            .query_row(params![row, device, author.incarnation.0], |row| row.get(0))
            .optional()?;
        return Ok(Known { who, sealed_n: sealed.unwrap_or(0) as u64, above: Standing::Unsealed });
    }
    let good: BTreeMap<u32, u64> = serde_json::from_str(&seals).unwrap_or_default();
    let good = good.get(&author.incarnation.0).copied().unwrap_or(0);
    let sealed: Option<i64> = sql
        .prepare_cached(
            "SELECT max(l.n) FROM author a JOIN seal s ON s.author = a.id JOIN seal_leaf l ON l.seal = s.id
              WHERE l.doc = ?1 AND a.device = ?2 AND a.incarnation = ?3 AND s.count <= ?4",
        )?
        .query_row(params![row, device, author.incarnation.0, good as i64], |row| row.get(0))?;
    Ok(Known { who, sealed_n: sealed.unwrap_or(0) as u64, above: Standing::Claim })
}

//! Waivers: somebody answers for a finding until a day. They are facts in the company's audit document, so they are
//! sealed, synced and verified like any other record (`docket_core::fold_audit`).

use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::finding::{FindingId, rfc3339};

/// A waiver, as the record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The fact that states it.
    pub fact: String,
    /// What is waived.
    pub finding: FindingId,
    /// The last day on which it counts, UTC.
    pub until: String,
    /// The first instant at which it no longer counts, milliseconds since 1970.
    pub until_ms: i64,
    /// Why.
    pub why: String,
    /// Who answers for it.
    pub person: Option<String>,
    /// When it was recorded, by the recording device's clock, milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// The fact that ended it early.
    pub ended_by: Option<String>,
}

/// How a waiver stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Open,
    /// Its last day is over.
    Expired,
    /// Somebody ended it.
    Ended,
}

impl Standing {
    /// The word in JSON and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }
}

impl Waiver {
    /// How it stands at a time.
    pub fn standing(&self, as_of_ms: i64) -> Standing {
        if self.ended_by.is_some() {
            Standing::Ended
        } else if as_of_ms >= self.until_ms {
            Standing::Expired
        } else {
            Standing::Open
        }
    }

    /// Whether it counts at a time.
    pub fn counts(&self, as_of_ms: i64) -> bool {
        self.standing(as_of_ms) == Standing::Open
    }

    /// Whether it lasts longer than another; the fact decides between equals, so that every device shows the same.
    pub(super) fn lasts(&self, other: &Self) -> bool {
        (self.until_ms, &self.fact) >= (other.until_ms, &other.fact)
    }

    /// As JSON, beside the finding.
    pub fn to_json(&self) -> Value {
        json!({"fact": self.fact, "until": self.until, "why": self.why, "person": self.person,
               "at": self.at_ms.map(rfc3339)})
    }
}

/// Every waiver of the record, by finding and fact.
pub fn waivers(sql: &Connection) -> rusqlite::Result<Vec<Arc<Waiver>>> {
    let mut statement = sql.prepare_cached(
        "SELECT finding, fact, until, until_ms, why, person, at_ms, ended_by FROM p_waiver ORDER BY finding, fact",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // The fold lets no other text in.
        let Ok(finding) = row.get::<_, String>(0)?.parse() else { continue };
        found.push(Arc::new(Waiver {
            finding,
            fact: row.get(1)?,
            until: row.get(2)?,
            until_ms: row.get(3)?,
            why: row.get(4)?,
            person: row.get(5)?,
            at_ms: row.get(6)?,
            ended_by: row.get(7)?,
        }));
    }
    Ok(found)
}

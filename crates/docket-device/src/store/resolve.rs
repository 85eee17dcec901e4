//! Names that people type: a whole id, a short code or its beginning, the source's number; and search by text.

use docket_format::{DocId, crockford};
use rusqlite::params;

use super::Store;
use crate::error::{Candidate, StoreError};

/// Characters of the short code that the index holds: 60 bits.
pub(crate) const CODE_STORED: usize = 12;
/// Candidates shown for an ambiguous name.
const CANDIDATES: i64 = 10;

/// One hit of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The document.
    pub doc: DocId,
    /// Its short code as lists show it.
    pub code: String,
    /// The source's number.
    pub number: Option<String>,
    /// Its status.
    pub status: String,
    /// The customer's address.
    pub address: Option<String>,
    /// What was asked for.
    pub text: Option<String>,
}

struct Row {
    doc: DocId,
    kind: Option<String>,
    number: Option<String>,
}

impl Store {
    /// The document that `text` names: a whole id, the source's number, or a short code or any beginning of one that
    /// is unique. `kind` narrows ("job").
    pub fn resolve(&self, text: &str, kind: Option<&str>) -> Result<DocId, StoreError> {
        let text = text.trim();
        let shown = || text.chars().take(80).collect::<String>();
        if text.is_empty() || text.len() > 256 {
            return Err(StoreError::Unknown { text: shown() });
        }
        if let Ok(doc) = text.parse::<DocId>() {
            let known = self.info(doc)?.filter(|info| kind.is_none() || info.kind.as_deref() == kind);
            return known.map(|info| info.doc).ok_or_else(|| StoreError::Unknown { text: shown() });
        }
        let run = || -> Result<Vec<Row>, StoreError> {
            let by_number = self.rows("number = ?1", &[text], kind)?;
            if !by_number.is_empty() {
                return Ok(by_number);
            }
            let Some(code) = crockford::normalise_prefix(text).filter(|code| !code.is_empty()) else {
                return Ok(Vec::new());
            };
            let (head, _) = code.split_at_checked(CODE_STORED).unwrap_or((&code, ""));
            // 'Z' is the highest character of the alphabet, so this is every code that starts with `head`.
            let mut rows = self.rows("code >= ?1 AND code <= ?2", &[head, &format!("{head}ZZZZZZZZZZZZ")], kind)?;
            rows.retain(|row| row.doc.code().starts_with(&code));
            Ok(rows)
        };
        let rows = run().map_err(|error| error.in_dir(&self.dir))?;
        match rows.as_slice() {
            [] => Err(StoreError::Unknown { text: shown() }),
            [row] => Ok(row.doc),
            rows => Err(StoreError::Ambiguous { text: shown(), candidates: candidates(rows) }),
        }
    }

    fn rows(&self, condition: &str, values: &[&str], kind: Option<&str>) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT doc, kind, number FROM doc WHERE {condition} AND changes > 0 AND (?3 IS NULL OR kind = ?3)
              ORDER BY code LIMIT ?4"
        ))?;
        let first = values.first().copied();
        let second = values.get(1).copied();
        let mut rows = statement.query(params![first, second, kind, CANDIDATES])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let doc = DocId::from_bytes(row.get(0)?).ok_or_else(|| StoreError::corrupt("a document without id"))?;
            found.push(Row { doc, kind: row.get(1)?, number: row.get(2)? });
        }
        Ok(found)
    }

    /// Jobs whose number, code, text, or customer's name, address or phone contain `text` (case-insensitive for
    /// ASCII), newest first, at most `limit`.
    pub fn search(&self, text: &str, limit: u32) -> Result<Vec<Found>, StoreError> {
        let run = || -> Result<Vec<Found>, StoreError> {
            let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let mut statement = self.conn.prepare_cached(
                "SELECT j.id, j.code, j.number, j.status, c.address, j.text
                   FROM p_job j LEFT JOIN p_customer c ON c.id = j.customer
                  WHERE j.number LIKE ?1 ESCAPE '\\' OR j.code LIKE ?1 ESCAPE '\\' OR j.text LIKE ?1 ESCAPE '\\'
                     OR c.name LIKE ?1 ESCAPE '\\' OR c.address LIKE ?1 ESCAPE '\\' OR c.phone LIKE ?1 ESCAPE '\\'
                  ORDER BY j.received_ms DESC, j.doc DESC LIMIT ?2",
            )?;
            let mut rows = statement.query(params![format!("%{escaped}%"), limit])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let doc = DocId::from_bytes(row.get(0)?).ok_or_else(|| StoreError::corrupt("a document without id"))?;
                let (code, number, status) = (row.get(1)?, row.get(2)?, row.get(3)?);
                found.push(Found { doc, code, number, status, address: row.get(4)?, text: row.get(5)? });
            }
            Ok(found)
        };
        run().map_err(|error| error.in_dir(&self.dir))
    }
}

fn candidates(rows: &[Row]) -> Vec<Candidate> {
    let codes: Vec<String> = rows.iter().map(|row| row.doc.code()).collect();
    let unique = |len: usize| {
        let mut heads: Vec<&str> = codes.iter().filter_map(|code| code.get(..len)).collect();
        heads.sort_unstable();
        heads.windows(2).all(|pair| pair.first() != pair.last())
    };
    let len = (DocId::CODE_SHOWN..26).find(|&len| unique(len)).unwrap_or(26);
    let label = |row: &Row| {
        let kind = row.kind.as_deref().unwrap_or("document");
        row.number.as_ref().map_or_else(|| kind.to_owned(), |number| format!("{kind} {number}"))
    };
    let each = rows.iter().zip(&codes);
    each.map(|(row, code)| Candidate {
        doc: row.doc,
        code: code.get(..len).unwrap_or(code).to_owned(),
        label: label(row),
    })
    .collect()
}

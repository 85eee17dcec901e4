//! Lists: answered from the projections, never by loading documents.

use std::collections::BTreeSet;

use docket_format::{DocId, PersonId};
use rusqlite::types::Value as Sql;
use rusqlite::{Row, params_from_iter};

use super::error::AppError;
use super::session::Session;
use crate::error::StoreError;
use crate::folding::{is_phone, phone, squash};

/// One job in a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct JobRow {
    /// The document's id.
    pub doc: String,
    /// The short code.
    pub code: String,
    /// The source's number.
    pub number: Option<String>,
    /// The kind of job.
    pub kind: Option<String>,
    /// What it is about.
    pub product: Option<String>,
    /// Where it stands.
    pub status: String,
    /// The crew, by staff number.
    pub crew: Vec<String>,
    /// The outlet.
    pub outlet: Option<String>,
    /// The customer's name.
    pub customer: Option<String>,
    /// The customer's address.
    pub address: Option<String>,
    /// When the request came in, milliseconds since 1970.
    pub received_ms: Option<i64>,
    /// The agreed time, milliseconds since 1970.
    pub appointment_ms: Option<i64>,
    /// Fields with two values.
    pub conflicts: i64,
    /// Findings of the fold.
    pub findings: i64,
    /// The newest record, milliseconds since 1970.
    pub updated_ms: Option<i64>,
    /// Kept here, although this device's person is no longer shown it.
    pub retained: bool,
}

/// What to do with jobs that are retained: kept here, although this device's person is no longer shown them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Retained {
    /// Leave them out.
    Hide,
    /// List them among the others.
    #[default]
    Show,
    /// List only them.
    Only,
}

/// Which jobs, and how many.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Any of these states; empty = all.
    pub status: Vec<String>,
    /// This kind.
    pub kind: Option<String>,
    /// With this person in the crew.
    pub person: Option<PersonId>,
    /// Of this outlet.
    pub outlet: Option<String>,
    /// All of these words in number, code, product, kind, text, or what any document of the customer says: name, address,
    /// postcode, telephone number; or one of them the beginning of a serial number.
    pub words: Vec<String>,
    /// Of this customer, or of another that is the same one.
    pub customer: Option<DocId>,
    /// At most this many; 0 = all.
    pub limit: u32,
    /// What to do with retained ones.
    pub retained: Retained,
    /// By appointment, those without one last, instead of newest first.
    pub by_appointment: bool,
}

/// Every state, as `status` filters name them.
pub const STATES: [&str; 8] = ["new", "assigned", "on_site", "done", "refused", "no_access", "cancelled", "closed"];

/// What a row is made of; `j` is the job, `c` its customer.
const COLUMNS: &str = "j.id, j.code, j.number, j.kind, j.product, j.status, j.crew, j.outlet, c.name, c.address, \
                       j.received_ms, j.appointment_ms, j.conflicts, j.findings, j.updated_ms";

const JOINED: &str =
    "p_job j LEFT JOIN p_customer c ON c.id = j.customer LEFT JOIN p_link l ON l.customer = j.customer";

/// What a search looks into, beside serial numbers: the job's own words, its customer's, and those of customers that
/// are the same one (D-K3).
const SEARCHED: &str = "concat_ws(' ', j.number, j.code, j.product, j.kind, j.text, c.name, c.address, c.postcode,
    CASE WHEN l.person_key IS NOT NULL THEN
      (SELECT group_concat(concat_ws(' ', x.name, x.address, x.postcode), ' ')
         FROM p_link m JOIN p_customer x ON x.id = m.customer WHERE m.person_key = l.person_key) END)";

/// The telephone numbers of a job's customer, and of customers that are the same one.
const PHONES: &str = "concat_ws('/', phone(c.phone),
    CASE WHEN l.person_key IS NOT NULL THEN
      (SELECT group_concat(phone(x.phone), '/')
         FROM p_link m JOIN p_customer x ON x.id = m.customer WHERE m.person_key = l.person_key) END)";

/// The jobs, and how many there are without the limit.
pub fn jobs(session: &Session, filter: &Filter) -> Result<(Vec<JobRow>, u64), AppError> {
    if let Some(state) = filter.status.iter().find(|state| !STATES.contains(&state.as_str())) {
        return Err(AppError::refused(format!("`{}` is no state of a job", super::job::short(state)))
            .hint(format!("one of: {}", STATES.join(", "))));
    }
    let gone = super::scope::retained(session)?;
    let (condition, values) = condition(filter, &gone);
    // The customer is looked up for the rows that are shown only, unless the search needs all of them.
    let from = if filter.words.is_empty() { "p_job j" } else { JOINED };
    let order = if filter.by_appointment {
        "j.appointment_ms IS NULL, j.appointment_ms, j.code"
    } else {
        "coalesce(j.updated_ms, j.received_ms) DESC, j.code"
    };
    let limit = if filter.limit == 0 { String::new() } else { format!(" LIMIT {}", filter.limit) };
    let run = || -> rusqlite::Result<(Vec<JobRow>, u64)> {
        let sql = session.store().conn();
        // First only the keys are sorted and cut, then the rows are made.
        let query = format!(
            "SELECT {COLUMNS} FROM (SELECT j.doc AS picked FROM {from} WHERE {condition} ORDER BY {order}{limit})
               JOIN p_job j ON j.doc = picked LEFT JOIN p_customer c ON c.id = j.customer ORDER BY {order}"
        );
        let mut statement = sql.prepare(&query)?;
        let rows = statement.query_map(params_from_iter(&values), row)?.collect::<Result<Vec<_>, _>>()?;
        let cut = filter.limit != 0 && rows.len() == filter.limit as usize;
        let total = if cut {
            let query = format!("SELECT count(*) FROM {from} WHERE {condition}");
            sql.query_row(&query, params_from_iter(&values), |row| row.get::<_, i64>(0))? as u64
        } else {
            rows.len() as u64
        };
        Ok((rows, total))
    };
    let (mut rows, total) = run().map_err(StoreError::from)?;
    for row in rows.iter_mut().filter(|_| !gone.is_empty()) {
        row.retained = row.doc.parse().is_ok_and(|doc| gone.contains(&doc));
    }
    Ok((rows, total))
}

/// The rows of these jobs, in their order; those that are not here are left out.
pub(super) fn rows(session: &Session, docs: impl IntoIterator<Item = DocId>) -> Result<Vec<JobRow>, AppError> {
    let query = format!("SELECT {COLUMNS} FROM {JOINED} WHERE j.id = ?1");
    let mut rows = Vec::new();
    for doc in docs {
        let found = session
            .store()
            .conn()
            .prepare_cached(&query)
            .and_then(|mut one| one.query_map([doc.as_bytes()], row)?.collect::<rusqlite::Result<Vec<_>>>());
        rows.extend(found.map_err(StoreError::from)?);
    }
    Ok(rows)
}

fn condition(filter: &Filter, gone: &BTreeSet<DocId>) -> (String, Vec<Sql>) {
    let mut parts = vec!["1".to_owned()];
    let mut values = Vec::new();
    if !filter.status.is_empty() {
        let marks = vec!["?"; filter.status.len()].join(", ");
        parts.push(format!("j.status IN ({marks})"));
        values.extend(filter.status.iter().cloned().map(Sql::Text));
    }
    for (column, wanted) in [("j.kind", &filter.kind), ("j.outlet", &filter.outlet)] {
        if let Some(wanted) = wanted {
            parts.push(format!("{column} = ?"));
            values.push(Sql::Text(wanted.clone()));
        }
    }
    if let Some(person) = &filter.person {
        parts.push("(',' || replace(j.crew, ' ', '') || ',') LIKE ? ESCAPE '\\'".into());
        values.push(Sql::Text(format!("%,{},%", literal(person.as_str()))));
    }
    let test = match filter.retained {
        Retained::Hide if !gone.is_empty() => Some("NOT IN"),
        Retained::Only => Some("IN"),
        Retained::Hide | Retained::Show => None,
    };
    if let Some(test) = test {
        parts.push(format!("j.id {test} ({})", vec!["?"; gone.len()].join(", ")));
        values.extend(gone.iter().map(|doc| Sql::Blob(doc.as_bytes().to_vec())));
    }
    if let Some(customer) = &filter.customer {
        parts.push(
            "(j.customer = ? OR j.customer IN (SELECT m.customer FROM p_link o JOIN p_link m USING (person_key)
                                               WHERE o.customer = ?))"
                .into(),
        );
        values.extend([Sql::Blob(customer.as_bytes().to_vec()), Sql::Blob(customer.as_bytes().to_vec())]);
    }
    if let Some((search, wanted)) = search(&filter.words) {
        parts.push(search);
        values.extend(wanted);
    }
    (parts.join(" AND "), values)
}

/// The condition that finds words in any order, however they are written: each in the text, or as a part of a telephone
/// number, or as the beginning of a serial number. Numbers typed in groups are also tried as one.
fn search(words: &[String]) -> Option<(String, Vec<Sql>)> {
    if words.is_empty() {
        return None;
    }
    let (mut parts, mut values) = (Vec::new(), Vec::new());
    for word in words.iter().filter(|word| !squash(word).is_empty()) {
        let text = squash(word);
        let mut ways = vec![format!("instr(squash({SEARCHED}), ?) > 0")];
        values.push(Sql::Text(text.clone()));
        if is_phone(word)
            && let Some(number) = phone(word).or_else(|| Some(text.replace(' ', "")))
        {
            ways.push(format!("instr({PHONES}, ?) > 0"));
            values.push(Sql::Text(number));
        }
        // The index on serial numbers answers from both ends of a range.
        let serial = text.replace(' ', "");
        ways.push(format!("j.doc IN ({SERIAL}) OR c.doc IN ({SERIAL})"));
        for _ in 0..2 {
            values.extend([Sql::Text(serial.clone()), Sql::Text(format!("{serial}\u{10ffff}"))]);
        }
        parts.push(format!("({})", ways.join(" OR ")));
    }
    let mut all = parts.join(" AND ");
    let together = words.join(" ");
    if words.len() > 1
        && is_phone(&together)
        && let Some(number) = phone(&together)
    {
        all = format!("({all}) OR instr({PHONES}, ?) > 0");
        values.push(Sql::Text(number));
    }
    if all.is_empty() { None } else { Some((format!("({all})"), values)) }
}

const SERIAL: &str = "SELECT s.doc FROM p_serial s WHERE s.serial >= ? AND s.serial < ?";

/// Text as LIKE takes it literally.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn row(row: &Row) -> rusqlite::Result<JobRow> {
    let crew: Option<String> = row.get(6)?;
    let crew = crew.unwrap_or_default();
    Ok(JobRow {
        doc: DocId::from_bytes(row.get(0)?).map(|doc| doc.to_string()).unwrap_or_default(),
        code: row.get(1)?,
        number: row.get(2)?,
        kind: row.get(3)?,
        product: row.get(4)?,
        status: row.get(5)?,
        crew: crew.split(',').map(str::trim).filter(|person| !person.is_empty()).map(str::to_owned).collect(),
        outlet: row.get(7)?,
        customer: row.get(8)?,
        address: row.get(9)?,
        received_ms: row.get(10)?,
        appointment_ms: row.get(11)?,
        conflicts: row.get(12)?,
        findings: row.get(13)?,
        updated_ms: row.get(14)?,
        retained: false,
    })
}

//! Making every projection anew from the changes.

use docket_format::DocId;
use rusqlite::Connection;

use super::rows::Blank;
use super::{DocEvidence, Policies, Target, make_tables, one, order};
use crate::error::StoreError;
use crate::store::{Store, Tx, read};

/// Every projection.
pub(crate) const TABLES: &[&str] = &[
    "p_job",
    "p_customer",
    "p_serial",
    "p_same",
    "p_link",
    "p_visit",
    "p_step",
    "p_order_break",
    "p_gate",
    "p_conflict",
    "p_issue",
    "p_technician",
    "p_grade",
    "p_unready",
    "p_outlet",
    "p_standing",
    "p_owner",
    "p_photo",
    "p_event",
    "p_sign",
    "p_clock",
    "p_waiver",
    "p_course",
    "p_problem",
    "p_cover",
    "p_age",
    "p_device",
    "p_shared",
    "p_claim",
    "p_as",
    "p_policy",
    "p_adopted",
];

/// Drops all projections and makes them anew in one transaction; returns the number of documents.
pub(crate) fn rebuild(store: &mut Store) -> Result<u64, StoreError> {
    let mut tx: Tx<'_> = store.begin()?;
    tx.forget_all();
    drop_all(&tx.sql, "view")?;
    drop_all(&tx.sql, "table")?;
    make_tables(&tx.sql)?;
    let docs = fill(&tx.sql, tx.tenant())?;
    tx.sql.execute("UPDATE meta SET projection = ?1", [super::VERSION])?;
    tx.commit()?;
    Ok(docs)
}

/// Makes the views anew, if there are any: the tables that they read may have changed.
pub(crate) fn remake_views(sql: &Connection) -> Result<(), StoreError> {
    if drop_all(sql, "view")? > 0 {
        sql.execute_batch(&super::views::sql())?;
    }
    Ok(())
}

/// Drops all projections of a kind, "view" or "table"; gives their number.
fn drop_all(sql: &Connection, kind: &str) -> Result<usize, StoreError> {
    let mut names = sql.prepare(
        "SELECT name FROM sqlite_schema WHERE type = ?1
            AND (type = 'view' AND name LIKE 'v\\_%' ESCAPE '\\' OR type = 'table' AND name LIKE 'p\\_%' ESCAPE '\\')",
    )?;
    let names: Vec<String> = names.query_map([kind], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in &names {
        sql.execute_batch(&format!("DROP {kind} \"{name}\""))?;
    }
    Ok(names.len())
}

/// Fills empty projections. Documents' kinds and numbers are found out anew, too.
pub(crate) fn fill(sql: &Connection, tenant: docket_format::TenantId) -> Result<u64, StoreError> {
    let mut policies = Policies::default();
    let mut docs = kinds(sql, tenant)?;
    docs.sort_by_key(|(row, _, kind)| (order(kind.as_deref()), *row));
    for (row, doc, kind) in &docs {
        if kind.is_none() {
            continue;
        }
        let facts = read::facts(sql, *doc, *row)?;
        let evidence = DocEvidence::of(sql, kind.as_deref(), *row, &facts)?;
        let target = Target {
            tenant,
            doc: *doc,
            row: *row,
            fresh: true,
            facts: &facts,
            evidence: &evidence,
            shelf: None,
            blank: Blank::default(),
        };
        // Whom it would ask to be projected again comes later anyway.
        one(sql, &mut policies, kind.as_deref(), &target)?;
    }
    Ok(docs.len() as u64)
}

fn kinds(sql: &Connection, tenant: docket_format::TenantId) -> Result<Vec<(i64, DocId, Option<String>)>, StoreError> {
    let mut statement = sql.prepare("SELECT id, doc, kind, number FROM doc WHERE changes > 0 ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut docs = Vec::new();
    while let Some(row) = rows.next()? {
        let doc = DocId::from_bytes(row.get(1)?).ok_or_else(|| StoreError::corrupt("a document without id"))?;
        docs.push((row.get::<_, i64>(0)?, doc, row.get::<_, Option<String>>(2)?, row.get::<_, Option<String>>(3)?));
    }
    let mut found = Vec::with_capacity(docs.len());
    for (row, doc, kind, number) in docs {
        let facts = read::facts(sql, doc, row)?;
        let (now, source) = (read::kind_of(tenant, doc, &facts), read::number_of(&facts));
        if now != kind || source.as_ref().map(|(_, number)| number) != number.as_ref() {
            read::put_kind(sql, row, now.as_deref(), source.as_ref())?;
        }
        found.push((row, doc, now));
    }
    Ok(found)
}

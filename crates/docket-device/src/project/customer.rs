//! A customer's registers; jobs join them in the view, so that personal data is stored once.

use docket_core::coverage::Holding;
use docket_core::{Record, Site, fold_customer};
use docket_format::{DocId, Fact};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Policies, Target};
use crate::error::StoreError;

/// Projects a customer; returns the jobs that must be judged anew because the customer's group, owner,
/// purchases or coverages changed.
pub(super) fn project(
    sql: &Connection,
    policies: &mut Policies,
    target: &Target<'_>,
) -> Result<Vec<DocId>, StoreError> {
    let policy = policies.current(sql)?;
    let view = fold_customer(
        &Record { doc: target.doc, facts: target.facts, evidence: target.evidence, site: &Site::NOWHERE },
        &policy,
    );
    super::put_issues(sql, target, &view.registers, &view.issues)?;
    let held = if target.fresh { Holding::EMPTY } else { super::cover::of_customer(sql, target.row)? };
    super::events::put_events(sql, target, &view.events)?;
    let of_goods = |event: &&docket_core::view::Event<'_>| matches!(event.kind, "bought" | "coverage");
    let serials = view.events.iter().filter(of_goods).filter_map(|event| event.str("serial"));
    super::links::put_serials(sql, target, serials)?;
    super::links::put_links(sql, target, &view.events)?;
    let holds = super::cover::of_customer(sql, target.row)?;
    let id = target.doc.as_bytes();
    let group = view.str("group");
    let owner = view.str("owner");
    let before: (Option<String>, Option<String>) = if target.fresh {
        (None, None)
    } else {
        let mut statement = sql.prepare_cached("SELECT grp, owner FROM p_customer WHERE id = ?1")?;
        statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?.unwrap_or_default()
    };
    sql.prepare_cached(
        "INSERT OR REPLACE INTO p_customer(id, doc, name, phone, address, postcode, lat, lon, grp, birthday, owner)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        id,
        target.row,
        view.str("name"),
        view.str("phone"),
        view.str("address"),
        view.str("postcode"),
        view.str("lat"),
        view.str("lon"),
        group,
        view.str("birthday"),
        owner
    ])?;
    // What was done for the customer concerns no job.
    let same = (&held.purchases, &held.coverages) == (&holds.purchases, &holds.coverages);
    if (before.0.as_deref(), before.1.as_deref()) == (group, owner) && same {
        return Ok(Vec::new());
    }
    let mut jobs = sql.prepare_cached("SELECT id FROM p_job WHERE customer = ?1")?;
    let jobs = jobs.query_map([id], |row| row.get::<_, [u8; 16]>(0))?;
    Ok(jobs.filter_map(|id| id.map(DocId::from_bytes).transpose()).collect::<Result<_, _>>()?)
}

/// The newest wall clock of a document's facts, milliseconds since 1970.
pub(super) fn newest_ms(facts: &[Fact]) -> Option<i64> {
    facts.iter().filter_map(Fact::wall_ms).max()
}

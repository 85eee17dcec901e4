//! What a job's outlet and customer say about it, out of their own projections ([`Site`]).

use std::collections::BTreeSet;

use docket_core::Site;
use docket_core::coverage::Holding;
use docket_format::{DocId, Fact, FactId, PersonId};
use rusqlite::{Connection, OptionalExtension as _};

use crate::error::StoreError;

/// Around the job that these facts tell of.
pub(crate) fn of_job(sql: &Connection, facts: &[Fact]) -> Result<Site, StoreError> {
    let mut site = Site::default();
    if let Some(customer) = newest(facts, "customer").and_then(|text| text.parse::<DocId>().ok()) {
        let query = "SELECT grp, owner, doc FROM p_customer WHERE id = ?1";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?));
        if let Some((group, owner, row)) =
            sql.prepare_cached(query)?.query_row([customer.as_bytes()], read).optional()?
        {
            (site.group, site.owner) = (group, owner);
            let held = Holding { group: site.group.clone(), ..super::cover::of_customer(sql, row)? };
            site.held = (held != Holding::EMPTY).then_some(held);
        }
    }
    if facts.iter().any(|fact| fact.kind() == "called_back")
        && let Some(outlet) = newest(facts, "outlet")
    {
        site.staff = Some(staff(sql, outlet)?);
    }
    if let Some(outlet) = newest(facts, "outlet").filter(|outlet| !outlet.is_empty()) {
        outlet_of(sql, outlet, &mut site)?;
    }
    Ok(site)
}

fn outlet_of(sql: &Connection, outlet: &str, site: &mut Site) -> Result<(), StoreError> {
    let query =
        "SELECT zone, lat, lon, level, market, region, hours FROM p_outlet WHERE outlet = ?1 ORDER BY doc LIMIT 1";
    let mut statement = sql.prepare_cached(query)?;
    let mut rows = statement.query([outlet])?;
    if let Some(row) = rows.next()? {
        site.zone = row.get(0)?;
        site.lat = row.get(1)?;
        site.lon = row.get(2)?;
        site.level = row.get(3)?;
        site.market = row.get(4)?;
        site.region = row.get(5)?;
        site.hours = row.get(6)?;
    }
    Ok(())
}

/// The people of an outlet.
fn staff(sql: &Connection, outlet: &str) -> Result<BTreeSet<PersonId>, StoreError> {
    let mut statement = sql.prepare_cached("SELECT person FROM p_technician WHERE outlet = ?1")?;
    let people = statement.query_map([outlet], |row| row.get::<_, String>(0))?;
    let people: Vec<String> = people.collect::<Result<_, _>>()?;
    Ok(people.iter().filter_map(|person| person.parse().ok()).collect())
}

/// A register's value without a fold: of the facts that set it the newest, everywhere the same one. Two live values are
/// a conflict of the job, and shown as one.
fn newest<'f>(facts: &'f [Fact], register: &str) -> Option<&'f str> {
    let sets = facts.iter().filter_map(|fact| {
        let many = fact.body.get("regs").and_then(|regs| regs.get(register));
        let one = (fact.str("r") == Some(register)).then(|| fact.body.get("v")).flatten();
        Some((key(fact), many.or(one)?.as_str()?))
    });
    sets.max_by_key(|(key, _)| *key).map(|(_, value)| value)
}

fn key(fact: &Fact) -> (i64, FactId) {
    (fact.wall_ms().unwrap_or(i64::MIN), fact.id)
}

//! Customers that are one customer (D-K3): found, linked by a fact, and unlinked by another.

use std::collections::{BTreeMap, BTreeSet};

use docket_core::{Record, Site, fold_customer};
use docket_format::{DocId, FactId};
use serde::Serialize;

use super::error::AppError;
use super::session::Session;
use super::{body, record};
use crate::error::StoreError;
use crate::folding::{phone, squash};

/// A customer in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Customer {
    /// The document.
    pub doc: String,
    /// Its short code.
    pub code: String,
    /// Name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// How many jobs name it.
    pub jobs: u64,
}

/// Two customers that may be one, with how sure that is and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// The one with the lower id.
    pub one: Customer,
    /// The other.
    pub other: Customer,
    /// 0 to 100.
    pub score: u32,
    /// `phone`, `name`, `address`: what they have in common.
    pub why: Vec<&'static str>,
}

/// A number that more customers than this have is a switchboard's or a placeholder.
const CROWD: usize = 12;

struct Known {
    id: [u8; 16],
    name: String,
    phone: Option<String>,
    address: String,
}

/// Pairs of customers that have a telephone number, or name and address, in common and are not linked, the surest
/// first; and how many there are without the limit (0 = none).
pub fn duplicates(session: &Session, limit: usize) -> Result<(Vec<Pair>, usize), AppError> {
    let known = known(session)?;
    let groups = groups(session)?;
    let mut by_phone: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_place: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (at, one) in known.iter().enumerate() {
        if let Some(number) = one.phone.as_deref().filter(|number| !is_placeholder(number)) {
            by_phone.entry(number).or_default().push(at);
        }
        if !one.name.is_empty() && !one.address.is_empty() {
            by_place.entry((&one.name, &one.address)).or_default().push(at);
        }
    }
    let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
    for together in by_phone.values().chain(by_place.values()).filter(|all| (2..=CROWD).contains(&all.len())) {
        for (at, one) in together.iter().enumerate() {
            pairs.extend(together.iter().skip(at + 1).map(|other| (*one, *other)));
        }
    }
    let mut found: Vec<(u32, &Known, &Known, Vec<&'static str>)> = Vec::new();
    for (one, other) in pairs {
        let (Some(one), Some(other)) = (known.get(one), known.get(other)) else { continue };
        let linked = groups.get(&one.id).is_some_and(|key| groups.get(&other.id) == Some(key));
        if !linked {
            let (score, why) = judge(one, other);
            found.push((score, one, other, why));
        }
    }
    found.sort_by_key(|(score, one, other, _)| (core::cmp::Reverse(*score), one.id, other.id));
    let total = found.len();
    let shown = if limit == 0 { total } else { limit };
    let pairs = found.into_iter().take(shown).map(|(score, one, other, why)| {
        Ok(Pair { one: row(session, one.id)?, other: row(session, other.id)?, score, why })
    });
    Ok((pairs.collect::<Result<_, AppError>>()?, total))
}

/// How sure it is that two customers are one: the same number says most, a name and an address together as much.
fn judge(one: &Known, other: &Known) -> (u32, Vec<&'static str>) {
    let same = |a: &str, b: &str| !a.is_empty() && a == b;
    let common = [
        ("phone", 60, one.phone.is_some() && one.phone == other.phone),
        ("name", 30, same(&one.name, &other.name)),
        ("address", 30, same(&one.address, &other.address)),
    ];
    let why = common.iter().filter(|(_, _, same)| *same);
    let score: u32 = why.clone().map(|(_, weight, _)| weight).sum();
    // The same number under two names is a household, or a number that was given on.
    let apart = !one.name.is_empty() && !other.name.is_empty() && one.name != other.name;
    (score.saturating_sub(if apart { 20 } else { 0 }).min(100), why.map(|(name, _, _)| *name).collect())
}

/// One digit again and again, or counting up: typed because the field had to be filled.
fn is_placeholder(number: &str) -> bool {
    let mut bytes = number.bytes();
    let first = bytes.next();
    bytes.all(|byte| Some(byte) == first) || "0123456789012".contains(number)
}

fn known(session: &Session) -> Result<Vec<Known>, AppError> {
    let run = || -> rusqlite::Result<Vec<Known>> {
        let mut all = session.store().conn().prepare("SELECT id, name, phone, address FROM p_customer ORDER BY id")?;
        let text = |text: Option<String>| squash(text.as_deref().unwrap_or_default());
        all.query_map([], |row| {
            let number: Option<String> = row.get(2)?;
            let (name, address) = (text(row.get(1)?), text(row.get(3)?));
            Ok(Known { id: row.get(0)?, name, phone: number.as_deref().and_then(phone), address })
        })?
        .collect()
    };
    Ok(run().map_err(StoreError::from)?)
}

/// Each linked customer's group.
fn groups(session: &Session) -> Result<BTreeMap<[u8; 16], [u8; 16]>, AppError> {
    let run = || -> rusqlite::Result<BTreeMap<[u8; 16], [u8; 16]>> {
        let mut all = session.store().conn().prepare("SELECT customer, person_key FROM p_link")?;
        all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    Ok(run().map_err(StoreError::from)?)
}

fn row(session: &Session, id: [u8; 16]) -> Result<Customer, AppError> {
    let doc = DocId::from_bytes(id).ok_or_else(|| AppError::refused("a customer without an id"))?;
    let run = || {
        let query = "SELECT name, phone, address, (SELECT count(*) FROM p_job j WHERE j.customer = c.id)
                       FROM p_customer c WHERE id = ?1";
        session.store().conn().prepare_cached(query)?.query_row([id], |row| {
            let jobs: i64 = row.get(3)?;
            let (name, phone, address) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Customer { doc: doc.to_string(), code: doc.short(), name, phone, address, jobs: jobs as u64 })
        })
    };
    Ok(run().map_err(StoreError::from)?)
}

/// The customers that are one with this one, itself among them, the least id first.
pub fn group(session: &Session, doc: DocId) -> Result<Vec<Customer>, AppError> {
    let groups = groups(session)?;
    let own = *doc.as_bytes();
    let Some(key) = groups.get(&own) else { return Ok(vec![row(session, own)?]) };
    let members = groups.iter().filter(|(_, other)| *other == key).map(|(member, _)| *member);
    // A link may name a customer that is not here.
    Ok(members.filter_map(|member| row(session, member).ok()).collect())
}

/// The customer that was typed: a code, a source's number, a document's id, or a job, which means its customer.
pub fn find(session: &Session, typed: &str) -> Result<DocId, AppError> {
    match session.resolve(typed, "customer") {
        Ok(doc) => Ok(doc),
        Err(unknown) => {
            let job = session.resolve(typed, "job").and_then(|job| super::Job::load(session, job));
            let customer = job.ok().and_then(|job| job.customer.map(|(doc, _)| doc));
            customer.ok_or(unknown)
        }
    }
}

/// Says that two customers are one. Gives the fact; `None` = they are linked already.
pub fn link(
    session: &mut Session,
    one: DocId,
    other: DocId,
    why: &str,
) -> Result<(Option<FactId>, Vec<String>), AppError> {
    if why.trim().is_empty() {
        return Err(AppError::refused("an empty reason says nothing"));
    }
    if one == other {
        return Err(AppError::refused("that is one customer already"));
    }
    let groups = groups(session)?;
    let key = |doc: DocId| groups.get(doc.as_bytes());
    if key(one).is_some() && key(one) == key(other) {
        return Ok((None, Vec::new()));
    }
    let fields = body([("doc", other.to_string().into()), ("text", why.into())]);
    let written = record::record(session, one, "customer", "same_as", fields)?;
    Ok((Some(written.fact), written.warnings))
}

/// Takes the links between two customers back. Gives the facts that say so.
pub fn unlink(
    session: &mut Session,
    one: DocId,
    other: DocId,
    why: &str,
) -> Result<(Vec<FactId>, Vec<String>), AppError> {
    if why.trim().is_empty() {
        return Err(AppError::refused("an empty reason says nothing"));
    }
    let (mut facts, mut warnings) = (Vec::new(), Vec::new());
    for (from, to) in [(one, other), (other, one)] {
        for link in links(session, from)?.into_iter().filter(|(_, named)| *named == to).map(|(fact, _)| fact) {
            let fields = body([("fixes", link.to_string().into()), ("text", why.into())]);
            let written = record::record(session, from, "customer", "not_same_as", fields)?;
            facts.push(written.fact);
            warnings.extend(written.warnings);
        }
    }
    if facts.is_empty() {
        let direct = "no link between these two was recorded";
        let through = groups(session)?;
        let refused = AppError::refused(direct);
        return Err(match through.get(one.as_bytes()) {
            Some(key) if through.get(other.as_bytes()) == Some(key) => {
                refused.hint("they are one through a third: unlink that one")
            }
            _ => refused,
        });
    }
    Ok((facts, warnings))
}

/// The links that stand in a customer's own document.
fn links(session: &Session, doc: DocId) -> Result<BTreeMap<FactId, DocId>, AppError> {
    let facts = session.facts(doc)?;
    let (policy, evidence) = (session.policy()?, session.evidence(doc, &facts)?);
    let view = fold_customer(&Record { doc, facts: &facts, evidence: &evidence, site: &Site::NOWHERE }, &policy);
    Ok(crate::project::links(&view.events))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_k3_a_number_says_most_and_two_names_take_some_of_it_back() {
        let known = |name: &str, number: &str, address: &str| Known {
            id: [0; 16],
            name: squash(name),
            phone: phone(number),
            address: squash(address),
        };
        let one = known("Zhang Min", "138 0000 1111", "Qingdao, Road 1");
        assert_eq!(
            judge(&one, &known("ZHANG MIN", "+86 13800001111", "qingdao road 1")),
            (100, vec!["phone", "name", "address"])
        );
        assert_eq!(judge(&one, &known("", "13800001111", "")), (60, vec!["phone"]));
        assert_eq!(judge(&one, &known("Li", "13800001111", "")), (40, vec!["phone"]));
        assert_eq!(judge(&one, &known("Zhang Min", "", "Qingdao Road 1")), (60, vec!["name", "address"]));
        assert!(is_placeholder("0000000") && is_placeholder("12345678") && !is_placeholder("13800001111"));
    }
}

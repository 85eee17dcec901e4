//! Policy packs: their text put together from its parts, and the policy that each document is judged by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, OnceLock};

use docket_core::policy::adoption::{self, Adoption};
use docket_core::policy::{DEFAULT, SHIPPED};
use docket_core::{Policy, UnixMs};
use docket_format::{ContentDigest, DocId, Fact, FactId, digest, limits};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Target;
use super::rows::{self, Table, row};
use crate::error::StoreError;

/// Policies that were read, kept by digest as long as the store is open.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    read: BTreeMap<ContentDigest, Option<Arc<Policy>>>,
    current: Option<Arc<Policy>>,
}

/// Most packs kept in memory.
const KEPT: usize = 16;

impl Policies {
    /// The company's policy: of the packs that are for all outlets the one adopted last; the shipped default if there is
    /// none. Start dates play no part: no clock does.
    pub(crate) fn current(&mut self, sql: &Connection) -> Result<Arc<Policy>, StoreError> {
        if let Some(policy) = &self.current {
            return Ok(policy.clone());
        }
        let policy = self.newest(sql, |policy| policy.outlets.only.is_empty())?;
        self.current = Some(policy.clone());
        Ok(policy)
    }

    /// The policy for what an outlet takes in on a day (D-E14): of the packs that are for it and have started the one
    /// adopted last; the shipped default if there is none.
    pub(crate) fn in_force(
        &mut self,
        sql: &Connection,
        outlet: Option<&str>,
        day: Date,
    ) -> Result<Arc<Policy>, StoreError> {
        self.newest(sql, |policy| policy.starts.is_none_or(|starts| starts <= day) && policy.outlets.is_for(outlet))
    }

    /// The pack adopted last that fits.
    fn newest(&mut self, sql: &Connection, fits: impl Fn(&Policy) -> bool) -> Result<Arc<Policy>, StoreError> {
        for digest in adoption::newest_first(&adoptions(sql)?) {
            if let Some(policy) = self.by_digest(sql, digest)?.filter(|policy| fits(policy)) {
                return Ok(policy);
            }
        }
        shipped_as(*DEFAULT_DIGEST).ok_or_else(|| StoreError::corrupt("the shipped policy can't be read"))
    }

    /// A pack that is here or shipped.
    pub(crate) fn by_digest(
        &mut self,
        sql: &Connection,
        wanted: ContentDigest,
    ) -> Result<Option<Arc<Policy>>, StoreError> {
        if let Some(found) = self.read.get(&wanted) {
            return Ok(found.clone());
        }
        if let Some(policy) = shipped_as(wanted) {
            return Ok(Some(policy));
        }
        let text: Option<String> = sql
            .prepare_cached("SELECT text FROM p_policy WHERE digest = ?1")?
            .query_row([wanted.to_string()], |row| row.get(0))
            .optional()?;
        let policy = text.and_then(|text| Policy::parse(&text, "policy").ok()).map(Arc::new);
        if self.read.len() >= KEPT {
            self.read.clear();
        }
        self.read.insert(wanted, policy.clone());
        Ok(policy)
    }

    /// The policy that a document's facts pin; the company's if they pin none or it has not arrived.
    pub(crate) fn of_facts(&mut self, sql: &Connection, facts: &[Fact]) -> Result<Arc<Policy>, StoreError> {
        if let Some(digest) = pinned(facts)
            && let Some(policy) = self.by_digest(sql, digest)?
        {
            return Ok(policy);
        }
        self.current(sql)
    }

    /// Forgets what was read: a pack came or a transaction was given up.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// The digest of the default pack.
static DEFAULT_DIGEST: LazyLock<ContentDigest> = LazyLock::new(|| digest_of(DEFAULT));
/// Shipped packs by digest, each read when it is first asked for: they are the same for every store.
static READ: LazyLock<BTreeMap<ContentDigest, Shipped>> = LazyLock::new(|| {
    SHIPPED.iter().map(|(_, text)| (digest_of(text), Shipped { text, read: OnceLock::new() })).collect()
});

struct Shipped {
    text: &'static str,
    read: OnceLock<Option<Arc<Policy>>>,
}

fn digest_of(text: &str) -> ContentDigest {
    ContentDigest::from_bytes(digest::sha256(text.as_bytes()))
}

/// The shipped pack with a digest.
fn shipped_as(wanted: ContentDigest) -> Option<Arc<Policy>> {
    let Shipped { text, read } = READ.get(&wanted)?;
    read.get_or_init(|| Policy::parse(text, "policy").ok().map(Arc::new)).clone()
}

/// Reads the default pack, which nearly every document is judged by, ahead of its first use.
pub(crate) fn read_default() {
    shipped_as(*DEFAULT_DIGEST);
}

/// Every adoption of a pack that is here whole.
pub(crate) fn adoptions(sql: &Connection) -> Result<Vec<Adoption>, StoreError> {
    let mut rows = sql.prepare_cached(
        "SELECT a.fact, p.digest, a.at_ms, a.replaces FROM p_adopted a JOIN p_policy p ON p.doc = a.doc",
    )?;
    let mut rows = rows.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let Ok(pack) = ContentDigest::parse_strict(&row.get::<_, String>(1)?) else { continue };
        let named: String = row.get(3)?;
        let replaces = named.split(' ').filter_map(|id| FactId::parse_strict(id).ok()).collect();
        found.push(Adoption { fact: FactId::from_bytes(row.get(0)?), pack, at_ms: UnixMs(row.get(2)?), replaces });
    }
    Ok(found)
}

/// The policy that facts pin: of several the one that replaced the others, of two that know nothing of each other the
/// one of the newest fact.
fn pinned(facts: &[Fact]) -> Option<ContentDigest> {
    let pin = |fact: &Fact| {
        let regs = fact.body.get("regs").and_then(|regs| regs.get("policy"));
        let set = (fact.str("r") == Some("policy")).then(|| fact.body.get("v")).flatten();
        ContentDigest::parse_strict(regs.or(set)?.as_str()?).ok()
    };
    let mut pins: Vec<(&Fact, ContentDigest)> = facts.iter().filter_map(|fact| Some((fact, pin(fact)?))).collect();
    if pins.len() > 1 {
        let over =
            |fact: &Fact| fact.body.get("over").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
        let replaced: BTreeSet<String> =
            pins.iter().flat_map(|(fact, _)| over(fact)).filter_map(|id| id.as_str().map(str::to_owned)).collect();
        pins.retain(|(fact, _)| !replaced.contains(&fact.id.to_string()));
    }
    pins.into_iter().max_by_key(|(fact, _)| (fact.wall_ms().unwrap_or(i64::MIN), fact.id)).map(|(_, digest)| digest)
}

/// Projects a pack; returns the jobs that are judged by it.
pub(super) fn project(
    sql: &Connection,
    policies: &mut Policies,
    target: &Target<'_>,
) -> Result<Vec<DocId>, StoreError> {
    sql.prepare_cached("DELETE FROM p_policy WHERE doc = ?1")?.execute([target.row])?;
    let Some(policy) = text_of(target.facts).and_then(|text| Some((Policy::parse(&text, "policy").ok()?, text))) else {
        return Ok(Vec::new());
    };
    let (policy, text) = policy;
    let digest = policy.digest.to_string();
    sql.prepare_cached("INSERT OR REPLACE INTO p_policy(digest, doc, name, text) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![digest, target.row, policy.name, text])?;
    put_adopted(sql, target)?;
    policies.forget();
    // Jobs that pin it, and everything that pins none: the company's policy may be another one now.
    let mut jobs = sql.prepare_cached(
        "SELECT id FROM p_job WHERE policy IS NULL OR policy = ?1
         UNION ALL SELECT d.doc FROM p_technician t JOIN doc d ON d.id = t.doc
         UNION ALL SELECT doc FROM doc WHERE kind = 'outlet'",
    )?;
    let jobs = jobs.query_map([digest], |row| row.get::<_, [u8; 16]>(0))?;
    Ok(jobs.filter_map(|id| id.map(DocId::from_bytes).transpose()).collect::<Result<_, _>>()?)
}

fn put_adopted(sql: &Connection, target: &Target<'_>) -> Result<(), StoreError> {
    let made = target.facts.iter().filter(|fact| fact.kind() == "created");
    let adopted = made.map(|fact| {
        let replaces: Vec<String> = fact.fact_ids(REPLACES).iter().map(ToString::to_string).collect();
        row![fact.id.as_bytes().to_vec(), fact.wall_ms().unwrap_or(0), replaces.join(" ")]
    });
    rows::put(sql, &ADOPTED, target, adopted.collect())
}

/// Under this key an adopting fact names the adoptions that it replaces.
pub(crate) const REPLACES: &str = "replaces";

const ADOPTED: Table = Table { name: "p_adopted", columns: &["fact", "at_ms", "replaces"], keys: 1 };

/// A pack's text, if all its parts are here.
fn text_of(facts: &[Fact]) -> Option<String> {
    let packs = || facts.iter().filter(|fact| fact.kind() == "pack");
    let of = packs().filter_map(|fact| fact.int("of")).max()?;
    let mut text = String::new();
    for part in 1..=of {
        // Of two facts for one part the one with the lower id: everywhere the same.
        let fact = packs().filter(|fact| fact.int("part") == Some(part)).min_by_key(|fact| fact.id)?;
        text.push_str(fact.str("text")?);
        if text.len() > limits::POLICY_BYTES {
            return None;
        }
    }
    Some(text)
}

//! What the fold may know about a document's authors: from the projected roster and the stored seals.

use std::collections::{BTreeMap, BTreeSet};

use docket_core::{AS, Evidence, Role, Standing, Who};
use docket_format::fact::Origin;
use docket_format::roster::seal_tag;
use docket_format::{Author, DeviceId, Fact, FactId, crockford};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Target;
use super::rows::{self, Table, row};
use crate::error::StoreError;
use crate::store::seals;

/// The authors of one document, and how far each one's seals reach in it.
#[derive(Debug, Default)]
pub struct DocEvidence {
    people: BTreeMap<Author, Who>,
    /// Of facts that somebody else than the device's own person states: that person, where the roster allows it.
    others: BTreeMap<FactId, Option<Who>>,
    standing: BTreeMap<FactId, Standing>,
}

impl Evidence for DocEvidence {
    fn person(&self, author: Author) -> Option<Who> {
        self.people.get(&author).cloned()
    }

    fn person_of(&self, fact: &Fact) -> Option<Who> {
        match self.others.get(&fact.id) {
            Some(who) => who.clone(),
            None => self.person(fact.author()?),
        }
    }

    fn standing(&self, fact: FactId) -> Standing {
        self.standing.get(&fact).copied().unwrap_or(Standing::Ok)
    }
}

/// A device as the projected roster has it.
struct Device {
    who: Option<Who>,
    role: String,
    state: String,
    seals: String,
}

impl Device {
    fn of(sql: &Connection, device: DeviceId) -> Result<Option<Self>, StoreError> {
        let found = sql.prepare_cached("SELECT person, role, state, seals FROM p_device WHERE device = ?1")?.query_row(
            [device.as_bytes()],
            |row| {
                let (person, role): (Option<String>, String) = (row.get(0)?, row.get(1)?);
                let who =
                    person.and_then(|person| Some(Who { person: person.parse().ok()?, role: role.parse().ok()? }));
                Ok(Self { who, role, state: row.get(2)?, seals: row.get(3)? })
            },
        );
        Ok(found.optional()?)
    }

    fn is_good(&self) -> bool {
        is_good(&self.state)
    }

    fn seal_stands(&self, packed: &[u8]) -> bool {
        seal_stands(&self.state, &self.seals, packed)
    }
}

fn is_good(state: &str) -> bool {
    matches!(state, "active" | "rotated")
}

/// Whether a stored seal (`packed`) of a device in this state stands; `good` are the tags of those that do, one after another.
pub(super) fn seal_stands(state: &str, good: &str, packed: &[u8]) -> bool {
    if is_good(state) || good.is_empty() {
        return is_good(state);
    }
    let tag = seals::id_of(packed).map(|id| crockford::encode(&seal_tag(id)));
    tag.is_some_and(|tag| good.as_bytes().chunks(TAG_TEXT).any(|known| known == tag.as_bytes()))
}

/// Characters of a seal's tag.
const TAG_TEXT: usize = 16;

/// What is known about one author in one document.
enum Known {
    Unknown,
    /// In good standing: its facts up to this number are sealed.
    Good(u64),
    /// Not in good standing: these facts of it are what they were.
    Lost(BTreeSet<FactId>),
}

impl DocEvidence {
    /// What is known about a document of this kind. A roster's facts are signed one by one.
    pub(crate) fn of(sql: &Connection, kind: Option<&str>, row: i64, facts: &[Fact]) -> Result<Self, StoreError> {
        if kind == Some("roster") { Ok(Self::default()) } else { Self::load(sql, row, facts) }
    }

    /// Looks the authors of these facts of the document at `row` up.
    pub(crate) fn load(sql: &Connection, row: i64, facts: &[Fact]) -> Result<Self, StoreError> {
        let mut known: BTreeMap<Author, Known> = BTreeMap::new();
        let mut evidence = Self::default();
        let mut imported = false;
        let mut sharing = Sharing::default();
        for fact in facts {
            let Origin::Device { author, n, .. } = fact.header.origin else {
                imported = true;
                continue;
            };
            let entry = match known.entry(author) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(evidence.look_up(sql, row, author, facts)?)
                }
            };
            let standing = match entry {
                Known::Unknown => Standing::UnknownDevice,
                Known::Good(sealed) if n > *sealed => Standing::Unsealed,
                Known::Lost(good) if !good.contains(&fact.id) => Standing::Claim,
                Known::Good(_) | Known::Lost(_) => Standing::Ok,
            };
            evidence.standing.insert(fact.id, standing);
            if fact.body.contains_key(AS) {
                let who = evidence.named(sql, row, fact, facts, &mut sharing)?;
                evidence.others.insert(fact.id, who);
            }
        }
        if imported && any_doubtful(sql)? {
            evidence.judge_imports(sql, row)?;
        }
        Ok(evidence)
    }

    fn look_up(&mut self, sql: &Connection, row: i64, author: Author, facts: &[Fact]) -> Result<Known, StoreError> {
        let Some(device) = Device::of(sql, author.device)? else { return Ok(Known::Unknown) };
        if let Some(who) = device.who.clone() {
            self.people.insert(author, who);
        }
        if device.is_good() {
            let key = params![row, author.device.as_bytes(), author.incarnation.0];
            let sealed: Option<i64> = sql
                .prepare_cached(
                    "SELECT c.sealed_n FROM author a JOIN chain c ON c.author = a.id
                      WHERE c.doc = ?1 AND a.device = ?2 AND a.incarnation = ?3",
                )?
                .query_row(key, |row| row.get(0))
                .optional()?;
            return Ok(Known::Good(sealed.unwrap_or(0) as u64));
        }
        Ok(Known::Lost(under(sql, row, author, facts, |packed| device.seal_stands(packed))?))
    }

    /// Whom a fact names, if the roster lets that person work on the fact's device, or did when it was sealed.
    fn named(
        &self,
        sql: &Connection,
        row: i64,
        fact: &Fact,
        facts: &[Fact],
        sharing: &mut Sharing,
    ) -> Result<Option<Who>, StoreError> {
        let (Some(author), Some(named)) = (fact.author(), fact.str(AS)) else { return Ok(None) };
        if let Some(own) = self.people.get(&author).filter(|own| own.person.as_str() == named) {
            return Ok(Some(own.clone()));
        }
        let key = (author, named.to_owned());
        if !sharing.contains_key(&key) {
            let shared = shared(sql, row, author, named, facts)?;
            sharing.insert(key.clone(), shared);
        }
        let shared = sharing.get(&key).and_then(Option::as_ref);
        let allowed = shared.filter(|(_, good)| good.as_ref().is_none_or(|good| good.contains(&fact.id)));
        Ok(allowed.map(|(who, _)| who.clone()))
    }

    /// An imported fact that only devices without standing, or technicians, vouch for is a claim: anybody can write
    /// such a fact, and nothing in it says who did.
    fn judge_imports(&mut self, sql: &Connection, row: i64) -> Result<(), StoreError> {
        let mut leaves = sql.prepare_cached(
            "SELECT l.fact, a.device, s.bytes FROM seal_leaf l JOIN seal s ON s.id = l.seal
               JOIN author a ON a.id = s.author WHERE l.doc = ?1 AND l.n = 0",
        )?;
        let mut rows = leaves.query([row])?;
        while let Some(row) = rows.next()? {
            let fact = FactId::from_bytes(row.get(0)?);
            let device = Device::of(sql, DeviceId::from_bytes(row.get(1)?))?;
            let packed: Vec<u8> = row.get(2)?;
            let good = device.is_some_and(|device| may_vouch(&device.role) && device.seal_stands(&packed));
            let standing = self.standing.entry(fact).or_insert(Standing::Claim);
            if good {
                *standing = Standing::Ok;
            }
        }
        Ok(())
    }
}

/// A further person on a device, and which of the device's facts can be theirs; `None` = all that say so.
type Allowed = (Who, Option<BTreeSet<FactId>>);
type Sharing = BTreeMap<(Author, String), Option<Allowed>>;

fn shared(
    sql: &Connection,
    row: i64,
    author: Author,
    named: &str,
    facts: &[Fact],
) -> Result<Option<Allowed>, StoreError> {
    let found = sql
        .prepare_cached("SELECT role, seals FROM p_shared WHERE device = ?1 AND person = ?2")?
        .query_row(params![author.device.as_bytes(), named], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
        })
        .optional()?;
    let Some((role, ended)) = found else { return Ok(None) };
    let (Ok(person), Ok(role)) = (named.parse(), role.parse()) else { return Ok(None) };
    let good = match ended {
        // Its state does not matter here: the seals that stand are all that counts.
        Some(seals) => Some(under(sql, row, author, facts, |packed| seal_stands("ended", &seals, packed))?),
        None => None,
    };
    Ok(Some((Who { person, role }, good)))
}

/// The author's facts in the document at `row` that the seals that stand reach.
fn under(
    sql: &Connection,
    row: i64,
    author: Author,
    facts: &[Fact],
    stands: impl Fn(&[u8]) -> bool,
) -> Result<BTreeSet<FactId>, StoreError> {
    let key = params![row, author.device.as_bytes(), author.incarnation.0];
    let mut leaves = sql.prepare_cached(
        "SELECT l.fact, s.bytes FROM author a JOIN seal s ON s.author = a.id JOIN seal_leaf l ON l.seal = s.id
          WHERE l.doc = ?1 AND a.device = ?2 AND a.incarnation = ?3 AND l.n > 0",
    )?;
    let leaves = leaves.query_map(key, |row| Ok((FactId::from_bytes(row.get(0)?), row.get::<_, Vec<u8>>(1)?)))?;
    let leaves: Vec<(FactId, Vec<u8>)> = leaves.collect::<Result<_, _>>()?;
    let tips = leaves.iter().filter(|(_, packed)| stands(packed)).map(|(tip, _)| *tip);
    Ok(reached(facts, author, tips))
}

/// Roles whose word for a file's rows counts.
pub(crate) fn may_vouch(role: &str) -> bool {
    role != Role::TECHNICIAN
}

/// Whether there is any device whose word for a file's rows does not count.
fn any_doubtful(sql: &Connection) -> Result<bool, StoreError> {
    let mut any = sql.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM p_device WHERE role = 'technician' OR state NOT IN ('active', 'rotated'))",
    )?;
    Ok(any.query_row([], |row| row.get(0))?)
}

/// The author's facts among these that the tips name, and all before each. Walked, not counted: under a number that
/// was sealed its device can state another fact.
pub(crate) fn reached<'f>(
    facts: impl IntoIterator<Item = &'f Fact>,
    author: Author,
    tips: impl Iterator<Item = FactId>,
) -> BTreeSet<FactId> {
    let own = facts.into_iter().filter(|fact| fact.author() == Some(author));
    let before: BTreeMap<FactId, Option<FactId>> = own
        .filter_map(|fact| match fact.header.origin {
            Origin::Device { prev, .. } => Some((fact.id, prev)),
            Origin::Import { .. } => None,
        })
        .collect();
    let mut reached = BTreeSet::new();
    for tip in tips {
        let mut at = Some(tip);
        while let Some(id) = at.filter(|id| before.contains_key(id) && reached.insert(*id)) {
            at = before.get(&id).copied().flatten();
        }
    }
    reached
}

/// Writes down which facts of a document are claims, and which somebody else than the device's own person states, for
/// `v_fact`.
pub(super) fn project(sql: &Connection, target: &Target<'_>) -> Result<(), StoreError> {
    let bytes = |fact: &FactId| fact.as_bytes().to_vec();
    let person = |who: &Option<Who>| who.as_ref().map(|who| who.person.to_string());
    let named = target.evidence.others.iter().map(|(fact, who)| row![bytes(fact), person(who)]);
    rows::put(sql, &NAMED, target, named.collect())?;
    let claims = target.evidence.standing.iter().filter(|(_, standing)| **standing == Standing::Claim);
    rows::put(sql, &CLAIMS, target, claims.map(|(fact, _)| row![bytes(fact)]).collect())
}

const NAMED: Table = Table { name: "p_as", columns: &["fact", "person"], keys: 1 };
const CLAIMS: Table = Table { name: "p_claim", columns: &["fact"], keys: 1 };

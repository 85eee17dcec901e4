//! What a fold is given: one document's facts, and what is known about who wrote them.

use std::collections::BTreeSet;

use docket_format::{Author, DocId, Fact, FactId, PersonId};

use crate::coverage::Holding;
use crate::role::Role;

/// One document's facts in any order, repeated ones allowed, and what is known about their authors.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// The document.
    pub doc: DocId,
    /// Its well-formed facts (malformed ones have no effect and are the store's finding).
    pub facts: &'a [Fact],
    /// Roster and seals, as far as the fold may know them.
    pub evidence: &'a dyn Evidence,
    /// What the documents that it names say about where it takes place and for whom.
    pub site: &'a Site,
}

/// What a job's outlet and customer say about it, out of their own documents. Part of the record: a change there folds
/// the job anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// The outlet's time zone by IANA name.
    pub zone: Option<String>,
    /// The outlet's latitude in degrees north, a decimal.
    pub lat: Option<String>,
    /// The outlet's longitude in degrees east, a decimal.
    pub lon: Option<String>,
    /// The outlet's level (D-H6).
    pub level: Option<String>,
    /// The outlet's market tier (D-H15).
    pub market: Option<String>,
    /// The outlet's region.
    pub region: Option<String>,
    /// The outlet's opening hours (D-C7).
    pub hours: Option<String>,
    /// The customer's group (D-H5).
    pub group: Option<String>,
    /// Who decides for the customer (D-K1).
    pub owner: Option<String>,
    /// The people of the outlet: they don't ask the customer how it was (D-C2). `None` = nobody asked yet.
    pub staff: Option<BTreeSet<PersonId>>,
    /// What the customer bought and is covered for (D-E10); `None` = nothing is known. See [`Site::holding`].
    pub held: Option<Holding>,
}

impl Site {
    /// Nothing is known, or the document is no job.
    pub const NOWHERE: Self = Self {
        zone: None,
        lat: None,
        lon: None,
        level: None,
        market: None,
        region: None,
        hours: None,
        group: None,
        owner: None,
        staff: None,
        held: None,
    };

    /// What the customer bought and is covered for.
    pub fn holding(&self) -> &Holding {
        static NOTHING: Holding = Holding::EMPTY;
        self.held.as_ref().unwrap_or(&NOTHING)
    }
}

/// The key under which a fact names the person who states it, where that is not the one who carries its device.
pub const AS: &str = "as";

/// The key under which a device writes into a fact what it knows of the relay's time: `[ms, ± ms]`, milliseconds since
/// 1970 and how far off they may be. It knows it within a boot that saw an exchange (DESIGN §6).
pub const RELAY_TIME: &str = "rt";

/// What the fold may know about authors and seals. The device answers from its roster and seals; answers must not
/// depend on anything else, or two devices would fold the same record differently.
pub trait Evidence {
    /// Who stands behind a device's life; `None` when the roster does not know it.
    fn person(&self, author: Author) -> Option<Who>;

    /// Who states a fact: whoever carries its device, unless the fact says `as` whom it was written. Then the roster
    /// must let that person work on the device; `None` where it does not.
    fn person_of(&self, fact: &Fact) -> Option<Who> {
        if fact.body.contains_key(AS) { None } else { self.person(fact.author()?) }
    }

    /// How well a fact is vouched for: by the seals of the device that wrote it, an imported one by whose word it is
    /// that it came from a file.
    fn standing(&self, fact: FactId) -> Standing;
}

/// A person and the role the roster gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The person.
    pub person: PersonId,
    /// Their role.
    pub role: Role,
}

/// How well a fact is vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Sealed by a device in good standing, or this device's own.
    Ok,
    /// No seal reaches it yet. It counts; nothing leaves a device without a seal.
    Unsealed,
    /// Its device was revoked before this arrived, or nobody who may stands behind an imported fact: it has no effect
    /// until a supervisor accepts it.
    Claim,
    /// The roster has never known its device: it has no effect.
    UnknownDevice,
}

impl Standing {
    /// The name used in views and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unsealed => "unsealed",
            Self::Claim => "claim",
            Self::UnknownDevice => "unknown_device",
        }
    }
}

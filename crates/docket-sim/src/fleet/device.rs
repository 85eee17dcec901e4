//! What the simulator asks of a device.

use std::collections::{BTreeMap, BTreeSet};

use docket_faultvfs::Rng;
use docket_format::fact::Stamp;
use docket_format::{ChangeHash, DocId, Fact, FactId};
use serde_json::{Map, Value};

/// A fact to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its kind.
    pub kind: &'static str,
    /// Its payload.
    pub body: Map<String, Value>,
}

/// What a hand-over carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Everything the device holds.
    All,
    /// These documents, whole.
    Documents(Vec<DocId>),
    /// The last so many changes that came to the device, whatever they build on: makes gaps. Devices that only hand
    /// over whole documents give those of the changes, as far as the receiver isn't known to hold them.
    Recent(usize),
    /// Everything that the receiver isn't known to hold.
    News,
}

/// What became of a hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Intake {
    /// Changes taken in, formerly parked ones included.
    pub new: u64,
    /// Already here.
    pub known: u64,
    /// Waiting for what they build on.
    pub parked: u64,
    /// Refused.
    pub refused: u64,
}

/// What a cut of the power came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Everything acknowledged is there and the device goes on.
    Recovered,
    /// The device began a new life (it took the cut for a restore).
    NewLife,
}

/// A device under simulation. Errors are descriptions; any error ends the run.
pub trait Device {
    /// Writes facts into a document as one change; when this returns they survive a power cut.
    fn write(&mut self, doc: DocId, drafts: &[Draft], at: &Stamp) -> Result<Vec<FactId>, String>;

    /// The facts it holds of a document, in any order.
    fn facts(&self, doc: DocId) -> Result<Vec<Fact>, String>;

    /// The ids of those facts.
    fn fact_ids(&self, doc: DocId) -> Result<BTreeSet<FactId>, String> {
        Ok(self.facts(doc)?.iter().map(|fact| fact.id).collect())
    }

    /// The documents it holds, sorted.
    fn docs(&self) -> Result<Vec<DocId>, String>;

    /// A document's heads, sorted.
    fn heads(&self, doc: DocId) -> Result<Vec<ChangeHash>, String>;

    /// Packs a hand-over for a device, given by its index.
    fn export(&mut self, what: &Selection, to: usize, at: &Stamp) -> Result<Vec<u8>, String>;

    /// Takes a hand-over in. `Ok(None)` = not readable (damaged on the road): nothing may have changed.
    fn import(&mut self, bytes: &[u8], at: &Stamp) -> Result<Option<Intake>, String>;

    /// Cuts the power and starts again.
    fn cut_power(&mut self, rng: &mut Rng) -> Result<Cut, String>;

    /// No cut will come any more.
    fn no_more_cuts(&mut self) {}

    /// What the device shows, by document, as text: must be equal wherever the same record is held. All of it at once,
    /// because a view finds one document no faster than all.
    fn views(&self) -> Result<BTreeMap<DocId, String>, String> {
        Ok(BTreeMap::new())
    }
}

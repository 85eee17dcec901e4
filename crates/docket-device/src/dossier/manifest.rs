//! What an evidence pack says about itself.

use docket_format::digest;
use serde::{Deserialize, Serialize};

use super::archive::Entry;

/// The only form there is.
pub(super) const FORMAT: &str = "docket-evidence-1";
/// What the signature is for.
pub(super) const LABEL: &str = "docket-evidence";

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SIGNATURE: &str = "manifest.sig";
pub(super) const RECORD: &str = "record.docket";
pub(super) const RULES: &str = "rules.toml";
pub(super) const AUDIT: &str = "audit.json";
pub(super) const TABLE: &str = "audit.csv";
pub(super) const RECEIPTS: &str = "receipts.json";

/// The manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `docket-evidence-1`.
    pub format: String,
    /// The company.
    pub tenant: String,
    /// Who made the file.
    pub made_by: Maker,
    /// When, by that device's clock, milliseconds since 1970.
    pub made_ms: i64,
    /// The rules that ran.
    pub pack: String,
    /// The time of the audit, milliseconds since 1970.
    pub as_of_ms: i64,
    /// Findings, waived ones too.
    pub findings: usize,
    /// Of them waived.
    pub waived: usize,
    /// The documents that are enclosed because a finding is about them: ids, sorted.
    pub documents: Vec<String>,
    /// The relay's last signed word about the time and the log, if this device ever talked to one.
    pub relay: Option<Relay>,
    /// Every other entry but the signature.
    pub entries: Vec<Listed>,
}

/// Who made an evidence pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// The device.
    pub device: String,
    /// Its key: what the signature is checked with. The roster in the record says whose it is.
    pub key: String,
}

/// What the relay signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// The relay's time and its log's head, signed: a beacon (docs/protocol.md), Crockford base 32.
    pub beacon: String,
    /// Of the last receipt: the relay's time, milliseconds since 1970.
    pub receipt_ms: Option<i64>,
    /// Of the last receipt: everything of this device up to this place of the log is there.
    pub receipt_pos: Option<u64>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256, in lower-case hexadecimal as `sha256sum` prints it.
    pub sha256: String,
}

impl Listed {
    pub(super) fn of(entry: &Entry) -> Self {
        Self { name: entry.name.clone(), bytes: entry.bytes.len() as u64, sha256: sha256_hex(&entry.bytes) }
    }
}

fn sha256_hex(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    digest::sha256(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

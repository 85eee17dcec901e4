//! What an audit gives back: rules that ran and what they found. Equal findings are written as equal bytes.

use core::fmt;
use std::collections::BTreeMap;
use std::sync::Arc;

use docket_format::ids::BadId;
use docket_format::{crockford, digest};
use serde_json::{Map, Value, json};

use super::compare::Compared;
use super::severity::Severity;
use super::waiver::Waiver;

/// Names a finding for ever: a digest of the rule's id, the subject and the key columns; 26 characters of Crockford
/// base 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId([u8; 16]);

impl FindingId {
    /// The id of the finding of `rule` about `subject`, told apart by `key`.
    pub fn of(rule: &str, subject: &str, key: &[Value]) -> Self {
        // JSON frames the parts: no two different lists of values are spelled alike.
        let framed = json!([rule, subject, key]).to_string();
        Self(digest::labelled16("docket-finding", &[framed.as_bytes()]))
    }

    /// The first characters, as tables show them.
    pub fn short(self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crockford::encode(&self.0))
    }
}

impl fmt::Debug for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FindingId({self})")
    }
}

impl core::str::FromStr for FindingId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        crockford::decode(text).map(Self).ok_or_else(|| BadId {
            what: "finding id",
            text: text.chars().take(80).collect(),
            expected: "26 characters of Crockford base 32",
        })
    }
}

/// A row's columns: an object of canonical JSON, kept as text because a company has many findings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Values(Box<str>);

impl Values {
    pub(super) fn new(columns: Map<String, Value>) -> Self {
        Self(Value::Object(columns).to_string().into_boxed_str())
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The columns, by name.
    pub fn columns(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable: what waivers and baselines name.
    pub id: FindingId,
    /// The rule's id.
    pub rule: Arc<str>,
    /// The rule's severity.
    pub severity: Severity,
    /// The row of DOMAIN.md, or section of the design, behind the rule.
    pub row: Arc<str>,
    /// What it is about: mostly a document's id.
    pub subject: Box<str>,
    /// One line for people.
    pub message: Box<str>,
    /// The row's other columns.
    pub values: Values,
    /// Why it doesn't count, if somebody waived it.
    pub waived: Option<Arc<Waiver>>,
}

impl Finding {
    /// The order of a report: gravest first, then by rule, subject and message.
    pub(super) fn rank(&self, other: &Self) -> core::cmp::Ordering {
        other
            .severity
            .cmp(&self.severity)
            .then_with(|| {
                (&self.rule, &self.subject, &self.message).cmp(&(&other.rule, &other.subject, &other.message))
            })
            .then_with(|| self.id.cmp(&other.id))
    }
}

/// A rule that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRun {
    /// Its id.
    pub id: Arc<str>,
    /// Its severity.
    pub severity: Severity,
    /// Its row of DOMAIN.md or section of the design.
    pub row: Arc<str>,
    /// One line for people.
    pub title: String,
    /// How many findings it made.
    pub findings: usize,
}

/// The outcome of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The pack's name.
    pub pack: String,
    /// Judged as of this time, milliseconds since 1970.
    pub as_of_ms: i64,
    /// The rules, in the pack's order.
    pub rules: Vec<RuleRun>,
    /// The findings: gravest first, then by rule, subject and message.
    pub findings: Vec<Finding>,
    /// Against an earlier audit, if there was one.
    pub compared: Option<Compared>,
}

impl Audit {
    /// How many findings that nobody waived are at least this grave: above 0, `--fail-on` fails.
    pub fn at_or_above(&self, severity: Severity) -> usize {
        self.open().filter(|finding| finding.severity >= severity).count()
    }

    /// How many findings that nobody waived have exactly this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.open().filter(|finding| finding.severity == severity).count()
    }

    /// The findings that count.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.waived.is_none())
    }

    /// How many findings were waived.
    pub fn waived(&self) -> usize {
        self.findings.len() - self.open().count()
    }

    /// Marks what is waived at the time of the audit. Of several waivers the one that lasts longest is shown.
    pub fn waive(&mut self, waivers: &[Arc<Waiver>]) {
        let mut counting: BTreeMap<FindingId, &Arc<Waiver>> = BTreeMap::new();
        for waiver in waivers.iter().filter(|waiver| waiver.counts(self.as_of_ms)) {
            let known = counting.entry(waiver.finding).or_insert(waiver);
            if waiver.lasts(known) {
                *known = waiver;
            }
        }
        if counting.is_empty() {
            return;
        }
        for finding in &mut self.findings {
            finding.waived = counting.get(&finding.id).map(|waiver| Arc::clone(waiver));
        }
    }

    /// The time of the audit as RFC 3339.
    pub fn as_of(&self) -> String {
        rfc3339(self.as_of_ms)
    }
}

/// RFC 3339 in UTC; the plain number for a time that no calendar has.
pub(super) fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| time.to_string())
}

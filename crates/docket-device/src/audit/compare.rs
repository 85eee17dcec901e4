//! An audit against an earlier one: what is new, what is gone, what is still so. Findings are told apart by their ids,
//! so a changed message or another time makes no finding new.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::finding::{Audit, Finding, FindingId};
use super::severity::Severity;

/// The longest file of an earlier audit, in bytes.
pub const EARLIER_BYTES: usize = 512 * 1024 * 1024;

/// A finding of an earlier audit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// Its id.
    pub id: FindingId,
    /// The rule that made it.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// What it was about.
    pub subject: String,
    /// What it said; empty where only the id was kept.
    pub message: String,
}

impl Known {
    fn to_json(&self) -> Value {
        json!({"id": self.id.to_string(), "rule": self.rule, "severity": self.severity.as_str(),
               "subject": self.subject, "message": self.message})
    }
}

impl From<&Finding> for Known {
    fn from(finding: &Finding) -> Self {
        Self {
            id: finding.id,
            rule: finding.rule.to_string(),
            severity: finding.severity,
            subject: finding.subject.to_string(),
            message: finding.message.to_string(),
        }
    }
}

/// The findings of an earlier audit, read from its JSON or from a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// As of when, as that audit wrote it.
    pub as_of: String,
    /// The packs that it ran.
    pub pack: String,
    /// The rules that ran, if the file says so.
    rules: Option<BTreeSet<String>>,
    findings: BTreeMap<FindingId, Known>,
}

#[derive(Debug, Deserialize)]
struct Raw {
    as_of: String,
    pack: String,
    rules: Option<Vec<RawRule>>,
    findings: Vec<RawFinding>,
}

#[derive(Debug, Deserialize)]
struct RawRule {
    id: String,
}

#[derive(Debug, Deserialize)]
struct RawFinding {
    id: String,
    rule: String,
    severity: String,
    subject: String,
    #[serde(default)]
    message: String,
}

impl Earlier {
    /// Reads what `audit baseline` or `audit run --json` wrote. The error names line and column, or the finding.
    pub fn parse(text: &str, file: &str) -> Result<Self, String> {
        let raw: Raw = serde_json::from_str(text)
            .map_err(|bad| format!("{file}:{}:{}: no audit's JSON and no baseline: {bad}", bad.line(), bad.column()))?;
        let mut findings = BTreeMap::new();
        for (index, finding) in raw.findings.into_iter().enumerate() {
            let place = |what: String| format!("{file}: findings[{index}]: {what}");
            let known = Known {
                id: finding.id.parse().map_err(|bad: docket_format::ids::BadId| place(bad.to_string()))?,
                rule: finding.rule,
                severity: finding.severity.parse().map_err(|bad: super::BadSeverity| place(bad.to_string()))?,
                subject: finding.subject,
                message: finding.message,
            };
            findings.insert(known.id, known);
        }
        let rules = raw.rules.map(|rules| rules.into_iter().map(|rule| rule.id).collect());
        Ok(Self { as_of: raw.as_of, pack: raw.pack, rules, findings })
    }

    /// The ids of its findings, sorted.
    pub fn ids(&self) -> impl Iterator<Item = FindingId> {
        self.findings.keys().copied()
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// What became of this audit's findings in a later one.
    pub fn against(&self, later: &Self) -> Difference {
        let missing = |here: &Self, there: &Self| {
            let gone = here.findings.values().filter(|known| !there.findings.contains_key(&known.id));
            // What no rule looked for isn't gone.
            let ran = |known: &&Known| there.rules.as_ref().is_none_or(|rules| rules.contains(&known.rule));
            sorted(gone.filter(ran).cloned().collect())
        };
        let still = later.findings.values().filter(|known| self.findings.contains_key(&known.id));
        let new = later.findings.values().filter(|known| !self.findings.contains_key(&known.id));
        Difference {
            new: sorted(new.cloned().collect()),
            gone: missing(self, later),
            still: sorted(still.cloned().collect()),
        }
    }
}

fn sorted(mut findings: Vec<Known>) -> Vec<Known> {
    findings.sort_by(|a, b| {
        let rest = |known: &'_ Known| (known.rule.clone(), known.subject.clone(), known.message.clone(), known.id);
        b.severity.cmp(&a.severity).then_with(|| rest(a).cmp(&rest(b)))
    });
    findings
}

/// Two audits beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Only in the later one.
    pub new: Vec<Known>,
    /// Only in the earlier one, though its rule ran in the later one too.
    pub gone: Vec<Known>,
    /// In both.
    pub still: Vec<Known>,
}

impl Difference {
    /// As JSON.
    pub fn to_json(&self) -> Value {
        let list = |findings: &[Known]| findings.iter().map(Known::to_json).collect::<Vec<_>>();
        json!({"new": list(&self.new), "gone": list(&self.gone), "still": list(&self.still)})
    }
}

/// An audit against an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// As of when the earlier one was.
    pub as_of: String,
    /// The ids of both audits' findings.
    pub still: BTreeSet<FindingId>,
    /// What is found no longer, though its rule ran.
    pub gone: Vec<Known>,
}

impl Audit {
    /// Says of each finding whether an earlier audit had it.
    pub fn compare(&mut self, earlier: &Earlier) {
        let ids: BTreeSet<FindingId> = self.findings.iter().map(|finding| finding.id).collect();
        let ran = |known: &&Known| self.rules.iter().any(|rule| *rule.id == *known.rule);
        let gone = earlier.findings.values().filter(|known| !ids.contains(&known.id)).filter(ran);
        let gone = sorted(gone.cloned().collect());
        let still = ids.into_iter().filter(|id| earlier.findings.contains_key(id)).collect();
        self.compared = Some(Compared { as_of: earlier.as_of.clone(), still, gone });
    }

    /// As [`Audit::compare`], and leaves out what the earlier one had: only what is new counts. Returns how many were
    /// left out.
    pub fn hold_against(&mut self, baseline: &Earlier) -> usize {
        self.compare(baseline);
        let before = self.findings.len();
        self.findings.retain(|finding| !baseline.findings.contains_key(&finding.id));
        before - self.findings.len()
    }

    /// The audit as a baseline: ids, and as much as a person needs to read it.
    pub fn to_baseline(&self) -> Value {
        let findings = self.findings.iter().map(|finding| {
            json!({"id": finding.id.to_string(), "rule": &*finding.rule, "severity": finding.severity.as_str(),
                   "subject": &*finding.subject})
        });
        json!({"as_of": self.as_of(), "pack": self.pack, "findings": findings.collect::<Vec<_>>()})
    }
}

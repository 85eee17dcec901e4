//! What an audit gives back, and how it is written: equal findings, equal bytes.

use std::io::{self, Write};

use docket_format::{crockford, digest};
use serde_json::{Map, Value, json};

use super::severity::Severity;

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Stable: a digest of the rule's id, the subject and the key columns, in Crockford base 32.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// The rule's severity.
    pub severity: Severity,
    /// The row of DOMAIN.md, or section of the design, behind the rule.
    pub row: String,
    /// What it is about: mostly a document's id.
    pub subject: String,
    /// One line for people.
    pub message: String,
    /// The row's other columns, by name.
    pub values: Map<String, Value>,
}

impl Finding {
    /// The id of the finding of `rule` about `subject`, told apart by `key`.
    pub fn id_of(rule: &str, subject: &str, key: &[Value]) -> String {
        // JSON frames the parts: no two different lists of values are spelled alike.
        let framed = json!([rule, subject, key]).to_string();
        crockford::encode(&digest::labelled16("docket-finding", &[framed.as_bytes()]))
    }
}

/// A rule that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRun {
    /// Its id.
    pub id: String,
    /// Its severity.
    pub severity: Severity,
    /// Its row of DOMAIN.md or section of the design.
    pub row: String,
    /// One line for people.
    pub title: String,
    /// How many findings it made.
    pub findings: usize,
}

/// The outcome of an audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The pack's name.
    pub pack: String,
    /// Judged as of this time, milliseconds since 1970.
    pub as_of_ms: i64,
    /// The rules, in the pack's order.
    pub rules: Vec<RuleRun>,
    /// The findings: gravest first, then by rule, subject and message.
    pub findings: Vec<Finding>,
}

impl Audit {
    /// How many findings are at least this grave: above 0, `--fail-on` fails.
    pub fn at_or_above(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity >= severity).count()
    }

    /// How many findings have exactly this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// As JSON; documented in `docs/schema.md`.
    pub fn to_json(&self) -> Value {
        let rules = self.rules.iter().map(|rule| {
            json!({"id": rule.id, "severity": rule.severity.as_str(), "row": rule.row, "title": rule.title,
                   "findings": rule.findings})
        });
        let findings = self.findings.iter().map(|finding| {
            json!({"id": finding.id, "rule": finding.rule, "severity": finding.severity.as_str(), "row": finding.row,
                   "subject": finding.subject, "message": finding.message, "values": finding.values})
        });
        let counts = Severity::ALL.iter().map(|&severity| (severity.as_str().to_owned(), self.count(severity).into()));
        json!({
            "pack": self.pack,
            "as_of": as_of(self.as_of_ms),
            "rules": rules.collect::<Vec<_>>(),
            "counts": counts.collect::<Map<_, _>>(),
            "findings": findings.collect::<Vec<_>>(),
        })
    }

    /// As CSV: one line a finding; the rule's other columns as one JSON object in the last column.
    pub fn to_csv(&self, out: impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(["id", "severity", "rule", "row", "subject", "message", "values"])?;
        for finding in &self.findings {
            let values = Value::Object(finding.values.clone()).to_string();
            writer.write_record([
                &finding.id,
                finding.severity.as_str(),
                &finding.rule,
                &finding.row,
                &finding.subject,
                &finding.message,
                &values,
            ])?;
        }
        writer.flush()
    }
}

/// RFC 3339 in UTC; the bare number where no calendar reaches.
fn as_of(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}

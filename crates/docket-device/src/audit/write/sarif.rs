//! SARIF 2.1.0 (OASIS standard): one run, a rule for each rule, a result for each finding. A finding about a document is
//! placed at that document (`docket:` and its id); waived ones are suppressed, and against an earlier audit each result
//! says whether it is new.

use std::io::{self, Write};

use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::super::compare::{Compared, Known};
use super::super::finding::{Audit, Finding, FindingId, RuleRun};
use super::super::severity::Severity;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Log(audit))?;
    out.write_all(b"\n")
}

struct Log<'a>(&'a Audit);

impl Serialize for Log<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("$schema", SCHEMA)?;
        map.serialize_entry("version", "2.1.0")?;
        map.serialize_entry("runs", &[Run(self.0)])?;
        map.end()
    }
}

struct Run<'a>(&'a Audit);

impl Serialize for Run<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let audit = self.0;
        let driver = json!({
            "name": "docket",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": audit.rules.iter().map(rule).collect::<Vec<_>>(),
        });
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("tool", &json!({"driver": driver}))?;
        map.serialize_entry("columnKind", "unicodeCodePoints")?;
        map.serialize_entry("properties", &json!({"asOf": audit.as_of(), "pack": audit.pack}))?;
        map.serialize_entry("results", &Results(audit))?;
        map.end()
    }
}

fn rule(rule: &RuleRun) -> Value {
    json!({
        "id": &*rule.id,
        "shortDescription": {"text": rule.title},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"row": &*rule.row, "severity": rule.severity.as_str()},
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Minor => "warning",
        Severity::Major | Severity::Critical => "error",
    }
}

struct Results<'a>(&'a Audit);

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Audit { findings, compared, rules, .. } = self.0;
        let gone = compared.as_ref().map_or(&[][..], |compared| &compared.gone);
        let mut list = serializer.serialize_seq(Some(findings.len() + gone.len()))?;
        for finding in findings {
            list.serialize_element(&result(finding, compared.as_ref(), place(rules, &finding.rule)))?;
        }
        for known in gone {
            list.serialize_element(&absent(known, place(rules, &known.rule)))?;
        }
        list.end()
    }
}

fn place(rules: &[RuleRun], id: &str) -> Option<usize> {
    rules.iter().position(|rule| &*rule.id == id)
}

/// One result, as the standard names its parts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Value,
    locations: [Value; 1],
    partial_fingerprints: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<[Value; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Value>,
}

fn result<'a>(finding: &'a Finding, compared: Option<&Compared>, rule: Option<usize>) -> Found<'a> {
    let still = |compared: &Compared| if compared.still.contains(&finding.id) { "unchanged" } else { "new" };
    let suppressed = finding.waived.as_ref().map(|waiver| {
        [json!({"kind": "external", "status": "accepted", "justification": waiver.why, "properties": waiver.to_json()})]
    });
    Found {
        baseline_state: compared.map(still),
        suppressions: suppressed,
        properties: Some(json!({"row": &*finding.row, "values": finding.values.columns()})),
        ..found((&finding.rule, rule), finding.severity, &finding.message, &finding.subject, finding.id)
    }
}

/// What is found no longer.
fn absent(known: &Known, rule: Option<usize>) -> Found<'_> {
    Found {
        baseline_state: Some("absent"),
        ..found((&known.rule, rule), known.severity, &known.message, &known.subject, known.id)
    }
}

/// What the log says of any finding, of today or of the baseline.
fn found<'a>(
    (rule_id, rule_index): (&'a str, Option<usize>),
    severity: Severity,
    message: &str,
    subject: &str,
    id: FindingId,
) -> Found<'a> {
    Found {
        rule_id,
        rule_index,
        level: level(severity),
        message: json!({"text": message}),
        locations: [location(subject)],
        partial_fingerprints: fingerprint(id),
        baseline_state: None,
        suppressions: None,
        properties: None,
    }
}

fn fingerprint(id: FindingId) -> Value {
    json!({"docketFinding/v1": id.to_string()})
}

fn location(subject: &str) -> Value {
    let logical = json!([{"fullyQualifiedName": subject}]);
    match subject.parse::<docket_format::DocId>() {
        Ok(doc) => json!({
            "logicalLocations": logical,
            "physicalLocation": {"artifactLocation": {"uri": format!("docket:{doc}")}},
        }),
        Err(_) => json!({"logicalLocations": logical}),
    }
}

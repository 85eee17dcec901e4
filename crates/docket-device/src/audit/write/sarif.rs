//! SARIF 2.1.0 (OASIS standard): one run, a rule for each rule, a result for each finding. A finding about a document is
//! placed at that document (`docket:` and its id); waived ones are suppressed, and against an earlier audit each result
//! says whether it is new.

use std::io::{self, Write};

use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::super::compare::{Compared, Known};
use super::super::finding::{Audit, Finding, RuleRun};
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

fn result(finding: &Finding, compared: Option<&Compared>, rule: Option<usize>) -> Value {
    let mut result = base(&finding.rule, rule, finding.severity, &finding.message, &finding.subject);
    result["partialFingerprints"] = json!({"docketFinding/v1": finding.id.to_string()});
    result["properties"] = json!({"row": &*finding.row, "values": finding.values.columns()});
    if let Some(compared) = compared {
        let still = compared.still.contains(&finding.id);
        result["baselineState"] = if still { "unchanged" } else { "new" }.into();
    }
    if let Some(waiver) = &finding.waived {
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": waiver.why,
            "properties": waiver.to_json(),
        }]);
    }
    result
}

fn absent(known: &Known, rule: Option<usize>) -> Value {
    let mut result = base(&known.rule, rule, known.severity, &known.message, &known.subject);
    result["partialFingerprints"] = json!({"docketFinding/v1": known.id.to_string()});
    result["baselineState"] = "absent".into();
    result
}

fn base(rule: &str, index: Option<usize>, severity: Severity, message: &str, subject: &str) -> Value {
    let mut result = json!({
        "ruleId": rule,
        "level": level(severity),
        "message": {"text": message},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": subject}]}],
    });
    if let Some(index) = index {
        result["ruleIndex"] = index.into();
    }
    if let Ok(doc) = subject.parse::<docket_format::DocId>() {
        result["locations"][0]["physicalLocation"] = json!({"artifactLocation": {"uri": format!("docket:{doc}")}});
    }
    result
}

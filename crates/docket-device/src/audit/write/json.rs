//! Docket's own JSON, written finding by finding: a company's findings are never in memory twice. Keys are in
//! alphabetical order.

use std::io::{self, Write};

use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::super::compare::{Compared, Known};
use super::super::finding::{Audit, Finding, RuleRun};
use super::super::severity::Severity;

pub(super) fn write(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, audit)?;
    out.write_all(b"\n")
}

impl Audit {
    /// The whole as one value: for tests and small audits.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Serialize for Audit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counts = Severity::ALL.iter().map(|&severity| (severity.as_str().to_owned(), self.count(severity).into()));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("as_of", &self.as_of())?;
        map.serialize_entry("counts", &counts.collect::<Map<String, Value>>())?;
        map.serialize_entry("findings", &Findings(self))?;
        map.serialize_entry("pack", &self.pack)?;
        map.serialize_entry("rules", &self.rules)?;
        if let Some(compared) = &self.compared {
            map.serialize_entry("since", compared)?;
        }
        if self.waived() > 0 {
            map.serialize_entry("waived", &self.waived())?;
        }
        map.end()
    }
}

struct Findings<'a>(&'a Audit);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.findings.len()))?;
        for finding in &self.0.findings {
            let new = self.0.compared.as_ref().map(|compared| !compared.still.contains(&finding.id));
            list.serialize_element(&Line { finding, new })?;
        }
        list.end()
    }
}

struct Line<'a> {
    finding: &'a Finding,
    new: Option<bool>,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let finding = self.finding;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &finding.id.to_string())?;
        map.serialize_entry("message", &finding.message)?;
        if let Some(new) = self.new {
            map.serialize_entry("new", &new)?;
        }
        map.serialize_entry("row", &*finding.row)?;
        map.serialize_entry("rule", &*finding.rule)?;
        map.serialize_entry("severity", finding.severity.as_str())?;
        map.serialize_entry("subject", &finding.subject)?;
        map.serialize_entry("values", &finding.values.columns())?;
        if let Some(waiver) = &finding.waived {
            map.serialize_entry("waived", &waiver.to_json())?;
        }
        map.end()
    }
}

impl Serialize for RuleRun {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"id": &*self.id, "severity": self.severity.as_str(), "row": &*self.row, "title": self.title,
               "findings": self.findings})
        .serialize(serializer)
    }
}

impl Serialize for Compared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"as_of": self.as_of, "gone": self.gone, "still": self.still.len()}).serialize(serializer)
    }
}

impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json!({"id": self.id.to_string(), "rule": self.rule, "severity": self.severity.as_str(),
               "subject": self.subject, "message": self.message})
        .serialize(serializer)
    }
}

//! One line a finding; the rule's other columns as one JSON object in the last column but one.

use std::io::{self, Write};

use super::super::finding::Audit;

pub(super) fn write(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["id", "severity", "rule", "row", "subject", "message", "values", "waived_until"])?;
    for finding in &audit.findings {
        let id = finding.id.to_string();
        writer.write_record([
            id.as_str(),
            finding.severity.as_str(),
            &finding.rule,
            &finding.row,
            &finding.subject,
            &finding.message,
            finding.values.as_str(),
            finding.waived.as_ref().map_or("", |waiver| waiver.until.as_str()),
        ])?;
    }
    writer.flush()
}

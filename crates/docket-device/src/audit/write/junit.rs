//! `JUnit` XML: a suite for each rule. A finding is a failed case (a waived one a skipped case); a rule without findings
//! is one case that passed. No times, no host: equal audits give equal bytes.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::finding::{Audit, Finding};

pub(super) fn write(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let open = audit.open().count();
    let tests = audit.findings.len() + audit.rules.iter().filter(|rule| !has(audit, &rule.id)).count();
    let mut head = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    attribute(&mut head, "name", &format!("docket audit: {}", audit.pack));
    numbers(&mut head, tests, open, audit.waived());
    head.push_str(">\n");
    out.write_all(head.as_bytes())?;
    let as_of = audit.as_of();
    for rule in &audit.rules {
        let findings: Vec<&Finding> = audit.findings.iter().filter(|finding| finding.rule == rule.id).collect();
        let waived = findings.iter().filter(|finding| finding.waived.is_some()).count();
        let mut text = String::from("  <testsuite");
        attribute(&mut text, "name", &rule.id);
        numbers(&mut text, findings.len().max(1), findings.len() - waived, waived);
        attribute(&mut text, "timestamp", &as_of);
        text.push_str(">\n    <properties>\n");
        for (name, value) in [("row", &*rule.row), ("severity", rule.severity.as_str()), ("title", &rule.title)] {
            text.push_str("      <property");
            attribute(&mut text, "name", name);
            attribute(&mut text, "value", value);
            text.push_str("/>\n");
        }
        text.push_str("    </properties>\n");
        out.write_all(text.as_bytes())?;
        if findings.is_empty() {
            let mut case = String::from("    <testcase");
            attribute(&mut case, "classname", &rule.id);
            attribute(&mut case, "name", &rule.title);
            case.push_str("/>\n");
            out.write_all(case.as_bytes())?;
        }
        for finding in findings {
            out.write_all(case(finding).as_bytes())?;
        }
        out.write_all(b"  </testsuite>\n")?;
    }
    out.write_all(b"</testsuites>\n")
}

fn has(audit: &Audit, rule: &str) -> bool {
    audit.findings.iter().any(|finding| &*finding.rule == rule)
}

fn case(finding: &Finding) -> String {
    let mut text = String::from("    <testcase");
    attribute(&mut text, "classname", &finding.rule);
    attribute(&mut text, "name", &format!("{} {}", finding.subject, finding.id));
    text.push_str(">\n      ");
    if let Some(waiver) = &finding.waived {
        text.push_str("<skipped");
        attribute(&mut text, "message", &format!("waived until {}: {}", waiver.until, waiver.why));
        text.push_str("/>");
    } else {
        text.push_str("<failure");
        attribute(&mut text, "type", finding.severity.as_str());
        attribute(&mut text, "message", &finding.message);
        text.push('>');
        escape(&mut text, finding.values.as_str());
        text.push_str("</failure>");
    }
    text.push_str("\n    </testcase>\n");
    text
}

fn numbers(text: &mut String, tests: usize, failures: usize, skipped: usize) {
    // Writing to a String can't fail.
    let _ = write!(text, " tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"");
}

fn attribute(text: &mut String, name: &str, value: &str) {
    text.push(' ');
    text.push_str(name);
    text.push_str("=\"");
    escape(text, value);
    text.push('"');
}

/// What XML gives a meaning is escaped; characters that XML 1.0 has not at all (most controls) become U+FFFD.
fn escape(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(text, "&#{};", u32::from(c));
            }
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => text.push('\u{fffd}'),
            c => text.push(c),
        }
    }
}

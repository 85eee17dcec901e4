//! Audits as files for other programs. Equal audits give equal bytes in every format; no clock takes part.

mod csv;
mod json;
mod junit;
mod sarif;

use std::io::{self, Write};

use super::finding::Audit;

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Docket's own JSON (`docs/schema.md`).
    Json,
    /// One line a finding.
    Csv,
    /// `JUnit` XML, as test reporters read it: a suite for each rule, a failed case for each finding.
    Junit,
    /// SARIF 2.1.0 (OASIS), as code scanners exchange it.
    Sarif,
}

impl Audit {
    /// Writes the audit.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Json => json::write(self, out),
            Format::Csv => csv::write(self, out),
            Format::Junit => junit::write(self, out),
            Format::Sarif => sarif::write(self, out),
        }
    }
}

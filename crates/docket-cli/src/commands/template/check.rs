use std::path::PathBuf;

use clap::Args;
use docket_core::Policy;
use docket_format::limits;
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::files;
use crate::i18n::t;
use crate::page::{bad, faint, good};

/// Check a policy file's checklists: every fault with its line and column
///
/// Cycles, steps that can never be asked, ids that appear twice, readings without a unit or with limits that nothing
/// meets, conditions on steps or options that do not exist.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket template check our-rules.toml")]
pub(crate) struct Check {
    /// The policy file
    file: PathBuf,
}

impl Check {
    pub(crate) fn run(self, context: &Context) -> Done {
        let text = files::text(&self.file, limits::POLICY_BYTES as u64)?;
        let name = self.file.display().to_string();
        let faults = Policy::faults(&text, &name);
        let shown: Vec<Value> = faults
            .iter()
            .map(|fault| json!({"line": fault.line, "column": fault.column, "what": fault.what, "hint": fault.hint}))
            .collect();
        let templates = Policy::parse(&text, &name).map(|policy| policy.templates).unwrap_or_default();
        let pins: Vec<String> = templates.iter().map(docket_core::policy::Template::pin).collect();
        let answer = json!({"file": name, "faults": shown, "templates": pins});
        context.out.show(&answer, |page| {
            for fault in &faults {
                page.line([bad(fault.to_string())]);
                if let Some(hint) = &fault.hint {
                    page.line([faint(format!("    {hint}"))]);
                }
            }
            if faults.is_empty() {
                page.line([good(t("good")), format!("  {name}: {}", pins.join(", ")).into()]);
            }
        })?;
        Ok(if faults.is_empty() { Exit::Clean } else { Exit::Findings })
    }
}

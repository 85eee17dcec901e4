use clap::Args;
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{Table, faint, strong};

/// List the checklists of the company's policy
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket template list")]
pub(crate) struct List {}

impl List {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let policy = session.policy()?;
        let templates: Vec<Value> = policy
            .templates
            .iter()
            .map(|template| {
                let conditional =
                    template.steps.iter().filter(|step| step.when != docket_core::policy::When::default()).count();
                json!({
                    "template": template.pin(), "kinds": template.kinds, "steps": template.steps.len(),
                    "conditional": conditional, "form": template.form,
                })
            })
            .collect();
        let answer = json!({"policy": policy.name, "digest": policy.digest.to_string(), "templates": templates});
        context.out.show(&answer, |page| {
            page.line([
                strong(&policy.name),
                format!(" {}  ", policy.version).into(),
                faint(policy.digest.to_string()),
            ]);
            let mut table = Table::new(&["template", "steps", "for"]).right(&[1]);
            for template in &policy.templates {
                let count = template.steps.len().to_string();
                table.row([strong(template.pin()), count.into(), template.kinds.join(", ").into()]);
            }
            page.indented(&table);
        })?;
        Ok(Exit::Clean)
    }
}

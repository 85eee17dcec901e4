use std::path::Path;

use clap::{Args, Subcommand};
use docket_device::app::policies;
use docket_format::limits;
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::files;
use crate::page::{Table, strong};

/// Show and change the company's rules for checklists, clocks, grades and dispatch
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    Show(Show),
    Adopt(Adopt),
}

/// Show the policy that new jobs pin: its checklists, gates and roles
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket policy show --json")]
pub(crate) struct Show {}

/// Make a policy pack the company's
///
/// New jobs pin it; jobs that are open keep the one that they have. The pack travels with the next bundle.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket policy adopt our-rules.toml\n  docket policy adopt haier")]
pub(crate) struct Adopt {
    /// A policy file, or a shipped pack: `default`, `haier`
    #[arg(value_name = "PACK|FILE")]
    pack: String,
}

/// A pack's text: shipped, or a file's.
pub(crate) fn text(pack: &str) -> Result<String, crate::errors::CliError> {
    match policies::shipped(pack) {
        Some(text) => Ok(text.to_owned()),
        None => files::text(Path::new(pack), limits::POLICY_BYTES as u64),
    }
}

impl Policy {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Show(Show {}) => show(context),
            Self::Adopt(command) => command.run(context),
        }
    }
}

fn show(context: &Context) -> Done {
    let session = context.reader()?;
    let policy = session.policy()?;
    let roles: Vec<&str> = policy.roles.iter().map(docket_core::Role::as_str).collect();
    let templates: Vec<Value> = policy
        .templates
        .iter()
        .map(|template| {
            let steps: Vec<Value> = template
                .steps
                .iter()
                .map(|step| {
                    json!({
                        "id": step.id, "group": step.group, "title": step.title, "answer": step.answer.name(),
                        "required": step.required, "per_appliance": step.per_appliance,
                    })
                })
                .collect();
            json!({"template": template.pin(), "kinds": template.kinds, "steps": steps})
        })
        .collect();
    let gates: Vec<Value> =
        policy.gates.iter().map(|gate| json!({"id": gate.id, "kinds": gate.kinds, "needs": gate.needs})).collect();
    let answer = json!({
        "name": policy.name, "version": policy.version, "digest": policy.digest.to_string(), "roles": roles,
        "templates": templates, "gates": gates,
    });
    context.out.show(&answer, |page| {
        page.line([strong(&policy.name), format!(" {}  {}", policy.version, policy.digest).into()]);
        page.pairs([("roles", roles.join(", ").into())]);
        for template in &policy.templates {
            page.title(format!("{} for {}", template.pin(), template.kinds.join(", ")));
            let mut table = Table::new(&[]);
            for step in &template.steps {
                let each = if step.per_appliance { "each appliance" } else { "" };
                let must = if step.required { "" } else { "optional" };
                table.row([
                    strong(&step.id),
                    step.answer.name().into(),
                    step.title.as_str().into(),
                    each.into(),
                    must.into(),
                ]);
            }
            page.indented(&table);
        }
        page.title("Gates before the core step");
        let mut table = Table::new(&[]);
        for gate in &policy.gates {
            table.row([strong(&gate.id), gate.kinds.join(", ").into(), gate.needs.join(", ").into()]);
        }
        page.indented(&table);
    })?;
    Ok(Exit::Clean)
}

impl Adopt {
    fn run(self, context: &Context) -> Done {
        let text = text(&self.pack)?;
        let mut session = context.session()?;
        let policy = policies::adopt(&mut session, &text, &self.pack)?;
        let answer = json!({"name": policy.name, "version": policy.version, "digest": policy.digest.to_string()});
        context.out.show(&answer, |page| {
            page.say(format!("{} {} is the company's policy; new jobs pin it", policy.name, policy.version));
        })?;
        Ok(Exit::Clean)
    }
}

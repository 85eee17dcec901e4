use std::path::PathBuf;

use clap::Args;
use docket_device::company;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::files;
use crate::page::{faint, strong};

/// Make this device a person's, with the code from `docket invite`
///
/// Needs no network: the bundle brings the company's roster and policy, the code signs this device's own key.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  docket --store ./phone enrol DKT1-… --from office.docket")]
pub(crate) struct Enrol {
    /// The code
    code: String,
    /// A bundle from the company, made after the invitation
    #[arg(long, value_name = "BUNDLE")]
    from: PathBuf,
}

impl Enrol {
    pub(crate) fn run(self, context: &Context) -> Done {
        let bytes = files::bundle(&self.from)?;
        let joined = company::join(&context.store_dir()?, &self.code, &bytes, &context.stamp())?;
        let person = joined.person.as_ref().map(ToString::to_string);
        let answer = json!({
            "company": joined.company, "person": person, "role": joined.role,
            "device": joined.store.device().to_string(), "documents": joined.report.documents,
        });
        context.out.show(&answer, |page| {
            let who = person.as_deref().unwrap_or("nobody that the roster knows");
            page.line([strong(&joined.company), format!(": this device is now {who}'s, {}", joined.role).into()]);
            page.pairs([
                ("device", joined.store.device().to_string().into()),
                ("documents", joined.report.documents.to_string().into()),
            ]);
            page.line([faint("next  "), "docket bundle export FILE   so that the office learns of this device".into()]);
        })?;
        Ok(Exit::Clean)
    }
}

use clap::Args;
use docket_device::app::{Job, forms};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{Table, faint, strong};

/// Fill one of the policy's forms in for a job
///
/// Every form has the same five parts: collect, classify, handle, feed back, summarise.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket form K7Q2\n  docket form K7Q2 --form inside --json")]
pub(crate) struct Form {
    /// The job
    job: String,
    /// Which form; the policy's first when left out
    #[arg(long)]
    form: Option<String>,
}

impl Form {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let job = Job::find(&session, &self.job)?;
        let form = forms::find(&job, self.form.as_deref())?;
        let lines = forms::fill(&job, form);
        let answer = json!({"code": job.doc.short(), "form": form.id, "title": form.title, "lines": lines});
        context.out.show(&answer, |page| {
            page.line([strong(job.doc.short()), "  ".into(), form.title.as_str().into()]);
            let mut table = Table::new(&["part", "what", "record"]).firm(&[0, 1]);
            let mut last = "";
            for line in &lines {
                let part = if line.part == last { "" } else { line.part };
                last = line.part;
                let value = line.value.as_deref().map_or_else(|| faint("–"), Into::into);
                table.row([strong(part.replace('_', " ")), line.name.replace('_', " ").into(), value]);
            }
            page.table(&table);
        })?;
        Ok(Exit::Clean)
    }
}

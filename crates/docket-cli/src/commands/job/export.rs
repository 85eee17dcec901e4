use std::path::PathBuf;

use clap::Args;
use docket_device::app::{Job, export};
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::files;

/// Write a job out: as JSON, or as a document that any Automerge library opens
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket job export K7Q2 > job.json
  docket job export K7Q2 --automerge job.automerge")]
pub(crate) struct Export {
    /// The job
    job: String,
    /// Write the Automerge document into this file
    #[arg(long, value_name = "FILE")]
    automerge: Option<PathBuf>,
}

impl Export {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let job = Job::find(&session, &self.job)?;
        if let Some(path) = &self.automerge {
            let bytes = export::automerge(&session, job.doc)?;
            files::write(path, &bytes)?;
            let answer = json!({"code": job.doc.short(), "file": path.display().to_string(), "bytes": bytes.len()});
            context.out.show(&answer, |page| page.say(format!("{}: {} bytes", path.display(), bytes.len())))?;
            return Ok(Exit::Clean);
        }
        let mut records = Vec::new();
        for fact in &job.facts {
            records.push(json!({"id": fact.id.to_string(), "text": session.store().fact_text(job.doc, fact.id)?}));
        }
        let answer = json!({
            "doc": job.doc.to_string(), "code": job.doc.code(), "view": job.view(), "customer": job.customer_view(),
            "records": records,
        });
        context.out.json(&answer)?;
        Ok(Exit::Clean)
    }
}

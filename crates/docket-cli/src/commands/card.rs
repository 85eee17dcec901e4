use std::path::PathBuf;

use clap::Args;
use docket_core::UnixMs;
use docket_core::view::JobView;
use docket_device::app::Job;
use serde_json::json;

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::files;
use crate::html::card::{Card, render};
use crate::i18n::{self, Lang};
use crate::times;

/// Make the notice card that is handed over first
///
/// A page for A5 paper: "once is enough", the five services, the supervision line. It needs no network. Without
/// --out the page goes to standard output.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket card K7Q2 --out card.html
  docket card K7Q2 --out card.html --lang zh")]
pub(crate) struct CardArgs {
    /// The job
    job: String,
    /// The file to write
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl CardArgs {
    pub(crate) fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let job = Job::find(&session, &self.job)?;
        let view = job.view();
        let text = job.policy.card.as_ref().and_then(|card| {
            let zh = card.text_zh.as_ref().filter(|_| i18n::lang() == Lang::Zh);
            zh.or(card.text.as_ref()).cloned()
        });
        let appointment = view.str("appointment").and_then(UnixMs::parse);
        let card = Card {
            company: session.roster()?.name.clone(),
            code: job.doc.short(),
            about: about(&job, &view),
            crew: view.crew().into_iter().map(str::to_owned).collect(),
            when: appointment.map(|at| times::show(at.0, &context.zone())),
            phone: job.policy.card.as_ref().map(|card| card.phone.clone()),
            text,
        };
        if card.phone.is_none() {
            context.out.warn(format!("policy {} has no [card]: write the supervision line by hand", job.policy.name));
        }
        let page = render(&card);
        let Some(file) = &self.out else {
            context.out.bytes(page.as_bytes())?;
            return Ok(Exit::Clean);
        };
        files::write(file, page.as_bytes())?;
        let answer = json!({"code": card.code, "file": file.display().to_string(), "bytes": page.len()});
        context.out.show(&answer, |out| out.say(format!("{} is ready to print", file.display())))?;
        Ok(Exit::Clean)
    }
}

/// The kind of job and the product, as the policy calls them.
fn about(job: &Job, view: &JobView<'_>) -> String {
    let kind =
        view.kind().map(|id| job.policy.kind(id).map_or_else(|| id.replace('_', " "), |kind| kind.title.clone()));
    let product = view.str("product").map(|id| {
        let known = job.policy.products.iter().find(|product| product.id == id);
        known.map_or_else(|| id.replace('_', " "), |product| product.title.clone())
    });
    kind.into_iter().chain(product).collect::<Vec<_>>().join(": ")
}

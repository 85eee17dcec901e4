use std::path::{Path, PathBuf};

use clap::Args;
use docket_device::app::Session;
use docket_device::{company, sync};
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::files;
use crate::i18n::t;
use crate::page::{faint, strong};

/// Make this device a person's, with the code from `docket invite`
///
/// The code signs this device's own key. The company's roster and policy come from its relay, which makes the device
/// known at once; or, without a network, from a bundle.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket enrol DKT1-… --relay https://relay.example:7373
  docket --store ./phone enrol DKT1-… --from office.docket")]
pub(crate) struct Enrol {
    /// The code
    code: String,
    /// A bundle from the company, made after the invitation
    #[arg(long, value_name = "BUNDLE")]
    from: Option<PathBuf>,
    /// The company's relay
    #[arg(long, env = "DOCKET_RELAY", value_name = "URL", required_unless_present = "from", conflicts_with = "from")]
    relay: Option<String>,
}

impl Enrol {
    pub(crate) fn run(self, context: &Context) -> Done {
        match (&self.from, &self.relay) {
            (Some(from), _) => self.offline(context, from),
            (None, Some(relay)) => self.online(context, relay),
            (None, None) => Err(CliError::usage("neither --relay nor --from is given")),
        }
    }

    /// Through the relay: the roster comes from there, and the first synchronisation follows at once.
    fn online(&self, context: &Context, relay: &str) -> Done {
        let relay = if relay.contains("://") { relay.to_owned() } else { format!("http://{relay}") };
        let mut transport = super::sync::transport(&relay)?;
        let joined = sync::enrol(&context.store_dir()?, &self.code, &mut transport, &context.stamp())?;
        let person = joined.person.as_ref().map(ToString::to_string);
        let mut session = Session::of(joined.store, context.pretended_ms());
        // The device has joined whatever becomes of this: the next `docket sync` goes on.
        let synced = super::sync::once(context, &mut session, &mut transport, sync::Options::default());
        let documents: u64 = session.store().status()?.docs.iter().map(|(_, count)| count).sum();
        let answer = json!({
            "company": joined.company, "person": person, "role": joined.role,
            "device": session.device().to_string(), "documents": documents,
        });
        context.out.show(&answer, |page| {
            let who = person.as_deref().unwrap_or("nobody that the roster knows");
            page.line([strong(&joined.company), format!(": this device is now {who}'s, {}", joined.role).into()]);
            page.pairs([("device", session.device().to_string().into()), ("documents", documents.to_string().into())]);
        })?;
        match synced {
            Ok(report) if report.is_whole() => Ok(Exit::Clean),
            Ok(_) => Ok(Exit::Partial),
            Err(error) => {
                context.out.warn(format!("the device has joined, but is not known yet: {}", error.message));
                Ok(Exit::Partial)
            }
        }
    }

    fn offline(&self, context: &Context, from: &Path) -> Done {
        let bytes = files::bundle(from)?;
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
            page.line([
                faint(t("next  ")),
                t("docket bundle export FILE   so that the office learns of this device").into(),
            ]);
        })?;
        Ok(Exit::Clean)
    }
}

use clap::Args;
use docket_device::app::audits;
use docket_device::audit::Standing;
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{Table, faint, strong, warn};
use crate::times;

/// List the waivers: what, who, why, until when, and whether they still count
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket audit waivers")]
pub(crate) struct Waivers {
    /// As of this time instead of now
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
}

impl Waivers {
    pub(super) fn run(self, context: &Context) -> Done {
        let as_of_ms = match self.as_of.as_deref() {
            Some(text) => times::parse(text, &context.zone())?.as_millisecond(),
            None => context.now().as_millisecond(),
        };
        let session = context.reader()?;
        let waivers = audits::waivers(&session)?;
        let json = waivers.iter().map(|waiver| {
            let mut value = waiver.to_json();
            if let Value::Object(map) = &mut value {
                map.insert("finding".into(), waiver.finding.to_string().into());
                map.insert("standing".into(), waiver.standing(as_of_ms).as_str().into());
                map.insert("ended_by".into(), waiver.ended_by.clone().into());
            }
            value
        });
        context.out.show(&json!({"waivers": json.collect::<Vec<_>>()}), |page| {
            let mut table = Table::new(&["finding", "standing", "until", "by", "why"]).firm(&[2]);
            for waiver in &waivers {
                let standing = waiver.standing(as_of_ms);
                table.row([
                    strong(waiver.finding.short()),
                    if standing == Standing::Open { warn(standing.as_str()) } else { faint(standing.as_str()) },
                    waiver.until.as_str().into(),
                    waiver.person.as_deref().unwrap_or_default().into(),
                    waiver.why.as_str().into(),
                ]);
            }
            page.table(&table);
            let open = waivers.iter().filter(|waiver| waiver.counts(as_of_ms)).count();
            page.say(format!("{open} of {} waivers count", waivers.len()));
        })?;
        Ok(Exit::Clean)
    }
}

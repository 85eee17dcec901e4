use clap::Args;
use docket_device::app::{Session, policies};
use docket_device::company;
use docket_format::PersonId;
use serde_json::json;

use crate::commands::policy;
use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::i18n::t;
use crate::page::{faint, strong};

/// Start a company: makes the root key, this store and its first device
///
/// The device becomes the company's first admin device. The recovery key is printed once, here and never again: write
/// it down and put it in a safe. Whoever holds it can appoint a new admin device when all others are lost.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket init --tenant-name 'Nordlicht Service' --person A-001 --name 'Ada'
  docket --store ./office init --tenant-name 'Qingdao 3' --person A-001 --name 'Li' --policy haier")]
pub(crate) struct Init {
    /// What the company is called
    #[arg(long, value_name = "NAME")]
    tenant_name: String,
    /// The admin's staff number
    #[arg(long)]
    person: PersonId,
    /// The admin's name
    #[arg(long)]
    name: String,
    /// Rules for checklists, clocks and dispatch: `default`, `haier`, or a policy file
    #[arg(long, default_value = "default", value_name = "PACK|FILE")]
    policy: String,
}

impl Init {
    pub(crate) fn run(self, context: &Context) -> Done {
        let text = policy::text(&self.policy)?;
        // Judged before anything is made: a bad pack must not leave a company without a policy.
        policies::parse(&text, &self.policy)?;
        let dir = context.store_dir()?;
        let founded = company::found(&dir, &self.tenant_name, &self.person, &self.name, &context.stamp())?;
        let mut session = Session::of(founded.store, context.pretended_ms());
        let policy = match policies::adopt(&mut session, &text, &self.policy) {
            Ok(policy) => policy,
            // A company without rules is half a company.
            Err(error) => {
                drop(session);
                company::unmake(&dir);
                return Err(error.into());
            }
        };
        let answer = json!({
            "tenant": founded.tenant.to_string(), "device": session.device().to_string(),
            "person": self.person.to_string(), "policy": policy.name, "store": dir.display().to_string(),
            "recovery_key": founded.recovery,
        });
        context.out.show(&answer, |page| {
            page.line([strong(&self.tenant_name), format!(" is ready in {}", dir.display()).into()]);
            page.pairs([
                ("tenant", founded.tenant.to_string().into()),
                ("this device", session.device().to_string().into()),
                ("person", format!("{} {}, admin", self.person, self.name).into()),
                ("policy", policy.name.as_str().into()),
            ]);
            page.title("Recovery key: write it down and put it in a safe; it is not shown again");
            page.pairs([("", strong(&founded.recovery))]);
            page.blank();
            page.line([faint(t("next  ")), t("docket invite --person T-042 --name NAME --role technician").into()]);
        })?;
        Ok(Exit::Clean)
    }
}

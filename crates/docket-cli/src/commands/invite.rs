use clap::Args;
use docket_device::company;
use docket_format::PersonId;
use jiff::SignedDuration;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::t;
use crate::page::{faint, strong};
use crate::times;

/// Invite a person's device: prints a code that works once
///
/// Give the code and a bundle of this store to the person; `docket enrol` takes both. Anyone who has the code can
/// enrol as that person until it is used or expires, so hand it over as you would a key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket invite --person T-042 --name 'Wang' --role technician
  docket invite --person S-001 --name 'Eva' --role supervisor --expires 12h
  docket bundle export welcome.docket --welcome      what goes with the code")]
pub(crate) struct Invite {
    /// The person's staff number
    #[arg(long)]
    person: PersonId,
    /// The person's name
    #[arg(long)]
    name: String,
    /// What the person may do: technician, dispatcher, supervisor, auditor, admin, or a role of the policy
    #[arg(long)]
    role: String,
    /// How long the code works
    #[arg(long, default_value = "7d", value_name = "TIME", value_parser = times::duration)]
    expires: SignedDuration,
}

impl Invite {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        session.require_own()?;
        let policy = session.policy()?;
        if !policy.roles.iter().any(|role| role.as_str() == self.role) {
            let known: Vec<&str> = policy.roles.iter().map(docket_core::Role::as_str).collect();
            return Err(CliError::usage(format!("policy {} has no role `{}`", policy.name, self.role))
                .hint(format!("one of: {}", known.join(", "))));
        }
        let stamp = session.stamp();
        let expires_ms = stamp.wall_ms.saturating_add(self.expires.as_millis() as i64);
        let store = session.store_mut();
        let invited = company::invite(store, &self.person, &self.name, &self.role, expires_ms, &stamp)?;
        let expires_ms = invited.code.expires_ms();
        let answer = json!({
            "code": invited.code.to_string(), "person": self.person.to_string(), "role": self.role,
            "expires_ms": expires_ms,
        });
        let zone = context.zone();
        context.out.show(&answer, |page| {
            page.line([strong(invited.code.to_string())]);
            page.pairs([
                ("for", format!("{} {}, {}", self.person, self.name, self.role).into()),
                ("until", times::show(expires_ms, &zone).into()),
            ]);
            page.line([
                faint(t("next  ")),
                t("docket bundle export FILE --welcome   and hand over both: docket enrol CODE --from FILE").into(),
            ]);
        })?;
        Ok(Exit::Clean)
    }
}

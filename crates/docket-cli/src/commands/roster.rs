use clap::{Args, Subcommand};
use docket_device::company;
use docket_format::PersonId;
use docket_format::keys::PublicKey;
use docket_format::roster::State;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::{t, tr, word};
use crate::page::{Table, bad, good, strong, warn};

/// Show and change who may work: devices, people, roles
#[derive(Debug, Subcommand)]
pub(crate) enum Roster {
    Show(Show),
    Certify(Certify),
    Revoke(Revoke),
    Share(Share),
    Unshare(Unshare),
}

/// List devices with their people, roles and state
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket roster show --json")]
pub(crate) struct Show {}

/// Certify a device by its public key
///
/// For a device whose holder stands beside you, or to give an enrolled device another role. `docket invite` is the
/// usual way. When every admin device is lost, the recovery key from the safe appoints a new one, on any device.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket roster certify KEY --person T-042 --name Wang --role technician
  docket roster certify 7K2M --person A-002 --name Bo --role admin --recovery-key KEY")]
pub(crate) struct Certify {
    /// The device's public key (`docket status` shows it), or a device of the roster
    device: String,
    /// Whose device it is
    #[arg(long)]
    person: PersonId,
    /// The person's name
    #[arg(long)]
    name: String,
    /// What the person may do
    #[arg(long)]
    role: String,
    /// Sign with the recovery key that `docket init` printed, instead of with this device's
    #[arg(long, value_name = "KEY", env = "DOCKET_RECOVERY_KEY", hide_env_values = true)]
    recovery_key: Option<String>,
}

/// Revoke a device that was lost, stolen or retired
///
/// What it recorded before stays. What it sends later is kept as a claim for the inbox.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket roster revoke 7K2M --reason 'phone stolen'")]
pub(crate) struct Revoke {
    /// The device: any unique start of its id
    device: String,
    /// Why
    #[arg(long)]
    reason: String,
}

/// Let a further person work on a device
///
/// They say so there with `docket as`, with a PIN of their own. What they record is theirs; the device's key seals it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket roster share 7K2M --person T-007 --name Lin --role technician")]
pub(crate) struct Share {
    /// The device: any unique start of its id
    device: String,
    /// Who may work on it, too
    #[arg(long)]
    person: PersonId,
    /// The person's name
    #[arg(long)]
    name: String,
    /// What the person may do
    #[arg(long)]
    role: String,
}

/// End that a further person works on a device
///
/// What they recorded before stays theirs. What the device states in their name later has no effect.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket roster unshare 7K2M --person T-007 --reason 'has a phone of his own'")]
pub(crate) struct Unshare {
    /// The device: any unique start of its id
    device: String,
    /// Who
    #[arg(long)]
    person: PersonId,
    /// Why
    #[arg(long)]
    reason: String,
}

impl Roster {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Show(_) => show(context),
            Self::Certify(command) => command.run(context),
            Self::Revoke(command) => command.run(context),
            Self::Share(command) => command.run(context),
            Self::Unshare(command) => command.run(context),
        }
    }
}

fn show(context: &Context) -> Done {
    let session = context.reader()?;
    let roster = session.roster()?;
    let state = |state: &State| match state {
        State::Active => "active",
        State::Revoked { .. } => "revoked",
        State::Contested => "contested",
        State::Rotated { .. } => "rotated",
    };
    let why = |state: &State| match state {
        State::Revoked { why, .. } => why.clone(),
        State::Rotated { to } => format!("to {to}"),
        _ => String::new(),
    };
    let devices: Vec<_> = roster
        .devices()
        .map(|(device, entry)| {
            let person = entry.person.as_ref().map(ToString::to_string);
            let own = device == session.device();
            let others: Vec<_> = entry
                .others
                .iter()
                .map(|(person, shared)| {
                    let state = if shared.ended.is_none() { "active" } else { "ended" };
                    json!({"person": person.to_string(), "name": shared.name, "role": shared.role, "state": state})
                })
                .collect();
            json!({
                "device": device.to_string(), "key": entry.key.to_string(), "person": person, "name": entry.name,
                "role": entry.role, "state": state(&entry.state), "why": why(&entry.state), "this_device": own,
                "others": others,
            })
        })
        .collect();
    let answer = json!({"company": roster.name, "tenant": session.tenant().to_string(), "devices": devices});
    context.out.show(&answer, |page| {
        page.line([strong(&roster.name), format!("  tenant {}", session.tenant()).into()]);
        let mut table = Table::new(&["device", "person", "name", "role", "state", ""]);
        for (device, entry) in roster.devices() {
            let person = entry.person.as_ref().map(ToString::to_string).unwrap_or_default();
            let shown = word(state(&entry.state));
            let shown = match entry.state {
                State::Active => good(shown),
                State::Rotated { .. } => warn(shown),
                _ => bad(shown),
            };
            let own = if device == session.device() { t("this device") } else { String::new() };
            let about = format!("{own}{}", why(&entry.state));
            let id = device.to_string();
            let id: String = id.chars().take(8).collect();
            table.row([
                strong(id),
                person.into(),
                entry.name.as_str().into(),
                word(&entry.role).into(),
                shown,
                about.into(),
            ]);
            for (person, shared) in &entry.others {
                let ended = shared.ended.is_some();
                let state = if ended { warn(word("ended")) } else { good(word("active")) };
                let (person, name) = (person.as_str().into(), shared.name.as_str().into());
                table.row(["".into(), person, name, word(&shared.role).into(), state, tr!("roster-shares").into()]);
            }
        }
        page.indented(&table);
    })?;
    Ok(Exit::Clean)
}

impl Certify {
    fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        session.require_own()?;
        let roster = session.roster()?;
        let by_id = roster.named(&self.device).and_then(|device| roster.key(device)).copied();
        let Some(key) = self.device.parse::<PublicKey>().ok().or(by_id) else {
            return Err(CliError::usage("that is neither a public key nor a device of the roster")
                .hint("`docket status` on the device shows its key; `docket roster show` lists the devices"));
        };
        let stamp = session.stamp();
        let store = session.store_mut();
        match &self.recovery_key {
            Some(recovery) => {
                company::recover(store, recovery, key, &self.person, &self.name, &self.role, &stamp)?;
            }
            None => {
                company::certify(store, key, &self.person, &self.name, &self.role, &stamp)?;
            }
        }
        let answer = json!({
            "device": key.device().to_string(), "person": self.person.to_string(), "role": self.role,
        });
        context.out.show(&answer, |page| {
            page.say(format!("{} is {}'s, {}", key.device(), self.person, self.role));
        })?;
        Ok(Exit::Clean)
    }
}

impl Share {
    fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        session.require_own()?;
        let stamp = session.stamp();
        let store = session.store_mut();
        let device = company::share(store, &self.device, &self.person, &self.name, &self.role, &stamp)?;
        let answer = json!({"device": device.to_string(), "person": self.person.to_string(), "role": self.role});
        context.out.show(&answer, |page| {
            let (device, role) = (device.to_string(), word(&self.role));
            page.line([tr!("roster-shared", person = self.person.as_str(), device = device, role = &*role).into()]);
        })?;
        Ok(Exit::Clean)
    }
}

impl Unshare {
    fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        session.require_own()?;
        let stamp = session.stamp();
        let device = company::unshare(session.store_mut(), &self.device, &self.person, &self.reason, &stamp)?;
        let answer = json!({"device": device.to_string(), "person": self.person.to_string(), "reason": self.reason});
        context.out.show(&answer, |page| {
            let device = device.to_string();
            page.line([tr!("roster-unshared", person = self.person.as_str(), device = device).into()]);
        })?;
        Ok(Exit::Clean)
    }
}

impl Revoke {
    fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        session.require_own()?;
        let stamp = session.stamp();
        let device = company::revoke(session.store_mut(), &self.device, &self.reason, &stamp)?;
        let answer = json!({"device": device.to_string(), "reason": self.reason});
        context.out.show(&answer, |page| {
            page.say(format!("{device} is revoked; hand out a bundle so that the others learn of it"));
        })?;
        Ok(Exit::Clean)
    }
}

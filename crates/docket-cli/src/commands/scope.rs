use clap::{Args, Subcommand};
use docket_device::app::{lists, scope};
use docket_device::bundle;
use docket_format::PersonId;
use serde_json::json;

use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::t;
use crate::page::{Table, faint, strong};

/// See what a technician is shown, and what their first sync costs
#[derive(Debug, Subcommand)]
pub(crate) enum Scope {
    Show(Show),
    Preview(Preview),
}

/// List the jobs that a technician is shown, and those that they were shown before
///
/// A scope follows the crews: `docket job assign` writes it. What somebody is no longer shown stays on their device,
/// retained.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docket scope show\n  docket scope show --technician T-042")]
pub(crate) struct Show {
    /// The technician [default: this device's person]
    #[arg(long, value_name = "PERSON")]
    technician: Option<PersonId>,
}

/// Count what a technician's first sync brings: documents, bytes, and how long it takes
///
/// The bytes are those of a bundle with the same documents, except that each seal has one proof for all of them: a relay's
/// pages are encoded alike, so that a sync comes within a few percent. Photos, and seals that are still to be made, are
/// not in it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket scope preview --technician T-042
  docket scope preview --technician T-042 --bandwidth 64 --json")]
pub(crate) struct Preview {
    /// The technician
    #[arg(long, value_name = "PERSON")]
    technician: PersonId,
    /// The link's speed in kilobits (1,000 bits) a second
    #[arg(long, value_name = "KBIT", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..))]
    bandwidth: u32,
}

impl Scope {
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Show(command) => command.run(context),
            Self::Preview(command) => command.run(context),
        }
    }
}

fn unknown(person: &PersonId) -> CliError {
    CliError::usage(format!("nobody here goes by `{person}`"))
        .hint("docket roster show   lists the people; docket invite adds one")
}

impl Show {
    fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let person = self.technician.or_else(|| session.person());
        let Some(person) = person else {
            return Err(CliError::usage("the roster does not say whose device this is")
                .hint("docket scope show --technician T-042"));
        };
        let sight = scope::of(session.store(), &person)?;
        let known = sight.known || session.roster()?.devices().any(|(_, one)| one.person.as_ref() == Some(&person));
        if !known {
            return Err(unknown(&person));
        }
        let (docs, gone) = (sight.scope.docs(), sight.gone());
        let (jobs, _) = lists::jobs(&session, &lists::Filter { by_appointment: true, ..lists::Filter::default() })?;
        let of = |docs: &std::collections::BTreeSet<docket_format::DocId>| {
            let named = |row: &&lists::JobRow| row.doc.parse().is_ok_and(|doc| docs.contains(&doc));
            jobs.iter().filter(named).cloned().collect::<Vec<_>>()
        };
        let (shown, left) = (of(&docs), of(&gone));
        let answer = json!({
            "person": person.to_string(), "known": sight.known, "documents": docs.len(), "jobs": shown, "left": left,
        });
        context.out.show(&answer, |page| {
            if shown.is_empty() && left.is_empty() {
                return page.say(format!("{person} is shown no jobs"));
            }
            let mut table = Table::new(&["job", "what", "where", ""]);
            let rows = shown.iter().map(|row| (row, "")).chain(left.iter().map(|row| (row, "no longer shown")));
            for (row, state) in rows {
                let what: Vec<&str> = [row.kind.as_deref(), row.product.as_deref()].into_iter().flatten().collect();
                let place = row.address.as_deref().or(row.outlet.as_deref()).unwrap_or_default();
                table.row([strong(&row.code), what.join(" ").replace('_', " ").into(), place.into(), faint(state)]);
            }
            page.table(&table);
        })?;
        Ok(Exit::Clean)
    }
}

impl Preview {
    fn run(self, context: &Context) -> Done {
        let session = context.reader()?;
        let person = &self.technician;
        let preview = bundle::preview(session.store(), person, &session.stamp())?.ok_or_else(|| unknown(person))?;
        let total: u64 = preview.documents.values().sum();
        let seconds_tenths = tenths(preview.bytes, self.bandwidth);
        let seconds = format!("{}.{}", seconds_tenths / 10, seconds_tenths % 10);
        let answer = json!({
            "person": person.to_string(), "documents": preview.documents, "total": total, "changes": preview.changes,
            "bytes": preview.bytes, "bandwidth_kbit": self.bandwidth, "first_sync_ms": seconds_tenths * 100,
        });
        context.out.show(&answer, |page| {
            let mut table = Table::new(&["documents", "kind"]).right(&[0]);
            for (kind, count) in &preview.documents {
                table.row([count.to_string().into(), kind.into()]);
            }
            page.table(&table);
            page.say("");
            page.pairs([
                ("documents", strong(total.to_string())),
                ("changes", preview.changes.to_string().into()),
                ("first sync", strong(t(&format!("{} bytes", preview.bytes)))),
                ("at", format!("{} kbit/s", self.bandwidth).into()),
                ("takes", strong(format!("{seconds} s"))),
            ]);
            page.line([faint(t("  counted as a bundle: a sync comes within a few percent"))]);
        })?;
        Ok(Exit::Clean)
    }
}

/// Tenths of a second that a link needs for these bytes, rounded up.
fn tenths(bytes: u64, kbit: u32) -> u64 {
    (bytes * 80).div_ceil(u64::from(kbit) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_sync_takes_its_bits_over_the_links_speed() {
        assert_eq!(tenths(32_000, 256), 10, "256,000 bits at 256 kbit/s: a second");
        assert_eq!(tenths(32_001, 256), 11, "rounded up");
        assert_eq!(tenths(0, 1), 0);
    }
}

use std::collections::BTreeMap;

use clap::Args;
use docket_device::app::Session;
use docket_device::app::session::stamp;
use docket_device::sync::{self, Check, HttpTransport, Options, Progress, SyncError, SyncReport};
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::watch;
use crate::context::Context;
use crate::errors::{CliError, Done, Exit};
use crate::i18n::t;
use crate::page::{Page, Span, bad, faint, good, strong, warn};

/// Bring this device and the relay into step
///
/// Hands over what waits and takes in what is new, in one request. It can be cut or killed at any moment and run again:
/// it goes on where it was, and nothing is lost. Once a day the two records are also compared, whole.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  docket sync --relay https://relay.example:7373
  docket sync
  docket sync --watch")]
pub(crate) struct Sync {
    /// The relay's address; remembered after the first time
    #[arg(long, env = "DOCKET_RELAY", value_name = "URL")]
    relay: Option<String>,
    /// Go on until Ctrl-C: what is written at either side arrives within a second
    #[arg(long)]
    watch: bool,
    /// Hand over only; take nothing in
    #[arg(long, conflicts_with_all = ["watch", "check"])]
    push_only: bool,
    /// Compare the two records now
    #[arg(long)]
    check: bool,
}

impl Sync {
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut session = context.session()?;
        let url = address(&session, self.relay.as_deref())?;
        let check = if self.check { Check::Now } else { Check::Daily };
        let options = Options { push_only: self.push_only, check };
        if self.watch {
            return watch::run(context, &mut session, &url, options);
        }
        let mut transport = transport(&url)?;
        let report = once(context, &mut session, &mut transport, options)?;
        session.store().leave_log();
        show(context, &url, &report)?;
        Ok(if report.is_whole() { Exit::Clean } else { Exit::Partial })
    }
}

/// `--relay` or `DOCKET_RELAY`, else the one that is remembered.
pub(super) fn address(session: &Session, given: Option<&str>) -> Result<String, CliError> {
    let known = session.store().relay()?.map(|relay| relay.url).filter(|url| !url.is_empty());
    let url = given.filter(|url| !url.is_empty()).map(str::to_owned).or(known);
    let url = url.ok_or_else(|| CliError::from(SyncError::NoRelay))?;
    Ok(if url.contains("://") { url } else { format!("http://{url}") })
}

pub(super) fn transport(url: &str) -> Result<HttpTransport, CliError> {
    HttpTransport::new(url).map_err(|error| CliError::usage(format!("{url}: {error}")))
}

/// One synchronisation, with a progress bar.
pub(super) fn once(
    context: &Context,
    session: &mut Session,
    transport: &mut HttpTransport,
    options: Options,
) -> Result<SyncReport, CliError> {
    let pretended = context.pretended_ms();
    let bar = context.out.progress(0, "sync");
    let synced =
        sync::sync(session.store_mut(), transport, options, &|| stamp(pretended), &mut |step| tell(&bar, step));
    bar.finish_and_clear();
    synced.map_err(|error| explain(session, error))
}

fn tell(bar: &ProgressBar, step: Progress) {
    let (what, done, of) = match step {
        Progress::Connecting => ("connecting", 0, 1),
        Progress::Pushing { done, of } => ("handing over", done, of),
        Progress::Pulling { done, of } => ("taking in", done, of),
        Progress::Checking => ("comparing", 0, 1),
    };
    bar.set_message(what);
    bar.set_length(of.max(1));
    bar.set_position(done);
}

/// A failure says how much waits: nothing of it is lost.
pub(super) fn explain(session: &Session, error: SyncError) -> CliError {
    let about_store = matches!(error, SyncError::Store(_));
    let mut failed = CliError::from(error);
    if about_store {
        return failed;
    }
    if let Ok(waiting) = session.store().waiting().map(|waiting| waiting.max(u64::from(unsealed(session)))) {
        failed.details.push(match waiting {
            0 => "nothing waits to be handed over".to_owned(),
            1 => "nothing is lost: 1 change waits here to be handed over".to_owned(),
            count => format!("nothing is lost: {count} changes wait here to be handed over"),
        });
    }
    failed
}

fn unsealed(session: &Session) -> bool {
    session.store().outbox().is_ok_and(|outbox| !outbox.tips.is_empty())
}

pub(super) fn to_json(url: &str, report: &SyncReport) -> Value {
    json!({
        "relay": url, "exchanges": report.exchanges, "sent_bytes": report.sent_bytes,
        "received_bytes": report.received_bytes, "pushed": report.pushed, "pushed_new": report.pushed_new,
        "pulled": report.pulled.new, "known": report.pulled.known, "quarantined": report.pulled.refused,
        "refused": report.refused, "recarried": report.recarried, "stuck": report.stuck, "parked": report.parked,
        "bad_seals": report.bad_seals, "reasons": report.reasons, "new_life": report.new_life.map(|life| life.0),
        "reconciled": report.reconciled, "healed": report.healed, "waiting": report.waiting,
        "whole": report.is_whole(),
    })
}

fn show(context: &Context, url: &str, report: &SyncReport) -> Result<(), CliError> {
    context.out.show(&to_json(url, report), |page| describe(page, url, report))
}

/// The summary line and what needs a person's attention.
pub(super) fn describe(page: &mut Page, url: &str, report: &SyncReport) {
    let state = if report.is_whole() { good(t("in step")) } else { bad(t("in part")) };
    let moved = format!(
        "  {} handed over, {} taken in  ",
        count(report.pushed_new, "change"),
        count(report.pulled.new, "change")
    );
    page.line([state, moved.into(), faint(t(&format!("{} up, {} down", report.sent_bytes, report.received_bytes))), {
        faint(t(&format!(" bytes  {url}")))
    }]);
    if report.reconciled {
        page.line([warn(t("  the relay's log was not the one that this device knew: both records were compared"))]);
    }
    if let Some(healed) = report.healed {
        let line = t(&format!("  compared: {} had to be repaired", count(healed, "document")));
        page.line([if healed == 0 { Span::from(line) } else { warn(line) }]);
    }
    if let Some(life) = report.new_life {
        let line = if report.forked {
            format!("  another copy of this folder has written: this device goes on as life {}", life.0)
        } else {
            format!("  own changes are carried again under new numbers: this device goes on as life {}", life.0)
        };
        page.line([warn(t(&line))]);
    }
    reasons(page, "refused by the relay, carried again", &report.refused);
    reasons(page, "quarantined", &report.reasons);
    for seal in &report.bad_seals {
        page.line([bad(t("  bad seal: ")), seal.into()]);
    }
    let left = [
        ("refused twice; kept here, see docket inbox", report.stuck),
        ("waiting for something that nobody sent", report.parked),
        ("still to be handed over", report.waiting),
    ];
    for (what, number) in left.into_iter().filter(|(_, number)| *number > 0) {
        page.line([warn(format!("  {number} ")), strong(what)]);
    }
}

fn reasons(page: &mut Page, what: &str, reasons: &BTreeMap<String, u64>) {
    for (reason, count) in reasons {
        page.line([warn(format!("  {count} × ")), format!("{what}: {reason}").into()]);
    }
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

use clap::Args;
use docket_device::app::{inbox, scope};
use docket_device::store::{RelayRow, Whereabouts};
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::{Done, Exit};
use crate::page::{Page, Span, strong, warn};
use crate::times;

/// Show this device: company, person, what it holds, what is not handed over yet
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  docket status --json")]
pub(crate) struct Status {}

impl Status {
    pub(crate) fn run(self, context: &Context) -> Done {
        let Self {} = self;
        let session = context.reader()?;
        let status = session.store().status()?;
        let roster = session.roster()?;
        let person = session.person().map(|person| person.to_string());
        let waiting = inbox::list(&session, false)?.len();
        let retained = scope::retained_jobs(&session)?.len();
        let key = roster.key(session.device()).map(ToString::to_string);
        let docs: serde_json::Map<String, Value> =
            status.docs.iter().map(|(kind, count)| (kind.clone(), (*count).into())).collect();
        let lives: Vec<Value> = status
            .lives
            .iter()
            .map(|(life, began_ms, why)| json!({"life": life.0, "began_ms": began_ms, "why": why}))
            .collect();
        let mut answer = json!({
            "company": roster.name, "tenant": session.tenant().to_string(), "device": session.device().to_string(),
            "key": key, "person": person, "role": session.role(), "store": session.store().dir().display().to_string(),
            "policy": session.policy()?.name, "documents": docs, "changes": status.changes, "facts": status.facts,
            "not_handed_over": status.unsealed, "photos_not_sent": status.blobs_unsent, "inbox": waiting,
            "parked": status.parked, "quarantined": status.quarantined, "disk_bytes": status.disk_bytes,
            "lives": lives, "retained": retained,
        });
        let relay = session.store().relay()?;
        let places = session.store().whereabouts(None)?;
        let outbox = session.store().waiting()?;
        if let Some(object) = answer.as_object_mut() {
            object.insert("places".into(), json!(places));
            object.insert("outbox".into(), outbox.into());
            object.insert("relay".into(), relay.as_ref().map_or(Value::Null, to_json));
        }
        let kinds: Vec<String> = status.docs.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        context.out.show(&answer, |page| {
            let who = person.as_deref().unwrap_or("nobody");
            page.line([strong(&roster.name), format!("  {who}, {}", session.role()).into()]);
            page.pairs([
                ("store", session.store().dir().display().to_string().into()),
                ("device", session.device().to_string().into()),
                ("public key", key.as_deref().unwrap_or("unknown").into()),
                ("documents", kinds.join(", ").into()),
                ("records", format!("{} in {} changes", status.facts, status.changes).into()),
                ("not handed over yet", count(status.unsealed)),
                ("photos not sent", count(status.blobs_unsent)),
                ("inbox", count(waiting as u64)),
                ("waiting for others", count(status.parked)),
                ("quarantined", count(status.quarantined)),
                ("retained jobs", Span::from(retained.to_string())),
                ("on disk", format!("{} KiB", status.disk_bytes.div_ceil(1024)).into()),
            ]);
            if let Some(relay) = &relay {
                describe(page, context, relay, places, outbox);
            }
        })?;
        Ok(Exit::Clean)
    }
}

fn to_json(relay: &RelayRow) -> Value {
    json!({
        "url": relay.url, "key": relay.key.as_ref().map(ToString::to_string),
        "receipt_ms": relay.receipt.map(|receipt| receipt.relay_ms), "receipt_pos": relay.receipt.map(|receipt| receipt.pos),
        "clock_offset_ms": relay.offset_ms, "checked_ms": relay.checked_ms, "healed": relay.healed,
    })
}

fn describe(page: &mut Page, context: &Context, relay: &RelayRow, places: Whereabouts, outbox: u64) {
    let zone = context.zone();
    let receipt = relay.receipt.map_or("none yet".to_owned(), |receipt| {
        format!("{}, place {} of its log", times::show(receipt.relay_ms, &zone), receipt.pos)
    });
    let clock = relay.offset_ms.map_or("unknown".to_owned(), |offset| {
        let seconds = offset as f64 / 1000.0;
        format!("the relay's is {seconds:+.1} s from this device's")
    });
    let checked = relay.checked_ms.map_or("never".to_owned(), |at| {
        format!("{}; {} documents repaired ever", times::show(at, &zone), relay.healed)
    });
    page.title("Relay");
    page.pairs([
        ("relay", relay.url.as_str().into()),
        ("records only here", count(places.here)),
        ("at the relay", Span::from(places.relay.to_string())),
        ("seen by a supervisor", Span::from(places.seen.to_string())),
        ("changes in the outbox", count(outbox)),
        ("last receipt", receipt.into()),
        ("clock", clock.into()),
        ("compared", checked.into()),
    ]);
}

fn count(number: u64) -> Span {
    if number == 0 { Span::from("0") } else { warn(number.to_string()) }
}

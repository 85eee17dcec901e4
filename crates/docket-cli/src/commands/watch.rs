//! `docket sync --watch`: in step until somebody ends it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use docket_device::app::Session;
use docket_device::sync::{Options, SyncError, Waited, Waiter};

use super::sync::{describe, once, to_json, transport};
use crate::context::Context;
use crate::errors::{CliError, Done, Exit, Kind};

/// How often the database is asked whether another process wrote.
const POLL: Duration = Duration::from_millis(200);
/// The first pause after a failure.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_mins(1);

/// What ends a pause.
enum Event {
    /// The wait at the relay is over.
    Relay(Result<Waited, SyncError>),
    /// Somebody ends the watch.
    Stop,
}

/// Synchronises, waits for news of either side, again and again.
pub(super) fn run(context: &Context, session: &mut Session, url: &str, options: Options) -> Done {
    let (send, events) = channel();
    on_signal(send.clone())?;
    let waits = waiter(url, send)?;
    let mut transport = transport(url)?;
    let mut pause = Pause::default();
    let mut options = options;
    let mut done;
    let mut waiting = false;
    loop {
        match once(context, session, &mut transport, options) {
            Ok(report) => {
                pause.reset();
                options = Options::default();
                done = if report.is_whole() { Exit::Clean } else { Exit::Partial };
                if report.pushed_new + report.pulled.new + report.pulled.refused > 0 || report.healed.is_some() {
                    context.out.show(&to_json(url, &report), |page| describe(page, url, &report))?;
                }
            }
            // What is wrong here stays wrong; a relay that is away comes back.
            Err(error) if error.kind == Kind::Usage => return Err(error),
            Err(error) => {
                let wait = pause.next();
                context.out.warn(format!("{}; trying again in {} s", error.message, wait.as_secs().max(1)));
                if stopped_within(&events, wait, &mut waiting) {
                    return Ok(Exit::Partial);
                }
                continue;
            }
        }
        if !waiting && let Some(waiter) = Waiter::of(session.store())? {
            waiting = waits.send(waiter).is_ok();
        }
        match until_news(session, &events, &mut waiting, &waits)? {
            News::Stop => return Ok(done),
            News::Here => {}
            News::Away(error) => {
                let wait = pause.next();
                context.out.warn(format!("{error}; trying again in {} s", wait.as_secs().max(1)));
                if stopped_within(&events, wait, &mut waiting) {
                    return Ok(done);
                }
            }
        }
    }
}

enum News {
    Stop,
    Here,
    Away(SyncError),
}

/// Waits until the relay has news, another process writes here, or somebody ends it.
fn until_news(
    session: &Session,
    events: &Receiver<Event>,
    waiting: &mut bool,
    waits: &Sender<Waiter>,
) -> Result<News, CliError> {
    let mut version = data_version(session)?;
    loop {
        match events.recv_timeout(POLL) {
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(News::Stop),
            Ok(Event::Relay(Ok(Waited::Nothing))) => {
                *waiting = match Waiter::of(session.store())? {
                    Some(waiter) => waits.send(waiter).is_ok(),
                    None => false,
                };
            }
            Ok(Event::Relay(Ok(Waited::News | Waited::Token))) => {
                *waiting = false;
                return Ok(News::Here);
            }
            Ok(Event::Relay(Err(error))) => {
                *waiting = false;
                return Ok(News::Away(error));
            }
            Err(RecvTimeoutError::Timeout) => {
                let now = data_version(session)?;
                if now != version {
                    version = now;
                    if session.store().waiting()? > 0 {
                        return Ok(News::Here);
                    }
                }
            }
        }
    }
}

/// Changes when another process has written.
fn data_version(session: &Session) -> Result<i64, CliError> {
    Ok(session.store().data_version()?)
}

/// Whether somebody ended the watch during a pause.
fn stopped_within(events: &Receiver<Event>, pause: Duration, waiting: &mut bool) -> bool {
    let until = Instant::now() + pause;
    loop {
        match events.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return true,
            Ok(Event::Relay(_)) => *waiting = false,
            Err(RecvTimeoutError::Timeout) => return false,
        }
    }
}

/// A thread that waits at the relay, over a connection of its own.
fn waiter(url: &str, events: Sender<Event>) -> Result<Sender<Waiter>, CliError> {
    let mut transport = transport(url)?;
    let (send, jobs) = channel::<Waiter>();
    let started = std::thread::Builder::new().name("wait".into()).spawn(move || {
        for job in jobs {
            if events.send(Event::Relay(job.wait(&mut transport))).is_err() {
                return;
            }
        }
    });
    started.map_err(|error| CliError::environment(format!("can't start a thread: {error}")))?;
    Ok(send)
}

/// Ctrl-C or SIGTERM ends the watch after what is under way; a second one at once.
fn on_signal(events: Sender<Event>) -> Result<(), CliError> {
    let started = std::thread::Builder::new().name("signals".into()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            for second in [false, true] {
                signal().await;
                if second {
                    std::process::exit(130);
                }
                let _ = events.send(Event::Stop);
            }
        });
    });
    started.map_err(|error| CliError::environment(format!("can't start a thread: {error}")))?;
    Ok(())
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Pauses that grow from one second to a minute, each a little different, so that a depot's devices don't all come back
/// in one moment.
#[derive(Debug, Default)]
struct Pause {
    failures: u32,
}

impl Pause {
    fn reset(&mut self) {
        self.failures = 0;
    }

    fn next(&mut self) -> Duration {
        let full = SHORTEST.saturating_mul(1 << self.failures.min(6)).min(LONGEST);
        self.failures += 1;
        // Without randomness the full pause will do.
        let [byte] = docket_device::keys::random::<1>().unwrap_or([255]);
        full / 2 + full.mul_f64(f64::from(byte) / 510.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_begin_anew_after_success() {
        let mut pause = Pause::default();
        for expected in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let pause = pause.next();
            assert!(pause >= Duration::from_secs(expected) / 2 && pause <= Duration::from_secs(expected), "{pause:?}");
        }
        pause.reset();
        assert!(pause.next() <= SHORTEST);
    }
}

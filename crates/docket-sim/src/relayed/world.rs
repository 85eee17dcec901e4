//! The run: who does what when.

use std::cell::RefCell;

use docket_device::Store;
use docket_device::store::RETRACTED;
use docket_device::sync::{Check, Options, SyncError, SyncReport, sync};
use docket_faultvfs::Rng;
use docket_format::fact::Stamp;
use docket_format::keys::SecretKey;
use docket_format::roster::{self, Draft};
use docket_format::{Author, Incarnation, PersonId, TenantId, crockford, digest};

use super::device::{Device, text};
use super::network::Wire;
use super::oracle::Ledger;
use super::room::Room;
use super::{Config, Plant, Report};

/// The start of the simulated time: 2026-01-01T00:00:00Z, in milliseconds since 1970.
pub(super) const START_MS: i64 = 1_767_225_600_000;
/// Longest time between two operations, in milliseconds.
const STEP_MS: usize = 5 * 60_000;
/// Devices of the office at the beginning: the admin's first.
pub(super) const OFFICE: usize = 3;

/// Everything that is.
pub(super) struct World {
    pub(super) config: Config,
    pub(super) rng: Rng,
    pub(super) now_ms: i64,
    pub(super) room: RefCell<Room>,
    /// The first is an admin's and stays.
    pub(super) devices: Vec<Device>,
    pub(super) ledger: Ledger,
    pub(super) report: Report,
    pub(super) tenant: TenantId,
    pub(super) relay_skew_ms: i64,
    trace: [u8; 32],
    keys: u64,
}

/// Runs it, season by season. `Err` tells which promise was broken, after which operation, and how to see it again.
pub fn run(config: Config) -> Result<Report, String> {
    let mut sum = Report::default();
    let (mut left, mut seed, mut trace, mut state) = (config.ops, config.seed, [0; 32], [0; 32]);
    while left > 0 {
        let ops = left.min(config.season);
        let one = season(Config { seed, ops, ..config }).map_err(|error| {
            let again = format!("--on relay --seed {seed} --ops {ops} --season {ops} --devices {}", config.devices);
            format!("{error}\n  cargo run --release -p docket-sim --bin sim -- {again}")
        })?;
        trace = digest::labelled("sim-seasons", &[&trace, one.trace.as_bytes()]);
        state = digest::labelled("sim-seasons", &[&state, one.state.as_bytes()]);
        sum.seasons += 1;
        sum.facts += one.facts;
        sum.lost += one.lost;
        sum.docs += one.docs;
        sum.equivocations += one.equivocations;
        sum.heads += one.heads;
        for (name, count) in one.tally {
            *sum.tally.entry(name).or_default() += count;
        }
        left -= ops;
        seed += 1;
    }
    (sum.trace, sum.state) = (crockford::encode(&trace), crockford::encode(&state));
    Ok(sum)
}

fn season(config: Config) -> Result<Report, String> {
    let mut world = World::new(config)?;
    for op in 0..config.ops {
        world.step().map_err(|error| format!("seed {}, operation {op}: {error}", config.seed))?;
    }
    world.close().map_err(|error| format!("seed {}, at the end: {error}", config.seed))?;
    world.report.trace = crockford::encode(&world.trace);
    Ok(world.report)
}

/// The id of a person by number.
pub(super) fn person(number: usize) -> Result<PersonId, String> {
    format!("T-{number:03}").parse().map_err(text)
}

/// The role of a person by number.
pub(super) fn role(number: usize) -> &'static str {
    match number {
        0 => "admin",
        1 => "supervisor",
        2 => "dispatcher",
        _ => "technician",
    }
}

impl World {
    fn new(config: Config) -> Result<Self, String> {
        let mut rng = Rng::new(config.seed);
        let root = SecretKey::from_seed(&[255; 32]);
        let tenant = root.public().tenant();
        let relay = RefCell::new(Room::new(tenant, config.plant, rng.fork(1)));
        let mut world = Self {
            config,
            rng,
            now_ms: START_MS,
            room: relay,
            devices: Vec::new(),
            ledger: Ledger::default(),
            report: Report::default(),
            tenant,
            relay_skew_ms: 0,
            trace: [0; 32],
            keys: 0,
        };
        let keys: Vec<SecretKey> = (0..config.devices.max(OFFICE + 1)).map(|_| world.next_key()).collect();
        for (number, key) in keys.iter().enumerate() {
            let fill = |store: &mut Store| if number == 0 { found(store, &root, tenant, &keys) } else { Ok(()) };
            let mut device = Device::new(tenant, key, number, fill)?;
            device.branch = world.ledger.branch();
            world.devices.push(device);
        }
        for who in 0..world.devices.len() {
            world.sync(who, Options::default(), Some(0))?;
        }
        Ok(world)
    }

    /// A key that follows from the seed.
    pub(super) fn next_key(&mut self) -> SecretKey {
        self.keys += 1;
        let seed = digest::labelled("sim-key", &[&self.config.seed.to_be_bytes(), &self.keys.to_be_bytes()]);
        SecretKey::from_seed(&seed)
    }

    /// Puts an event into the trace.
    pub(super) fn note(&mut self, event: &str) {
        self.trace = digest::labelled("sim-trace", &[&self.trace, event.as_bytes()]);
        if self.config.log {
            self.say(event);
        }
    }

    #[expect(clippy::print_stderr, reason = "for looking at a run, when asked for")]
    fn say(&self, event: &str) {
        eprintln!("{:>10} {event}", (self.now_ms - START_MS) / 1000);
    }

    pub(super) fn count(&mut self, what: &'static str) {
        *self.report.tally.entry(what).or_default() += 1;
    }

    pub(super) fn device(&mut self, who: usize) -> Result<&mut Device, String> {
        self.devices.get_mut(who).ok_or_else(|| format!("no device {who}"))
    }

    pub(super) fn stamp(&mut self, who: usize) -> Result<Stamp, String> {
        let now_ms = self.now_ms;
        Ok(self.device(who)?.stamp(now_ms, START_MS))
    }

    fn step(&mut self) -> Result<(), String> {
        self.now_ms += 1 + self.rng.below(STEP_MS) as i64;
        self.deliver_late(self.now_ms)?;
        if self.rng.chance(self.config.rough, 1000) {
            return self.accident();
        }
        match self.rng.below(1000) {
            0..=29 => self.new_job(),
            30..=99 => self.assign(),
            100..=749 => self.write(),
            _ => {
                let who = self.rng.below(self.devices.len());
                let push_only = self.rng.chance(1, 20);
                let check = if self.rng.chance(1, 50) { Check::Now } else { Check::Daily };
                self.sync(who, Options { push_only, check }, None).map(|_| ())
            }
        }
    }

    /// Requests that somebody gave up long ago arrive.
    pub(super) fn deliver_late(&mut self, now_ms: i64) -> Result<(), String> {
        let room = self.room.get_mut();
        room.desk.now_ms = now_ms + self.relay_skew_ms;
        let (due, wait) = std::mem::take(&mut room.late).into_iter().partition(|late| late.due_ms <= now_ms);
        room.late = wait;
        for late in due {
            let answer = self.room.get_mut().answer(&late.path, late.token.as_deref(), &late.body);
            let came = answer.map_or_else(|(status, _)| usize::from(status), |bytes| bytes.len());
            self.note(&format!("late {} of {} bytes: {came}", late.path, late.body.len()));
            self.count("request arrived late");
        }
        self.after_relay_accident()
    }

    /// A device synchronises. `loss` makes the network as good as that; else it is as the seed says. `None` = it did
    /// not get through, which is nobody's fault.
    pub(super) fn sync(
        &mut self,
        who: usize,
        options: Options,
        loss: Option<usize>,
    ) -> Result<Option<SyncReport>, String> {
        let at = self.stamp(who)?;
        let worst = self.config.loss;
        let usual = [0, worst / 6, worst / 2, worst];
        let mut rng = self.rng.fork(2);
        let loss = loss.unwrap_or_else(|| rng.pick(&usual).copied().unwrap_or(0));
        self.room.get_mut().desk.now_ms = self.now_ms + self.relay_skew_ms;
        let accidents = self.room.get_mut().accidents;
        let Some(device) = self.devices.get_mut(who) else { return Err(format!("no device {who}")) };
        let (before, aside, row) = (device.author()?, device.put_aside()?, device.newest_row()?);
        if self.config.plant == Some(Plant::ForgetsNonces) {
            device.store()?.conn().execute("UPDATE relay SET nonce = NULL", []).map_err(text)?;
        }
        let away = self.now_ms < device.away_until;
        let (room, tally, plant) = (&self.room, &mut self.report.tally, self.config.plant);
        let mut wire = Wire { room, tally, rng, now_ms: self.now_ms, away, loss, plant };
        let done = sync(device.store_mut()?, &mut wire, options, &|| at.clone(), &mut |_| {});
        let (after, reason) = (device.author()?, device.life_reason()?);
        let put_aside = device.put_aside()? > aside;
        // Rows of what was taken out are given out again.
        let carried = device.carried_since(if put_aside { 0 } else { row })?;
        device.note_jobs()?;
        let known = device.accidents;
        // A push alone brings nothing together.
        if done.is_ok() && !options.push_only {
            device.accidents = accidents;
        }
        let shown = match &done {
            Ok(report) => format!("{report:?}"),
            Err(error) => error.to_string(),
        };
        self.note(&format!("{who} ({}) syncs: {shown}", before.device));
        self.after_relay_accident()?;
        self.ledger.carried(carried)?;
        if before != after {
            self.count(if reason == RETRACTED {
                "new life to carry own changes again"
            } else {
                "new life after a copy"
            });
            let fine = self.ledger.new_life(before, &reason, put_aside);
            fine.map_err(|error| format!("device {who}: {error}"))?;
        }
        match done {
            Ok(report) => {
                self.judge_sync(who, &report, known != accidents)?;
                Ok(Some(report))
            }
            Err(SyncError::Transport { .. }) => {
                self.count("synchronisation cut short");
                Ok(None)
            }
            // "unknown": the refusal's own words were cut on the way.
            Err(SyncError::Refused { problem, .. })
                if matches!(problem.code.as_str(), "unknown-device" | "unknown") =>
            {
                self.count("device that the relay does not know");
                Ok(None)
            }
            Err(error) => Err(format!("device {who} can't synchronise: {error}")),
        }
    }

    /// Writes down what was lost when the relay's log was put back in the middle of something.
    pub(super) fn after_relay_accident(&mut self) -> Result<(), String> {
        let gone = std::mem::take(&mut self.room.get_mut().gone);
        if gone.is_empty() { Ok(()) } else { self.lose(gone) }
    }
}

/// The company's first facts, by the root's key, which is then forgotten.
fn found(store: &mut Store, root: &SecretKey, tenant: TenantId, keys: &[SecretKey]) -> Result<(), String> {
    let author = Author { device: root.public().device(), incarnation: Incarnation(0) };
    let at = Stamp { wall_ms: START_MS, boot: "B".to_owned(), up_ms: 0 };
    let doc = roster::doc(tenant);
    let people = (0..keys.len()).map(person).collect::<Result<Vec<_>, _>>()?;
    let certify = keys.iter().zip(&people).enumerate().map(|(number, (key, person))| Draft::Certify {
        key: key.public(),
        person,
        name: "somebody",
        role: role(number),
    });
    let mut tx = store.begin().map_err(text)?;
    for draft in [Draft::Founded { name: "simulated" }].into_iter().chain(certify) {
        let next = tx.next(doc, author).map_err(text)?;
        let (fact, canonical) = roster::sign(tenant, root, next.origin(at.clone()), &draft).map_err(text)?;
        tx.append(doc, &[(fact.id, canonical)], &at).map_err(text)?;
    }
    tx.commit().map_err(text)
}

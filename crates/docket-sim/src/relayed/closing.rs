//! The end: the network is good again, and everybody synchronises until nothing moves.

use docket_device::keys;
use docket_device::sync::{Check, Options, SyncReport};

use super::device::text;
use super::world::World;

/// Rounds after which everything must be still.
const ROUNDS: usize = 8;
/// Requests that are still on their way arrive within this time, in milliseconds.
const LAST_MS: i64 = 30 * 86_400_000;

impl World {
    /// Heals the network, lets everybody synchronise, and judges.
    pub(super) fn close(&mut self) -> Result<(), String> {
        self.now_ms += LAST_MS;
        self.room.get_mut().doomed = false;
        self.deliver_late(self.now_ms)?;
        for device in &mut self.devices {
            device.away_until = 0;
        }
        self.everybody(Options::default())?;
        self.certify_again()?;
        let mut round = 0;
        while !self.everybody(Options::default())? {
            round += 1;
            if round == ROUNDS {
                return Err(format!("something still moves after {ROUNDS} rounds"));
            }
        }
        let last = format!("rounds until it is still: {round}");
        self.note(&last);
        for who in 0..self.devices.len() {
            let check = Options { check: Check::Now, ..Options::default() };
            let report = self.sync(who, check, Some(0))?.ok_or_else(|| format!("device {who} can't synchronise"))?;
            if report.healed != Some(0) {
                return Err(format!("device {who} had something to heal at the last check: {report:?}"));
            }
        }
        self.judge()
    }

    /// One round; true if nothing moved.
    fn everybody(&mut self, options: Options) -> Result<bool, String> {
        let mut still = true;
        for who in 0..self.devices.len() {
            self.now_ms += 60_000;
            let report = self.sync(who, options, Some(0))?;
            still &= report.is_some_and(|report| is_still(&report));
        }
        Ok(still)
    }

    /// Devices whose certificates were lost are certified again, as an admin would whom they call.
    fn certify_again(&mut self) -> Result<(), String> {
        let roster = self.roster()?;
        for who in 0..self.devices.len() {
            let device = self.device(who)?;
            let (id, number) = (device.id, device.person);
            if roster.device(id).is_none() {
                let key = keys::load(device.store()?.dir(), id).map_err(text)?.public();
                self.certify(&key, number)?;
                self.count("certified again");
            }
        }
        Ok(())
    }
}

fn is_still(report: &SyncReport) -> bool {
    let moved = report.pushed_new + report.pulled.new + report.recarried + report.stuck;
    moved == 0 && !report.reconciled && report.new_life.is_none() && report.waiting == 0
}

//! What goes wrong.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_device::company;
use docket_format::roster::{Roster, State};
use docket_format::{DeviceId, FactId};

use super::Plant;
use super::device::{Device, Extent, text};
use super::world::{OFFICE, World, person, role};

/// Earlier states of itself that a device can be put back to.
const SAVED: usize = 2;
/// Devices beyond those of the beginning.
const EXTRA: usize = 4;
/// Ten years, in milliseconds.
const TEN_YEARS_MS: usize = 10 * 365 * 86_400_000;
/// Longest time without a network, in milliseconds.
const AWAY_MS: usize = 4 * 86_400_000;

impl World {
    /// Something goes wrong somewhere.
    pub(super) fn accident(&mut self) -> Result<(), String> {
        let who = self.rng.below(self.devices.len());
        match self.rng.below(1000) {
            0..=149 => self.restart(who),
            150..=379 => self.cut_power(who),
            380..=529 => self.save(who),
            530..=589 => self.put_device_back(who),
            590..=614 => self.wipe_device(who),
            615..=639 => self.copy_device(who),
            640..=654 => self.revoke(who),
            655..=739 => {
                self.event("backup of the relay");
                self.room.get_mut().back_up()
            }
            740..=774 => {
                self.event("relay put back");
                self.room.get_mut().put_back()?;
                self.after_relay_accident()
            }
            775..=784 => {
                self.event("relay deleted");
                self.room.get_mut().wipe()?;
                self.after_relay_accident()
            }
            785..=819 => {
                self.room.get_mut().doomed = true;
                Ok(())
            }
            820..=879 => self.set_clock(who),
            880..=904 => {
                self.relay_skew_ms = self.skew();
                self.event("clock of the relay set");
                Ok(())
            }
            905..=964 => self.part(),
            _ => {
                self.event("tokens forgotten");
                self.room.get_mut().desk.forget_tokens();
                Ok(())
            }
        }
    }

    fn event(&mut self, what: &'static str) {
        self.count(what);
        self.note(what);
    }

    fn skew(&mut self) -> i64 {
        let most = if self.rng.chance(1, 2) { TEN_YEARS_MS } else { 600_000 };
        self.rng.below(2 * most) as i64 - most as i64
    }

    fn set_clock(&mut self, who: usize) -> Result<(), String> {
        let skew = self.skew();
        self.device(who)?.skew_ms = skew;
        self.event("clock of a device set");
        Ok(())
    }

    /// A group of devices has no network for hours or days.
    fn part(&mut self) -> Result<(), String> {
        let until = self.now_ms + self.rng.below(AWAY_MS) as i64;
        for _ in 0..=self.rng.below(self.devices.len() / 2) {
            let who = self.rng.below(self.devices.len());
            self.device(who)?.away_until = until;
        }
        self.event("partition");
        Ok(())
    }

    fn restart(&mut self, who: usize) -> Result<(), String> {
        if self.device(who)?.restart()? {
            return Err(format!("device {who} took a restart for a restore"));
        }
        self.event("restart");
        self.check_recent(who)
    }

    fn cut_power(&mut self, who: usize) -> Result<(), String> {
        let mut rng = self.rng.fork(6);
        let lies = self.config.plant == Some(Plant::DisksLie);
        let restored = self.device(who)?.cut_power(&mut rng, lies)?;
        if restored {
            return Err(format!("device {who} took a power cut for a restore"));
        }
        self.event("power cut");
        self.check_recent(who)
    }

    /// What was acknowledged is still there.
    fn check_recent(&mut self, who: usize) -> Result<(), String> {
        let device = self.device(who)?;
        let recent = std::mem::take(&mut device.recent);
        let held = device.held()?;
        match recent.iter().find(|fact| !held.contains(fact)) {
            Some(fact) => Err(format!("device {who} lost acknowledged fact {fact}")),
            None => Ok(()),
        }
    }

    fn save(&mut self, who: usize) -> Result<(), String> {
        let out = self.rng.below(SAVED);
        let device = self.device(who)?;
        let state = device.save()?;
        if device.saved.len() == SAVED {
            device.saved.remove(out);
        }
        device.saved.push(state);
        self.event("backup of a device");
        Ok(())
    }

    fn put_device_back(&mut self, who: usize) -> Result<(), String> {
        let extent = match self.rng.below(5) {
            0..=1 => Extent::Whole,
            2..=3 => Extent::Database,
            _ => Extent::CounterGone,
        };
        let mut rng = self.rng.fork(7);
        let branch = self.ledger.branch();
        let device = self.device(who)?;
        let Some(state) = rng.pick(&device.saved).cloned() else { return Ok(()) };
        let before = device.held()?;
        let noticed = device.put_back(&state, extent)?;
        device.branch = branch;
        let (id, now) = (device.id, device.held()?);
        self.ledger.copied(id);
        self.ledger.back(&now);
        self.event(if noticed { "device put back, noticed" } else { "device put back" });
        self.lose(before.difference(&now).copied().collect())
    }

    /// A device is gone; its person gets another.
    fn wipe_device(&mut self, who: usize) -> Result<(), String> {
        if who == 0 {
            return Ok(());
        }
        let (before, number) = (self.device(who)?.held()?, self.device(who)?.person);
        let anew = self.hire(number)?;
        *self.device(who)? = anew;
        self.event("device wiped");
        self.lose(before)
    }

    /// A new device for somebody, certified by the admin's.
    fn hire(&mut self, number: usize) -> Result<Device, String> {
        let key = self.next_key();
        let mut anew = Device::new(self.tenant, &key, number, |_| Ok(()))?;
        anew.branch = self.ledger.branch();
        self.certify(&key.public(), number)?;
        Ok(anew)
    }

    /// The admin's device certifies a key.
    pub(super) fn certify(&mut self, key: &docket_format::keys::PublicKey, number: usize) -> Result<(), String> {
        let (at, name) = (self.stamp(0)?, person(number)?);
        let admin = self.device(0)?;
        let row = admin.newest_row()?;
        company::certify(admin.store_mut()?, *key, &name, "somebody", role(number), &at).map_err(text)?;
        self.acknowledged(0, row, "certifies")
    }

    fn copy_device(&mut self, who: usize) -> Result<(), String> {
        if self.devices.len() >= self.config.devices + EXTRA {
            return Ok(());
        }
        let (one, other) = (self.ledger.branch(), self.ledger.branch());
        let device = self.device(who)?;
        let state = device.save()?;
        let mut twin = device.twin(&state)?;
        (device.branch, twin.branch) = (one, other);
        let id = device.id;
        self.ledger.copied(id);
        self.devices.push(twin);
        self.event("device cloned");
        Ok(())
    }

    /// The admin takes a device its standing. Two devices of the office stay.
    fn revoke(&mut self, who: usize) -> Result<(), String> {
        let target = self.device(who)?.id;
        if who < OFFICE || target == self.device(0)?.id || !self.is_active(target)? {
            return Ok(());
        }
        let at = self.stamp(0)?;
        let admin = self.device(0)?;
        let row = admin.newest_row()?;
        company::revoke(admin.store_mut()?, &target.to_string(), "left the company", &at).map_err(text)?;
        self.event("device revoked");
        self.acknowledged(0, row, "revokes")?;
        if self.devices.len() < self.config.devices + EXTRA {
            let number = self.device(who)?.person;
            let anew = self.hire(number)?;
            self.devices.push(anew);
        }
        Ok(())
    }

    /// The roster as the admin's device has it.
    pub(super) fn roster(&mut self) -> Result<Arc<Roster>, String> {
        company::roster(self.device(0)?.store()?).map_err(text)
    }

    fn is_active(&mut self, device: DeviceId) -> Result<bool, String> {
        Ok(self.roster()?.device(device).is_some_and(|entry| entry.state == State::Active))
    }

    /// These are not where they were; what nothing else holds is lost.
    pub(super) fn lose(&mut self, mut gone: BTreeSet<FactId>) -> Result<(), String> {
        for device in &self.devices {
            let held = device.held()?;
            gone.retain(|fact| !held.contains(fact));
        }
        let held = self.room.get_mut().facts()?;
        gone.retain(|fact| !held.contains(fact));
        self.ledger.lose(&gone);
        Ok(())
    }
}

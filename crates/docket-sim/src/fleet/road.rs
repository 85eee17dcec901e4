//! The road between devices: a stick in a van, a messenger, a mailbox. Nothing on it is reliable.

use std::collections::BTreeMap;

use docket_faultvfs::Rng;

/// Something on the road.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// To whom: a device's index.
    pub to: usize,
    /// The hand-over.
    pub bytes: Vec<u8>,
}

/// A way for hand-overs to travel. The simulator's own, or a real transport under test.
pub trait Road {
    /// Puts a parcel on the road.
    fn send(&mut self, parcel: Parcel, now_ms: i64, rng: &mut Rng);

    /// Takes everything off the road that has arrived by now.
    fn arrived(&mut self, now_ms: i64) -> Vec<Parcel>;

    /// Counts of what was lost, doubled and damaged so far.
    fn mishaps(&self) -> Mishaps;
}

/// What went wrong on the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mishaps {
    /// Parcels put on the road.
    pub sent: u64,
    /// Lost for ever.
    pub lost: u64,
    /// Delivered twice.
    pub doubled: u64,
    /// Delivered with a flipped bit.
    pub damaged: u64,
    /// Delivered after a parcel that was sent later.
    pub overtaken: u64,
}

/// How bad the road is: chances in 1,000, and the longest delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roughness {
    /// Lost.
    pub loss: usize,
    /// Delivered twice.
    pub double: usize,
    /// One bit flipped.
    pub damage: usize,
    /// Longest time on the road, in milliseconds.
    pub delay_ms: usize,
}

/// A road that loses, doubles, damages and reorders.
#[derive(Debug)]
pub struct Rough {
    roughness: Roughness,
    mishaps: Mishaps,
    /// By arrival and number of sending, so that ties have an order.
    under_way: BTreeMap<(i64, u64), Parcel>,
    last_arrived: u64,
    number: u64,
}

impl Rough {
    /// An empty road.
    pub fn new(roughness: Roughness) -> Self {
        Self { roughness, mishaps: Mishaps::default(), under_way: BTreeMap::new(), last_arrived: 0, number: 0 }
    }
}

impl Road for Rough {
    fn send(&mut self, mut parcel: Parcel, now_ms: i64, rng: &mut Rng) {
        self.mishaps.sent += 1;
        if rng.chance(self.roughness.loss, 1000) {
            self.mishaps.lost += 1;
            return;
        }
        let doubled = rng.chance(self.roughness.double, 1000);
        self.mishaps.doubled += u64::from(doubled);
        if doubled {
            self.number += 1;
            let at = now_ms + rng.below(self.roughness.delay_ms) as i64;
            self.under_way.insert((at, self.number), parcel.clone());
        }
        if rng.chance(self.roughness.damage, 1000) {
            let place = rng.below(parcel.bytes.len());
            if let Some(byte) = parcel.bytes.get_mut(place) {
                *byte ^= 1 << rng.below(8);
                self.mishaps.damaged += 1;
            }
        }
        self.number += 1;
        let at = now_ms + rng.below(self.roughness.delay_ms) as i64;
        self.under_way.insert((at, self.number), parcel);
    }

    fn arrived(&mut self, now_ms: i64) -> Vec<Parcel> {
        let later = self.under_way.split_off(&(now_ms, u64::MAX));
        let now = std::mem::replace(&mut self.under_way, later);
        now.into_iter()
            .map(|((_, number), parcel)| {
                self.mishaps.overtaken += u64::from(number < self.last_arrived);
                self.last_arrived = self.last_arrived.max(number);
                parcel
            })
            .collect()
    }

    fn mishaps(&self) -> Mishaps {
        self.mishaps
    }
}

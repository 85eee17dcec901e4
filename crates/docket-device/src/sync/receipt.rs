//! What a reply proves: the relay's time, and that it holds what was pushed.

use docket_format::fact::Stamp;
use docket_format::keys::PublicKey;
use docket_format::{ChangeHash, DeviceId, TenantId};
use docket_sync::wire::{Beacon, Receipt, Reply, accepted_digest};

use crate::store::{LastReceipt, RelayRow, RelayTime};

/// The reply's signed time, checked; `None` if that relay did not sign it.
pub(super) fn beacon(reply: &Reply, key: PublicKey, tenant: TenantId) -> Option<Beacon> {
    let Reply { epoch, head, relay_ms, beacon: signature, .. } = *reply;
    let beacon = Beacon { key, epoch, head, relay_ms, signature };
    beacon.verify(tenant).is_ok().then_some(beacon)
}

/// Notes the relay's time: its newest signed word, how far its clock is from this device's, and what that says about this
/// boot, unless more is known from an earlier exchange that was faster.
pub(super) fn note_time(relay: &mut RelayRow, beacon: &Beacon, sent: &Stamp, now: &Stamp) {
    relay.beacon = Some(beacon.encode());
    relay.offset_ms = Some(beacon.relay_ms.saturating_sub(now.wall_ms));
    let before = relay.time.as_ref().and_then(|time| time.at(now));
    let seen = RelayTime::of(beacon.relay_ms, sent, now);
    relay.time = seen.filter(|seen| before.is_none_or(|(_, off_ms)| seen.off_ms <= off_ms)).or(relay.time.take());
}

/// Whether the reply's receipt is for exactly these changes of this device.
pub(super) fn holds(
    reply: &Reply,
    key: &PublicKey,
    tenant: TenantId,
    device: DeviceId,
    accepted: &[ChangeHash],
) -> bool {
    let digest = accepted_digest(accepted.to_vec());
    let receipt =
        Receipt { tenant, device, epoch: reply.epoch, head: reply.head, relay_ms: reply.relay_ms, accepted: &digest };
    reply.receipt.is_some_and(|signature| receipt.verify(key, &signature).is_ok())
}

/// Notes a receipt that holds.
pub(super) fn note(relay: &mut RelayRow, reply: &Reply) {
    relay.receipt = Some(LastReceipt { relay_ms: reply.relay_ms, pos: reply.head.pos });
}

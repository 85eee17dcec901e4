//! The right to push once: its nonce is durable before the push is sent and the same for every retry, so that a lost
//! reply is no fork, and a clone of this directory is one.

use docket_sync::wire::{Lease, Reply};

use crate::error::StoreError;
use crate::keys;
use crate::store::RelayRow;

/// The lease to show; true if the nonce is new and has to be stored before anything is sent.
pub(super) fn show(relay: &mut RelayRow) -> Result<(Lease, bool), StoreError> {
    let (nonce, new) = match relay.nonce {
        Some(nonce) => (nonce, false),
        None => (keys::random()?, true),
    };
    relay.nonce = Some(nonce);
    Ok((Lease { number: relay.lease, nonce }, new))
}

/// The push was answered: the next one shows what the reply names.
pub(super) fn renew(relay: &mut RelayRow, reply: &Reply) {
    relay.lease = reply.lease.unwrap_or(relay.lease + 1);
    relay.nonce = None;
}

//! Items outside a bundle file: a page between a device and a relay holds the same items (CDDL `chunk`), but whoever
//! writes the page chooses the numbers for authors and seals.

use std::collections::BTreeMap;

use super::chunk::Item;
use super::{decode, encode};
use crate::ids::{Author, TenantId};

/// The bytes are no items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed items")]
pub struct MalformedItems;

/// Encodes one item. Every author of its changes must have a number.
pub fn item_bytes(tenant: TenantId, authors: &BTreeMap<Author, u32>, item: &Item) -> Vec<u8> {
    encode::item(tenant, authors, item)
}

/// Puts items that [`item_bytes`] wrote into one array, as [`read_items`] reads it.
pub fn join_items<'a>(items: impl ExactSizeIterator<Item = &'a [u8]>) -> Vec<u8> {
    encode::join(items.len(), items)
}

/// Reads an array of items; every change is built again from its facts, so it has the grammar and its hash by
/// construction. Bounded by the limits of a chunk; the caller bounds `bytes`.
pub fn read_items(
    tenant: TenantId,
    author: &dyn Fn(u32) -> Option<Author>,
    bytes: &[u8],
) -> Result<Vec<Item>, MalformedItems> {
    decode::items(tenant, author, bytes).map_err(|_| MalformedItems)
}

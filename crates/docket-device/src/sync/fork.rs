//! A clone of this directory has pushed: this copy goes on in a new life (DESIGN §4, lease against clones).

use docket_format::Incarnation;

use crate::error::StoreError;
use crate::store::Store;

/// Begins a new life. Facts of the old one that nobody has seen stay and are sealed in its name; their changes are
/// carried again where their numbers clash with the clone's.
pub(super) fn begin_life(store: &mut Store, now_ms: i64) -> Result<Incarnation, StoreError> {
    store.begin_life("another copy of this device's folder has written to the relay", now_ms)
}

//! What unit tests write with.

use docket_format::fact::Stamp;
use docket_format::{DeviceId, TenantId};

use super::Store;

/// An empty store, and the folder that goes away with it.
pub(crate) fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), TenantId::from_bytes([1; 32]), DeviceId::from_bytes([2; 16])).unwrap();
    (dir, store)
}

/// When they write.
pub(crate) fn at() -> Stamp {
    Stamp { wall_ms: 1_700_000_000_000, boot: "BOOT".into(), up_ms: 5 }
}

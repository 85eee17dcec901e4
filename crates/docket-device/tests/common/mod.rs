//! What the store's tests share.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use docket_device::{Draft, Mode, Store, keys};
use docket_format::TenantId;
use docket_format::fact::Stamp;
use docket_format::keys::SecretKey;
use docket_format::merkle::Leaf;
use docket_format::seal::Seal;
use serde_json::Value;

/// A store in a temporary directory.
pub struct Fixture {
    pub dir: tempfile::TempDir,
    pub store: Store,
    pub key: SecretKey,
}

pub fn tenant() -> TenantId {
    TenantId::from_bytes([9; 32])
}

pub fn draft(kind: &str, body: Value) -> Draft {
    Draft::new(kind, body)
}

pub fn stamp(second: i64) -> Stamp {
    Stamp { wall_ms: 1_700_000_000_000 + second * 1000, boot: "BOOT".into(), up_ms: second * 1000 }
}

impl Fixture {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = keys::generate().unwrap();
        let store = Store::create(dir.path(), tenant(), key.public().device()).unwrap();
        Self { dir, store, key }
    }

    /// Closes the store and opens it again.
    pub fn reopen(&mut self) {
        self.store = Store::open(self.dir.path(), Mode::ReadWrite).unwrap();
    }

    /// Seals everything in the outbox.
    pub fn seal_all(&mut self) {
        let outbox = self.store.outbox().unwrap();
        let mut leaves: Vec<Leaf> =
            outbox.tips.iter().map(|tip| Leaf { doc: tip.doc, n: tip.n, fact: tip.fact }).collect();
        let life = self.store.author().incarnation;
        let seal = Seal::sign(&self.key, tenant(), life, outbox.last_count + 1, 7, &mut leaves).unwrap();
        let mut tx = self.store.begin().unwrap();
        tx.store_seal(&seal, &leaves).unwrap();
        tx.commit().unwrap();
    }
}

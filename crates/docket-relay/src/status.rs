//! What a relay's folder holds, whether it is served or not.

use std::path::{Path, PathBuf};

use docket_format::TenantId;
use docket_format::keys::{PublicKey, SecretKey};
use docket_sync::relay::Log as _;
use docket_sync::wire::{Anchor, Epoch};

use crate::log::{LogError, Size, SqliteLog};

/// One company's log.
#[derive(Debug, Clone)]
pub struct LogStatus {
    /// Its file.
    pub path: PathBuf,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name.
    pub epoch: Epoch,
    /// The relay's public key for this company.
    pub relay: PublicKey,
    /// When it was begun, milliseconds since 1970.
    pub created_ms: i64,
    /// Its last entry.
    pub head: Anchor,
    /// Up to where some supervisor's device has pulled.
    pub seen: u64,
    /// What it holds.
    pub size: Size,
}

/// The companies that a folder has logs of, by their files' names.
pub fn tenants(dir: &Path) -> Result<Vec<TenantId>, LogError> {
    let entries = std::fs::read_dir(dir).map_err(LogError::io(dir))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(LogError::io(dir))?.path();
        let named = path.extension().is_some_and(|extension| extension == "db");
        let name = path.file_stem().and_then(|name| name.to_str()).filter(|_| named);
        found.extend(name.and_then(|name| TenantId::parse_strict(name).ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads one log.
pub fn status(path: &Path) -> Result<LogStatus, LogError> {
    let log = SqliteLog::read_only(path)?;
    let meta = log.meta();
    Ok(LogStatus {
        path: path.to_owned(),
        tenant: meta.tenant,
        epoch: meta.epoch,
        relay: SecretKey::from_seed(&meta.seed).public(),
        created_ms: meta.created_ms,
        head: log.head()?,
        seen: log.seen()?,
        size: log.size()?,
    })
}

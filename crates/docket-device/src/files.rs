//! File operations that survive a power cut: write beside, flush, rename, flush the directory.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// Flushes a directory, so that names made in it survive a power cut. Systems that can't are left alone.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    match File::open(dir).and_then(|dir| dir.sync_all()) {
        Err(error) if cfg!(unix) => Err(StoreError::io(dir, error)),
        _ => Ok(()),
    }
}

/// Makes a directory and its parents, and flushes the parent's entry for it.
pub(crate) fn make_dir(dir: &Path) -> Result<(), StoreError> {
    if dir.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(dir).map_err(|error| StoreError::io(dir, error))?;
    match dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => sync_dir(parent),
        None => Ok(()),
    }
}

/// Puts `bytes` at `path` whole or not at all; `private` files can be read by their owner only.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], private: bool) -> Result<(), StoreError> {
    let beside = beside(path);
    let attempt = || -> std::io::Result<()> {
        let mut file = open_new(&beside, private)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    if let Err(error) = attempt() {
        // The half-written neighbour has no meaning to anyone; its removal may fail for the same reason as the write.
        let _ = std::fs::remove_file(&beside);
        return Err(StoreError::io(path, error));
    }
    path.parent().map_or(Ok(()), sync_dir)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn open_new(path: &Path, private: bool) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if private {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    options.open(path)
}

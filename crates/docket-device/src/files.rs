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

/// Makes a directory that its owner alone can enter, and its parents with the usual mode; flushes the parent's entry
/// for it. A directory that exists keeps its mode.
pub(crate) fn make_dir(dir: &Path) -> Result<(), StoreError> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let made = parent.map_or(Ok(()), std::fs::create_dir_all).and_then(|()| make_private(dir));
    match made {
        // Another process was faster.
        Err(_) if dir.is_dir() => return Ok(()),
        Err(error) => return Err(StoreError::io(dir, error)),
        Ok(()) => {}
    }
    match parent {
        Some(parent) => sync_dir(parent),
        None => Ok(()),
    }
}

fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(dir)
}

/// Makes an empty file that its owner alone can read, for SQLite to fill: its log and index beside it get the same mode.
pub(crate) fn make_empty(path: &Path) -> Result<(), StoreError> {
    open_new(path).map(drop).map_err(|error| StoreError::io(path, error))
}

/// Puts `bytes` at `path` whole or not at all, for its owner's eyes only.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let beside = beside(path);
    let attempt = || -> std::io::Result<()> {
        let mut file = open_new(&beside)?;
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

/// Options for opening a file that, if it is made, its owner alone can read.
pub(crate) fn for_owner() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

fn open_new(path: &Path) -> std::io::Result<File> {
    for_owner().write(true).create(true).truncate(true).open(path)
}

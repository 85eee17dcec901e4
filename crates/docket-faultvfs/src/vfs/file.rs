//! One open file: reads, writes, syncs and locks.

use core::ffi::{c_int, c_void};
use std::sync::{Arc, Mutex};
use std::{ptr, slice};

use rusqlite::ffi;

use super::register::locked;
use super::shm;
use crate::disk::{NodeId, Op, State};
use crate::locks::{Held, Owner, SLOTS};

/// What SQLite allocates for an open file: its own part, then ours.
#[repr(C)]
pub(super) struct File {
    pub(super) base: ffi::sqlite3_file,
    pub(super) handle: *mut Handle,
}

/// Our part of an open file.
pub(super) struct Handle {
    pub(super) state: Arc<Mutex<State>>,
    pub(super) node: NodeId,
    owner: Owner,
    sync_directory: bool,
    delete_on_close: Option<String>,
    pub(super) shm_mapped: bool,
    pub(super) slots: Held,
}

impl Handle {
    pub(super) fn new(
        state: Arc<Mutex<State>>,
        node: NodeId,
        owner: Owner,
        sync_directory: bool,
        delete_on_close: Option<String>,
    ) -> Self {
        Self { state, node, owner, sync_directory, delete_on_close, shm_mapped: false, slots: Held::default() }
    }

    pub(super) fn release_shm(&mut self) {
        if !std::mem::take(&mut self.shm_mapped) {
            return;
        }
        if let Some(node) = locked(&self.state).nodes.get_mut(&self.node) {
            node.shm.locks.unlock(&mut self.slots, 0, SLOTS);
            node.shm.users = node.shm.users.saturating_sub(1);
            if node.shm.users == 0 {
                node.shm.regions.clear();
            }
        }
    }
}

pub(super) static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm::map),
    xShmLock: Some(shm::lock),
    xShmBarrier: Some(shm::barrier),
    xShmUnmap: Some(shm::unmap),
    xFetch: None,
    xUnfetch: None,
};

/// # Safety
/// `file` was filled by `open` and not yet closed; SQLite uses one file from one thread at a time.
pub(super) unsafe fn handle<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Handle {
    // SAFETY: by the contract above.
    unsafe { &mut *(*file.cast::<File>()).handle }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: `open` made the box; SQLite closes a file once and clears `pMethods` after.
    let mut handle = unsafe { Box::from_raw((*file.cast::<File>()).handle) };
    handle.release_shm();
    let mut disk = locked(&handle.state);
    if let Some(node) = disk.nodes.get_mut(&handle.node) {
        node.locks.unlock(handle.owner, 0);
    }
    if let Some(name) = &handle.delete_on_close {
        disk.delete(name, false);
    }
    disk.close(handle.node);
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, out: *mut c_void, n: c_int, offset: i64) -> c_int {
    // SAFETY: `file` is open, and SQLite passes `n` bytes to write to.
    let handle = unsafe { handle(file) };
    let disk = locked(&handle.state);
    let data = disk.nodes.get(&handle.node).map(|node| node.data.as_slice()).unwrap_or_default();
    let there = data.get(offset as usize..).unwrap_or_default();
    let count = there.len().min(n as usize);
    // SAFETY: as above; `count` is at most `n` and at most what is there.
    unsafe {
        ptr::copy_nonoverlapping(there.as_ptr(), out.cast::<u8>(), count);
        ptr::write_bytes(out.cast::<u8>().add(count), 0, n as usize - count);
    }
    if count == n as usize { ffi::SQLITE_OK } else { ffi::SQLITE_IOERR_SHORT_READ }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, n: c_int, offset: i64) -> c_int {
    // SAFETY: `file` is open, and SQLite passes `n` bytes to read.
    let (handle, bytes) = unsafe { (handle(file), slice::from_raw_parts(from.cast::<u8>(), n as usize)) };
    let fits = locked(&handle.state).write(handle.node, offset as usize, bytes);
    if fits { ffi::SQLITE_OK } else { ffi::SQLITE_FULL }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: `file` is open.
    let handle = unsafe { handle(file) };
    locked(&handle.state).truncate(handle.node, size as usize);
    ffi::SQLITE_OK
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: `file` is open.
    let handle = unsafe { handle(file) };
    let mut disk = locked(&handle.state);
    if disk.faults.fail_sync {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    let directory = std::mem::take(&mut handle.sync_directory);
    if disk.nodes.get(&handle.node).is_some_and(|node| node.named) {
        disk.record(|| Op::Sync { node: handle.node, directory });
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: `file` is open, and SQLite passes a place for the answer.
    unsafe {
        let handle = handle(file);
        *out = locked(&handle.state).nodes.get(&handle.node).map_or(0, |node| node.data.len() as i64);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: `file` is open.
    let handle = unsafe { handle(file) };
    let mut disk = locked(&handle.state);
    let taken = disk.nodes.get_mut(&handle.node).is_some_and(|node| node.locks.lock(handle.owner, level));
    if taken { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: `file` is open.
    let handle = unsafe { handle(file) };
    if let Some(node) = locked(&handle.state).nodes.get_mut(&handle.node) {
        node.locks.unlock(handle.owner, level);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: `file` is open, and SQLite passes a place for the answer.
    unsafe {
        let handle = handle(file);
        let reserved = locked(&handle.state).nodes.get(&handle.node).is_some_and(|node| node.locks.reserved());
        *out = c_int::from(reserved);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

/// What SQLite's unix VFS says by default.
unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

/// What SQLite's unix VFS says by default; the crash images keep to it.
unsafe extern "C" fn characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

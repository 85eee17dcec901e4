//! The shared memory of WAL, shared between connections of this process. It is not on the disk: a power cut
//! loses it, and SQLite rebuilds it.

use core::ffi::{c_int, c_void};
use std::ptr;

use rusqlite::ffi;

use super::file::handle;
use super::register::locked;
use crate::disk::Node;

/// One region: zeroed, 8-byte aligned, at one address until it is dropped.
#[derive(Debug)]
pub(crate) struct Region {
    start: *mut u64,
    words: usize,
}

// SAFETY: a region is plain memory; SQLite orders access to it by its own locks and barriers.
unsafe impl Send for Region {}

impl Region {
    fn new(bytes: usize) -> Self {
        let words = bytes.div_ceil(8);
        let start = Box::into_raw(vec![0u64; words].into_boxed_slice()).cast();
        Self { start, words }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: made by `Box::into_raw` in `new` with this length, dropped once.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(self.start, self.words)) });
    }
}

pub(super) unsafe extern "C" fn map(
    file: *mut ffi::sqlite3_file,
    index: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: `file` is one that `open` filled.
    let handle = unsafe { handle(file) };
    let mut disk = locked(&handle.state);
    let Some(Node { shm, .. }) = disk.nodes.get_mut(&handle.node) else { return ffi::SQLITE_IOERR };
    if !handle.shm_mapped {
        handle.shm_mapped = true;
        shm.users += 1;
    }
    while extend != 0 && shm.regions.len() <= index as usize {
        shm.regions.push(Region::new(bytes as usize));
    }
    let start = shm.regions.get(index as usize).map_or(ptr::null_mut(), |region| region.start.cast());
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *out = start };
    ffi::SQLITE_OK
}

pub(super) unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, offset: c_int, n: c_int, flags: c_int) -> c_int {
    // SAFETY: `file` is one that `open` filled.
    let handle = unsafe { handle(file) };
    let mut disk = locked(&handle.state);
    let Some(Node { shm, .. }) = disk.nodes.get_mut(&handle.node) else { return ffi::SQLITE_IOERR };
    let (offset, n) = (offset as usize, n as usize);
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        shm.locks.unlock(&mut handle.slots, offset, n);
        return ffi::SQLITE_OK;
    }
    let exclusive = flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
    if shm.locks.lock(&mut handle.slots, offset, n, exclusive) { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
}

pub(super) unsafe extern "C" fn barrier(_: *mut ffi::sqlite3_file) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

pub(super) unsafe extern "C" fn unmap(file: *mut ffi::sqlite3_file, _delete: c_int) -> c_int {
    // SAFETY: `file` is one that `open` filled.
    let handle = unsafe { handle(file) };
    handle.release_shm();
    ffi::SQLITE_OK
}

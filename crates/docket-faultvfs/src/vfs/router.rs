//! A default VFS that sends some directories to disks in memory and everything else where it went before.

use core::ffi::{c_char, c_int};
use std::ptr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rusqlite::ffi;

use super::file::File;
use super::register::{delete_on, locked, open_on, text};
use crate::disk::State;

/// The VFS that was the default before.
struct Real(*mut ffi::sqlite3_vfs);

// SAFETY: SQLite's own VFS objects live as long as the process and are made to be called from any thread.
unsafe impl Send for Real {}
// SAFETY: as above.
unsafe impl Sync for Real {}

static REAL: OnceLock<Real> = OnceLock::new();
static ROUTES: Mutex<Vec<(String, Arc<Mutex<State>>)>> = Mutex::new(Vec::new());

/// Sends what lies under `prefix` to a disk.
pub(super) fn add(prefix: String, state: Arc<Mutex<State>>) {
    REAL.get_or_init(install);
    ROUTES.lock().unwrap_or_else(PoisonError::into_inner).push((prefix, state));
}

/// Undoes [`add`].
pub(super) fn remove(prefix: &str) {
    ROUTES.lock().unwrap_or_else(PoisonError::into_inner).retain(|(other, _)| other != prefix);
}

fn route(name: &str) -> Option<Arc<Mutex<State>>> {
    let routes = ROUTES.lock().unwrap_or_else(PoisonError::into_inner);
    routes.iter().find(|(prefix, _)| name.starts_with(prefix.as_str())).map(|(_, state)| Arc::clone(state))
}

fn install() -> Real {
    // SAFETY: initialising twice is harmless; null asks for the default VFS, which always exists on this platform;
    // the copy made of it stays allocated for the life of the process.
    unsafe {
        ffi::sqlite3_initialize();
        let real = ffi::sqlite3_vfs_find(ptr::null());
        let mut ours = *real;
        ours.pNext = ptr::null_mut();
        ours.zName = c"docket-fault-router".as_ptr();
        ours.szOsFile = ours.szOsFile.max(size_of::<File>() as c_int);
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        ours.xAccess = Some(access);
        ffi::sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 1);
        Real(real)
    }
}

fn real() -> *mut ffi::sqlite3_vfs {
    REAL.get().map_or(ptr::null_mut(), |real| real.0)
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    out: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes a C string or null and `szOsFile` bytes, enough for either kind of file; the real VFS is
    // called as SQLite would call it.
    unsafe {
        let path = text(name);
        match path.as_deref().and_then(route) {
            Some(state) => open_on(state, path, out, flags, out_flags),
            None => match (*real()).xOpen {
                Some(call) => call(real(), name, out, flags, out_flags),
                None => ffi::SQLITE_CANTOPEN,
            },
        }
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_directory: c_int) -> c_int {
    // SAFETY: as in `open`.
    unsafe {
        let path = text(name).unwrap_or_default();
        match route(&path) {
            Some(state) => delete_on(&state, &path, sync_directory != 0),
            None => (*real()).xDelete.map_or(ffi::SQLITE_IOERR, |call| call(real(), name, sync_directory)),
        }
    }
}

unsafe extern "C" fn access(_: *mut ffi::sqlite3_vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    // SAFETY: as in `open`, and SQLite passes a place for the answer.
    unsafe {
        let path = text(name).unwrap_or_default();
        match route(&path) {
            Some(state) => {
                *out = c_int::from(locked(&state).names.contains_key(path.as_str()));
                ffi::SQLITE_OK
            }
            None => (*real()).xAccess.map_or(ffi::SQLITE_IOERR, |call| call(real(), name, flags, out)),
        }
    }
}

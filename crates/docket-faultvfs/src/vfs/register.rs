//! The VFS object: registering a disk under a name, opening and deleting files.

use core::ffi::{CStr, c_char, c_int};
use std::ffi::CString;
use std::io;
use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

use super::file::{self, File, Handle};
use super::router;
use crate::disk::{Faults, Image, Log, State};

/// Files on this disk may have names up to this long, in bytes.
const NAME_BYTES: c_int = 1024;

/// One disk in memory: a SQLite VFS of its own ([`Disk::new`]), or what the default VFS finds under one directory
/// ([`Disk::under`]), for as long as this value lives.
pub struct Disk {
    state: Arc<Mutex<State>>,
    name: String,
    /// Null for a disk under a directory.
    vfs: *mut ffi::sqlite3_vfs,
}

// SAFETY: `vfs` is written once, before registering, and only passed to SQLite's thread-safe register functions.
unsafe impl Send for Disk {}
// SAFETY: as above; all else is behind the mutex.
unsafe impl Sync for Disk {}

pub(super) fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk {
    /// An empty disk, recording.
    pub fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("docket-fault-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let state = Arc::new(Mutex::new(State { recording: true, ..State::default() }));
        let z_name = CString::new(name.clone()).unwrap_or_default().into_raw();
        let vfs = Box::into_raw(Box::new(ffi::sqlite3_vfs {
            iVersion: 2,
            szOsFile: size_of::<File>() as c_int,
            mxPathname: NAME_BYTES,
            pNext: ptr::null_mut(),
            zName: z_name,
            pAppData: Arc::into_raw(Arc::clone(&state)).cast_mut().cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: None,
            xCurrentTimeInt64: Some(current_time_ms),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        }));
        // SAFETY: the object and its name stay allocated for the life of the process (see `Drop`).
        unsafe { ffi::sqlite3_vfs_register(vfs, 0) };
        Self { state, name, vfs }
    }

    /// An empty disk, recording, that holds whatever the process opens under `dir` through SQLite's default VFS: for
    /// code under test that does not choose a VFS. Everything elsewhere is opened as before. Real files under `dir`
    /// stay, unseen by SQLite.
    pub fn under(dir: &Path) -> io::Result<Self> {
        let prefix = format!("{}/", dir.canonicalize()?.display());
        let state = Arc::new(Mutex::new(State { recording: true, ..State::default() }));
        router::add(prefix.clone(), Arc::clone(&state));
        Ok(Self { state, name: prefix, vfs: ptr::null_mut() })
    }

    /// The VFS name to open databases with; for a disk under a directory, that directory with a `/` at its end.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many operations the log holds: the current moment.
    pub fn now(&self) -> usize {
        locked(&self.state).log.ops.len()
    }

    /// Takes the log; recording goes on into an empty one, so reload before recording more.
    pub fn take_log(&self) -> Log {
        std::mem::take(&mut locked(&self.state).log)
    }

    /// Stops recording: no image can be made of what comes after.
    pub fn stop_recording(&self) {
        let mut disk = locked(&self.state);
        disk.recording = false;
        disk.log = Log::default();
    }

    /// The files as they are now (what a process that opened them would read, not what is durable).
    pub fn image(&self) -> Image {
        locked(&self.state).image()
    }

    /// Replaces all files by an image and starts a new log, or none. Close every connection first.
    pub fn load(&self, image: Image, recording: bool) {
        locked(&self.state).load(image, recording);
    }

    /// Sets the faults from now on.
    pub fn set_faults(&self, faults: Faults) {
        locked(&self.state).faults = faults;
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.vfs.is_null() {
            router::remove(&self.name);
            return;
        }
        // The object itself is left allocated (about 200 bytes): a connection that is still open points at it.
        // SAFETY: registered in `new`, unregistered once.
        unsafe { ffi::sqlite3_vfs_unregister(self.vfs) };
    }
}

/// # Safety
/// `vfs` is one that [`Disk::new`] made: its `pAppData` is a leaked `Arc<Mutex<State>>`.
unsafe fn state_of(vfs: *mut ffi::sqlite3_vfs) -> Arc<Mutex<State>> {
    // SAFETY: by the contract above; the count is raised first, so the leaked reference stays.
    unsafe {
        let state: *const Mutex<State> = (*vfs).pAppData.cast();
        Arc::increment_strong_count(state);
        Arc::from_raw(state)
    }
}

/// # Safety
/// `name` is null or a C string.
pub(super) unsafe fn text(name: *const c_char) -> Option<String> {
    // SAFETY: by the contract above.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned())
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    out: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes its registered object, a C string or null, and `szOsFile` bytes of room for the file.
    unsafe { open_on(state_of(vfs), text(name), out, flags, out_flags) }
}

/// Opens on a disk.
///
/// # Safety
/// `out` has room for a [`File`]; `out_flags` is null or a place for the answer.
pub(super) unsafe fn open_on(
    state: Arc<Mutex<State>>,
    name: Option<String>,
    out: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: by the contract above.
    unsafe {
        (*out).pMethods = ptr::null();
        let (node, owner) = {
            let mut disk = locked(&state);
            let Some(node) = disk.open(name.as_deref(), flags & ffi::SQLITE_OPEN_CREATE != 0) else {
                return ffi::SQLITE_CANTOPEN;
            };
            (node, disk.number())
        };
        // As os_unix.c: the first sync of a new journal or WAL also syncs the directory.
        let journals = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;
        let sync_directory = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & journals != 0;
        let delete = (flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0).then_some(name).flatten();
        let handle = Handle::new(state, node, owner, sync_directory, delete);
        let file: *mut File = out.cast();
        (*file).handle = Box::into_raw(Box::new(handle));
        (*file).base.pMethods = &raw const file::METHODS;
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_directory: c_int) -> c_int {
    // SAFETY: SQLite passes its registered object and a C string.
    let (state, name) = unsafe { (state_of(vfs), text(name)) };
    delete_on(&state, &name.unwrap_or_default(), sync_directory != 0)
}

/// Deletes on a disk.
pub(super) fn delete_on(state: &Mutex<State>, name: &str, sync_directory: bool) -> c_int {
    if locked(state).delete(name, sync_directory) { ffi::SQLITE_OK } else { ffi::SQLITE_IOERR_DELETE_NOENT }
}

unsafe extern "C" fn access(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, _: c_int, out: *mut c_int) -> c_int {
    // SAFETY: SQLite passes its registered object, a C string and a place for the answer.
    unsafe {
        let there = locked(&state_of(vfs)).names.contains_key(text(name).unwrap_or_default().as_str());
        *out = c_int::from(there);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite passes a C string and `room` bytes to write to; the length is checked, the end included.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if bytes.len() > room as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, n: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite passes `n` bytes to write to. Zeros: nothing here needs to be hard to guess.
    unsafe { ptr::write_bytes(out, 0, n as usize) };
    n
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, micros: c_int) -> c_int {
    std::thread::sleep(std::time::Duration::from_micros(micros.max(0) as u64));
    micros
}

/// The start of 2026 as SQLite counts: Julian day number in milliseconds. A fixed clock: runs repeat.
const JULIAN_MS: i64 = 212_633_985_600_000;

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *out = JULIAN_MS as f64 / 86_400_000.0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_ms(_: *mut ffi::sqlite3_vfs, out: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes a place for the answer.
    unsafe { *out = JULIAN_MS };
    ffi::SQLITE_OK
}

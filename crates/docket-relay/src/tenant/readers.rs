//! Connections that only read: a few, each used by one answer's step at a time.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use crate::bounds;
use crate::log::{LogError, SqliteLog};

use super::TenantError;

pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<SqliteLog>>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Arc::default(), turns: Arc::new(Semaphore::new(bounds::READERS)) }
    }

    /// Reads in one transaction, on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteLog) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, TenantError> {
        let turn = tokio::time::timeout(bounds::TURN_TIME, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| TenantError::Busy)?.map_err(|_| TenantError::Stopped)?;
        let (idle, path) = (Arc::clone(&self.idle), self.path.clone());
        let done = tokio::task::spawn_blocking(move || {
            let known = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut log = match known {
                Some(log) => log,
                None => SqliteLog::read_only(&path)?,
            };
            log.begin_read()?;
            let done = work(&mut log);
            log.roll_back();
            if done.is_ok() {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(log);
            }
            drop(turn);
            done
        });
        done.await.map_err(|_| TenantError::Stopped)?.map_err(TenantError::Log)
    }

    /// Closes what is open.
    pub(super) fn close(&self) {
        self.turns.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

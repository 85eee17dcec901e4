//! Waiting until there is something to pull: a request that the relay answers when there is, or after a while.

use std::time::Duration;

use docket_sync::wire::Hello;

use super::SyncError;
use super::session::{lost, success};
use super::transport::{Body, Request, Transport};
use crate::error::StoreError;
use crate::store::Store;

/// The relay answers after 50 seconds at the latest.
const PATIENCE: Duration = Duration::from_secs(75);

/// What waiting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// There is something to pull.
    News,
    /// There is nothing yet.
    Nothing,
    /// The relay does not believe the token any more: a synchronisation renews it.
    Token,
}

/// What a wait needs of a store: so it can wait on another thread.
#[derive(Debug, Clone)]
pub struct Waiter {
    token: String,
    hello: Vec<u8>,
}

impl Waiter {
    /// For the store as it stands after a synchronisation; `None` if there was none.
    pub fn of(store: &Store) -> Result<Option<Self>, StoreError> {
        let Some(relay) = store.relay()? else { return Ok(None) };
        let hello = Hello {
            incarnation: store.author().incarnation,
            anchor: relay.anchor,
            cursor: relay.cursor,
            lease: None,
            want: Vec::new(),
            push_only: false,
        };
        Ok(relay.token.map(|token| Self { token, hello: hello.encode() }))
    }

    /// Waits once.
    pub fn wait(&self, transport: &mut dyn Transport) -> Result<Waited, SyncError> {
        let url = transport.url().to_owned();
        let body = Body::Bytes(self.hello.clone());
        let request = Request { path: "/v1/wait", token: Some(&self.token), body, idle: PATIENCE };
        let answer = transport.call(request).map_err(|error| lost(&url, error))?;
        if answer.status == 401 {
            return Ok(Waited::Token);
        }
        Ok(if success(&url, answer)?.status == 204 { Waited::Nothing } else { Waited::News })
    }
}

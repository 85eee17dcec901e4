//! Leases find clones: two copies of one device's life can't both push under one number.

use docket_format::Author;

use super::{LeaseRow, Log};
use crate::wire::Lease;

/// What a shown lease is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leased {
    /// Good, or a retry of the push before whose reply was lost; the next number.
    Next(u64),
    /// Another copy of this life has pushed under it.
    Fork,
}

/// Judges a lease and consumes it. A life that pushes for the first time may show any number: its log may be new.
pub fn lease<L: Log>(log: &mut L, author: Author, shown: Lease) -> Result<Leased, L::Error> {
    let known = log.lease(author)?;
    let good = match known {
        None => true,
        Some(known) if shown.number >= known.next => true,
        // The reply was lost: the same push again, whatever was added to it.
        Some(known) if shown.number + 1 == known.next => shown.nonce == known.nonce,
        Some(_) => false,
    };
    if !good {
        return Ok(Leased::Fork);
    }
    let next = LeaseRow { next: shown.number.saturating_add(1), nonce: shown.nonce };
    if known != Some(next) {
        log.put_lease(author, next)?;
    }
    Ok(Leased::Next(next.next))
}

//! Who is asking, and how often.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, header};
use docket_format::{DeviceId, TenantId};

use super::App;
use super::problem::Problem;
use crate::bounds;
use crate::tenant::{Rostered, Tenant};
use crate::token::Token;

/// A device that showed a good token.
pub(crate) struct Caller {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) device: DeviceId,
    /// The roster as it stood when the request came.
    pub(crate) rostered: Arc<Rostered>,
}

impl App {
    /// Checks the token of a request, and that the roster still knows its device: what it may do follows from its
    /// standing there, so that a revocation acts at once.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = text.strip_prefix("Bearer ").and_then(Token::read).ok_or_else(Problem::token)?;
        let now_ms = self.now_ms();
        let mut named = self.tenants.values().filter(|tenant| tenant.id.as_bytes().starts_with(token.tenant_part()));
        let found = named.find_map(|tenant| Some((tenant, tenant.secret.device(&token, now_ms)?)));
        let (tenant, device) = found.ok_or_else(Problem::token)?;
        let rostered = tenant.rostered();
        rostered.roster.device(device).ok_or_else(Problem::token)?;
        self.rates.check_key(&(tenant.id, device)).map_err(|_| Problem::too_many("too-many-requests", 1))?;
        Ok(Caller { tenant: Arc::clone(tenant), device, rostered })
    }

    /// The company that the first bytes of an id name.
    pub(crate) fn tenant_of(&self, start: &[u8]) -> Result<&Arc<Tenant>, Problem> {
        let mut found = self.tenants.values().filter(|tenant| tenant.id.as_bytes().starts_with(start));
        match (found.next(), found.next()) {
            (Some(tenant), None) => Ok(tenant),
            _ => Err(Problem::unknown_tenant()),
        }
    }
}

/// How many exchanges each device has open.
#[derive(Default)]
pub(crate) struct Exchanges(Arc<Mutex<HashMap<(TenantId, DeviceId), usize>>>);

/// One of a device's exchanges; ends when dropped.
pub(crate) struct Exchange {
    open: Arc<Mutex<HashMap<(TenantId, DeviceId), usize>>>,
    of: (TenantId, DeviceId),
}

impl Exchanges {
    /// Begins one, if the device has not too many.
    pub(crate) fn begin(&self, caller: &Caller) -> Result<Exchange, Problem> {
        let of = (caller.tenant.id, caller.device);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(of).or_default();
        if *count >= bounds::EXCHANGES_A_DEVICE {
            return Err(Problem::too_many("too-many-requests", 2));
        }
        *count += 1;
        Ok(Exchange { open: Arc::clone(&self.0), of })
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.of);
            }
        }
    }
}

/// Failed tries with invitations, by company and address. An invitation's key can't be guessed; this keeps a machine
/// from trying, and is the only limit that asks for an address.
#[derive(Default)]
pub(crate) struct Tries(Mutex<Failures>);

#[derive(Default)]
struct Failures {
    of: BTreeMap<(TenantId, IpAddr), Failed>,
    /// In the order in which they were first seen: the oldest goes when there are too many.
    order: VecDeque<(TenantId, IpAddr)>,
}

#[derive(Clone, Copy)]
struct Failed {
    count: u32,
    since_ms: i64,
}

impl Tries {
    /// Refuses an address that has failed too often lately.
    pub(crate) fn check(&self, tenant: TenantId, from: IpAddr, now_ms: i64) -> Result<(), Problem> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(failed) = failures.of.get(&(tenant, from)) else { return Ok(()) };
        let left_ms = failed.since_ms.saturating_add(bounds::TRIES_MS).saturating_sub(now_ms);
        if failed.count < bounds::TRIES || left_ms <= 0 {
            return Ok(());
        }
        Err(Problem::too_many("too-many-tries", (left_ms as u64).div_ceil(1_000)))
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, tenant: TenantId, from: IpAddr, now_ms: i64) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tenant, from);
        if let Some(known) = failures.of.get_mut(&key) {
            if now_ms.saturating_sub(known.since_ms) >= bounds::TRIES_MS {
                *known = Failed { count: 0, since_ms: now_ms };
            }
            known.count = known.count.saturating_add(1);
            return;
        }
        if failures.of.len() >= bounds::TRIERS
            && let Some(oldest) = failures.order.pop_front()
        {
            failures.of.remove(&oldest);
        }
        failures.of.insert(key, Failed { count: 1, since_ms: now_ms });
        failures.order.push_back(key);
    }
}

/// Where a request comes from: what a reverse proxy on this machine says, or else the connection's other end.
pub(crate) fn address(headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.filter(|_| peer.is_loopback()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_lock_an_address_for_a_quarter_of_an_hour() {
        let tries = Tries::default();
        let (tenant, other) = (TenantId::from_bytes([1; 32]), TenantId::from_bytes([2; 32]));
        let (here, there): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        for n in 0..5 {
            assert!(tries.check(tenant, here, 1_000).is_ok(), "after {n}");
            tries.failed(tenant, here, 1_000);
        }
        assert!(tries.check(tenant, here, 1_000).is_err());
        assert!(tries.check(tenant, there, 1_000).is_ok() && tries.check(other, here, 1_000).is_ok());
        assert!(tries.check(tenant, here, 999 + bounds::TRIES_MS).is_err());
        assert!(tries.check(tenant, here, 1_000 + bounds::TRIES_MS).is_ok());
        tries.failed(tenant, here, 1_000 + bounds::TRIES_MS);
        assert!(tries.check(tenant, here, 1_000 + bounds::TRIES_MS).is_ok(), "counted anew");
    }

    #[test]
    fn remembered_addresses_are_bounded() {
        let tries = Tries::default();
        let tenant = TenantId::from_bytes([1; 32]);
        for n in 0..bounds::TRIERS as u32 + 10 {
            tries.failed(tenant, IpAddr::from(n.to_be_bytes()), 1);
        }
        let known = tries.0.lock().unwrap();
        assert_eq!((known.of.len(), known.order.len()), (bounds::TRIERS, bounds::TRIERS));
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed_about_addresses() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "1.1.1.1, 2.2.2.2".parse().unwrap());
        let (proxy, far): (IpAddr, IpAddr) = ([127, 0, 0, 1].into(), [9, 9, 9, 9].into());
        assert_eq!(address(&headers, proxy), IpAddr::from([2, 2, 2, 2]));
        assert_eq!(address(&headers, far), far);
        assert_eq!(address(&HeaderMap::new(), proxy), proxy);
    }
}

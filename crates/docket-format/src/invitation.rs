//! Invitation codes: what an office reads out or shows as a QR code so that a new device can join.
//!
//! 40 characters of Crockford base 32 in groups of five: 16 bytes of seed, 5 bytes of the tenant id, the expiry in
//! hours since 1970 (3 bytes), 1 byte of checksum. Person and role stand in the signed `invite` fact; the code holds
//! the right to take it up.

use crate::crockford;
use crate::digest;
use crate::ids::TenantId;
use crate::keys::SecretKey;

const HOUR_MS: i64 = 3_600_000;
const TENANT_PART: usize = 5;

/// A decoded invitation code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    seed: [u8; 16],
    tenant_part: [u8; TENANT_PART],
    expires_hour: u32,
}

/// Why a code was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadInvitation {
    /// Wrong length or characters.
    #[error("an invitation code has 40 characters (letters and digits, no I, L, O, U), in groups of five")]
    Shape,
    /// A typing mistake.
    #[error("the code's checksum does not fit: please check it for a typing mistake")]
    Checksum,
}

impl Invitation {
    /// A new code from 16 random bytes; the expiry is rounded up to the full hour.
    pub fn new(tenant: TenantId, seed: [u8; 16], expires_ms: i64) -> Self {
        let tenant_part = core::array::from_fn(|i| tenant.as_bytes().get(i).copied().unwrap_or_default());
        let hours = expires_ms.max(0).saturating_add(HOUR_MS - 1) / HOUR_MS;
        Self { seed, tenant_part, expires_hour: (hours as u32).min(0x00FF_FFFF) }
    }

    /// The invitation's own key pair.
    pub fn key(&self) -> SecretKey {
        SecretKey::from_seed(&digest::labelled("docket-invitation", &[&self.seed, &self.tenant_part]))
    }

    /// Whether the code was made for this tenant.
    pub fn is_for(&self, tenant: TenantId) -> bool {
        tenant.as_bytes().starts_with(&self.tenant_part)
    }

    /// The first bytes of the tenant's id: names the company to a relay.
    pub fn tenant_part(&self) -> [u8; TENANT_PART] {
        self.tenant_part
    }

    /// Until when the code may be used, milliseconds since 1970.
    pub fn expires_ms(&self) -> i64 {
        i64::from(self.expires_hour) * HOUR_MS
    }

    fn payload(&self) -> Vec<u8> {
        let hours = self.expires_hour.to_be_bytes();
        [&self.seed[..], &self.tenant_part, hours.get(1..).unwrap_or_default()].concat()
    }
}

fn checksum(payload: &[u8]) -> u8 {
    digest::labelled16("docket-invitation-sum", &[payload]).first().copied().unwrap_or_default()
}

impl core::fmt::Display for Invitation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut bytes = self.payload();
        bytes.push(checksum(&bytes));
        let text = crockford::encode(&bytes);
        for (i, c) in text.chars().enumerate() {
            if i > 0 && i % 5 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{c}")?;
        }
        Ok(())
    }
}

impl core::str::FromStr for Invitation {
    type Err = BadInvitation;

    fn from_str(text: &str) -> Result<Self, BadInvitation> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let bytes: [u8; 25] = crockford::decode(&plain).ok_or(BadInvitation::Shape)?;
        let (payload, sum) = bytes.split_at(24);
        if sum != [checksum(payload)] {
            return Err(BadInvitation::Checksum);
        }
        let (seed, rest) = payload.split_at(16);
        let (tenant_part, hours) = rest.split_at(TENANT_PART);
        let expires_hour = hours.iter().fold(0u32, |sum, &byte| (sum << 8) | u32::from(byte));
        let shape = |_| BadInvitation::Shape;
        Ok(Self {
            seed: seed.try_into().map_err(shape)?,
            tenant_part: tenant_part.try_into().map_err(shape)?,
            expires_hour,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_survives_being_read_over_the_phone_and_notices_one_wrong_character() {
        let tenant = TenantId::from_bytes([5; 32]);
        let code = Invitation::new(tenant, [3; 16], 1_700_000_000_000);
        let text = code.to_string();
        assert_eq!(text.len(), 47);
        assert_eq!(text.to_lowercase().replace('-', " ").parse::<Invitation>().unwrap(), code);
        assert!(code.is_for(tenant) && !code.is_for(TenantId::from_bytes([6; 32])));
        assert!(code.expires_ms() >= 1_700_000_000_000 && code.expires_ms() - 1_700_000_000_000 < HOUR_MS);
        let mut noticed = 0;
        for i in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[i] = if wrong[i] == b'7' { b'8' } else { b'7' };
            noticed += usize::from(String::from_utf8(wrong).unwrap().parse::<Invitation>().is_err());
        }
        assert!(noticed >= text.len() - 1, "one byte of checksum lets 1 of 256 mistakes by: {noticed}");
        assert_eq!("ABC".parse::<Invitation>(), Err(BadInvitation::Shape));
    }
}

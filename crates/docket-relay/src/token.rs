//! Tokens and nonces: both are the relay's own words back, authenticated with a secret of the company's log, so that
//! neither needs storage. A token only spares a signature; what its device may do is asked of the roster each time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docket_format::{DeviceId, TenantId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::bounds::{NONCE_MS, TOKEN_MS};

/// Bytes of a tenant's id that a token shows.
pub(crate) const TENANT_PART: usize = 8;
const MAC: usize = 16;
const TOKEN: usize = 16 + TENANT_PART + 8 + MAC;
const NONCE: usize = 8 + 16 + MAC;

/// What authenticates tokens and nonces of one company.
pub(crate) struct Secret {
    key: [u8; 32],
    tenant: TenantId,
}

impl Secret {
    pub(crate) fn new(key: [u8; 32], tenant: TenantId) -> Self {
        Self { key, tenant }
    }

    fn mac(&self, label: &str, body: &[u8]) -> Hmac<Sha256> {
        // HMAC takes keys of any length; the other arm is never taken.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).unwrap_or_else(|_| Hmac::new(&[0; 64].into()));
        mac.update(label.as_bytes());
        mac.update(self.tenant.as_bytes());
        mac.update(body);
        mac
    }

    fn sign(&self, label: &str, mut body: Vec<u8>) -> Vec<u8> {
        let tag = self.mac(label, &body).finalize().into_bytes();
        body.extend(tag.iter().take(MAC));
        body
    }

    /// The body, if its tag fits. Compared in constant time.
    fn open<'b>(&self, label: &str, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let (body, tag) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        self.mac(label, body).verify_truncated_left(tag).ok()?;
        Some(body)
    }

    /// A nonce to be signed within a minute.
    pub(crate) fn nonce(&self, now_ms: i64, random: [u8; 16]) -> Vec<u8> {
        self.sign("docket-nonce", [&now_ms.to_be_bytes()[..], &random].concat())
    }

    /// Whether a nonce is one of ours and young enough.
    pub(crate) fn knows_nonce(&self, nonce: &[u8], now_ms: i64) -> bool {
        let made = (nonce.len() == NONCE).then(|| self.open("docket-nonce", nonce)).flatten().and_then(first_i64);
        made.is_some_and(|made| (0..=NONCE_MS).contains(&now_ms.saturating_sub(made)))
    }

    /// A token for a device.
    pub(crate) fn token(&self, device: DeviceId, now_ms: i64) -> String {
        let part = self.tenant.as_bytes().get(..TENANT_PART).unwrap_or_default();
        let until = now_ms.saturating_add(TOKEN_MS);
        let body = [device.as_bytes().as_slice(), part, &until.to_be_bytes()].concat();
        URL_SAFE_NO_PAD.encode(self.sign("docket-token", body))
    }

    /// The device that a token was made for, if it is one of ours and still good.
    pub(crate) fn device(&self, token: &Token, now_ms: i64) -> Option<DeviceId> {
        let body = self.open("docket-token", &token.0)?;
        let (device, rest) = body.split_at_checked(16)?;
        let until = first_i64(rest.get(TENANT_PART..)?)?;
        DeviceId::from_slice(device).filter(|_| now_ms < until)
    }
}

/// A token as it was shown; nothing of it is checked.
pub(crate) struct Token(Vec<u8>);

impl Token {
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == TOKEN).then_some(Self(bytes))
    }

    /// The first bytes of the tenant that it says it is for.
    pub(crate) fn tenant_part(&self) -> &[u8] {
        self.0.get(16..16 + TENANT_PART).unwrap_or_default()
    }
}

fn first_i64(bytes: &[u8]) -> Option<i64> {
    bytes.first_chunk().map(|bytes| i64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(key: u8, tenant: u8) -> Secret {
        Secret::new([key; 32], TenantId::from_bytes([tenant; 32]))
    }

    #[test]
    fn a_token_is_good_for_its_company_and_time_and_not_with_any_bit_changed() {
        let own = secret(1, 2);
        let device = DeviceId::from_bytes([3; 16]);
        let text = own.token(device, 1_000);
        assert_eq!(text.len(), 64);
        let token = Token::read(&text).unwrap();
        assert_eq!(token.tenant_part(), [2; 8]);
        assert_eq!(own.device(&token, 1_000), Some(device));
        assert_eq!(own.device(&token, 1_000 + TOKEN_MS - 1), Some(device));
        assert_eq!(own.device(&token, 1_000 + TOKEN_MS), None);
        assert_eq!(secret(2, 2).device(&token, 1_000), None);
        assert_eq!(secret(1, 3).device(&token, 1_000), None);
        for bit in 0..TOKEN * 8 {
            let mut bytes = token.0.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(own.device(&Token(bytes), 1_000), None, "bit {bit}");
        }
        assert!(Token::read(&text[1..]).is_none() && Token::read("").is_none());
    }

    #[test]
    fn a_nonce_is_good_for_a_minute_and_no_token() {
        let own = secret(1, 2);
        let nonce = own.nonce(5_000, [7; 16]);
        assert!(own.knows_nonce(&nonce, 5_000) && own.knows_nonce(&nonce, 5_000 + NONCE_MS));
        assert!(!own.knows_nonce(&nonce, 5_001 + NONCE_MS) && !own.knows_nonce(&nonce, 4_999));
        assert!(!secret(2, 2).knows_nonce(&nonce, 5_000) && !own.knows_nonce(&nonce[1..], 5_000));
        let token = Token(own.sign("docket-nonce", vec![0; TOKEN - MAC]));
        assert_eq!(own.device(&token, 0), None);
    }
}

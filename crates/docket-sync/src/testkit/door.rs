//! The desk's door: challenges, sessions and tokens, as the relay over HTTP hands them out.

use docket_format::keys::{PublicKey, Signature};
use docket_format::{DeviceId, roster};

use super::Desk;
use crate::relay::{Prover, View, whole_pages};
use crate::wire::{self, Challenged, Frames, Granted, Problem, Prove, check_auth, put_frame};

/// How long a token is believed, in milliseconds.
const TOKEN_MS: i64 = 12 * 3_600_000;

/// An answer's body, or a status and why.
pub type Answered = Result<Vec<u8>, (u16, Problem)>;

fn refused(status: u16, code: &str) -> Answered {
    Err((status, Problem { code: code.into(), message: "no".into() }))
}

impl Desk {
    /// Answers a request as the relay over HTTP does.
    pub fn answer(&mut self, path: &str, token: Option<&str>, body: &[u8]) -> Answered {
        match path {
            "/v1/challenge" => {
                self.nonces += 1;
                let met = Challenged {
                    nonce: self.nonces.to_be_bytes().to_vec().into(),
                    tenant: (*self.tenant.as_bytes()).into(),
                    relay: (*self.key.public().as_bytes()).into(),
                };
                Ok(met.encode_bytes())
            }
            "/v1/session" => self.session(body),
            "/v1/join" => self.join(body),
            _ => {
                let Some(device) = token.and_then(|token| self.bearer(token)) else { return refused(401, "token") };
                if !self.knows(device) {
                    return refused(403, "unknown-device");
                }
                let done = match path {
                    "/v1/sync" => self.sync(device, body),
                    "/v1/compare" => self.compare(device, body),
                    _ => return refused(404, "unknown"),
                };
                done.map_err(|problem| (400, problem))
            }
        }
    }

    fn session(&mut self, body: &[u8]) -> Answered {
        let device = match self.proven(body) {
            Ok(key) => key.device(),
            Err((status, code)) => return refused(status, code),
        };
        if !self.knows(device) && self.show_roster(device, body).is_err() {
            return refused(403, "unknown-device");
        }
        let token = format!("{device}|{}|{}", self.keys, self.now_ms);
        Ok(Granted { token, seconds: TOKEN_MS as u64 / 1000 }.encode_bytes())
    }

    /// Whoever holds an invitation is given the roster.
    fn join(&mut self, body: &[u8]) -> Answered {
        let key = match self.proven(body) {
            Ok(key) => key,
            Err((status, code)) => return refused(status, code),
        };
        if self.roster().invitation(&key).is_none() {
            return refused(403, "unknown-invitation");
        }
        let (mut out, mut docs) = (Vec::new(), vec![roster::doc(self.tenant)]);
        for page in whole_pages(&self.log, &View::All, &mut docs, &mut Prover::default()).unwrap() {
            put_frame(&mut out, wire::PAGE, &page);
        }
        put_frame(&mut out, wire::END, &[]);
        Ok(out)
    }

    /// The key that the first frame proves; else a status and a code.
    fn proven(&self, body: &[u8]) -> Result<PublicKey, (u16, &'static str)> {
        let mut frames = Frames::new();
        frames.push(body);
        let first = frames.next_frame().ok().flatten();
        let prove = first.and_then(|frame| Prove::decode_bytes(&frame.payload)).ok_or((400, "malformed"))?;
        let signature = Signature::from_slice(&*prove.signature).ok_or((400, "malformed"))?;
        let key = PublicKey::from_bytes(prove.key.into());
        let good = check_auth(&key, self.tenant, &self.key.public(), &prove.nonce, &signature);
        good.map(|()| key).map_err(|_| (401, "signature"))
    }

    fn bearer(&self, token: &str) -> Option<DeviceId> {
        let mut parts = token.split('|');
        let device = parts.next()?.parse().ok()?;
        let keys: u64 = parts.next()?.parse().ok()?;
        let since: i64 = parts.next()?.parse().ok()?;
        (keys == self.keys && (since..since + TOKEN_MS).contains(&self.now_ms)).then_some(device)
    }

    /// No token is believed any more.
    pub fn forget_tokens(&mut self) {
        self.keys += 1;
    }
}

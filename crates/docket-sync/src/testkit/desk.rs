//! A relay in memory that answers requests as the one over HTTP does.

use docket_format::keys::SecretKey;
use docket_format::roster::Roster;
use docket_format::{DeviceId, TenantId};

use crate::judge;
use crate::relay::{ANSWER_BYTES, Exchange, MemoryLog, compare, read_page, review, roster_facts_of};
use crate::wire::{self, Compare, Frames, Hello, Page, Problem, put_frame};

/// A relay for one company.
#[derive(Debug)]
pub struct Desk {
    /// Its company.
    pub tenant: TenantId,
    /// Its key.
    pub key: SecretKey,
    /// Its log: clone it for a backup, put the clone back for a restore.
    pub log: MemoryLog,
    /// Its clock, milliseconds since 1970.
    pub now_ms: i64,
    /// Bytes of pages after which its answers end.
    pub answer_bytes: usize,
    /// Challenges so far.
    pub(super) nonces: u64,
    /// Tokens of before were forgotten so often.
    pub(super) keys: u64,
    roster: Roster,
}

/// A request was not understood.
pub type Refused = Problem;

impl Desk {
    /// A relay with an empty log.
    pub fn new(tenant: TenantId, seed: [u8; 32], epoch: [u8; 16]) -> Self {
        let log = MemoryLog::new(tenant, epoch);
        let key = SecretKey::from_seed(&seed);
        Self {
            tenant,
            key,
            log,
            now_ms: 1_790_000_000_000,
            answer_bytes: ANSWER_BYTES,
            nonces: 0,
            keys: 0,
            roster: Roster::fold(tenant, &[]),
        }
    }

    /// The roster as the log has it.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Reads the roster anew: after the log was put back.
    pub fn refresh(&mut self) {
        let facts = roster_facts_of(&self.log, self.tenant).unwrap();
        self.roster = Roster::fold(self.tenant, &facts);
    }

    /// Whether the relay knows a device: else it must show its roster first.
    pub fn knows(&self, device: DeviceId) -> bool {
        self.roster.device(device).is_some()
    }

    /// Takes in the roster's document from the pages in these frames (`/v1/session`).
    pub fn show_roster(&mut self, device: DeviceId, frames: &[u8]) -> Result<(), Refused> {
        for page in pages(self.tenant, frames)?.1 {
            self.take(page, device, None)?;
        }
        if self.knows(device) { Ok(()) } else { Err(problem("unknown-device")) }
    }

    /// Answers `/v1/sync`.
    pub fn sync(&mut self, device: DeviceId, body: &[u8]) -> Result<Vec<u8>, Refused> {
        let (hello, pushed) = pages(self.tenant, body)?;
        let hello = hello.ok_or_else(|| problem("malformed"))?;
        let exchange = Exchange::open(&self.log, &self.roster, device, hello).unwrap();
        let mut exchange = exchange.answering(self.answer_bytes);
        for page in pushed {
            self.take(page, device, Some(&mut exchange))?;
        }
        let reply = exchange.reply(&self.log, self.tenant, &self.key, self.now_ms, 0).unwrap();
        let mut out = Vec::new();
        put_frame(&mut out, wire::REPLY, &reply.encode());
        while let Some(page) = exchange.next_page(&self.log).unwrap() {
            put_frame(&mut out, wire::PAGE, &page);
        }
        put_frame(&mut out, wire::END, &exchange.end(&self.log).unwrap().encode());
        Ok(out)
    }

    /// Answers `/v1/compare`.
    pub fn compare(&self, device: DeviceId, body: &[u8]) -> Result<Vec<u8>, Refused> {
        let ask = Compare::decode(body).ok_or_else(|| problem("malformed"))?;
        let view = crate::relay::View::of(&self.roster, device);
        Ok(compare(&self.log, &view, &ask).unwrap().encode())
    }

    fn take(&mut self, page: Page, device: DeviceId, exchange: Option<&mut Exchange>) -> Result<(), Refused> {
        let mut facts = judge::roster_facts(self.tenant, &page.items);
        let brings_roster = !facts.is_empty();
        let before = self.roster.clone();
        if brings_roster {
            facts.extend(roster_facts_of(&self.log, self.tenant).unwrap());
            self.roster = Roster::fold(self.tenant, &facts);
        }
        let verdict = read_page(page, &self.roster);
        let result = match exchange {
            Some(exchange) => exchange.page(&mut self.log, &self.roster, verdict),
            None => crate::relay::admit(&mut self.log, &self.roster, device, verdict).map(|_| ()),
        };
        result.map_err(|_| problem("malformed"))?;
        if brings_roster {
            self.refresh();
            review(&mut self.log, &before, &self.roster).map_err(|_| problem("malformed"))?;
        }
        Ok(())
    }
}

fn problem(code: &str) -> Problem {
    Problem { code: code.to_owned(), message: String::new() }
}

fn pages(tenant: TenantId, body: &[u8]) -> Result<(Option<Hello>, Vec<Page>), Refused> {
    let mut frames = Frames::new();
    frames.push(body);
    let (mut hello, mut pages, mut ended) = (None, Vec::new(), false);
    while let Some(frame) = frames.next_frame().map_err(|_| problem("malformed"))? {
        match frame.kind {
            wire::HELLO => hello = Hello::decode(&frame.payload),
            wire::PAGE => pages.push(Page::decode(tenant, &frame.payload).map_err(|_| problem("malformed"))?),
            wire::END => ended = true,
            _ => {}
        }
    }
    frames.finish().map_err(|_| problem("malformed"))?;
    if ended { Ok((hello, pages)) } else { Err(problem("malformed")) }
}

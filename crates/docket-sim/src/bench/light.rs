//! A device without a store, for crowds: it writes real facts, seals them, and speaks to a real relay.

use docket_format::DocId;
use docket_format::bundle::{Item, item_bytes, join_items};
use docket_format::change::{Carrier, Parsed};
use docket_sync::testkit::{Company, Pen};
use docket_sync::wire::{
    self, Anchor, Challenge, Challenged, Cursor, End, Epoch, Frames, Granted, Hello, Lease, Page, PageParts, Prove,
    Reply, auth_signature, put_frame,
};
use serde_json::json;

use super::http::Wire;

/// Bytes of items in one page.
const PAGE_BYTES: usize = 256 * 1024;

/// A light device with its connection.
#[derive(Debug)]
pub(super) struct Light {
    /// What it writes with.
    pub(super) pen: Pen,
    /// Its connection.
    pub(super) wire: Wire,
    token: String,
    anchor: Option<(Epoch, Anchor)>,
    cursor: Option<(u64, Cursor)>,
    lease: u64,
}

impl Light {
    /// Connects a device that the relay's roster knows, or that the company's roster shown with it does.
    pub(super) fn connect(host: &str, company: &Company, pen: Pen) -> Result<Self, String> {
        let mut wire = Wire::connect(host)?;
        let tenant = company.tenant;
        let asked = wire.post("/v1/challenge", None, &Challenge::new(tenant.as_bytes()).encode_bytes())?;
        let challenged = Challenged::decode_bytes(&asked.body).ok_or_else(|| format!("challenge: {}", asked.status))?;
        let relay = docket_format::keys::PublicKey::from_bytes(challenged.relay.into());
        let signature = auth_signature(&pen.key, tenant, &relay, &challenged.nonce);
        let prove = Prove {
            tenant: (*tenant.as_bytes()).into(),
            key: (*pen.key.public().as_bytes()).into(),
            nonce: challenged.nonce,
            signature: (*signature.as_bytes()).into(),
        };
        let mut body = Vec::new();
        put_frame(&mut body, b'S', &prove.encode_bytes());
        put_frame(&mut body, wire::PAGE, &encoded(&company.root, &company.roster_page())?);
        put_frame(&mut body, wire::END, &[]);
        let granted = wire.post("/v1/session", None, &body)?;
        let granted = Granted::decode_bytes(&granted.body).ok_or_else(|| format!("session: {}", granted.status))?;
        Ok(Self { pen, wire, token: granted.token, anchor: None, cursor: None, lease: 0 })
    }

    /// Writes a new job with as much text as a real request has.
    pub(super) fn job(&mut self, id: DocId) -> (Carrier, Parsed) {
        let regs = json!({"kind": "repair", "product": "air_conditioner", "text": id.to_string(), "channel": "app"});
        self.pen.write(id, "created", json!({"dk": "job", "regs": regs})).1
    }

    /// Writes a note on a document.
    pub(super) fn note(&mut self, doc: DocId, text: &str) -> (Carrier, Parsed) {
        self.pen.write(doc, "noted", json!({"text": text})).1
    }

    /// The body of an exchange that pushes these changes, made beforehand so that only the relay is measured.
    pub(super) fn body(&mut self, changes: Vec<(Carrier, Parsed)>) -> Result<Vec<u8>, String> {
        let lease = (!changes.is_empty()).then_some(Lease { number: self.lease, nonce: [self.lease as u8; 16] });
        let hello = Hello {
            incarnation: self.pen.author.incarnation,
            anchor: self.anchor,
            cursor: self.cursor,
            lease,
            want: Vec::new(),
            push_only: false,
        };
        let mut body = Vec::new();
        put_frame(&mut body, wire::HELLO, &hello.encode());
        let mut some = Vec::new();
        let mut size = 0;
        let mut pages = Vec::new();
        for change in changes {
            size += change.1.facts.iter().map(|(_, text)| text.len() + 60).sum::<usize>();
            some.push(change);
            if size > PAGE_BYTES {
                pages.push(self.pen.page(std::mem::take(&mut some)));
                size = 0;
            }
        }
        if !some.is_empty() {
            pages.push(self.pen.page(some));
        }
        for page in &pages {
            put_frame(&mut body, wire::PAGE, &encoded(&self.pen, page)?);
        }
        put_frame(&mut body, wire::END, &[]);
        Ok(body)
    }

    /// Sends a body and takes in the answer; gives the reply and the number of pages that came back.
    pub(super) fn exchange(&mut self, body: &[u8]) -> Result<(Reply, usize), String> {
        let answer = self.wire.post("/v1/sync", Some(&self.token), body)?;
        if answer.status != 200 {
            return Err(format!("sync: {} {}", answer.status, String::from_utf8_lossy(&answer.body)));
        }
        let mut frames = Frames::new();
        frames.push(&answer.body);
        let (mut reply, mut pages, mut end) = (None, 0, None);
        while let Some(frame) = frames.next_frame().map_err(|e| e.to_string())? {
            match frame.kind {
                wire::REPLY => reply = Reply::decode(&frame.payload),
                wire::PAGE => pages += 1,
                wire::END => end = End::decode(&frame.payload),
                _ => {}
            }
        }
        let (reply, end) = reply.zip(end).ok_or("the answer is not whole")?;
        self.anchor = Some((reply.epoch, reply.head));
        self.cursor = Some((reply.view, end.cursor));
        self.lease = reply.lease.unwrap_or(self.lease);
        Ok((reply, pages))
    }
}

fn encoded(pen: &Pen, page: &Page) -> Result<Vec<u8>, String> {
    let mut authors = std::collections::BTreeMap::new();
    for (carrier, _) in page.items.iter().flat_map(|item: &Item| &item.changes) {
        if let Carrier::Device(author) = carrier {
            let next = authors.len() as u32;
            authors.entry(*author).or_insert(next);
        }
    }
    let items: Vec<Vec<u8>> = page.items.iter().map(|item| item_bytes(pen.tenant, &authors, item)).collect();
    let items = join_items(items.iter().map(Vec::as_slice).collect::<Vec<_>>().into_iter());
    let parts = PageParts { authors: &authors, seals: &page.seals, items: &items, mark: None, level: 3 };
    parts.encode().map_err(|e| e.to_string())
}

//! A relay on a port of its own, and devices that speak to it over plain TCP, so that every byte is the test's.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;

use docket_format::bundle::{item_bytes, join_items};
use docket_format::change::Carrier;
use docket_format::keys::{PublicKey, SecretKey};
use docket_format::{Author, ChangeHash, DocId, TenantId};
use docket_relay::{Options, Server, Times};
use docket_sync::testkit::Pen;
use docket_sync::wire::{
    Anchor, Challenge, Challenged, Cursor, END, End, Epoch, Frame, Frames, Granted, HELLO, Hello, Lease, PAGE, Page,
    PageParts, Problem, Prove, REPLY, Reply, auth_signature, put_frame,
};
use tokio::sync::oneshot;

use crate::http::{Answer, post};

/// A relay in this process.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    pub(crate) dir: PathBuf,
    /// What its clock shows, milliseconds since 1970.
    pub(crate) now_ms: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    pub(crate) fn start(dir: &Path, tenants: &[TenantId]) -> Self {
        Self::start_with(dir, tenants, Times::default())
    }

    pub(crate) fn start_with(dir: &Path, tenants: &[TenantId], times: Times) -> Self {
        let now_ms = Arc::new(AtomicI64::new(1_790_000_000_000));
        let clock = Arc::clone(&now_ms);
        let listen = ([127, 0, 0, 1], 0).into();
        let mut options = Options::new(dir.to_path_buf(), tenants.to_vec(), listen);
        options.times = times;
        options.clock = Arc::new(move || clock.load(Ordering::SeqCst));
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let server = Server::bind(options).await.unwrap();
                ready.send(server.local_addr()).unwrap();
                server
                    .serve(async {
                        let _told: Result<(), _> = stopped.await;
                    })
                    .await;
            });
        });
        let address = address.recv().unwrap();
        Self { address, dir: dir.to_path_buf(), now_ms, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap();
            self.thread.take().unwrap().join().unwrap();
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What came of an exchange.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) reply: Reply,
    pub(crate) pages: Vec<Page>,
    pub(crate) end: End,
    /// Bytes of the request and of the answer, with headers.
    pub(crate) bytes: (usize, usize),
}

impl Exchange {
    /// The changes that came, by document.
    pub(crate) fn changes(&self) -> BTreeMap<DocId, Vec<ChangeHash>> {
        let mut found: BTreeMap<DocId, Vec<ChangeHash>> = BTreeMap::new();
        for item in self.pages.iter().flat_map(|page| &page.items) {
            found.entry(item.doc).or_default().extend(item.changes.iter().map(|(_, change)| change.hash));
        }
        found
    }
}

/// A page's bytes.
pub(crate) fn page_bytes(tenant: TenantId, page: &Page) -> Vec<u8> {
    let mut authors: BTreeMap<Author, u32> = BTreeMap::new();
    for (carrier, _) in page.items.iter().flat_map(|item| &item.changes) {
        if let Carrier::Device(author) = carrier {
            let next = authors.len() as u32;
            authors.entry(*author).or_insert(next);
        }
    }
    let items: Vec<Vec<u8>> = page.items.iter().map(|item| item_bytes(tenant, &authors, item)).collect();
    let items = join_items(items.iter().map(Vec::as_slice));
    PageParts { authors: &authors, seals: &page.seals, items: &items, mark: None, level: 3 }.encode().unwrap()
}

/// What a device remembers of a relay.
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) tenant: TenantId,
    pub(crate) author: Author,
    pub(crate) token: String,
    pub(crate) anchor: Option<(Epoch, Anchor)>,
    pub(crate) cursor: Option<(u64, Cursor)>,
    pub(crate) lease: u64,
    pub(crate) nonce: u8,
    /// Addresses of a proxy before the relay.
    pub(crate) forwarded: Option<String>,
}

impl Client {
    pub(crate) fn new(relay: &Relay, pen: &Pen) -> Self {
        Self::without_token(relay.address, pen)
    }

    fn without_token(address: SocketAddr, pen: &Pen) -> Self {
        Self {
            address,
            tenant: pen.tenant,
            author: pen.author,
            token: String::new(),
            anchor: None,
            cursor: None,
            lease: 0,
            nonce: 1,
            forwarded: None,
        }
    }

    /// A device that has a token already; its roster goes along.
    pub(crate) fn with_token(relay: &Relay, pen: &Pen, roster: &Page) -> Self {
        Self::at(relay.address, pen, roster)
    }

    /// As [`Client::with_token`], of a relay elsewhere.
    pub(crate) fn at(address: SocketAddr, pen: &Pen, roster: &Page) -> Self {
        let mut client = Self::without_token(address, pen);
        client.token = client.prove(&pen.key, Some(roster)).unwrap();
        client
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Answer {
        let token = (!self.token.is_empty()).then_some(self.token.as_str());
        post(self.address, path, token, self.forwarded.as_deref(), body)
    }

    pub(crate) fn challenge(&self) -> Challenged {
        let answer = self.post("/v1/challenge", &Challenge::new(&self.tenant.as_bytes()[..5]).encode_bytes());
        assert_eq!(answer.status, 200);
        Challenged::decode_bytes(&answer.body).unwrap()
    }

    /// Proves an identity; the token or the refusal's status and code.
    pub(crate) fn prove(&self, key: &SecretKey, roster: Option<&Page>) -> Result<String, (u16, String)> {
        let challenged = self.challenge();
        self.prove_with(key, &challenged, roster)
    }

    pub(crate) fn prove_with(
        &self,
        key: &SecretKey,
        challenged: &Challenged,
        roster: Option<&Page>,
    ) -> Result<String, (u16, String)> {
        let relay = PublicKey::from_bytes(*challenged.relay);
        let signature = auth_signature(key, self.tenant, &relay, &challenged.nonce);
        let prove = Prove {
            tenant: (*self.tenant.as_bytes()).into(),
            key: (*key.public().as_bytes()).into(),
            nonce: challenged.nonce.clone(),
            signature: (*signature.as_bytes()).into(),
        };
        let mut body = Vec::new();
        put_frame(&mut body, b'S', &prove.encode_bytes());
        if let Some(page) = roster {
            put_frame(&mut body, PAGE, &page_bytes(self.tenant, page));
        }
        put_frame(&mut body, END, &[]);
        let answer = post(self.address, "/v1/session", None, self.forwarded.as_deref(), &body);
        refusal(&answer)?;
        Ok(Granted::decode_bytes(&answer.body).unwrap().token)
    }

    pub(crate) fn hello(&self, pushes: bool) -> Hello {
        Hello {
            incarnation: self.author.incarnation,
            anchor: self.anchor,
            cursor: self.cursor,
            lease: pushes.then_some(Lease { number: self.lease, nonce: [self.nonce; 16] }),
            want: Vec::new(),
            push_only: false,
        }
    }

    /// One exchange; what the reply says is remembered as a device would.
    pub(crate) fn sync(&mut self, pages: &[Page]) -> Exchange {
        let hello = self.hello(!pages.is_empty());
        let exchange = self.try_sync(&hello, pages).unwrap();
        self.remember(&exchange);
        exchange
    }

    pub(crate) fn remember(&mut self, exchange: &Exchange) {
        let reply = &exchange.reply;
        if let Some(lease) = reply.lease {
            self.lease = lease;
            self.nonce += 1;
        }
        if !reply.reconcile {
            self.anchor = Some((reply.epoch, reply.head));
            self.cursor = Some((reply.view, exchange.end.cursor));
        }
    }

    pub(crate) fn try_sync(&self, hello: &Hello, pages: &[Page]) -> Result<Exchange, (u16, String)> {
        let pages: Vec<Vec<u8>> = pages.iter().map(|page| page_bytes(self.tenant, page)).collect();
        self.try_sync_bytes(hello, &pages)
    }

    pub(crate) fn try_sync_bytes(&self, hello: &Hello, pages: &[Vec<u8>]) -> Result<Exchange, (u16, String)> {
        let mut body = Vec::new();
        put_frame(&mut body, HELLO, &hello.encode());
        for page in pages {
            put_frame(&mut body, PAGE, page);
        }
        put_frame(&mut body, END, &[]);
        let answer = self.post("/v1/sync", &body);
        refusal(&answer)?;
        Ok(self.read(&answer))
    }

    fn read(&self, answer: &Answer) -> Exchange {
        let mut frames = Frames::new();
        frames.push(&answer.body);
        let mut all: Vec<Frame> = Vec::new();
        while let Some(frame) = frames.next_frame().unwrap() {
            all.push(frame);
        }
        frames.finish().unwrap();
        assert_eq!(all.first().map(|frame| frame.kind), Some(REPLY));
        assert_eq!(all.last().map(|frame| frame.kind), Some(END));
        let reply = Reply::decode(&all[0].payload).unwrap();
        let end = End::decode(&all[all.len() - 1].payload).unwrap();
        let pages = all[1..all.len() - 1].iter().map(|frame| {
            assert_eq!(frame.kind, PAGE);
            Page::decode(self.tenant, &frame.payload).unwrap()
        });
        Exchange { reply, pages: pages.collect(), end, bytes: answer.bytes }
    }
}

/// The status and code of a refusal.
pub(crate) fn refusal(answer: &Answer) -> Result<(), (u16, String)> {
    if answer.status < 300 {
        return Ok(());
    }
    let problem = Problem::decode_bytes(&answer.body).expect("every refusal says why");
    Err((answer.status, problem.code))
}

/// A document of a number.
pub(crate) fn doc(n: u64) -> DocId {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    DocId::new_v7(n, random)
}

//! Requests over HTTP/1.1, on a thread of their own: one at a time, over a connection that is kept.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel};
use tokio::time::Instant;

use super::transport::{Answer, Body, Request, Transport, TransportError};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// Pieces that may wait between this thread and that of the connection.
const WAITING: usize = 4;

/// A relay over HTTP. Not to be called from a thread that drives an async runtime: it blocks.
#[derive(Debug)]
pub struct HttpTransport {
    url: String,
    jobs: UnboundedSender<Call>,
}

/// A request on its way to the other thread.
#[derive(Debug)]
struct Call {
    url: String,
    token: Option<String>,
    body: Outgoing,
    idle: Duration,
    answer: Sender<Event>,
}

#[derive(Debug)]
enum Outgoing {
    Bytes(Vec<u8>),
    Pieces(Receiver<Vec<u8>>),
}

/// What comes back.
#[derive(Debug)]
enum Event {
    Head { status: u16, retry_after_s: Option<u64> },
    Piece(Vec<u8>),
    End,
    Failed(TransportError),
}

impl HttpTransport {
    /// For the relay at `url` (`http://host:port`, with a path if it stands under one). Nothing is sent yet.
    pub fn new(url: &str) -> Result<Self, TransportError> {
        let url = url.trim_end_matches('/').to_owned();
        let parsed = reqwest::Url::parse(&url);
        let parsed = parsed.map_err(|error| TransportError::unreachable(format!("not an address: {error}")))?;
        match parsed.scheme() {
            "http" => {}
            "https" if cfg!(feature = "https") => {}
            "https" => return Err(TransportError::unreachable("this docket was built without https")),
            other => return Err(TransportError::unreachable(format!("not an address of a relay: {other}://"))),
        }
        let (jobs, calls) = unbounded_channel();
        let started = std::thread::Builder::new().name("relay".into()).spawn(move || serve(calls));
        started.map_err(|error| TransportError::unreachable(format!("no thread for the connection: {error}")))?;
        Ok(Self { url, jobs })
    }
}

impl Transport for HttpTransport {
    fn url(&self) -> &str {
        &self.url
    }

    fn call(&mut self, request: Request<'_>) -> Result<Answer<'_>, TransportError> {
        let gone = || TransportError::cut("the connection's thread has ended");
        let (answer, mut events) = channel(WAITING);
        let url = format!("{}{}", self.url, request.path);
        let token = request.token.map(str::to_owned);
        let (body, sending) = match request.body {
            Body::Bytes(bytes) => (Outgoing::Bytes(bytes), None),
            Body::Pieces(pieces) => {
                let (send, receive) = channel(WAITING);
                (Outgoing::Pieces(receive), Some((send, pieces)))
            }
        };
        let call = Call { url, token, body, idle: request.idle, answer };
        self.jobs.send(call).map_err(|_| gone())?;
        if let Some((send, pieces)) = sending {
            while let Some(piece) = pieces() {
                // Nobody takes it any more: the relay has answered already, or the connection broke.
                if send.blocking_send(piece).is_err() {
                    break;
                }
            }
        }
        match events.blocking_recv() {
            Some(Event::Head { status, retry_after_s }) => {
                let pieces = Box::new(move || match events.blocking_recv() {
                    Some(Event::Piece(piece)) => Ok(Some(piece)),
                    Some(Event::Failed(error)) => Err(error),
                    Some(Event::End | Event::Head { .. }) => Ok(None),
                    None => Err(TransportError::cut("the connection's thread has ended")),
                });
                Ok(Answer { status, retry_after_s, pieces })
            }
            Some(Event::Failed(error)) => Err(error),
            Some(Event::Piece(_) | Event::End) | None => Err(gone()),
        }
    }
}

/// The connection's thread: until the transport is dropped.
fn serve(mut calls: UnboundedReceiver<Call>) {
    #[cfg(feature = "https")]
    // Somebody else may have chosen one already: that will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let client = Client::builder().http1_only().connect_timeout(CONNECT).redirect(Policy::none()).build();
    let Ok(client) = client else { return };
    runtime.block_on(async {
        while let Some(call) = calls.recv().await {
            let answer = call.answer.clone();
            let last = match one(&client, call).await {
                Ok(()) => Event::End,
                Err(error) => Event::Failed(error),
            };
            // Whoever asked may not want to know any more.
            let _ = answer.send(last).await;
        }
    });
}

async fn one(client: &Client, call: Call) -> Result<(), TransportError> {
    let moved = Moved::default();
    let body = match call.body {
        Outgoing::Bytes(bytes) => reqwest::Body::from(bytes),
        Outgoing::Pieces(pieces) => reqwest::Body::wrap_stream(Stream { pieces, moved: moved.clone() }),
    };
    let request = client.post(&call.url).header(CONTENT_TYPE, "application/octet-stream").body(body);
    let request = match &call.token {
        Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
        None => request,
    };
    let mut response = moved.within(call.idle, request.send()).await?.map_err(|error| failed(&error))?;
    if call.answer.send(head(&response)).await.is_err() {
        return Ok(());
    }
    loop {
        moved.note();
        match moved.within(call.idle, response.chunk()).await?.map_err(|error| failed(&error))? {
            Some(piece) => {
                if call.answer.send(Event::Piece(piece.to_vec())).await.is_err() {
                    return Ok(());
                }
            }
            None => return Ok(()),
        }
    }
}

fn head(response: &Response) -> Event {
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Event::Head { status: response.status().as_u16(), retry_after_s: after }
}

/// The innermost reason is the one that a person can do something about.
fn failed(error: &reqwest::Error) -> TransportError {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let detail = inner.to_string();
    if error.is_connect() { TransportError::unreachable(detail) } else { TransportError::cut(detail) }
}

/// When bytes last moved.
#[derive(Debug, Clone)]
struct Moved(Arc<Mutex<Instant>>);

impl Default for Moved {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Moved {
    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as something moves; gives up when nothing has for so long. There is no limit on the whole.
    async fn within<T>(&self, idle: Duration, work: impl Future<Output = T>) -> Result<T, TransportError> {
        let mut work = std::pin::pin!(work);
        loop {
            let until = self.last() + idle;
            tokio::select! {
                done = &mut work => return Ok(done),
                () = tokio::time::sleep_until(until) => {
                    if self.last() + idle <= Instant::now() {
                        return Err(TransportError::cut(format!("nothing moved for {} seconds", idle.as_secs())));
                    }
                }
            }
        }
    }
}

/// A request's pieces as the client asks for them.
struct Stream {
    pieces: Receiver<Vec<u8>>,
    moved: Moved,
}

impl futures_core::Stream for Stream {
    type Item = Result<Vec<u8>, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.moved.note();
        self.pieces.poll_recv(context).map(|piece| piece.map(Ok))
    }
}

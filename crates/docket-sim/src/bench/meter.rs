//! A road between device and relay that counts bytes and requests.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the last look.
#[derive(Debug, Default)]
struct Counts {
    up: AtomicU64,
    down: AtomicU64,
    requests: AtomicU64,
}

/// A forwarding port on the loopback.
#[derive(Debug)]
pub(super) struct Meter {
    /// `http://host:port`.
    pub(super) url: String,
    counts: Arc<Counts>,
}

impl Meter {
    /// Forwards to `host:port` until the process ends.
    pub(super) fn before(host: &str) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        let url = format!("http://{}", listener.local_addr().map_err(|e| e.to_string())?);
        let counts = Arc::new(Counts::default());
        let (shared, host) = (counts.clone(), host.to_owned());
        std::thread::spawn(move || {
            for inward in listener.incoming().flatten() {
                let Ok(outward) = TcpStream::connect(&host) else { continue };
                let (Ok(back_in), Ok(back_out)) = (inward.try_clone(), outward.try_clone()) else { continue };
                // Or small pieces wait for each other's acknowledgements. If it can't be set, it only takes longer.
                let _slower = (inward.set_nodelay(true), outward.set_nodelay(true));
                let (up, down) = (shared.clone(), shared.clone());
                std::thread::spawn(move || pump(inward, outward, &up.up, Some(&up.requests)));
                std::thread::spawn(move || pump(back_out, back_in, &down.down, None));
            }
        });
        Ok(Self { url, counts })
    }

    /// Bytes up, bytes down and requests for documents since the last look.
    pub(super) fn take(&self) -> (u64, u64, u64) {
        let take = |count: &AtomicU64| count.swap(0, Ordering::SeqCst);
        (take(&self.counts.up), take(&self.counts.down), take(&self.counts.requests))
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, bytes: &AtomicU64, requests: Option<&AtomicU64>) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(count) = from.read(&mut piece) {
        let some = piece.get(..count).unwrap_or_default();
        if count == 0 || to.write_all(some).is_err() {
            break;
        }
        bytes.fetch_add(count as u64, Ordering::SeqCst);
        // A request's line stands at the start of what its sender wrote at once.
        if let Some(requests) = requests.filter(|_| some.starts_with(b"POST /v1/sync")) {
            requests.fetch_add(1, Ordering::SeqCst);
        }
    }
    // Either end may be gone already.
    let _ = to.shutdown(std::net::Shutdown::Write);
}

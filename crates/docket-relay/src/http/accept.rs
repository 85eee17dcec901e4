//! Connections: bounded in number, each header in its time. (`axum::serve` would keep a half-sent header for ever.)

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::{App, Options};
use crate::bounds;
use crate::log::LogError;

/// The other end of a connection.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Why a relay does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Somebody listens there already.
    #[error("{0} is in use")]
    InUse(SocketAddr),
    /// The address can't be listened to.
    #[error("can't listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
}

/// A relay that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
}

impl Server {
    /// Opens the logs and begins to listen.
    pub async fn bind(options: Options) -> Result<Self, ServeError> {
        let address = options.listen;
        let listener = listen(address).map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => ServeError::InUse(address),
            _ => ServeError::Listen { address, error },
        })?;
        let address = listener.local_addr().map_err(|error| ServeError::Listen { address, error })?;
        let opened = tokio::task::spawn_blocking(move || App::open(&options)).await;
        let app = opened.map_err(|_| LogError::Corrupt("opening it ended in a panic"))??;
        Ok(Self { listener, address, app: Arc::new(app) })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` comes back; then lets running exchanges finish, for ten seconds at most, and closes the
    /// logs.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(bounds::CONNECTIONS));
        let mut connections = JoinSet::new();
        let router = Arc::clone(&self.app).router();
        let mut stop = std::pin::pin!(stop);
        loop {
            let place = tokio::select! {
                () = &mut stop => break,
                place = Arc::clone(&places).acquire_owned() => place,
            };
            let (Ok(place), accepted) = (
                place,
                tokio::select! {
                    () = &mut stop => break,
                    accepted = self.listener.accept() => accepted,
                },
            ) else {
                break;
            };
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, peer)) => {
                    let connection = connection(stream, peer.ip(), router.clone(), Arc::clone(&self.app));
                    connections.spawn(async move {
                        connection.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    // Too many open files, say: others may close theirs.
                    tracing::warn!(%error, "accepting a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(self.listener);
        self.app.stopping.send_replace(true);
        let finished = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(bounds::STOP_TIME, finished).await.is_err() {
            tracing::warn!("some exchanges were cut off");
        }
        connections.shutdown().await;
        let app = self.app;
        let closed = tokio::task::spawn_blocking(move || app.tenants.values().for_each(|tenant| tenant.stop()));
        if closed.await.is_err() {
            tracing::error!("closing the logs ended in a panic");
        }
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A relay that is started again must not wait for the connections of the one before.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(bounds::BACKLOG)
}

async fn connection(stream: TcpStream, peer: IpAddr, router: Router, app: Arc<App>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "setting a connection up");
    }
    app.metrics.connections.inc();
    let service = TowerToHyperService::new(router.layer(Extension(Peer(peer))));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(app.times.header)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let mut stopping: watch::Receiver<bool> = app.stopping.subscribe();
    let stopped = async { drop(stopping.wait_for(|stopping| *stopping).await) };
    let ended = tokio::select! {
        ended = &mut serving => Some(ended),
        () = stopped => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        serving.as_mut().graceful_shutdown();
        serving.await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
    app.metrics.connections.dec();
}

//! Running a relay until somebody stops it: its threads and signals.

use std::net::SocketAddr;

use crate::http::{Options, ServeError, Server};

/// Threads for what must not block.
const WORKERS: usize = 2;
/// Threads for reading, judging and flushing. Few: each keeps some memory.
const BLOCKING: usize = 8;

/// Serves until the process is told to stop (Ctrl-C, SIGTERM). `ready` is called with the address once it listens.
pub fn run(options: Options, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .map_err(|error| ServeError::Listen { address: options.listen, error })?;
    runtime.block_on(async {
        let server = Server::bind(options).await?;
        ready(server.local_addr());
        server.serve(stopped()).await;
        Ok(())
    })
}

async fn stopped() {
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _interrupted = tokio::signal::ctrl_c() => {}
                _terminated = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signals the process is ended from outside; what was acknowledged is durable anyway.
        std::future::pending::<()>().await;
    }
}

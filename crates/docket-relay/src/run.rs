//! Running a relay until somebody stops it: its threads and signals.

use std::net::SocketAddr;

use crate::http::{Options, ServeError, Server};

/// Threads for what must not block.
const WORKERS: usize = 2;
/// Threads for reading, judging and flushing. Few: each keeps some memory.
const BLOCKING: usize = 8;

/// Serves until the process is told to stop (Ctrl-C, SIGTERM). `ready` is called with the address once it listens.
pub fn run(options: Options, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    with_runtime(options.listen, async {
        let server = Server::bind(options).await?;
        ready(server.local_addr());
        server.serve(stopped()).await;
        Ok(())
    })
}

fn with_runtime(listen: SocketAddr, serve: impl Future<Output = Result<(), ServeError>>) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .map_err(|error| ServeError::Listen { address: listen, error })?;
    runtime.block_on(serve)
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

/// A relay that serves on threads of its own until it is stopped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Finishes what is under way and ends. Dropping it does the same.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _gone = self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts a relay beside whatever the process does.
pub fn spawn(options: Options) -> Result<Running, ServeError> {
    let listen = options.listen;
    let (ready, started) = std::sync::mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let serve = move || {
        let done = with_runtime(listen, async {
            let server = Server::bind(options).await?;
            let _asked = ready.send(Ok(server.local_addr()));
            server.serve(async { drop(stopped.await) }).await;
            Ok(())
        });
        if let Err(error) = done {
            let _asked = ready.send(Err(error));
        }
    };
    let failed = |error| ServeError::Listen { address: listen, error };
    let thread = std::thread::Builder::new().name("relay".to_owned()).spawn(serve).map_err(failed)?;
    let address = started.recv().unwrap_or_else(|_| Err(failed(std::io::Error::other("it ended at once"))))?;
    Ok(Running { address, stop: Some(stop), thread: Some(thread) })
}

//! Connections: accepts them up to a limit, enforces their timeouts, and shuts them down gracefully.
//!
//! Hyper's header read timeout covers both idle connections and slow request heads: it starts when a
//! connection waits for a request, and received bytes do not restart it. Hyper has no write timeout;
//! this module adds one, which closes connections of clients that stop reading.

use std::{
    collections::HashMap,
    io::{self, ErrorKind},
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::{JoinError, JoinSet},
    time,
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use super::rate;
use crate::{
    config,
    limits::{MAX_HEAD_SIZE, MAX_HEADERS},
};

/// How long to wait after an error of `accept`, such as too many open files.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(500);

/// Limits of connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum number of open connections. Further connections wait to be accepted.
    pub max_connections: usize,
    /// Maximum number of open connections per client address. 0 means no limit.
    pub max_connections_per_client: usize,
    /// For reading the head of a request, and for idle connections.
    pub header_timeout: Duration,
    /// For clients that stop reading a response.
    pub write_timeout: Duration,
    /// For requests in flight during a graceful shutdown.
    pub shutdown_timeout: Duration,
}

impl From<&config::ServerConfig> for Limits {
    fn from(settings: &config::ServerConfig) -> Self {
        let &config::ServerConfig {
            max_connections,
            header_timeout,
            write_timeout,
            shutdown_timeout,
            ..
        } = settings;
        let max_connections_per_client = match settings.max_connections_per_client {
            // All connections have the address of a proxy.
            _ if settings.trusted_proxies > 0 => 0,
            0 => max_connections.div_ceil(4),
            max => max,
        };
        Self {
            max_connections,
            max_connections_per_client,
            header_timeout,
            write_timeout,
            shutdown_timeout,
        }
    }
}

/// Counts the open connections. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct ConnectionCount(Arc<AtomicUsize>);

impl ConnectionCount {
    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn increment(&self) -> CountGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        CountGuard(self.clone())
    }
}

/// Decrements the count when dropped.
struct CountGuard(ConnectionCount);

impl Drop for CountGuard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts the open connections of each client.
#[derive(Clone, Debug, Default)]
struct Clients(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Clients {
    /// Counts a connection. Returns `None` if its client already has the maximum number.
    fn add(&self, peer: IpAddr, max: usize) -> Option<ClientGuard> {
        let key = rate::client_key(peer);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        if max > 0 && *count >= max {
            return None;
        }
        *count += 1;
        Some(ClientGuard { key, clients: self.clone() })
    }
}

/// Decrements the count of a client when dropped.
struct ClientGuard {
    key: IpAddr,
    clients: Clients,
}

impl Drop for ClientGuard {
    fn drop(&mut self) {
        let mut counts = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

/// Serves connections until `shutdown` resolves. Then accepts no more connections, completes the
/// requests in flight, and closes the connections that remain after the shutdown timeout.
pub async fn run(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    count: ConnectionCount,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let max_connections = limits.max_connections.clamp(1, Semaphore::MAX_PERMITS);
    let permits = Arc::new(Semaphore::new(max_connections));
    let clients = Clients::default();
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer, permit) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(result) = connections.join_next() => {
                log_panic(result);
                continue;
            }
            accepted = accept(&listener, &permits) => accepted,
        };
        let Some(client) = clients.add(peer.ip(), limits.max_connections_per_client) else {
            tracing::debug!(%peer, "connection closed: too many connections from this client");
            continue;
        };
        let connection = serve_connection(stream, peer, router.clone(), limits, graceful.watcher());
        let counted = count.increment();
        connections.spawn(async move {
            connection.await;
            drop((counted, client, permit));
        });
    }
    drop(listener);
    let remaining = async {
        graceful.shutdown().await;
        while let Some(result) = connections.join_next().await {
            log_panic(result);
        }
    };
    if time::timeout(limits.shutdown_timeout, remaining).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "shutdown timeout: closing the remaining connections"
        );
        connections.shutdown().await;
    }
    Ok(())
}

/// Waits for a permit, then accepts a connection.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let permit = permits.clone().acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, permit),
            // The client closed the connection before it was accepted.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted
                        | ErrorKind::ConnectionRefused
                        | ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                time::sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    watcher: Watcher,
) {
    // An error is harmless: it only delays responses.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write_timeout));
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(MAX_HEAD_SIZE)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%peer, %error, "connection error");
    }
}

fn log_panic(result: Result<(), JoinError>) {
    if let Err(error) = result {
        tracing::error!(%error, "connection task panicked");
    }
}

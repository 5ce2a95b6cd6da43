//! Connections: accepted up to a number, each held to its times, all ended in order.
//!
//! Hyper bounds the whole head of a request and the time a connection stays unused by one clock: it
//! starts when a connection is open and waits for a head, first or next, and no byte starts it
//! again. What it lets a client do for ever is to take nothing of an answer; here it may not.

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

/// How long to wait for what lacks, such as a file descriptor, before accepting again.
const PAUSE: Duration = Duration::from_millis(500);

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at one time; more wait to be accepted.
    pub connections: usize,
    /// Those of one client, by its address; none are turned away where it is 0.
    pub of_one: usize,
    /// For the head of a request, and for the next one to begin.
    pub header_timeout: Duration,
    /// For a client that takes nothing of an answer.
    pub write_timeout: Duration,
    /// For requests under way when the server is to end.
    pub drain: Duration,
}

impl From<&config::ServerConfig> for Limits {
    fn from(settings: &config::ServerConfig) -> Self {
        let &config::ServerConfig {
            max_connections: connections,
            header_timeout,
            write_timeout,
            shutdown_timeout: drain,
            ..
        } = settings;
        let of_one = match settings.max_connections_per_client {
            // Behind a proxy all clients have its address.
            _ if settings.trusted_proxies > 0 => 0,
            0 => connections.div_ceil(4),
            some => some,
        };
        Self { connections, of_one, header_timeout, write_timeout, drain }
    }
}

/// How many connections are open; clones count the same ones.
#[derive(Clone, Debug, Default)]
pub struct Open(Arc<AtomicUsize>);

impl Open {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn one_more(&self) -> Counted {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted(self.clone())
    }
}

struct Counted(Open);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many connections each client has.
#[derive(Clone, Debug, Default)]
struct Clients(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Clients {
    /// One more of a client, unless it has so many.
    fn one_more(&self, peer: IpAddr, most: usize) -> Option<Client> {
        let network = rate::network(peer);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.entry(network).or_default();
        if most > 0 && *own >= most {
            return None;
        }
        *own += 1;
        Some(Client { network, all: self.clone() })
    }
}

struct Client {
    network: IpAddr,
    all: Clients,
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = all.get_mut(&self.network) {
            *own -= 1;
            if *own == 0 {
                all.remove(&self.network);
            }
        }
    }
}

/// Serves until `end` comes. Then nothing is accepted any more, requests under way are answered,
/// and what is left of them after the time to drain is cut.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    open: Open,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let places = limits.connections.clamp(1, Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(places));
    let clients = Clients::default();
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut end = pin!(end);
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            () = &mut end => break,
            Some(ended) = connections.join_next() => {
                look_at(ended);
                continue;
            }
            accepted = accept(&listener, &places) => accepted,
        };
        let Some(client) = clients.one_more(peer.ip(), limits.of_one) else {
            tracing::debug!(%peer, "closed: its client has too many connections");
            continue;
        };
        let connection = connection(stream, peer, router.clone(), limits, graceful.watcher());
        let counted = open.one_more();
        connections.spawn(async move {
            connection.await;
            drop((counted, client, place));
        });
    }
    drop(listener);
    let all = async {
        graceful.shutdown().await;
        while let Some(ended) = connections.join_next().await {
            look_at(ended);
        }
    };
    if time::timeout(limits.drain, all).await.is_err() {
        tracing::warn!(connections = connections.len(), "cut: they took too long to end");
        connections.shutdown().await;
    }
    Ok(())
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place = places.clone().acquire_owned().await.expect("places are never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            // The client gave up while it waited: no fault of ours, and the next is there.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted
                        | ErrorKind::ConnectionRefused
                        | ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                time::sleep(PAUSE).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    watcher: Watcher,
) {
    // Where it cannot be set, answers only come later.
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
        tracing::debug!(%peer, %error, "a connection broke");
    }
}

fn look_at(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection failed");
    }
}

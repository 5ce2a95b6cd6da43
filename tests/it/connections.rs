//! Connections: limits on their number, time and size, graceful shutdown, panics.
//!
//! The server runs in a thread of its own with a paused clock. A timeout passes when a test advances
//! the clock, so no test depends on how fast the machine is.

use std::{
    convert::Infallible,
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use assembly_graph::http::connections::{ConnectionCount, Limits, run};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    routing::{get, post},
};
use futures_util::stream;
use tokio::{
    net::TcpListener,
    runtime::Builder,
    sync::{mpsc::UnboundedSender, watch},
};

/// A timeout that a test waits for, by advancing the clock.
const SHORT: Duration = Duration::from_secs(1);
/// A timeout that no test reaches.
const LONG: Duration = Duration::from_hours(24 * 365);
/// Fails a test that waits for something that does not happen.
const GUARD: Duration = Duration::from_mins(10);

const LIMITS: Limits = Limits {
    max_connections: 16,
    max_connections_per_client: 0,
    header_timeout: LONG,
    write_timeout: LONG,
    shutdown_timeout: LONG,
};

/// A server that reports the start and the end of requests, and responds to `/slow` when `release` is
/// called.
struct Server {
    address: SocketAddr,
    open: ConnectionCount,
    started: mpsc::Receiver<()>,
    finished: mpsc::Receiver<()>,
    release: watch::Sender<()>,
    clock: UnboundedSender<(Duration, mpsc::Sender<()>)>,
    shutdown: UnboundedSender<()>,
    stopped: mpsc::Receiver<io::Result<()>>,
    /// Tokio does not advance a paused clock automatically while a blocking task runs.
    _manual_clock: mpsc::Sender<()>,
}

/// Reports the end of a request when it is dropped.
struct Finish(mpsc::Sender<()>);

impl Drop for Finish {
    fn drop(&mut self) {
        self.0.send(()).ok();
    }
}

fn router(
    start: mpsc::Sender<()>,
    finish: mpsc::Sender<()>,
    released: watch::Receiver<()>,
) -> Router {
    let slow = {
        let (start, finish) = (start.clone(), finish.clone());
        move || {
            let (finish, mut released) = (Finish(finish.clone()), released.clone());
            start.send(()).unwrap();
            async move {
                released.changed().await.unwrap();
                drop(finish);
                "done"
            }
        }
    };
    let endless = move || {
        let finish = Finish(finish.clone());
        start.send(()).unwrap();
        async move {
            Body::from_stream(stream::repeat_with(move || {
                let _ = &finish;
                Ok::<_, Infallible>(&[b'.'; 64 << 10][..])
            }))
        }
    };
    let peer = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string();
    Router::new()
        .route("/", get(async || "here"))
        .route("/", post(async |body: String| body.len().to_string()))
        .route("/peer", get(peer))
        .route("/slow", get(slow))
        .route("/endless", get(endless))
        .route("/panic", get(async || -> &str { panic!("requested by the test") }))
}

impl Server {
    fn start(limits: Limits) -> Self {
        let open = ConnectionCount::default();
        let (start, started) = mpsc::channel();
        let (finish, finished) = mpsc::channel();
        let (release, released) = watch::channel(());
        let (clock, mut advances) =
            tokio::sync::mpsc::unbounded_channel::<(Duration, mpsc::Sender<()>)>();
        let (shutdown, mut shutdowns) = tokio::sync::mpsc::unbounded_channel();
        let (stop, stopped) = mpsc::channel();
        let (bound, address) = mpsc::channel();
        let (manual_clock, manual) = mpsc::channel::<()>();
        let counted = open.clone();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
            let runtime = runtime.unwrap();
            let result = runtime.block_on(async {
                tokio::task::spawn_blocking(move || manual.recv());
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                bound.send(listener.local_addr()?).unwrap();
                tokio::spawn(async move {
                    while let Some((duration, advanced)) = advances.recv().await {
                        tokio::time::advance(duration).await;
                        advanced.send(()).ok();
                    }
                });
                let is_shut_down = async move {
                    shutdowns.recv().await;
                };
                run(listener, router(start, finish, released), limits, counted, is_shut_down).await
            });
            stop.send(result).ok();
        });
        let address = address.recv_timeout(GUARD).unwrap();
        Self {
            address,
            open,
            started,
            finished,
            release,
            clock,
            shutdown,
            stopped,
            _manual_clock: manual_clock,
        }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(GUARD)).unwrap();
        stream.set_write_timeout(Some(GUARD)).unwrap();
        Client(stream)
    }

    /// Connects, requests a path, and waits until its handler has started.
    fn begin(&self, path: &str) -> Client {
        let mut client = self.connect();
        client.get(path);
        self.started.recv_timeout(GUARD).unwrap();
        client
    }

    /// Advances the server's clock, and lets it process what is due.
    fn advance(&self, duration: Duration) {
        let (advanced, done) = mpsc::channel();
        // A server that has stopped has no clock.
        if self.clock.send((duration, advanced)).is_ok() {
            done.recv_timeout(GUARD).ok();
        }
    }

    /// Advances the clock until a condition is true.
    fn advance_until(&self, mut condition: impl FnMut() -> bool) {
        for _ in 0..1_000_000 {
            if condition() {
                return;
            }
            self.advance(SHORT);
            thread::yield_now();
        }
        panic!("the condition is still false after a million seconds of the server");
    }

    fn stop(self) {
        self.shutdown.send(()).unwrap();
        self.stopped.recv_timeout(GUARD).unwrap().unwrap();
    }
}

struct Client(TcpStream);

impl Client {
    fn write(&mut self, text: impl AsRef<[u8]>) {
        self.0.write_all(text.as_ref()).unwrap();
    }

    fn get(&mut self, path: &str) {
        self.write(format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n"));
    }

    /// Reads until the response ends with `end`.
    fn read_until(&mut self, end: &str) -> String {
        let mut read = Vec::new();
        while !read.ends_with(end.as_bytes()) {
            let mut buffer = [0; 1024];
            let count = self.0.read(&mut buffer).unwrap();
            assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(&read));
            read.extend_from_slice(&buffer[..count]);
        }
        String::from_utf8(read).unwrap()
    }

    /// Reads until the server closes or resets the connection.
    fn read_to_end(&mut self) -> String {
        let mut read = Vec::new();
        if let Err(error) = self.0.read_to_end(&mut read) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "not closed: {error}");
        }
        String::from_utf8(read).unwrap()
    }

    /// Whether there is nothing to read now.
    fn has_nothing_to_read(&mut self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        let read = self.0.read(&mut [0; 64]);
        self.0.set_nonblocking(false).unwrap();
        read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}

/// Waits until a condition is true that no timeout affects.
fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < GUARD, "the condition is still false");
        thread::yield_now();
    }
}

#[test]
fn requests_of_a_connection_are_processed_in_order_with_their_peer_address() {
    let server = Server::start(LIMITS);
    let mut client = server.connect();
    for _ in 0..3 {
        client.get("/");
        assert!(client.read_until("here").starts_with("HTTP/1.1 200 OK\r\n"));
    }
    client.get("/peer");
    client.read_until(&format!("\r\n\r\n{}", client.0.local_addr().unwrap()));
    client.write("POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\n\r\nhello");
    client.read_until("\r\n\r\n5");
    assert_eq!(server.open.get(), 1);
    drop(client);
    wait_until(|| server.open.get() == 0);
    server.stop();
}

#[test]
fn request_heads_have_a_maximum_size() {
    let server = Server::start(LIMITS);
    let mut client = server.connect();
    client.get(&format!("/?query={}", "a".repeat(32 << 10)));
    client.read_until("here");
    let mut start = b"GET / HTTP/1.1\r\nhost: here\r\na: ".to_vec();
    start.resize(64 << 10, b'a');
    client.write(start);
    assert!(client.read_to_end().starts_with("HTTP/1.1 431 "));
    let mut client = server.connect();
    client.write(format!("GET / HTTP/1.1\r\n{}\r\n", "a: a\r\n".repeat(101)));
    assert!(client.read_to_end().starts_with("HTTP/1.1 431 "));
    let mut client = server.connect();
    client.write("what is this?\r\n\r\n");
    assert!(client.read_to_end().starts_with("HTTP/1.1 400 "));
    server.stop();
}

#[test]
fn a_request_head_sent_byte_by_byte_times_out() {
    let server = Server::start(Limits { header_timeout: 10 * SHORT, ..LIMITS });
    let mut client = server.connect();
    client.write("GET / HTTP/1.1\r\nhost: here\r\na: ");
    // Each byte is sent within the timeout, the whole head is not.
    server.advance_until(|| {
        let write = client.0.write_all(b"a");
        client.0.set_nonblocking(true).unwrap();
        let read = client.0.read(&mut [0; 64]);
        client.0.set_nonblocking(false).unwrap();
        match read {
            Ok(0) => true,
            Ok(_) => panic!("the server responded"),
            Err(error) if error.kind() == ErrorKind::WouldBlock => write.is_err(),
            Err(_) => true,
        }
    });
    wait_until(|| server.open.get() == 0);
    server.stop();
}

#[test]
fn idle_connections_are_closed() {
    let server = Server::start(Limits { header_timeout: SHORT, ..LIMITS });
    let mut silent = server.connect();
    let mut used = server.connect();
    used.get("/");
    used.read_until("here");
    wait_until(|| server.open.get() == 2);
    server.advance_until(|| server.open.get() == 0);
    assert_eq!(silent.read_to_end(), "");
    assert_eq!(used.read_to_end(), "");
    server.stop();
}

#[test]
fn a_client_that_does_not_read_is_disconnected() {
    let server = Server::start(Limits { write_timeout: SHORT, ..LIMITS });
    let mut client = server.begin("/endless");
    server.advance_until(|| server.open.get() == 0);
    server.finished.recv_timeout(GUARD).unwrap();
    // Only what was sent before can still be read.
    client.read_to_end();
    server.stop();
}

/// These timeouts limit clients; another one limits the execution of a request.
#[test]
fn a_request_may_take_longer_than_the_timeouts_of_its_client() {
    let server = Server::start(Limits { header_timeout: SHORT, write_timeout: SHORT, ..LIMITS });
    let mut slow = server.begin("/slow");
    let mut silent = server.connect();
    let _stuck = server.begin("/endless");
    wait_until(|| server.open.get() == 3);
    // Both timeouts have passed when the other connections are closed.
    server.advance_until(|| server.open.get() == 1);
    silent.read_to_end();
    server.release.send_replace(());
    slow.read_until("done");
    server.stop();
}

#[test]
fn connections_beyond_the_maximum_wait_until_one_closes() {
    let server = Server::start(Limits { max_connections: 2, ..LIMITS });
    let (mut first, mut second) = (server.connect(), server.connect());
    for client in [&mut first, &mut second] {
        client.get("/");
        client.read_until("here");
    }
    let mut third = server.connect();
    third.get("/");
    // The server has had time to respond: it responds to a later request.
    second.get("/");
    second.read_until("here");
    assert!(third.has_nothing_to_read());
    assert_eq!(server.open.get(), 2);
    drop(first);
    third.read_until("here");
    second.get("/");
    second.read_until("here");
    server.stop();
}

#[test]
fn a_client_has_a_maximum_number_of_connections() {
    let server = Server::start(Limits { max_connections_per_client: 2, ..LIMITS });
    let (mut first, mut second) = (server.connect(), server.connect());
    for client in [&mut first, &mut second] {
        client.get("/");
        client.read_until("here");
    }
    for _ in 0..3 {
        assert_eq!(server.connect().read_to_end(), "");
    }
    drop(first);
    wait_until(|| server.open.get() == 1);
    let mut next = server.connect();
    next.get("/");
    next.read_until("here");
    server.stop();
}

#[test]
fn a_panic_closes_only_its_connection() {
    let server = Server::start(Limits { max_connections: 2, ..LIMITS });
    let mut client = server.connect();
    for _ in 0..3 {
        let mut panics = server.connect();
        panics.get("/panic");
        assert_eq!(panics.read_to_end(), "");
        client.get("/");
        client.read_until("here");
    }
    wait_until(|| server.open.get() == 1);
    server.stop();
}

#[test]
fn shutdown_completes_active_requests_and_accepts_no_others() {
    let server = Server::start(LIMITS);
    let mut slow = server.begin("/slow");
    let mut idle = server.connect();
    idle.get("/");
    idle.read_until("here");
    server.shutdown.send(()).unwrap();
    assert_eq!(idle.read_to_end(), "");
    wait_until(|| TcpStream::connect(server.address).is_err());
    server.release.send_replace(());
    let response = slow.read_to_end();
    assert!(response.contains("connection: close") && response.ends_with("done"), "{response}");
    server.stopped.recv_timeout(GUARD).unwrap().unwrap();
    assert_eq!(server.open.get(), 0);
}

#[test]
fn shutdown_closes_the_remaining_connections_after_the_drain_timeout() {
    let server = Server::start(Limits { shutdown_timeout: SHORT, ..LIMITS });
    let mut slow = server.begin("/slow");
    let mut stuck = server.begin("/endless");
    server.shutdown.send(()).unwrap();
    wait_until(|| TcpStream::connect(server.address).is_err());
    server.advance(2 * SHORT);
    server.stopped.recv_timeout(GUARD).unwrap().unwrap();
    for _ in 0..2 {
        server.finished.recv_timeout(GUARD).unwrap();
    }
    assert_eq!(server.open.get(), 0);
    assert_eq!(slow.read_to_end(), "");
    stuck.read_to_end();
}

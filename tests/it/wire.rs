//! Connections of clients that mean no good, or have no luck.

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
use tokio::{net::TcpListener, runtime::Builder, sync::oneshot};

/// Short enough to be waited for.
const SHORT: Duration = Duration::from_millis(200);
/// Longer than any test takes: what happens by then only happens because something is broken.
const GUARD: Duration = Duration::from_secs(20);
const LONG: Duration = Duration::from_mins(10);

/// All times long; a test shortens the one that it is about.
const LIMITS: Limits = Limits {
    max_connections: 16,
    max_connections_per_client: 0,
    header_timeout: LONG,
    write_timeout: LONG,
    shutdown_timeout: LONG,
};

/// A server that tells when a request has begun and when it is over, and answers `/slow` when let.
struct Server {
    address: SocketAddr,
    open: ConnectionCount,
    begun: mpsc::Receiver<()>,
    over: mpsc::Receiver<()>,
    answer: tokio::sync::mpsc::UnboundedSender<()>,
    end: oneshot::Sender<()>,
    ended: mpsc::Receiver<io::Result<()>>,
}

struct Over(mpsc::Sender<()>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.send(()).ok();
    }
}

impl Server {
    fn start(limits: Limits) -> Self {
        let open = ConnectionCount::default();
        let (begins, begun) = mpsc::channel();
        let (is_over, over) = mpsc::channel();
        let (answer, mut answers) = tokio::sync::mpsc::unbounded_channel();
        let (end, asked) = oneshot::channel::<()>();
        let (ends, ended) = mpsc::channel();
        let (tells, told) = mpsc::channel();
        let counted = open.clone();
        thread::spawn(move || {
            let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let done = runtime.unwrap().block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                tells.send(listener.local_addr()?).unwrap();
                let (lets, let_go) = tokio::sync::watch::channel(());
                tokio::spawn(async move {
                    while answers.recv().await.is_some() {
                        lets.send_replace(());
                    }
                });
                let hold = {
                    let (begins, is_over) = (begins.clone(), is_over.clone());
                    move || {
                        let (over, mut let_go) = (Over(is_over.clone()), let_go.clone());
                        begins.send(()).unwrap();
                        async move {
                            let_go.changed().await.unwrap();
                            drop(over);
                            "at last"
                        }
                    }
                };
                let endless = move || {
                    let over = Over(is_over.clone());
                    begins.send(()).unwrap();
                    async move {
                        Body::from_stream(stream::repeat_with(move || {
                            let _ = &over;
                            Ok::<_, Infallible>(&[b'.'; 64 << 10][..])
                        }))
                    }
                };
                let router = Router::new()
                    .route("/", get(async || "here"))
                    .route("/", post(async |body: String| body.len().to_string()))
                    .route(
                        "/peer",
                        get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()),
                    )
                    .route("/slow", get(hold))
                    .route("/endless", get(endless))
                    .route("/panic", get(async || -> &str { panic!("as asked") }));
                let end = async {
                    asked.await.ok();
                };
                run(listener, router, limits, counted, end).await
            });
            ends.send(done).ok();
        });
        let address = told.recv_timeout(GUARD).unwrap();
        Self { address, open, begun, over, answer, end, ended }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(GUARD)).unwrap();
        stream.set_write_timeout(Some(GUARD)).unwrap();
        Client(stream)
    }

    /// Connects, asks for a path, and waits until the request has begun.
    fn begin(&self, path: &str) -> Client {
        let mut client = self.connect();
        client.ask(path);
        self.begun.recv_timeout(GUARD).unwrap();
        client
    }

    fn end(self) {
        self.end.send(()).unwrap();
        self.ended.recv_timeout(GUARD).unwrap().unwrap();
    }
}

struct Client(TcpStream);

impl Client {
    fn say(&mut self, text: impl AsRef<[u8]>) {
        self.0.write_all(text.as_ref()).unwrap();
    }

    fn ask(&mut self, path: &str) {
        self.say(format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n"));
    }

    /// Reads on until the answer ends with a text.
    fn hear(&mut self, end: &str) -> String {
        let mut heard = Vec::new();
        while !heard.ends_with(end.as_bytes()) {
            let mut piece = [0; 1024];
            let count = self.0.read(&mut piece).unwrap();
            assert!(count > 0, "ended after {:?}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&piece[..count]);
        }
        String::from_utf8(heard).unwrap()
    }

    /// Reads all there is until the other side ends the connection, in whatever way.
    fn hear_out(&mut self) -> String {
        let mut heard = Vec::new();
        if let Err(error) = self.0.read_to_end(&mut heard) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "not cut: {error}");
        }
        String::from_utf8(heard).unwrap()
    }
}

fn is_in_time(mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < GUARD, "it did not happen");
        thread::yield_now();
    }
}

#[test]
fn requests_come_one_after_another_with_who_asks() {
    let server = Server::start(LIMITS);
    let mut client = server.connect();
    for _ in 0..3 {
        client.ask("/");
        assert!(client.hear("here").starts_with("HTTP/1.1 200 OK\r\n"));
    }
    client.ask("/peer");
    client.hear(&format!("\r\n\r\n{}", client.0.local_addr().unwrap()));
    client.say("POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\n\r\nhello");
    client.hear("\r\n\r\n5");
    assert_eq!(server.open.get(), 1);
    drop(client);
    is_in_time(|| server.open.get() == 0);
    server.end();
}

#[test]
fn heads_are_as_large_as_they_need_to_be_and_no_larger() {
    let server = Server::start(LIMITS);
    let mut client = server.connect();
    client.ask(&format!("/?query={}", "a".repeat(32 << 10)));
    client.hear("here");
    let mut start = b"GET / HTTP/1.1\r\nhost: here\r\na: ".to_vec();
    start.resize(64 << 10, b'a');
    client.say(start);
    assert!(client.hear_out().starts_with("HTTP/1.1 431 "));
    let mut client = server.connect();
    client.say(format!("GET / HTTP/1.1\r\n{}\r\n", "a: a\r\n".repeat(101)));
    assert!(client.hear_out().starts_with("HTTP/1.1 431 "));
    let mut client = server.connect();
    client.say("what is this?\r\n\r\n");
    assert!(client.hear_out().starts_with("HTTP/1.1 400 "));
    server.end();
}

#[test]
fn a_head_that_comes_byte_by_byte_is_cut() {
    let server = Server::start(Limits { header_timeout: SHORT, ..LIMITS });
    let mut client = server.connect();
    client.say("GET / HTTP/1.1\r\nhost: here\r\na: ");
    // Each byte comes well within the time; the head as a whole never does.
    client.0.set_read_timeout(Some(SHORT / 10)).unwrap();
    is_in_time(|| {
        let said = client.0.write_all(b"a");
        match client.0.read(&mut [0; 64]) {
            Ok(0) => true,
            Ok(_) => panic!("it was answered"),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                said.is_err()
            }
            Err(_) => true,
        }
    });
    is_in_time(|| server.open.get() == 0);
    server.end();
}

#[test]
fn connections_that_are_not_used_are_cut() {
    let server = Server::start(Limits { header_timeout: SHORT, ..LIMITS });
    let mut silent = server.connect();
    assert_eq!(silent.hear_out(), "");
    let mut used = server.connect();
    used.ask("/");
    used.hear("here");
    assert_eq!(used.hear_out(), "");
    is_in_time(|| server.open.get() == 0);
    server.end();
}

#[test]
fn a_client_that_takes_nothing_is_cut() {
    let server = Server::start(Limits { write_timeout: SHORT, ..LIMITS });
    let mut client = server.begin("/endless");
    server.over.recv_timeout(GUARD).unwrap();
    is_in_time(|| server.open.get() == 0);
    // What had been sent before is still there, and no more.
    client.hear_out();
    server.end();
}

/// The times are of clients; how long an answer takes is said elsewhere.
#[test]
fn a_request_may_take_longer_than_its_client() {
    let server = Server::start(Limits { header_timeout: SHORT, write_timeout: SHORT, ..LIMITS });
    let mut slow = server.begin("/slow");
    // Both times have passed when these are cut.
    let mut silent = server.connect();
    silent.hear_out();
    let _stuck = server.begin("/endless");
    server.over.recv_timeout(GUARD).unwrap();
    server.answer.send(()).unwrap();
    slow.hear("at last");
    server.end();
}

#[test]
fn connections_beyond_the_most_wait_until_one_ends() {
    let server = Server::start(Limits { max_connections: 2, ..LIMITS });
    let (mut one, mut other) = (server.connect(), server.connect());
    for client in [&mut one, &mut other] {
        client.ask("/");
        client.hear("here");
    }
    let mut third = server.connect();
    third.ask("/");
    third.0.set_read_timeout(Some(SHORT)).unwrap();
    let unheard = third.0.read(&mut [0; 64]).unwrap_err();
    assert!(matches!(unheard.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{unheard}");
    assert_eq!(server.open.get(), 2);
    drop(one);
    third.0.set_read_timeout(Some(GUARD)).unwrap();
    third.hear("here");
    other.ask("/");
    other.hear("here");
    server.end();
}

#[test]
fn a_client_has_so_many_connections_and_no_more() {
    let server = Server::start(Limits { max_connections_per_client: 2, ..LIMITS });
    let (mut one, mut other) = (server.connect(), server.connect());
    for client in [&mut one, &mut other] {
        client.ask("/");
        client.hear("here");
    }
    for _ in 0..3 {
        assert_eq!(server.connect().hear_out(), "");
    }
    drop(one);
    is_in_time(|| server.open.get() == 1);
    let mut next = server.connect();
    next.ask("/");
    next.hear("here");
    server.end();
}

#[test]
fn a_panic_costs_its_connection_only() {
    let server = Server::start(Limits { max_connections: 2, ..LIMITS });
    let mut client = server.connect();
    for _ in 0..3 {
        let mut unlucky = server.connect();
        unlucky.ask("/panic");
        assert_eq!(unlucky.hear_out(), "");
        client.ask("/");
        client.hear("here");
    }
    is_in_time(|| server.open.get() == 1);
    server.end();
}

#[test]
fn at_the_end_requests_under_way_are_answered_and_no_others() {
    let server = Server::start(LIMITS);
    let mut slow = server.begin("/slow");
    let mut unused = server.connect();
    unused.ask("/");
    unused.hear("here");
    server.end.send(()).unwrap();
    assert_eq!(unused.hear_out(), "");
    is_in_time(|| TcpStream::connect(server.address).is_err());
    server.answer.send(()).unwrap();
    let answer = slow.hear_out();
    assert!(answer.contains("connection: close") && answer.ends_with("at last"), "{answer}");
    server.ended.recv_timeout(GUARD).unwrap().unwrap();
    assert_eq!(server.open.get(), 0);
}

#[test]
fn at_the_end_of_the_time_to_drain_what_is_left_is_cut() {
    let server = Server::start(Limits { shutdown_timeout: SHORT, ..LIMITS });
    let mut slow = server.begin("/slow");
    let mut stuck = server.begin("/endless");
    server.end.send(()).unwrap();
    server.ended.recv_timeout(GUARD).unwrap().unwrap();
    for _ in 0..2 {
        server.over.recv_timeout(GUARD).unwrap();
    }
    assert_eq!(server.open.get(), 0);
    assert_eq!(slow.hear_out(), "");
    stuck.hear_out();
}

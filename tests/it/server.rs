//! Runs the program in its own process, with clients over TCP.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::{Value, json};

/// Fails a test that waits for something that does not happen.
const GUARD: Duration = Duration::from_mins(10);

/// A server process that is killed when dropped.
pub struct ServerProcess {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
    /// Reads the log until the process ends.
    reader: Option<JoinHandle<()>>,
}

impl ServerProcess {
    /// Starts it on a free port, and waits until it listens.
    pub fn start(database: &str, settings: &[&str]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_assembly-graph"));
        program.args(["--database", database]).args(settings);
        Self::of(program)
    }

    /// Starts the server with this command.
    pub fn of(mut program: Command) -> Self {
        program.args(["--listen", "127.0.0.1:0"]);
        let mut child = program.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut log = String::new();
        let address = loop {
            let from = log.len();
            if lines.read_line(&mut log).unwrap() == 0 {
                drop(child.wait());
                panic!("ended early: {log}");
            }
            let address =
                log[from..].split("http://").nth(1).and_then(|rest| rest.split('/').next());
            if let Some(address) = address {
                break address.parse().unwrap();
            }
        };
        let log = Arc::new(Mutex::new(log));
        let all = log.clone();
        let reader = thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let mut all = all.lock().unwrap();
                all.push_str(&line);
                all.push('\n');
            }
        });
        Self { child, address, log, reader: Some(reader) }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Interrupts it as Ctrl-C does; returns its exit status and its log.
    #[cfg(unix)]
    pub fn interrupt(mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let ended = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        (ended, self.log())
    }

    /// Its resident memory in MiB, if the system reports it.
    pub fn resident(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kilobytes / 1024)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(GUARD)).unwrap();
        stream.set_write_timeout(Some(GUARD)).unwrap();
        stream
    }

    /// Sends bytes on a new connection, and reads responses until it is closed.
    pub fn send(&self, bytes: &[u8]) -> Vec<HttpResponse> {
        self.exchange(bytes, false)
    }

    /// Like [`Self::send`]; with `half`, closes the write half after sending.
    pub fn exchange(&self, bytes: &[u8], half: bool) -> Vec<HttpResponse> {
        let mut stream = self.connect();
        let mut received = Vec::new();
        thread::scope(|scope| {
            let mut to = stream.try_clone().unwrap();
            scope.spawn(move || {
                // The server may respond and close the connection before all is sent.
                let sent = to.write_all(bytes);
                if half && sent.is_ok() {
                    drop(to.shutdown(Shutdown::Write));
                }
            });
            if let Err(error) = stream.read_to_end(&mut received) {
                let reset = error.kind() == std::io::ErrorKind::ConnectionReset;
                assert!(
                    reset,
                    "never closed: {error}, after {}",
                    String::from_utf8_lossy(&received)
                );
            }
            drop(stream.shutdown(Shutdown::Both));
        });
        parse_responses(&received)
    }

    /// The response to a query.
    pub fn query(&self, query: &str) -> HttpResponse {
        let mut responses = self.send(&post(json!({ "query": query }).to_string()));
        assert_eq!(responses.len(), 1, "{query}");
        responses.remove(0)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A request with these headers besides what each one has.
pub fn request(line: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut bytes = format!("{line} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body.as_ref());
    bytes
}

pub const GRAPHQL: &str = "accept: application/graphql-response+json";
pub const JSON: &str = "content-type: application/json";

/// A POST of JSON by a client that knows the specification.
pub fn post(body: impl AsRef<[u8]>) -> Vec<u8> {
    let length = format!("content-length: {}", body.as_ref().len());
    request("POST /graphql", &[GRAPHQL, JSON, &length], body)
}

/// One response of those on a connection.
#[derive(Debug)]
pub struct HttpResponse {
    pub status: u16,
    /// In lowercase.
    pub head: String,
    pub body: String,
}

impl HttpResponse {
    /// The code of its first error; empty if it has no errors.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        // Of a batch, the first one's.
        let first = body.get(0).unwrap_or(&body);
        first["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// All whole responses in what a connection brought.
fn parse_responses(mut received: &[u8]) -> Vec<HttpResponse> {
    let mut responses = Vec::new();
    while let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&received[..end]).to_lowercase();
        received = &received[end + 4..];
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut response = HttpResponse { status, head, body: String::new() };
        let length = match response.header("content-length") {
            // A response to HEAD has a length and no body.
            Some(length) => length.parse::<usize>().unwrap().min(received.len()),
            None if response.header("transfer-encoding").is_some() => {
                response.body = String::from_utf8_lossy(&unchunked(&mut received)).into_owned();
                0
            }
            None => 0,
        };
        if length > 0 {
            response.body = String::from_utf8_lossy(&received[..length]).into_owned();
            received = &received[length..];
        }
        responses.push(response);
    }
    responses
}

fn unchunked(received: &mut &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = received.windows(2).position(|window| window == b"\r\n") {
        let size = String::from_utf8_lossy(&received[..end]);
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let chunk = &received[end + 2..];
        body.extend_from_slice(&chunk[..size.min(chunk.len())]);
        *received = &chunk[(size + 2).min(chunk.len())..];
        if size == 0 {
            break;
        }
    }
    body
}

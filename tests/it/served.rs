//! The program in a process of its own, asked over sockets as anybody asks it.

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

/// Longer than anything takes that is not broken.
const GUARD: Duration = Duration::from_mins(1);

/// A server that is stopped whatever happens.
pub struct Served {
    child: Child,
    pub address: SocketAddr,
    said: Arc<Mutex<String>>,
    /// Hears what it says until it ends.
    ear: Option<JoinHandle<()>>,
}

impl Served {
    /// Starts it on a free port; it is there when this returns.
    pub fn start(database: &str, settings: &[&str]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_assembly-graph"));
        program.args(["--database", database]).args(settings);
        Self::of(program)
    }

    /// The same of a program that is about to start.
    pub fn of(mut program: Command) -> Self {
        program.args(["--listen", "127.0.0.1:0"]);
        let mut child = program.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let from = said.len();
            if lines.read_line(&mut said).unwrap() == 0 {
                drop(child.wait());
                panic!("ended early: {said}");
            }
            let address =
                said[from..].split("http://").nth(1).and_then(|rest| rest.split('/').next());
            if let Some(address) = address {
                break address.parse().unwrap();
            }
        };
        let said = Arc::new(Mutex::new(said));
        let all = said.clone();
        let ear = thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let mut all = all.lock().unwrap();
                all.push_str(&line);
                all.push('\n');
            }
        });
        Self { child, address, said, ear: Some(ear) }
    }

    /// What it said so far, to its keeper.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Ends it as Ctrl-C does; answers how it ended, and all that it said.
    #[cfg(unix)]
    pub fn interrupt(mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let ended = self.child.wait().unwrap();
        self.ear.take().unwrap().join().unwrap();
        (ended, self.said())
    }

    /// The memory that it holds, in MiB, where the system tells.
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

    /// Sends bytes on a connection of their own, and hears what comes until it is closed.
    pub fn send(&self, bytes: &[u8]) -> Vec<Answer> {
        self.exchange(bytes, false)
    }

    /// The same; `half` closes one half of the connection when all is sent.
    pub fn exchange(&self, bytes: &[u8], half: bool) -> Vec<Answer> {
        let mut stream = self.connect();
        let mut heard = Vec::new();
        thread::scope(|scope| {
            let mut to = stream.try_clone().unwrap();
            scope.spawn(move || {
                // An answer may come before all is sent, and nobody hears the rest then.
                let sent = to.write_all(bytes);
                if half && sent.is_ok() {
                    drop(to.shutdown(Shutdown::Write));
                }
            });
            if let Err(error) = stream.read_to_end(&mut heard) {
                let reset = error.kind() == std::io::ErrorKind::ConnectionReset;
                assert!(reset, "never closed: {error}, after {}", String::from_utf8_lossy(&heard));
            }
            drop(stream.shutdown(Shutdown::Both));
        });
        answers(&heard)
    }

    /// The one answer to a question.
    pub fn ask(&self, query: &str) -> Answer {
        let mut answers = self.send(&post(json!({ "query": query }).to_string()));
        assert_eq!(answers.len(), 1, "{query}");
        answers.remove(0)
    }
}

impl Drop for Served {
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

/// One answer of those on a connection.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In small letters.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The code of its first error; nothing where it has none.
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

/// All whole answers in what a connection brought.
fn answers(mut heard: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let Some(end) = heard.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&heard[..end]).to_lowercase();
        heard = &heard[end + 4..];
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut answer = Answer { status, head, body: String::new() };
        let length = match answer.header("content-length") {
            // An answer to HEAD tells a length and has no body.
            Some(length) => length.parse::<usize>().unwrap().min(heard.len()),
            None if answer.header("transfer-encoding").is_some() => {
                answer.body = String::from_utf8_lossy(&unchunked(&mut heard)).into_owned();
                0
            }
            None => 0,
        };
        if length > 0 {
            answer.body = String::from_utf8_lossy(&heard[..length]).into_owned();
            heard = &heard[length..];
        }
        answers.push(answer);
    }
    answers
}

fn unchunked(heard: &mut &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = heard.windows(2).position(|window| window == b"\r\n") {
        let size = String::from_utf8_lossy(&heard[..end]);
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let chunk = &heard[end + 2..];
        body.extend_from_slice(&chunk[..size.min(chunk.len())]);
        *heard = &chunk[(size + 2).min(chunk.len())..];
        if size == 0 {
            break;
        }
    }
    body
}

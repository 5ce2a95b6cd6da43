//! Load test of a server in a separate process: its maximum rate, its behavior at twice that rate, and
//! what clients receive during an outage of its database.
//!
//! `cargo bench --bench overload`; `OVERLOAD_SECONDS` is the duration of the overload (default 120).
//! It runs on SQLite, and on PostgreSQL if `TEST_POSTGRES_URL` is set; the outage
//! is that of a separate PostgreSQL server, started with the programs in `pg_config --bindir`.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a report, set by variables")]

use std::{
    collections::BTreeMap,
    fs, io,
    io::BufRead,
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use assembly_graph::{
    sample::{self, Size},
    store,
};
use sea_orm::{ConnectionTrait, Database};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{interval, sleep, timeout},
};

/// A tenth of the large sample world.
const MIDDLE: Size = Size {
    assemblies: 2,
    states: 60,
    bicameral: 40,
    members: 4_500,
    commissions: 80,
    political_groups: 60,
    sessions: 300,
    decisions: 2_000,
    stages: 4,
};

const SMALL: &str = "{ member(slug: \"member-314\") { slug name } }";
const MEDIUM: &str = "{ states(first: 20) { nodes { code name slug } } }";
const LARGE: &str = "{ assembly(slug: \"assembly-0\") { name delegations(first: 8) { nodes { name
    parliament { name chambers { name house memberships(first: 10) { nodes { role member { name
        memberships(first: 5) { nodes { organization { slug name } } } } } } } } } } } }";

/// Clients that send the next request after each response, to measure the capacity.
const CLIENTS: usize = 8;
/// The most connections at one time under overload.
const MAX_CONNECTIONS: usize = 900;
/// Fails a request without a response.
const GUARD: Duration = Duration::from_secs(30);

/// A server process that is killed when dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(database: &str) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_assembly-graph"));
        program.args(["--listen", "127.0.0.1:0", "--log", "off", "--database", database]);
        // All clients are here.
        program.args(["--max-connections-per-client", "1024"]);
        let mut child = program.stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = io::BufReader::new(child.stderr.take().expect("it was piped")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split("http://").nth(1)?.split('/').next()?.parse().ok());
        thread::spawn(move || lines.for_each(drop));
        Self { child, address: address.expect("it says where it listens") }
    }

    /// In MiB.
    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        kilobytes.unwrap_or(0_u64) / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n")
}

fn get_query(query: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    get(&format!("/graphql?query={}", query.bytes().map(encode).collect::<String>()))
}

fn post(query: &str) -> String {
    let body = serde_json::json!({ "query": query }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Six in ten queries are small, three are of middle size, one is large; every other is a GET.
fn mix() -> Vec<String> {
    let queries = [SMALL, MEDIUM, SMALL, SMALL, MEDIUM, SMALL, LARGE, SMALL, MEDIUM, SMALL];
    let each = queries.iter().enumerate();
    each.map(|(at, query)| if at % 2 == 0 { post(query) } else { get_query(query) }).collect()
}

struct Reply {
    status: u16,
    code: String,
    retry_after: bool,
}

/// A connection that is made when it is needed.
struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    async fn query(&mut self, request: &str) -> io::Result<Reply> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => BufReader::new(TcpStream::connect(self.address).await?),
        };
        stream.write_all(request.as_bytes()).await?;
        let reply = timeout(GUARD, reply(&mut stream)).await??;
        self.stream = Some(stream);
        Ok(reply)
    }
}

async fn reply(stream: &mut BufReader<TcpStream>) -> io::Result<Reply> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let from = head.len();
        if stream.read_line(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = head[from..].trim_end().to_ascii_lowercase();
        if let Some(found) = line.strip_prefix("content-length:") {
            length = found.trim().parse().map_err(io::Error::other)?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8_lossy(&body);
    let code = body.split("\"code\":\"").nth(1).filter(|_| body.contains("\"errors\""));
    let code = code.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok(Reply { status, code, retry_after: head.to_ascii_lowercase().contains("\nretry-after:") })
}

/// The outcome of one request.
struct Outcome {
    /// When it was sent, since the beginning.
    at: Duration,
    took: Duration,
    /// A status and a code; 0 where the connection failed.
    status: u16,
    code: String,
    retry_after: bool,
}

#[derive(Clone)]
struct Record {
    begun: Instant,
    outcomes: Arc<Mutex<Vec<Outcome>>>,
}

impl Record {
    fn new() -> Self {
        Self { begun: Instant::now(), outcomes: Arc::default() }
    }

    async fn query(&self, client: &mut Client, request: &str) {
        let at = self.begun.elapsed();
        let reply = client.query(request).await;
        let took = self.begun.elapsed().saturating_sub(at);
        let (status, code, retry_after) = match reply {
            Ok(Reply { status, code, retry_after }) => (status, code, retry_after),
            Err(error) => (0, error.kind().to_string(), false),
        };
        let outcome = Outcome { at, took, status, code, retry_after };
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
    }

    fn take(&self) -> Vec<Outcome> {
        std::mem::take(&mut self.outcomes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Half, most and nearly all of times, and the longest, in milliseconds.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at =
        |share: usize| times.get((times.len() * share / 1000).min(times.len().saturating_sub(1)));
    let found = [500, 950, 990, 1000].map(|share| {
        at(share).map_or("-".to_owned(), |time| format!("{:.1}", time.as_secs_f64() * 1000.0))
    });
    found.join(" | ")
}

fn count_by_status(outcomes: &[&Outcome]) -> String {
    let mut counts: BTreeMap<(u16, &str), usize> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry((outcome.status, outcome.code.as_str())).or_default() += 1;
    }
    let found = counts.iter().map(|((status, code), count)| match status {
        0 => format!("{count} failed ({code})"),
        _ => format!("{count} x {status} {code}").trim_end().to_owned(),
    });
    found.collect::<Vec<_>>().join(", ")
}

/// The outcomes of clients that each send the next request after each response.
async fn closed(server: &Server, requests: &[String], time: Duration) -> Vec<Outcome> {
    let record = Record::new();
    let clients = (0..CLIENTS).map(|nth| {
        let (record, requests, address) = (record.clone(), requests.to_vec(), server.address);
        tokio::spawn(async move {
            let mut client = Client::new(address);
            for request in requests.iter().cycle().skip(nth) {
                if record.begun.elapsed() > time {
                    break;
                }
                record.query(&mut client, request).await;
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("a client does not panic");
    }
    record.take()
}

/// Sends requests at a fixed rate, regardless of responses; returns the number of failed connections.
async fn open(server: &Server, record: &Record, rate: f64, time: Duration) -> usize {
    let requests: Arc<[String]> = mix().into();
    let idle: Arc<Mutex<Vec<Client>>> = Arc::default();
    let busy = Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
    let (begun, mut sent, mut without) = (Instant::now(), 0_usize, 0);
    let mut tick = interval(Duration::from_millis(1));
    while begun.elapsed() < time {
        tick.tick().await;
        let due = (begun.elapsed().as_secs_f64() * rate) as usize;
        for nth in sent..due {
            let Ok(place) = busy.clone().try_acquire_owned() else {
                without += 1;
                continue;
            };
            let (record, requests, idle) = (record.clone(), requests.clone(), idle.clone());
            let address = server.address;
            tokio::spawn(async move {
                let client = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let mut client = client.unwrap_or_else(|| Client::new(address));
                record.query(&mut client, &requests[nth % requests.len()]).await;
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
                drop(place);
            });
        }
        sent = due;
    }
    drop(busy.acquire_many(u32::try_from(MAX_CONNECTIONS).unwrap_or(u32::MAX)).await);
    without
}

/// Requests a path repeatedly until it is stopped; returns the outcomes.
fn watch(server: &Server, path: &str, every: Duration, stop: Arc<AtomicBool>) -> Watch {
    let (record, address, request) = (Record::new(), server.address, get(path));
    let own = record.clone();
    let task = tokio::spawn(async move {
        let (mut client, mut tick) = (Client::new(address), interval(every));
        while !stop.load(Ordering::Relaxed) {
            tick.tick().await;
            own.query(&mut client, &request).await;
        }
    });
    Watch { path: path.to_owned(), record, task }
}

struct Watch {
    path: String,
    record: Record,
    task: tokio::task::JoinHandle<()>,
}

impl Watch {
    async fn report(self) {
        self.task.await.expect("a watch does not panic");
        let outcomes = self.record.take();
        let all: Vec<_> = outcomes.iter().collect();
        let times = spread(outcomes.iter().map(|outcome| outcome.took).collect());
        println!("| {} | {} | {times} |", self.path, count_by_status(&all));
    }
}

/// Exports whose clients take a kilobyte now and then.
fn slow_exports(server: &Server, stop: &Arc<AtomicBool>) -> Vec<tokio::task::JoinHandle<String>> {
    let slow = (0..4).map(|_| {
        let (address, stop) = (server.address, stop.clone());
        tokio::spawn(async move {
            let begun = async {
                let mut stream = TcpStream::connect(address).await?;
                stream.write_all(get("/export/records.jsonl").as_bytes()).await?;
                let mut piece = [0; 1024];
                let read = stream.read(&mut piece).await?;
                let line = String::from_utf8_lossy(&piece[..read]);
                let line = line.lines().next().unwrap_or_default().to_owned();
                io::Result::Ok((stream, line))
            };
            let (mut stream, line) = match begun.await {
                Ok(begun) => begun,
                Err(error) => return error.to_string(),
            };
            let mut piece = [0; 1024];
            while !stop.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(100)).await;
                if stream.read(&mut piece).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            line
        })
    });
    slow.collect()
}

async fn overload(name: &str, url: &str, seconds: u64) {
    let server = Server::start(url);
    println!("\n## {name}, overloaded\n");
    let mut client = Client::new(server.address);
    for request in mix() {
        let reply = client.query(&request).await.expect("a response");
        assert_eq!((reply.status, reply.code.as_str()), (200, ""), "{request}");
    }
    let small = [post(SMALL)];
    let mut alone = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        client.query(&small[0]).await.expect("a response");
        alone.push(begun.elapsed());
    }
    alone.sort_unstable();
    let usual = alone[alone.len() / 2];
    println!("a small query alone: {:.2} ms", usual.as_secs_f64() * 1000.0);
    let time = Duration::from_secs((seconds / 10).clamp(3, 10));
    closed(&server, &mix(), time / 3).await;
    let borne = closed(&server, &mix(), time).await;
    let rate = borne.len() as f64 / time.as_secs_f64();
    let times = spread(borne.iter().map(|outcome| outcome.took).collect());
    println!("borne: {rate:.0} a second by {CLIENTS} clients; p50, p95, p99, max in ms: {times}");

    let stop = Arc::new(AtomicBool::new(false));
    let second = Duration::from_secs(1);
    let watches = ["/metrics", "/health/live", "/health/ready"]
        .map(|path| watch(&server, path, second / 2, stop.clone()));
    let record = Record::new();
    let time = Duration::from_secs(seconds);
    let memory = async {
        let mut sizes = Vec::new();
        for _ in 0..8 {
            sizes.push(format!("{}", server.resident()));
            sleep(time / 8).await;
        }
        sizes.push(format!("{}", server.resident()));
        sizes.join(", ")
    };
    let (without, memory) = tokio::join!(open(&server, &record, 2.0 * rate, time), memory);
    let over = Instant::now();
    stop.store(true, Ordering::Relaxed);
    let outcomes = record.take();
    let of = |status: u16| -> Vec<_> {
        outcomes.iter().filter(|outcome| outcome.status == status).collect()
    };
    let times = |outcomes: &[&Outcome]| spread(outcomes.iter().map(|one| one.took).collect());
    println!("\ntwice as many for {seconds} s: {} offered", outcomes.len() + without);
    println!("\n| outcome | number | p50 ms | p95 | p99 | max |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let (succeeded, shed, failed) = (of(200), of(503), of(0));
    let found = shed.iter().filter(|outcome| outcome.retry_after).count();
    println!("| succeeded | {} | {} |", succeeded.len(), times(&succeeded));
    println!("| shed, {found} of them with Retry-After | {} | {} |", shed.len(), times(&shed));
    println!("| failed | {} | {} |", failed.len(), times(&failed));
    println!("| without a connection | {without} | - | - | - | - |");
    println!("\nall: {}", count_by_status(&outcomes.iter().collect::<Vec<_>>()));
    println!("resident memory in MiB: {memory}");
    let mut back = None;
    let mut quick = 0;
    while back.is_none() && over.elapsed() < GUARD {
        let begun = Instant::now();
        let reply = client.query(&small[0]).await;
        let is_quick = begun.elapsed() < usual * 2 && reply.is_ok_and(|reply| reply.status == 200);
        quick = if is_quick { quick + 1 } else { 0 };
        if quick == 5 {
            back = Some(over.elapsed());
        }
    }
    match back {
        Some(back) => println!("a small query takes its usual time again after {back:.0?}"),
        None => println!("a small query does not take its usual time again"),
    }
    println!("\n| meanwhile | responses | p50 ms | p95 | p99 | max |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for watch in watches {
        watch.report().await;
    }

    let stop = Arc::new(AtomicBool::new(false));
    let slow = slow_exports(&server, &stop);
    sleep(second).await;
    let requested = closed(&server, &mix(), Duration::from_secs(3)).await;
    stop.store(true, Ordering::Relaxed);
    let rate = requested.len() / 3;
    let times = spread(requested.iter().map(|outcome| outcome.took).collect());
    println!("\nbeside four slow exports: {rate} a second; p50, p95, p99, max in ms: {times}");
    println!("queries: {}", count_by_status(&requested.iter().collect::<Vec<_>>()));
    for export in slow {
        println!("export: {}", export.await.expect("a client does not panic"));
    }
}

/// A PostgreSQL of its own, in a folder that goes with it.
struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    as_root: bool,
}

impl Cluster {
    fn start() -> Option<Self> {
        let found = Command::new("pg_config").arg("--bindir").output().ok()?;
        let programs = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
        programs.join("initdb").exists().then_some(())?;
        let folder = std::env::temp_dir().join(format!("overload_{}", std::process::id()));
        fs::create_dir_all(&folder).ok()?;
        // It does not run as root.
        let as_root = Command::new("id").arg("-u").output().ok()?.stdout == b"0\n";
        if as_root {
            let owned = Command::new("chown").arg("postgres").arg(&folder).status();
            owned.ok()?.success().then_some(())?;
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").ok()?;
        let port = free.local_addr().ok()?.port();
        drop(free);
        let cluster = Self { programs, folder, port, as_root };
        cluster.run("initdb", &["-A", "trust", "-U", "overload", "--no-sync"]).then_some(())?;
        cluster.up().then_some(cluster)
    }

    fn run(&self, program: &str, args: &[&str]) -> bool {
        let path = self.programs.join(program);
        let mut command = if self.as_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.arg("-D").arg(self.folder.join("data")).args(args).current_dir(&self.folder);
        let done = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        done.status().is_ok_and(|status| status.success())
    }

    fn up(&self) -> bool {
        let options =
            format!("-p {} -c listen_addresses=127.0.0.1 -k {}", self.port, self.folder.display());
        let log = self.folder.join("log").display().to_string();
        self.run("pg_ctl", &["-w", "-l", &log, "-o", &options, "start"])
    }

    fn down(&self, how: &str) -> bool {
        self.run("pg_ctl", &["-w", "-m", how, "stop"])
    }

    fn url(&self) -> String {
        format!("postgres://overload@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.down("immediate");
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// What clients see while PostgreSQL is stopped and started again.
async fn outage() {
    let Some(cluster) = Cluster::start() else {
        println!("\nthe outage is skipped: no PostgreSQL server can be started here");
        return;
    };
    let cluster = Arc::new(cluster);
    let database = store::connect(&cluster.url()).await.expect("a new database");
    store::migrate(&database).await.expect("tables are made");
    sample::fill(&database, Size::SMALL).await.expect("the sample fits");
    database.close().await.expect("nothing else uses it");
    let server = Server::start(&cluster.url());
    for how in ["fast", "immediate"] {
        println!("\n## PostgreSQL, stopped ({how}) and started under load\n");
        let (record, stop) = (Record::new(), Arc::new(AtomicBool::new(false)));
        let paths = ["/health/live", "/health/ready"];
        let watches =
            paths.map(|path| watch(&server, path, Duration::from_millis(100), stop.clone()));
        let clients = (0..CLIENTS).map(|nth| {
            let (record, stop, address) = (record.clone(), stop.clone(), server.address);
            tokio::spawn(async move {
                let (mut client, requests) = (Client::new(address), mix());
                for request in requests.iter().cycle().skip(nth) {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    record.query(&mut client, request).await;
                    sleep(Duration::from_millis(5)).await;
                }
            })
        });
        let clients: Vec<_> = clients.collect();
        sleep(Duration::from_secs(2)).await;
        let down = record.begun.elapsed();
        let own = cluster.clone();
        let stopped = tokio::task::spawn_blocking(move || own.down(how)).await;
        assert!(stopped.expect("no panic"), "it cannot be stopped");
        let away = record.begun.elapsed();
        sleep(Duration::from_secs(8)).await;
        let up = record.begun.elapsed();
        let own = cluster.clone();
        let started = tokio::task::spawn_blocking(move || own.up()).await;
        assert!(started.expect("no panic"), "it cannot be started");
        let back = record.begun.elapsed();
        sleep(Duration::from_secs(6)).await;
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.expect("a client does not panic");
        }
        let outcomes = record.take();
        println!("| requests | from s | responses | with Retry-After | p50 ms | p95 | p99 | max |");
        println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
        let second = Duration::from_secs(1);
        for (name, from, to) in [
            ("before", Duration::ZERO, down),
            ("while it stops", down, away),
            ("in the first second without it", away, away + second),
            ("later without it", away + second, up),
            ("while it starts", up, back),
            ("in the first second with it", back, back + second),
            ("after that", back + second, Duration::MAX),
        ] {
            let phase = outcomes.iter().filter(|one| from <= one.at && one.at < to);
            let phase: Vec<_> = phase.collect();
            let found = phase.iter().filter(|one| one.retry_after).count();
            let times = spread(phase.iter().map(|one| one.took).collect());
            let from = from.as_secs_f64();
            println!("| {name} | {from:.2} | {} | {found} | {times} |", count_by_status(&phase));
        }
        let bad = |one: &&Outcome| one.status != 200;
        let last = outcomes.iter().filter(bad).map(|one| one.at + one.took).max();
        let last = last.unwrap_or_default().saturating_sub(back);
        println!("\nthe last failed request after the restart is within {last:.0?}");
        println!("\n| meanwhile | responses | p50 ms | p95 | p99 | max |");
        println!("| --- | --- | --- | --- | --- | --- |");
        for watch in watches {
            watch.report().await;
        }
    }
}

async fn fill(url: &str) {
    let database = store::connect(url).await.expect("a new database");
    store::migrate(&database).await.expect("tables are made");
    sample::fill(&database, MIDDLE).await.expect("the sample fits");
    database.execute_unprepared("ANALYZE").await.expect("statistics can be gathered");
    database.close().await.expect("nothing else uses it");
}

#[tokio::main]
async fn main() {
    let seconds = std::env::var("OVERLOAD_SECONDS").ok().and_then(|found| found.parse().ok());
    let seconds = seconds.unwrap_or(120);
    let name = format!("overload_{}", std::process::id());
    let url = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(&name).display().to_string();
    fill(&url).await;
    overload("SQLite", &url, seconds).await;
    for end in ["", "-wal", "-shm"] {
        drop(fs::remove_file(format!("{url}{end}")));
    }
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(server) => {
            let admin = Database::connect(&server).await.expect("the server of TEST_POSTGRES_URL");
            let make = format!("CREATE DATABASE {name}");
            admin.execute_unprepared(&make).await.expect("a new database");
            let (host, _) = server.rsplit_once('/').expect("a URL with a database");
            let url = format!("{host}/{name}");
            fill(&url).await;
            overload("PostgreSQL", &url, seconds).await;
            let drop = format!("DROP DATABASE {name} WITH (FORCE)");
            admin.execute_unprepared(&drop).await.expect("dropped");
        }
        Err(_) => println!("\nPostgreSQL skipped: TEST_POSTGRES_URL is not set"),
    }
    outage().await;
}

//! What the server tells of itself to those who run it, in the text format of Prometheus.
//!
//! Labels are bounded: what a client may name counts under its name only while few names are known.

use std::{
    collections::HashSet,
    fs,
    sync::{PoisonError, RwLock, atomic::AtomicU64},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use entity::Id;
use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

/// The content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// The most operations that are told apart.
const MAX_OPERATIONS: usize = 100;
/// The most outcomes; there are fewer codes.
const MAX_OUTCOMES: usize = 50;
const MAX_NAME_LENGTH: usize = 64;
/// Upper bounds of the time an answer takes, in seconds.
const BUCKETS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The operation of a request that names none, and of one that comes after too many others.
const ANONYMOUS: &str = "anonymous";
const OTHER: &str = "other";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    operation: String,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Looked {
    result: &'static str,
}

/// A request that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The name of its operation, as the client gave it.
    pub operation: Option<&'a str>,
    /// `ok`, or the code of its first error.
    pub outcome: &'a str,
    pub duration: Duration,
    pub statements: u64,
    pub cost: u64,
}

/// What is so at the moment; nobody counts it between two readings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Now {
    pub in_flight: usize,
    pub waiting: usize,
    pub connections: usize,
    /// Connections to the database, and those of them that are not used.
    pub pool: u32,
    pub pool_idle: usize,
    /// The state of the data; where it cannot be read, the one read last is told.
    pub revision: Option<Id>,
}

/// The counts of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    operations: Names,
    outcomes: Names,
    requests: Family<Outcome, Counter>,
    duration: Family<Operation, Histogram>,
    statements: Family<Operation, Counter>,
    cost: Family<Operation, Counter>,
    turned_away: Family<Reason, Counter>,
    not_modified: Counter,
    persisted: Family<Looked, Counter>,
    in_flight: Gauge,
    waiting: Gauge,
    connections: Gauge,
    pool: Gauge,
    pool_idle: Gauge,
    revision: Gauge,
    memory: Gauge,
}

impl Metrics {
    /// Begins to count; the process counts as started now.
    pub fn new() -> Self {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let start = Gauge::<f64, AtomicU64>::default();
        start.set(started.as_secs_f64());
        let metrics = Self {
            registry: Registry::default(),
            operations: Names::new(MAX_OPERATIONS),
            outcomes: Names::new(MAX_OUTCOMES),
            requests: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            statements: Family::default(),
            cost: Family::default(),
            turned_away: Family::default(),
            not_modified: Counter::default(),
            persisted: Family::default(),
            in_flight: Gauge::default(),
            waiting: Gauge::default(),
            connections: Gauge::default(),
            pool: Gauge::default(),
            pool_idle: Gauge::default(),
            revision: Gauge::default(),
            memory: Gauge::default(),
        };
        let mut registry = Registry::default();
        let process = registry.sub_registry_with_prefix("process");
        process.register_with_unit(
            "start_time",
            "When the process started, in seconds since 1970",
            Unit::Seconds,
            start,
        );
        if resident().is_some() {
            process.register_with_unit(
                "resident_memory",
                "Memory of the process that is not swapped out",
                Unit::Bytes,
                metrics.memory.clone(),
            );
        }
        let own = registry.sub_registry_with_prefix("assembly_graph");
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        own.register("build", "The program", Info::new(version));
        own.register(
            "requests",
            "Requests answered, by operation and by `ok` or the code of the first error",
            metrics.requests.clone(),
        );
        own.register_with_unit(
            "request_duration",
            "How long answers took",
            Unit::Seconds,
            metrics.duration.clone(),
        );
        own.register("statements", "SQL statements of requests", metrics.statements.clone());
        own.register("cost", "Cost of requests, as it is limited", metrics.cost.clone());
        own.register("turned_away", "Requests that got no answer", metrics.turned_away.clone());
        own.register(
            "not_modified",
            "Requests whose client had the answer already",
            metrics.not_modified.clone(),
        );
        own.register(
            "persisted_queries",
            "Documents asked for by their hash, by whether they were there",
            metrics.persisted.clone(),
        );
        for (name, help, gauge) in [
            ("requests_in_flight", "Requests that are being answered", &metrics.in_flight),
            ("requests_waiting", "Requests that wait for their turn", &metrics.waiting),
            ("connections", "Open connections of clients", &metrics.connections),
            ("database_connections", "Open connections to the database", &metrics.pool),
            (
                "database_connections_idle",
                "Open connections to the database that are not used",
                &metrics.pool_idle,
            ),
            ("revision", "The state of the data", &metrics.revision),
        ] {
            own.register(name, help, gauge.clone());
        }
        Self { registry, ..metrics }
    }

    pub fn answered(&self, request: Answered<'_>) {
        let operation = match request.operation {
            None => ANONYMOUS,
            Some(name) if self.operations.know(name, request.outcome == "ok") => name,
            Some(_) => OTHER,
        };
        let outcome =
            if self.outcomes.know(request.outcome, true) { request.outcome } else { OTHER };
        let outcome = Outcome { operation: operation.to_owned(), outcome: outcome.to_owned() };
        self.requests.get_or_create(&outcome).inc();
        let operation = Operation { operation: outcome.operation };
        self.duration.get_or_create(&operation).observe(request.duration.as_secs_f64());
        self.statements.get_or_create(&operation).inc_by(request.statements);
        self.cost.get_or_create(&operation).inc_by(request.cost);
    }

    /// A request was not run, for what its code says.
    pub fn turned_away(&self, reason: &'static str) {
        self.turned_away.get_or_create(&Reason { reason }).inc();
    }

    pub fn not_modified(&self) {
        self.not_modified.inc();
    }

    /// A document was asked for by its hash, and was there or not.
    pub fn persisted(&self, hit: bool) {
        let result = if hit { "hit" } else { "miss" };
        self.persisted.get_or_create(&Looked { result }).inc();
    }

    /// All that is counted, and what is so now.
    pub fn text(&self, now: Now) -> String {
        for (gauge, count) in [
            (&self.in_flight, now.in_flight),
            (&self.waiting, now.waiting),
            (&self.connections, now.connections),
            (&self.pool, now.pool as usize),
            (&self.pool_idle, now.pool_idle),
        ] {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        if let Some(revision) = now.revision {
            self.revision.set(revision);
        }
        if let Some(memory) = resident() {
            self.memory.set(memory);
        }
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry).expect("a text takes all");
        text
    }
}

/// Bytes of memory, where the system tells: in kibibytes, whatever the size of its pages.
fn resident() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim_end().parse::<i64>().ok()?.checked_mul(1024)
}

/// The first names that came; no others are known.
#[derive(Debug)]
struct Names {
    known: RwLock<HashSet<String>>,
    most: usize,
}

impl Names {
    fn new(most: usize) -> Self {
        Self { known: RwLock::default(), most }
    }

    /// Whether a name is known, or is one and can be from now on; only what ran makes it known, as
    /// anybody can make up names.
    fn know(&self, name: &str, ran: bool) -> bool {
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if known.contains(name) {
                return true;
            }
            if !ran || known.len() >= self.most || !is_name(name) {
                return false;
            }
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < self.most {
            known.insert(name.to_owned());
        }
        known.contains(name)
    }
}

/// Whether it is a name of GraphQL, and none too long.
fn is_name(name: &str) -> bool {
    let word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    name.len() <= MAX_NAME_LENGTH
        && ![ANONYMOUS, OTHER].contains(&name)
        && name.bytes().all(word)
        && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn answered<'a>(operation: Option<&'a str>, outcome: &'a str) -> Answered<'a> {
        let duration = Duration::from_millis(20);
        Answered { operation, outcome, duration, statements: 3, cost: 40 }
    }

    /// The samples of an exposition, each once, each of a family that is described before it.
    fn read(text: &str) -> BTreeMap<&str, f64> {
        assert!(text.ends_with('\n'));
        let mut samples = BTreeMap::new();
        let mut families = HashSet::new();
        let (mut family, mut kind) = ("", "");
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                (family, kind) = (help.split_once(' ').unwrap().0, "");
                assert!(families.insert(family), "twice: {line}");
            } else if let Some(of) = line.strip_prefix("# TYPE ") {
                let (name, is) = of.split_once(' ').unwrap();
                assert_eq!(name, family, "{line}");
                assert!(["counter", "gauge", "histogram"].contains(&is), "{line}");
                assert_eq!(is == "counter", name.ends_with("_total"), "{line}");
                kind = is;
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                let suffix = name.strip_prefix(family).unwrap();
                match kind {
                    "histogram" => assert!(["_bucket", "_sum", "_count"].contains(&suffix)),
                    "counter" | "gauge" => assert_eq!(suffix, "", "{line}"),
                    _ => panic!("of no type: {line}"),
                }
                assert!(is_name(name), "{line}");
                let labels = labels.strip_suffix('}').unwrap();
                for label in labels.split(',').filter(|label| !label.is_empty()) {
                    let (label, value) = label.split_once('=').unwrap();
                    assert!(is_name(label), "{line}");
                    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
                    assert!(!value.unwrap().contains(['"', '\\', '\n']), "{line}");
                }
                assert!(samples.insert(series, value.parse().unwrap()).is_none(), "twice: {line}");
            }
        }
        samples
    }

    #[test]
    fn what_is_counted_is_told() {
        let metrics = Metrics::new();
        metrics.answered(answered(Some("Chambers"), "ok"));
        metrics.answered(answered(Some("Chambers"), "BAD_USER_INPUT"));
        metrics.answered(answered(None, "ok"));
        metrics.turned_away("queue");
        metrics.turned_away("queue");
        metrics.not_modified();
        metrics.persisted(true);
        metrics.persisted(false);
        metrics.persisted(false);
        let now = Now {
            in_flight: 1,
            waiting: 2,
            connections: 3,
            pool: 4,
            pool_idle: 5,
            revision: Some(6),
        };
        let text = metrics.text(now);
        let samples = read(&text);
        let version = env!("CARGO_PKG_VERSION");
        for (series, value) in [
            ("requests_total{operation=\"Chambers\",outcome=\"ok\"}", 1.0),
            ("requests_total{operation=\"Chambers\",outcome=\"BAD_USER_INPUT\"}", 1.0),
            ("requests_total{operation=\"anonymous\",outcome=\"ok\"}", 1.0),
            ("request_duration_seconds_count{operation=\"Chambers\"}", 2.0),
            ("request_duration_seconds_sum{operation=\"Chambers\"}", 0.04),
            ("request_duration_seconds_bucket{operation=\"Chambers\",le=\"0.001\"}", 0.0),
            ("request_duration_seconds_bucket{operation=\"Chambers\",le=\"0.01\"}", 0.0),
            ("request_duration_seconds_bucket{operation=\"Chambers\",le=\"0.025\"}", 2.0),
            ("request_duration_seconds_bucket{operation=\"Chambers\",le=\"10\"}", 2.0),
            ("request_duration_seconds_bucket{operation=\"Chambers\",le=\"+Inf\"}", 2.0),
            ("statements_total{operation=\"Chambers\"}", 6.0),
            ("cost_total{operation=\"anonymous\"}", 40.0),
            ("turned_away_total{reason=\"queue\"}", 2.0),
            ("not_modified_total", 1.0),
            ("persisted_queries_total{result=\"hit\"}", 1.0),
            ("persisted_queries_total{result=\"miss\"}", 2.0),
            ("requests_in_flight", 1.0),
            ("requests_waiting", 2.0),
            ("connections", 3.0),
            ("database_connections", 4.0),
            ("database_connections_idle", 5.0),
            ("revision", 6.0),
            (&*format!("build_info{{version=\"{version}\"}}"), 1.0),
        ] {
            let series = format!("assembly_graph_{series}");
            assert_eq!(samples.get(&*series), Some(&value), "{series} in\n{text}");
        }
        assert!(samples["process_start_time_seconds"] > 1e9);
        if cfg!(target_os = "linux") {
            assert!(samples["process_resident_memory_bytes"] > 1e5);
        }
        // Where the data cannot be reached, what was known of it is told, and nothing is counted twice.
        assert!(CONTENT_TYPE.starts_with("text/plain; version=0.0.4"));
        let text = metrics.text(Now::default());
        let samples = read(&text);
        assert_eq!(samples["assembly_graph_revision"], 6.0);
        assert_eq!(samples["assembly_graph_connections"], 0.0);
        assert_eq!(samples["assembly_graph_not_modified_total"], 1.0);
    }

    #[test]
    fn clients_cannot_make_series_without_end() {
        let metrics = Metrics::new();
        let long = "a".repeat(MAX_NAME_LENGTH);
        metrics.answered(answered(Some(&long), "ok"));
        for wrong in ["", "1a", "a b", "a\"b", "a\n", "é", &format!("{long}a")] {
            metrics.answered(answered(Some(wrong), wrong));
        }
        for number in 0..3 * MAX_OPERATIONS {
            let name = format!("Query{number}");
            metrics.answered(answered(Some(&name), "ok"));
            metrics.answered(answered(Some(&name), &name.to_uppercase()));
            metrics.answered(answered(Some(&format!("Wrong{number}")), "BAD_USER_INPUT"));
        }
        metrics.answered(answered(Some("Query0"), "ok"));
        let text = metrics.text(Now::default());
        let samples = read(&text);
        let of = |family: &str| {
            let family = format!("assembly_graph_{family}{{");
            samples.iter().filter(|(series, _)| series.starts_with(&family)).count()
        };
        assert_eq!(of("cost_total"), MAX_OPERATIONS + 1);
        assert!(of("requests_total") <= (MAX_OPERATIONS + 1) * (MAX_OUTCOMES + 1));
        let count = |name: &str| {
            samples
                [&*format!("assembly_graph_request_duration_seconds_count{{operation=\"{name}\"}}")]
        };
        assert_eq!(count(&long), 1.0);
        assert_eq!(count("Query0"), 3.0);
        let (unknown, wrong) = (2 * MAX_OPERATIONS + 1, 3 * MAX_OPERATIONS);
        assert_eq!(count("other"), 7.0 + (2 * unknown + wrong) as f64);
    }
}

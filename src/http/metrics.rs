//! Metrics in the Prometheus text format.
//!
//! The number of label values is limited: clients choose operation names, and only a maximum number of
//! names become label values.

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

/// Maximum number of operation names used as label values.
const MAX_OPERATIONS: usize = 100;
/// Maximum number of outcomes. There are fewer error codes.
const MAX_OUTCOMES: usize = 50;
const MAX_NAME_LENGTH: usize = 64;
/// Histogram buckets of the request duration, in seconds.
const BUCKETS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Label values of operations without a name, and of those beyond the maximum.
const ANONYMOUS: &str = "anonymous";
const OTHER: &str = "other";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    operation: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    operation: String,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RejectedLabels {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PersistedQueryLabels {
    result: &'static str,
}

/// An executed operation.
#[derive(Clone, Copy, Debug)]
pub struct CompletedRequest<'a> {
    /// The name of the operation.
    pub operation: Option<&'a str>,
    /// `ok`, or the code of the first error.
    pub outcome: &'a str,
    pub duration: Duration,
    pub statements: u64,
    pub cost: u64,
}

/// The values of the gauges at the time of a scrape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauges {
    pub in_flight: usize,
    pub queued: usize,
    pub connections: usize,
    /// Open and idle connections to the database.
    pub pool: u32,
    pub pool_idle: usize,
    /// The revision of the data. `None` keeps the previous value of the gauge.
    pub revision: Option<Id>,
}

/// The metrics of a server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    operations: NameSet,
    outcomes: NameSet,
    requests: Family<RequestLabels, Counter>,
    duration: Family<OperationLabels, Histogram>,
    statements: Family<OperationLabels, Counter>,
    cost: Family<OperationLabels, Counter>,
    rejected: Family<RejectedLabels, Counter>,
    not_modified: Counter,
    persisted: Family<PersistedQueryLabels, Counter>,
    in_flight: Gauge,
    queued: Gauge,
    connections: Gauge,
    pool: Gauge,
    pool_idle: Gauge,
    revision: Gauge,
    memory: Gauge,
}

impl Metrics {
    /// Registers the metrics, and sets the start time of the process to now.
    pub fn new() -> Self {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let start = Gauge::<f64, AtomicU64>::default();
        start.set(started.as_secs_f64());
        let metrics = Self {
            registry: Registry::default(),
            operations: NameSet::new(MAX_OPERATIONS),
            outcomes: NameSet::new(MAX_OUTCOMES),
            requests: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            statements: Family::default(),
            cost: Family::default(),
            rejected: Family::default(),
            not_modified: Counter::default(),
            persisted: Family::default(),
            in_flight: Gauge::default(),
            queued: Gauge::default(),
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
            "Start time of the process since the Unix epoch",
            Unit::Seconds,
            start,
        );
        if resident_memory().is_some() {
            process.register_with_unit(
                "resident_memory",
                "Resident memory of the process",
                Unit::Bytes,
                metrics.memory.clone(),
            );
        }
        let own = registry.sub_registry_with_prefix("assembly_graph");
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        own.register("build", "Version of the server", Info::new(version));
        own.register(
            "requests",
            "Executed operations, by name and by `ok` or the code of the first error",
            metrics.requests.clone(),
        );
        own.register_with_unit(
            "request_duration",
            "Duration of operations",
            Unit::Seconds,
            metrics.duration.clone(),
        );
        own.register("sql_statements", "SQL statements of operations", metrics.statements.clone());
        own.register("query_cost", "Cost of operations", metrics.cost.clone());
        own.register(
            "rejected_requests",
            "Requests rejected before execution, by code",
            metrics.rejected.clone(),
        );
        own.register(
            "not_modified",
            "Conditional requests with the result 304 Not Modified",
            metrics.not_modified.clone(),
        );
        own.register(
            "persisted_queries",
            "Requests with the hash or id of a document, by result",
            metrics.persisted.clone(),
        );
        for (name, help, gauge) in [
            ("requests_in_flight", "Requests that execute", &metrics.in_flight),
            ("requests_queued", "Requests that wait in the queue", &metrics.queued),
            ("connections", "Open client connections", &metrics.connections),
            ("database_connections", "Open connections to the database", &metrics.pool),
            ("database_connections_idle", "Idle connections to the database", &metrics.pool_idle),
            ("revision", "Revision of the data", &metrics.revision),
        ] {
            own.register(name, help, gauge.clone());
        }
        Self { registry, ..metrics }
    }

    /// Counts an executed operation.
    pub fn completed(&self, request: CompletedRequest<'_>) {
        let operation = match request.operation {
            None => ANONYMOUS,
            Some(name) if self.operations.admit(name, request.outcome == "ok") => name,
            Some(_) => OTHER,
        };
        let outcome =
            if self.outcomes.admit(request.outcome, true) { request.outcome } else { OTHER };
        let outcome =
            RequestLabels { operation: operation.to_owned(), outcome: outcome.to_owned() };
        self.requests.get_or_create(&outcome).inc();
        let operation = OperationLabels { operation: outcome.operation };
        self.duration.get_or_create(&operation).observe(request.duration.as_secs_f64());
        self.statements.get_or_create(&operation).inc_by(request.statements);
        self.cost.get_or_create(&operation).inc_by(request.cost);
    }

    /// Counts a request that was rejected with an error code.
    pub fn rejected(&self, code: &'static str) {
        self.rejected.get_or_create(&RejectedLabels { code }).inc();
    }

    /// Counts a response with status 304.
    pub fn not_modified(&self) {
        self.not_modified.inc();
    }

    /// Counts a request with the hash or id of a document.
    pub fn persisted_query(&self, hit: bool) {
        let result = if hit { "hit" } else { "miss" };
        self.persisted.get_or_create(&PersistedQueryLabels { result }).inc();
    }

    /// Writes all metrics in the text format.
    pub fn text(&self, gauges: Gauges) -> String {
        for (gauge, count) in [
            (&self.in_flight, gauges.in_flight),
            (&self.queued, gauges.queued),
            (&self.connections, gauges.connections),
            (&self.pool, gauges.pool as usize),
            (&self.pool_idle, gauges.pool_idle),
        ] {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        if let Some(revision) = gauges.revision {
            self.revision.set(revision);
        }
        if let Some(memory) = resident_memory() {
            self.memory.set(memory);
        }
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)
            .expect("writing to a string cannot fail");
        text
    }
}

/// The resident memory in bytes, on Linux.
fn resident_memory() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim_end().parse::<i64>().ok()?.checked_mul(1024)
}

/// A set of names with a maximum size.
#[derive(Debug)]
struct NameSet {
    names: RwLock<HashSet<String>>,
    max: usize,
}

impl NameSet {
    fn new(max: usize) -> Self {
        Self { names: RwLock::default(), max }
    }

    /// Whether a name is in the set. Adds a valid name if the set is not full. Names of failed operations
    /// are not valid: clients could fill the set with arbitrary names.
    fn admit(&self, name: &str, is_valid: bool) -> bool {
        {
            let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
            if names.contains(name) {
                return true;
            }
            if !is_valid || names.len() >= self.max || !is_name(name) {
                return false;
            }
        }
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if names.len() < self.max {
            names.insert(name.to_owned());
        }
        names.contains(name)
    }
}

/// Whether a string is a GraphQL name of a limited length.
fn is_name(name: &str) -> bool {
    let is_name_byte = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    name.len() <= MAX_NAME_LENGTH
        && ![ANONYMOUS, OTHER].contains(&name)
        && name.bytes().all(is_name_byte)
        && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn request<'a>(operation: Option<&'a str>, outcome: &'a str) -> CompletedRequest<'a> {
        let duration = Duration::from_millis(20);
        CompletedRequest { operation, outcome, duration, statements: 3, cost: 40 }
    }

    /// Parses an exposition. Each sample is unique, and its family is described before it.
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
                    _ => panic!("no type: {line}"),
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
    fn metrics_are_written_in_the_text_format() {
        let metrics = Metrics::new();
        metrics.completed(request(Some("Chambers"), "ok"));
        metrics.completed(request(Some("Chambers"), "BAD_USER_INPUT"));
        metrics.completed(request(None, "ok"));
        metrics.rejected("UNAVAILABLE");
        metrics.rejected("UNAVAILABLE");
        metrics.not_modified();
        metrics.persisted_query(true);
        metrics.persisted_query(false);
        metrics.persisted_query(false);
        let now = Gauges {
            in_flight: 1,
            queued: 2,
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
            ("sql_statements_total{operation=\"Chambers\"}", 6.0),
            ("query_cost_total{operation=\"anonymous\"}", 40.0),
            ("rejected_requests_total{code=\"UNAVAILABLE\"}", 2.0),
            ("not_modified_total", 1.0),
            ("persisted_queries_total{result=\"hit\"}", 1.0),
            ("persisted_queries_total{result=\"miss\"}", 2.0),
            ("requests_in_flight", 1.0),
            ("requests_queued", 2.0),
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
        // Without a revision the gauge keeps its value, and counters do not change.
        assert!(CONTENT_TYPE.starts_with("text/plain; version=0.0.4"));
        let text = metrics.text(Gauges::default());
        let samples = read(&text);
        assert_eq!(samples["assembly_graph_revision"], 6.0);
        assert_eq!(samples["assembly_graph_connections"], 0.0);
        assert_eq!(samples["assembly_graph_not_modified_total"], 1.0);
    }

    #[test]
    fn the_number_of_series_is_limited() {
        let metrics = Metrics::new();
        let long = "a".repeat(MAX_NAME_LENGTH);
        metrics.completed(request(Some(&long), "ok"));
        for invalid in ["", "1a", "a b", "a\"b", "a\n", "é", &format!("{long}a")] {
            metrics.completed(request(Some(invalid), invalid));
        }
        for number in 0..3 * MAX_OPERATIONS {
            let name = format!("Query{number}");
            metrics.completed(request(Some(&name), "ok"));
            metrics.completed(request(Some(&name), &name.to_uppercase()));
            metrics.completed(request(Some(&format!("Operation{number}")), "BAD_USER_INPUT"));
        }
        metrics.completed(request(Some("Query0"), "ok"));
        let text = metrics.text(Gauges::default());
        let samples = read(&text);
        let series_count = |family: &str| {
            let family = format!("assembly_graph_{family}{{");
            samples.iter().filter(|(series, _)| series.starts_with(&family)).count()
        };
        assert_eq!(series_count("query_cost_total"), MAX_OPERATIONS + 1);
        assert!(series_count("requests_total") <= (MAX_OPERATIONS + 1) * (MAX_OUTCOMES + 1));
        let count = |name: &str| {
            samples
                [&*format!("assembly_graph_request_duration_seconds_count{{operation=\"{name}\"}}")]
        };
        assert_eq!(count(&long), 1.0);
        assert_eq!(count("Query0"), 3.0);
        let (unknown, invalid) = (2 * MAX_OPERATIONS + 1, 3 * MAX_OPERATIONS);
        assert_eq!(count("other"), 7.0 + (2 * unknown + invalid) as f64);
    }
}

//! Each setting once: its meaning, its flag, its variable, its default. The key of a setting in the
//! file of settings is the name of its flag.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Command, FromArgMatches, ValueEnum};
use tracing_subscriber::filter::{LevelFilter, Targets};

mod read;

pub use read::{CommandLine, ConfigError, Conflict, Setting, SettingSource, read};

/// All settings. A command takes those as flags that it reads; variables and the file may set any.
#[derive(Args, Clone, Debug)]
pub struct Config {
    #[command(flatten)]
    pub file: ConfigFile,
    #[command(flatten)]
    pub server: ServerConfig,
    #[command(flatten)]
    pub database: DatabaseConfig,
    #[command(flatten)]
    pub log: LogConfig,
}

impl Config {
    /// The flags of all settings.
    pub fn command() -> Command {
        Self::augment_args(Command::new("settings"))
    }
}

/// Where settings are read from.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigFile {
    /// A file of settings in TOML, its keys the names of the flags: rate = 20, timeout = "5s". Flags
    /// and variables go before it.
    #[arg(long, value_name = "FILE", env = "ASSEMBLY_GRAPH_CONFIG")]
    pub config: Option<PathBuf>,
}

/// Where the data is.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database")]
pub struct DatabaseConfig {
    /// The database: a file of SQLite, made where there is none, or the URL of a PostgreSQL
    /// database, such as `postgres://user@host/name`.
    #[arg(
        long,
        value_name = "FILE|URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "assembly-graph.sqlite"
    )]
    pub database: String,
    /// The most connections to the database at one time; 0 takes what the server needs to answer as
    /// many requests at one time as it may, exports and checks of its health besides.
    #[arg(
        long,
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_DATABASE_MAX_CONNECTIONS",
        default_value_t = 0
    )]
    pub database_max_connections: u32,
}

/// What is told of the inner life.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Logging")]
pub struct LogConfig {
    /// What to log: error, warn, info, debug, trace, or a filter such as `tower_http=debug,warn`.
    #[arg(
        long,
        value_name = "FILTER",
        env = "LOG",
        value_parser = filter,
        default_value = "warn"
    )]
    pub log: Targets,
    /// How log lines are written.
    #[arg(long, value_enum, env = "ASSEMBLY_GRAPH_LOG_FORMAT", default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Where spans go: the base address of an OpenTelemetry collector that takes OTLP over HTTP, such
    /// as `http://127.0.0.1:4318`. Without it they go nowhere.
    #[cfg(feature = "otel")]
    #[arg(
        long,
        value_name = "URL",
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_parser = collector
    )]
    pub otel_endpoint: Option<String>,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// How the server is reached, and what it bears.
#[derive(Args, Clone, Debug)]
pub struct ServerConfig {
    /// The address and port to listen on; port 0 takes a free one.
    #[arg(
        long,
        help_heading = "Network",
        value_name = "ADDRESS",
        env = "LISTEN",
        default_value = "127.0.0.1:8000"
    )]
    pub listen: SocketAddr,
    /// Another address for /metrics and /health, which are then not served where everybody asks.
    #[arg(
        long,
        help_heading = "Network",
        value_name = "ADDRESS",
        env = "ASSEMBLY_GRAPH_MANAGEMENT_LISTEN"
    )]
    pub management_listen: Option<SocketAddr>,
    /// Pages of which origins may ask from a browser: `*` for any (without credentials), `none`, or a
    /// list such as `https://a.example,https://b.example`.
    #[arg(
        long,
        help_heading = "Network",
        value_name = "ORIGINS",
        env = "ASSEMBLY_GRAPH_CORS_ORIGINS",
        value_delimiter = ',',
        value_parser = origin,
        default_value = "*"
    )]
    pub cors_origins: Vec<String>,
    /// How many trusted proxies stand before the server: so many entries from the right of
    /// X-Forwarded-For stands the client.
    #[arg(
        long,
        help_heading = "Network",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_TRUSTED_PROXIES",
        default_value_t = 0
    )]
    pub trusted_proxies: usize,
    /// Requests that a client, by its address, may make a second; 0 for any number.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_RATE_LIMIT",
        default_value_t = 0
    )]
    pub rate_limit: u32,
    /// Requests that a client may make at once before the rate holds; 0 for five seconds' worth.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_RATE_LIMIT_BURST",
        default_value_t = 0
    )]
    pub rate_limit_burst: u32,
    /// The most connections of clients at one time; more wait to be accepted.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_CONNECTIONS",
        value_parser = some,
        default_value_t = 1024
    )]
    pub max_connections: usize,
    /// The most connections of one client, by its address, at one time; 0 for a quarter of all. They
    /// are not counted behind proxies, whose address all clients have.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_CONNECTIONS_PER_CLIENT",
        default_value_t = 0
    )]
    pub max_connections_per_client: usize,
    /// The most requests that are answered at one time; 0 takes two for each processor, and four at
    /// least.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_CONCURRENT_REQUESTS",
        default_value_t = 0
    )]
    pub max_concurrent_requests: usize,
    /// The most requests that wait for their turn; others are turned away at once.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_QUEUED_REQUESTS",
        default_value_t = 256
    )]
    pub max_queued_requests: usize,
    /// How long a request waits for its turn before it is turned away.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_QUEUE_TIMEOUT",
        value_parser = humantime::parse_duration,
        default_value = "2s"
    )]
    pub queue_timeout: Duration,
    /// How long the answer of a request may take, once it is its turn.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_TIMEOUT",
        value_parser = some_time,
        default_value = "10s"
    )]
    pub timeout: Duration,
    /// How long a client may take for the head of a request, and a connection may stay unused.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_HEADER_TIMEOUT",
        value_parser = some_time,
        default_value = "30s"
    )]
    pub header_timeout: Duration,
    /// How long a client may take for the body of a request.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_BODY_TIMEOUT",
        value_parser = some_time,
        default_value = "30s"
    )]
    pub body_timeout: Duration,
    /// How long a client may take nothing of an answer.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_WRITE_TIMEOUT",
        value_parser = some_time,
        default_value = "60s"
    )]
    pub write_timeout: Duration,
    /// How long requests under way may take when the server is to end.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_SHUTDOWN_TIMEOUT",
        value_parser = humantime::parse_duration,
        default_value = "30s"
    )]
    pub shutdown_timeout: Duration,
    /// The most operations in one request: 1 takes no batches, 10 is the most.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_BATCH_SIZE",
        value_parser = clap::value_parser!(u8).range(1..=10),
        default_value_t = 1
    )]
    pub max_batch_size: u8,
    /// Whether the schema can be asked for.
    #[arg(
        long,
        help_heading = "GraphQL",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_INTROSPECTION",
        action = ArgAction::Set,
        default_value_t = true
    )]
    pub introspection: bool,
    /// Whether errors suggest names that were perhaps meant.
    #[arg(
        long,
        help_heading = "GraphQL",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_SUGGESTIONS",
        action = ArgAction::Set,
        default_value_t = true
    )]
    pub suggestions: bool,
    /// Whether responses have `extensions` with their cost and the number of their statements.
    #[arg(
        long,
        help_heading = "GraphQL",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_RESPONSE_EXTENSIONS",
        action = ArgAction::Set,
        default_value_t = true
    )]
    pub response_extensions: bool,
    /// Whether the explorer page is served.
    #[arg(
        long,
        help_heading = "GraphQL",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_EXPLORER",
        action = ArgAction::Set,
        default_value_t = true
    )]
    pub explorer: bool,
    /// A folder of documents that clients may name: .graphql files, or manifests in .json.
    #[arg(
        long,
        help_heading = "Persisted documents and caching",
        value_name = "DIR",
        env = "ASSEMBLY_GRAPH_PERSISTED_DOCUMENTS"
    )]
    pub persisted_documents: Option<PathBuf>,
    /// Whether only documents of that folder run.
    #[arg(
        long,
        help_heading = "Persisted documents and caching",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_PERSISTED_DOCUMENTS_ONLY",
        action = ArgAction::Set,
        default_value_t = false
    )]
    pub persisted_documents_only: bool,
    /// Bytes of documents kept for automatic persisted queries; 0 keeps none.
    #[arg(
        long,
        help_heading = "Persisted documents and caching",
        value_name = "BYTES",
        env = "ASSEMBLY_GRAPH_APQ_CACHE_SIZE",
        default_value_t = 16 << 20
    )]
    pub apq_cache_size: usize,
    /// How long caches may give an answer to GET without asking whether it still holds.
    #[arg(
        long,
        help_heading = "Persisted documents and caching",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_MAX_AGE",
        value_parser = humantime::parse_duration,
        default_value = "0s"
    )]
    pub max_age: Duration,
}

impl ServerConfig {
    /// What does not go together, whatever each setting alone may be.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut found = Vec::new();
        if self.persisted_documents_only && self.persisted_documents.is_none() {
            let of = &["persisted-documents-only", "persisted-documents"];
            found.push(Conflict { of, why: "without a folder of documents none would run" });
        }
        if self.management_listen == Some(self.listen) && self.listen.port() != 0 {
            let of = &["listen", "management-listen"];
            found.push(Conflict { of, why: "two cannot listen at one place" });
        }
        let alone = |origin: &String| origin == "*" || origin == "none";
        if self.cors_origins.len() > 1 && self.cors_origins.iter().any(alone) {
            let of = &["cors-origins"];
            found.push(Conflict { of, why: "`*` and `none` stand alone" });
        }
        found
    }
}

impl Default for ServerConfig {
    /// What holds where nobody says anything.
    fn default() -> Self {
        let command = Self::augment_args(Command::new("serve"))
            .mut_args(|argument| argument.env(None::<&'static str>));
        let none = command.get_matches_from(["serve"]);
        Self::from_arg_matches(&none).expect("each setting has a default")
    }
}

/// A time that something may take.
fn some_time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("it must be more than nothing".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

fn some(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be 1 at least".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

/// A filter of log lines. A word alone that is no level is a slip far more often than a module, and
/// as a module it would silence all others.
fn filter(text: &str) -> Result<Targets, String> {
    let level = |word: &&str| word.parse::<LevelFilter>().is_err();
    match text.split(',').map(str::trim).filter(|word| !word.contains('=')).find(level) {
        Some(word) => Err(format!(
            "`{word}` is no level: error, warn, info, debug, trace, off, or MODULE=LEVEL"
        )),
        None => text.parse().map_err(|error| format!("{error}")),
    }
}

/// An origin as browsers write it, `*` or `none`.
fn origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let strange = |letter: char| matches!(letter, '/' | '?' | '#' | '@' | '*') || letter <= ' ';
    match host {
        _ if text == "*" || text == "none" => Ok(text.to_owned()),
        Some(host) if !host.is_empty() && !host.contains(strange) => Ok(text.to_owned()),
        _ => Err(format!(
            "`{text}` is no origin: write it as browsers do, such as https://a.example, \
             without a path"
        )),
    }
}

#[cfg(feature = "otel")]
fn collector(text: &str) -> Result<String, String> {
    match text.strip_prefix("http://") {
        Some(host) if !host.is_empty() => Ok(text.trim_end_matches('/').to_owned()),
        _ => {
            Err("spans go to a collector nearby over plain HTTP: write http://HOST:4318".to_owned())
        }
    }
}

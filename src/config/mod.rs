//! The settings, each with its description, flag, environment variable and default. The key of a
//! setting in the configuration file is the name of its flag.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Command, FromArgMatches, ValueEnum};
use tracing_subscriber::filter::{LevelFilter, Targets};

mod read;

pub use read::{CommandLine, ConfigError, Conflict, Setting, SettingSource, read};

/// All settings. A command accepts only the settings that it reads as flags; environment variables and
/// the configuration file may set all of them.
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
    /// A command with a flag for each setting.
    pub fn command() -> Command {
        Self::augment_args(Command::new("settings"))
    }
}

/// The configuration file.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigFile {
    /// Path of the configuration file, in TOML. Its keys are the names of the flags: rate-limit = 20,
    /// timeout = "5s". Flags and environment variables take precedence over it.
    #[arg(long, value_name = "FILE", env = "ASSEMBLY_GRAPH_CONFIG")]
    pub config: Option<PathBuf>,
}

/// The database.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database")]
pub struct DatabaseConfig {
    /// Path of an SQLite file, created if it does not exist, or URL of a PostgreSQL database such as
    /// `postgres://user@host/name`.
    #[arg(
        long,
        value_name = "FILE|URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "assembly-graph.sqlite"
    )]
    pub database: String,
    /// Maximum number of connections to the database. 0 means one for each concurrent request, two for
    /// exports, and one for health checks.
    #[arg(
        long,
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_DATABASE_MAX_CONNECTIONS",
        default_value_t = 0
    )]
    pub database_max_connections: u32,
}

/// Logging and tracing.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Logging")]
pub struct LogConfig {
    /// Log level (error, warn, info, debug, trace, off), or a filter such as `tower_http=debug,warn`.
    #[arg(
        long,
        value_name = "FILTER",
        env = "LOG",
        value_parser = log_filter,
        default_value = "warn"
    )]
    pub log: Targets,
    /// Format of log lines.
    #[arg(long, value_enum, env = "ASSEMBLY_GRAPH_LOG_FORMAT", default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Base URL of an OpenTelemetry collector that accepts OTLP over HTTP, such as
    /// `http://127.0.0.1:4318`. If omitted, no spans are exported.
    #[cfg(feature = "otel")]
    #[arg(
        long,
        value_name = "URL",
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_parser = otel_endpoint
    )]
    pub otel_endpoint: Option<String>,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Human-readable text.
    Text,
    /// One JSON object per line.
    Json,
}

/// The HTTP server.
#[derive(Args, Clone, Debug)]
pub struct ServerConfig {
    /// Address and port to listen on. Port 0 selects an unused port.
    #[arg(
        long,
        help_heading = "Network",
        value_name = "ADDRESS",
        env = "LISTEN",
        default_value = "127.0.0.1:8000"
    )]
    pub listen: SocketAddr,
    /// Separate address and port for /metrics and /health. If omitted, --listen serves them.
    #[arg(
        long,
        help_heading = "Network",
        value_name = "ADDRESS",
        env = "ASSEMBLY_GRAPH_MANAGEMENT_LISTEN"
    )]
    pub management_listen: Option<SocketAddr>,
    /// Allowed origins of cross-origin requests (CORS): `*` for any (without credentials), `none`, or a
    /// list such as `https://a.example,https://b.example`.
    #[arg(
        long,
        help_heading = "Network",
        value_name = "ORIGINS",
        env = "ASSEMBLY_GRAPH_CORS_ORIGINS",
        value_delimiter = ',',
        value_parser = cors_origin,
        default_value = "*"
    )]
    pub cors_origins: Vec<String>,
    /// Number of trusted reverse proxies in front of the server. The client address is the entry of
    /// X-Forwarded-For at this position from the right. 0 ignores the header.
    #[arg(
        long,
        help_heading = "Network",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_TRUSTED_PROXIES",
        default_value_t = 0
    )]
    pub trusted_proxies: usize,
    /// Maximum number of requests per second from one client address. 0 means no limit.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_RATE_LIMIT",
        default_value_t = 0
    )]
    pub rate_limit: u32,
    /// Maximum number of requests from one client address in a burst. 0 means five times --rate-limit.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_RATE_LIMIT_BURST",
        default_value_t = 0
    )]
    pub rate_limit_burst: u32,
    /// Maximum number of open client connections. Further connections wait until one is closed.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_CONNECTIONS",
        value_parser = positive_number,
        default_value_t = 1024
    )]
    pub max_connections: usize,
    /// Maximum number of open connections from one client address. 0 means a quarter of
    /// --max-connections. Ignored with --trusted-proxies, because all connections then come from a
    /// proxy.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_CONNECTIONS_PER_CLIENT",
        default_value_t = 0
    )]
    pub max_connections_per_client: usize,
    /// Maximum number of requests that execute concurrently. 0 means two for each processor, but at
    /// least four.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_CONCURRENT_REQUESTS",
        default_value_t = 0
    )]
    pub max_concurrent_requests: usize,
    /// Maximum number of requests in the queue. Further requests are rejected.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_QUEUED_REQUESTS",
        default_value_t = 256
    )]
    pub max_queued_requests: usize,
    /// Maximum time of a request in the queue. A request that waits longer is rejected.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_QUEUE_TIMEOUT",
        value_parser = humantime::parse_duration,
        default_value = "2s"
    )]
    pub queue_timeout: Duration,
    /// Maximum execution time of a request, not including the time in the queue.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_TIMEOUT",
        value_parser = positive_duration,
        default_value = "10s"
    )]
    pub timeout: Duration,
    /// Maximum time for receiving the headers of a request, and maximum idle time of a connection.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_HEADER_TIMEOUT",
        value_parser = positive_duration,
        default_value = "30s"
    )]
    pub header_timeout: Duration,
    /// Maximum time for receiving the body of a request.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_BODY_TIMEOUT",
        value_parser = positive_duration,
        default_value = "30s"
    )]
    pub body_timeout: Duration,
    /// Maximum time for which a client may stop reading a response. Then its connection is closed.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_WRITE_TIMEOUT",
        value_parser = positive_duration,
        default_value = "60s"
    )]
    pub write_timeout: Duration,
    /// Maximum time of a graceful shutdown, in which requests in flight can complete.
    #[arg(
        long,
        help_heading = "Timeouts",
        value_name = "TIME",
        env = "ASSEMBLY_GRAPH_SHUTDOWN_TIMEOUT",
        value_parser = humantime::parse_duration,
        default_value = "30s"
    )]
    pub shutdown_timeout: Duration,
    /// Maximum number of operations in one request, from 1 (batches are disabled) to 10.
    #[arg(
        long,
        help_heading = "Limits",
        value_name = "NUMBER",
        env = "ASSEMBLY_GRAPH_MAX_BATCH_SIZE",
        value_parser = clap::value_parser!(u8).range(1..=10),
        default_value_t = 1
    )]
    pub max_batch_size: u8,
    /// Allow introspection of the schema.
    #[arg(
        long,
        help_heading = "GraphQL",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_INTROSPECTION",
        action = ArgAction::Set,
        default_value_t = true
    )]
    pub introspection: bool,
    /// Suggest similar names in errors ("Did you mean ...").
    #[arg(
        long,
        help_heading = "GraphQL",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_SUGGESTIONS",
        action = ArgAction::Set,
        default_value_t = true
    )]
    pub suggestions: bool,
    /// Add `extensions` with the query cost and the number of SQL statements to responses.
    #[arg(
        long,
        help_heading = "GraphQL",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_RESPONSE_EXTENSIONS",
        action = ArgAction::Set,
        default_value_t = true
    )]
    pub response_extensions: bool,
    /// Serve the explorer page at /.
    #[arg(
        long,
        help_heading = "GraphQL",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_EXPLORER",
        action = ArgAction::Set,
        default_value_t = true
    )]
    pub explorer: bool,
    /// Folder of persisted documents: .graphql files, or manifests in .json.
    #[arg(
        long,
        help_heading = "Persisted documents and caching",
        value_name = "DIR",
        env = "ASSEMBLY_GRAPH_PERSISTED_DOCUMENTS"
    )]
    pub persisted_documents: Option<PathBuf>,
    /// Reject all documents that are not persisted.
    #[arg(
        long,
        help_heading = "Persisted documents and caching",
        value_name = "BOOL",
        env = "ASSEMBLY_GRAPH_PERSISTED_DOCUMENTS_ONLY",
        action = ArgAction::Set,
        default_value_t = false
    )]
    pub persisted_documents_only: bool,
    /// Size of the cache of automatic persisted queries (APQ), in bytes. 0 disables them.
    #[arg(
        long,
        help_heading = "Persisted documents and caching",
        value_name = "BYTES",
        env = "ASSEMBLY_GRAPH_APQ_CACHE_SIZE",
        default_value_t = 16 << 20
    )]
    pub apq_cache_size: usize,
    /// `Cache-Control: max-age` of responses to GET: the time for which caches may reuse a response
    /// without revalidation.
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
    /// Combinations of valid values that are not allowed.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        if self.persisted_documents_only && self.persisted_documents.is_none() {
            let names = &["persisted-documents-only", "persisted-documents"];
            conflicts.push(Conflict {
                names,
                reason: "without persisted documents, all requests are rejected",
            });
        }
        if self.management_listen == Some(self.listen) && self.listen.port() != 0 {
            let names = &["listen", "management-listen"];
            conflicts.push(Conflict { names, reason: "the addresses must differ" });
        }
        let is_keyword = |origin: &String| origin == "*" || origin == "none";
        if self.cors_origins.len() > 1 && self.cors_origins.iter().any(is_keyword) {
            let names = &["cors-origins"];
            conflicts.push(Conflict {
                names,
                reason: "`*` and `none` cannot be combined with other origins",
            });
        }
        conflicts
    }
}

impl Default for ServerConfig {
    /// The defaults of all settings.
    fn default() -> Self {
        let command = Self::augment_args(Command::new("serve"))
            .mut_args(|argument| argument.env(None::<&'static str>));
        let matches = command.get_matches_from(["serve"]);
        Self::from_arg_matches(&matches).expect("each setting has a default")
    }
}

/// Parses a duration greater than zero.
fn positive_duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("it must be greater than zero".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

/// Parses a number greater than zero.
fn positive_number(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

/// Parses a log filter. Rejects a single word that is not a level: it is more often a typo than a
/// module name, and as a module name it would turn off the logs of all other modules.
fn log_filter(text: &str) -> Result<Targets, String> {
    let is_unknown = |word: &&str| word.parse::<LevelFilter>().is_err();
    match text.split(',').map(str::trim).filter(|word| !word.contains('=')).find(is_unknown) {
        Some(word) => Err(format!(
            "`{word}` is not a log level; use error, warn, info, debug, trace, off, or MODULE=LEVEL"
        )),
        None => text.parse().map_err(|error| format!("{error}")),
    }
}

/// Parses an origin as browsers send it, `*`, or `none`.
fn cors_origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_forbidden = |c: char| matches!(c, '/' | '?' | '#' | '@' | '*') || c <= ' ';
    match host {
        _ if text == "*" || text == "none" => Ok(text.to_owned()),
        Some(host) if !host.is_empty() && !host.contains(is_forbidden) => Ok(text.to_owned()),
        _ => Err(format!(
            "`{text}` is not an origin; use a scheme and a host without a path, such as \
             https://a.example"
        )),
    }
}

/// Parses the base URL of a collector.
#[cfg(feature = "otel")]
fn otel_endpoint(text: &str) -> Result<String, String> {
    match text.strip_prefix("http://") {
        Some(host) if !host.is_empty() => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("only plain HTTP is supported; use a URL such as http://HOST:4318".to_owned()),
    }
}

//! Each setting once: its meaning, its flag, its variable, its default.

use std::net::SocketAddr;

use clap::Args;
use tracing_subscriber::filter::Targets;

/// Where the data is.
#[derive(Args, Clone, Debug)]
pub struct Store {
    /// The database: a file of SQLite, made where there is none, or the URL of a PostgreSQL
    /// database, such as postgres://user@host/name.
    #[arg(
        long,
        global = true,
        value_name = "FILE|URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "assembly-graph.sqlite"
    )]
    pub database: String,
}

/// What is told of the inner life.
#[derive(Args, Clone, Debug)]
pub struct Log {
    /// What to log: error, warn, info, debug, trace, or a filter such as tower_http=debug,warn.
    #[arg(long, global = true, value_name = "FILTER", env = "LOG", default_value = "warn")]
    pub log: Targets,
}

/// How the server is reached.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// The address and port to listen on; port 0 takes a free one.
    #[arg(
        long,
        global = true,
        value_name = "ADDRESS",
        env = "LISTEN",
        default_value = "127.0.0.1:8000"
    )]
    pub listen: SocketAddr,
}

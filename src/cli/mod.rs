//! The commands. No other module prints.
#![expect(clippy::print_stderr, reason = "the only module that prints")]
#![expect(clippy::disallowed_methods, reason = "an import is dated by the clock")]

use std::{
    ffi::OsString,
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use chrono::{NaiveDate, Utc};
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, PaginatorTrait};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Handle},
};

use crate::{
    check, config, http,
    import::{self, Applied, File, ImportError},
    schema, store, telemetry,
    text::plural,
};

mod export;
mod health;
mod page;
mod popolo;
mod report;
mod settings;

/// GraphQL server for the graph of inter-parliamentary assemblies.
#[derive(Debug, Parser)]
#[command(version, after_help = ROOT_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const ROOT_HELP: &str = "\
Without a command, runs `serve`, and accepts its options.

Examples:
  assembly-graph
  assembly-graph serve --listen 0.0.0.0:8000";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the GraphQL API over HTTP. If the database is empty, the built-in data set is imported
    /// first.
    #[command(after_help = "\
Examples:
  assembly-graph serve --listen 0.0.0.0:8000 --database postgres://user@host/name
  assembly-graph serve --config assembly-graph.toml")]
    Serve,
    /// Import files in the data set format. If any file is invalid, nothing is imported.
    #[command(
        subcommand_negates_reqs = true,
        after_help = "\
Examples:
  assembly-graph import --built-in
  assembly-graph import data/ corrections.toml"
    )]
    Import {
        #[command(subcommand)]
        source: Option<Source>,
        /// Files, or folders of .toml, .jsonl or .csv files, as documented in data/README.md.
        #[arg(required_unless_present = "built_in", value_name = "FILE|DIR")]
        paths: Vec<PathBuf>,
        /// Import the built-in data set.
        #[arg(long, conflicts_with = "paths")]
        built_in: bool,
    },
    /// Export the data as Popolo JSON, JSON Lines or CSV.
    #[command(after_help = "\
Examples:
  assembly-graph export popolo --assembly csto-pa > csto-pa.json
  assembly-graph export csv --as-of 2022-06-06 --out tables/")]
    Export(export::Arguments),
    /// Report record counts, records without sources, contradictions and coverage.
    #[command(after_help = "\
Exit codes:
  0  no problems found
  1  a record without sources, or an unexplained contradiction of dates or references
  2  the check failed

Examples:
  assembly-graph check --as-of 2022-06-06
  assembly-graph check --strict --json")]
    Check {
        /// The date of the coverage. Default: today.
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Exit with 1 if any contradiction is unexplained.
        #[arg(long)]
        strict: bool,
    },
    /// Print each setting and its source: flag, environment variable, file and line, or default.
    #[command(after_help = "\
Accepts the options of `serve`. Exits with 1 if a setting is invalid.

Examples:
  assembly-graph config --json
  assembly-graph config --config assembly-graph.toml")]
    Config {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check whether a running server is ready. Exits with 0 if it is ready, and with 1 otherwise.
    #[command(after_help = "\
Examples:
  assembly-graph health
  assembly-graph health http://10.0.0.1:8000/health/live")]
    Health {
        /// The URL to request, over plain HTTP. Default: /health/ready at the address of
        /// --management-listen or --listen.
        url: Option<String>,
    },
    /// Create the tables of the database, or migrate them to the latest version.
    #[command(after_help = "\
Examples:
  assembly-graph migrate
  assembly-graph migrate --database postgres://user@host/name")]
    Migrate,
    /// Print the GraphQL schema.
    #[command(after_help = "\
Examples:
  assembly-graph schema
  assembly-graph schema > schema.graphql")]
    Schema,
}

/// The settings of commands that open the database, by the ids of their arguments.
const DATABASE_SETTINGS: &[&str] = &["database", "config", "log", "log_format", "otel_endpoint"];
/// The settings that `health` reads.
const HEALTH_SETTINGS: &[&str] = &["config", "listen", "management_listen"];

/// The commands, each with flags for the settings that it reads.
pub fn command() -> clap::Command {
    // The descriptions of possible values would make `--help` three times as long as `-h`.
    let all_settings = config::Config::command()
        .mut_arg("log_format", |arg| arg.value_name("text|json").hide_possible_values(true));
    let all = || all_settings.get_arguments().cloned();
    let hidden = || all().map(|arg| arg.hide(true));
    let some = |ids: &'static [&str]| {
        all().filter(move |arg| ids.contains(&arg.get_id().as_str())).collect::<Vec<_>>()
    };
    let with_database = |command: clap::Command| command.args(some(DATABASE_SETTINGS));
    Cli::command()
        .args(hidden())
        .mut_subcommand("serve", |command| command.args(all()))
        .mut_subcommand("import", |command| with_database(command).mut_subcommands(with_database))
        .mut_subcommand("export", with_database)
        .mut_subcommand("check", with_database)
        .mut_subcommand("config", |command| command.args(hidden()))
        .mut_subcommand("health", |command| command.args(some(HEALTH_SETTINGS)))
        .mut_subcommand("migrate", with_database)
}

/// Formats other than the data set format.
#[derive(Debug, Subcommand)]
enum Source {
    Page(page::Page),
    Popolo(popolo::Popolo),
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error("cannot use the database {database}: {source}")]
    Database { database: String, source: DbErr },
    #[error("the database {database} does not exist; create it with `import` or `serve`")]
    NoDatabase { database: String },
    #[error("{} is a file of the database; choose another file with --out", out.display())]
    DatabaseFile { out: PathBuf },
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Export(#[from] export::CommandError),
    #[error("Address {listen} is already in use; choose another with {flag}.")]
    AddressInUse { listen: SocketAddr, flag: &'static str },
    #[error("cannot listen on {listen}: {source}")]
    Listen { listen: SocketAddr, source: io::Error },
    #[error(transparent)]
    Documents(#[from] http::DocumentsError),
    #[error("cannot write to standard output: {0}")]
    Stdout(io::Error),
    #[error("{0}")]
    NotReady(String),
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
    #[error("internal error: {0}")]
    Panicked(tokio::task::JoinError),
    #[error("the server failed: {0}")]
    Serve(io::Error),
}

/// The stack size of each thread that executes requests. Deeply nested queries need it, and twice as
/// much in unoptimized builds.
const STACK_SIZE: usize = 16 << 20;
/// The exit code for invalid arguments and settings.
const USAGE_ERROR: u8 = 2;

/// The maximum time that a request waits for a database connection. The pool has a connection for
/// each concurrent request, so a longer wait means that the database does not respond.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// The time that PostgreSQL may spend on a statement beyond the request timeout. Exports need it, as
/// their clients may be slow.
const EXTRA_STATEMENT_TIMEOUT: Duration = Duration::from_mins(1);

/// Runs a command line.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = config::read(command(), args).and_then(|line| {
        let command = parse(&line.matches).map_err(config::ConfigError::Usage)?;
        Ok((command, line))
    });
    let (command, line) = match parsed {
        Ok(parsed) => parsed,
        Err(config::ConfigError::Usage(error)) => {
            // If printing fails, nothing can be reported.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE_ERROR));
        }
        Err(config::ConfigError::Settings { command, problems }) => {
            for problem in problems {
                eprintln!("error: {problem}");
            }
            return match command.as_deref() {
                Some("config") => ExitCode::FAILURE,
                _ => ExitCode::from(USAGE_ERROR),
            };
        }
    };
    let is_check = matches!(command, Command::Check { .. });
    let new_runtime =
        || Builder::new_multi_thread().enable_all().thread_stack_size(STACK_SIZE).build();
    let result = match new_runtime().and_then(|runtime| Ok((runtime, new_runtime()?))) {
        Ok((runtime, workers)) => {
            let telemetry = telemetry::start(&line.config.log, runtime.handle());
            let result =
                runtime.block_on(runtime.spawn(execute(command, line, workers.handle().clone())));
            telemetry.shutdown();
            workers.shutdown_background();
            result.unwrap_or_else(|error| Err(CliError::Panicked(error)))
        }
        Err(source) => Err(CliError::Runtime(source)),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            match error {
                CliError::Documents(_) => ExitCode::from(USAGE_ERROR),
                _ if is_check => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn parse(matches: &ArgMatches) -> Result<Command, clap::Error> {
    match Cli::from_arg_matches(matches)?.command.unwrap_or(Command::Serve) {
        Command::Import { source: Some(_), paths, built_in } if built_in || !paths.is_empty() => {
            let message = "files and --built-in are not allowed before `page` or `popolo`";
            Err(command().error(ErrorKind::ArgumentConflict, message))
        }
        command => Ok(command),
    }
}

async fn execute(
    command: Command,
    line: config::CommandLine,
    workers: Handle,
) -> Result<ExitCode, CliError> {
    let config::CommandLine { config, settings, .. } = line;
    let url = config.database.database;
    match command {
        Command::Serve => {
            run_server(&url, config.database.database_max_connections, config.server, workers)
                .await?;
        }
        Command::Import { source: Some(Source::Page(page)), .. } => page::run(&url, page).await?,
        Command::Import { source: Some(Source::Popolo(popolo)), .. } => {
            popolo::run(&url, popolo).await?;
        }
        Command::Import { source: None, paths, built_in } => {
            let files = if built_in { import::built_in() } else { import::open(&paths)? };
            import(&open(&url).await?, &files).await?;
        }
        Command::Export(arguments) => export(&url, arguments).await?,
        Command::Check { as_of, json, strict } => return check(&url, as_of, json, strict).await,
        Command::Config { json: true } => print(&format!("{}\n", settings::json(&settings)))?,
        Command::Config { json: false } => print(&settings::text(&settings))?,
        Command::Health { url } => {
            let url = url.unwrap_or_else(|| health::ready_url(&config.server));
            print(&format!("{}\n", health::get(&url).await.map_err(CliError::NotReady)?))?;
        }
        Command::Migrate => open(&url).await.map(drop)?,
        Command::Schema => print(&schema::sdl())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes to standard output. Fails if the reader has closed it.
fn print(text: &str) -> Result<(), CliError> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(CliError::Stdout)
}

async fn check(
    url: &str,
    as_of: Option<NaiveDate>,
    json: bool,
    strict: bool,
) -> Result<ExitCode, CliError> {
    if !store::may_exist(url) {
        return Err(CliError::NoDatabase { database: masked(url) });
    }
    let database = open(url).await?;
    let as_of = as_of.unwrap_or_else(|| Utc::now().date_naive());
    let failed = |source| CliError::Database { database: masked(url), source };
    let report = check::report(&database, as_of).await.map_err(failed)?;
    if json {
        print(&format!("{}\n", serde_json::json!(report)))?;
    } else {
        print(&report::check(&report))?;
    }
    let succeeds = report.problem_count() == 0 && (report.open.is_empty() || !strict);
    Ok(if succeeds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Opens the database, applies pending migrations, and derives outdated data again.
async fn open(url: &str) -> Result<DatabaseConnection, CliError> {
    let failed = |source| CliError::Database { database: masked(url), source };
    let database = store::connect(url).await.map_err(failed)?;
    let steps = store::migrate(&database).await.map_err(failed)?;
    if steps > 0 {
        eprintln!("{}: applied {}", masked(url), plural(steps, "migration"));
    }
    let derived = import::derive(&database, Utc::now()).await.map_err(failed)?;
    if let Some(Applied { updated, .. }) = derived.filter(|derived| derived.updated > 0) {
        eprintln!("{}: derived data again, updated {}", masked(url), plural(updated, "record"));
    }
    Ok(database)
}

/// A database URL without its password and its parameters.
fn masked(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(host)) if scheme + 3 < host => {
            let user = url[scheme + 3..host].split(':').next().unwrap_or_default();
            format!("{}{user}{}", &url[..scheme + 3], &url[host..])
        }
        _ => url.to_owned(),
    }
}

async fn export(url: &str, arguments: export::Arguments) -> Result<(), CliError> {
    if !store::may_exist(url) {
        return Err(CliError::NoDatabase { database: masked(url) });
    }
    if let Some(out) = arguments.out.as_deref().filter(|out| store::is_database_file(url, out)) {
        return Err(CliError::DatabaseFile { out: out.to_owned() });
    }
    if let Some(summary) = export::run(&open(url).await?, arguments).await? {
        eprintln!("{summary}");
    }
    Ok(())
}

async fn import(database: &DatabaseConnection, files: &[File]) -> Result<(), CliError> {
    let start = Instant::now();
    let applied = import::import(database, files, Utc::now()).await?;
    let seconds = start.elapsed().as_secs_f64();
    if applied == Applied::default() {
        eprintln!("no changes: the database has all records of {}", plural(files.len(), "file"));
    } else {
        eprintln!("imported: {applied} ({seconds:.1} s)");
    }
    Ok(())
}

async fn bind(listen: SocketAddr, flag: &'static str) -> Result<TcpListener, CliError> {
    TcpListener::bind(listen).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => CliError::AddressInUse { listen, flag },
        _ => CliError::Listen { listen, source },
    })
}

async fn run_server(
    url: &str,
    max_connections: u32,
    settings: config::ServerConfig,
    workers: Handle,
) -> Result<(), CliError> {
    let listener = bind(settings.listen, "--listen").await?;
    let management = match settings.management_listen {
        Some(listen) => Some(bind(listen, "--management-listen").await?),
        None => None,
    };
    let failed = |source| CliError::Database { database: masked(url), source };
    let database = open(url).await?;
    if entity::change::Entity::find().count(&database).await.map_err(failed)? == 0 {
        eprintln!("{}: empty database; importing the built-in data set", masked(url));
        import(&database, &import::built_in()).await?;
    }
    database.close().await.map_err(failed)?;
    let max =
        if max_connections == 0 { http::database_connections(&settings) } else { max_connections };
    let statement_timeout = settings.timeout.saturating_add(EXTRA_STATEMENT_TIMEOUT);
    let connections = store::Connections {
        max,
        acquire_timeout: ACQUIRE_TIMEOUT,
        statement_timeout: Some(statement_timeout),
    };
    let database = store::connect_with(url, connections).await.map_err(failed)?;
    let explorer = settings.explorer;
    let server = http::Server::with_runtime(database.clone(), settings, workers)?;
    let shutdown = shutdown_signal().map_err(CliError::Serve)?;
    let address = listener.local_addr().map_err(CliError::Serve)?;
    eprintln!("serving {} at http://{address}/graphql", masked(url));
    if explorer {
        eprintln!("explorer: http://{address}/");
    }
    eprintln!("press Ctrl-C to stop");
    server.run(listener, management, shutdown).await.map_err(CliError::Serve)?;
    database.close().await.map_err(failed)?;
    eprintln!("stopped");
    Ok(())
}

/// Returns a future that completes on SIGINT or SIGTERM. The signals are handled from this call on.
fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_valid() {
        command().debug_assert();
    }

    #[test]
    fn masked_urls_have_no_password() {
        assert_eq!(masked("postgres://a:b@h/n"), "postgres://a@h/n");
        assert_eq!(masked("postgres://a@h/n"), "postgres://a@h/n");
        assert_eq!(masked("postgres://h/n?user=a&password=b"), "postgres://h/n");
        assert_eq!(masked("x.sqlite"), "x.sqlite");
    }
}

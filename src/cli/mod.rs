//! The commands. Nothing else prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the one place that prints")]
#![expect(clippy::disallowed_methods, reason = "the time of an import is that of its start")]

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use chrono::{NaiveDate, Utc};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, PaginatorTrait};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Handle},
};

use crate::{
    check, config, http,
    import::{self, Applied, File, ImportError},
    schema, store, telemetry,
};

mod export;
mod health;
mod page;
mod popolo;
mod settings;
mod table;

/// A GraphQL server over the graph of inter-parliamentary assemblies.
///
/// Without a command it serves.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the graph over HTTP; a new database is made and filled first.
    Serve,
    /// Bring in data: a data set, or files of the field; all of it, or nothing where anything is
    /// wrong.
    #[command(args_conflicts_with_subcommands = true)]
    Import {
        #[command(subcommand)]
        source: Option<Source>,
        /// Files, or folders of .toml, .jsonl or .csv files, in the format that data/README.md
        /// documents.
        #[arg(required_unless_present = "shipped")]
        paths: Vec<PathBuf>,
        /// The data set that the server comes with.
        #[arg(long, conflicts_with = "paths")]
        shipped: bool,
    },
    /// Take the data out in an open format.
    Export(export::Settings),
    /// Tell the state of the data: what there is, what lacks a source, what contradicts, what is
    /// covered. Ends with 0 where all is sound, with 1 where a record has no source or a date or
    /// reference is wrong and unexplained, with 2 where it cannot tell.
    Check {
        /// The date to judge coverage at; today where it is left out.
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
        /// As JSON, for machines.
        #[arg(long)]
        json: bool,
        /// End with 1 for every contradiction that nobody has explained.
        #[arg(long)]
        strict: bool,
    },
    /// Tell each setting in force and where it was made: by which flag, variable or line of a file.
    /// Ends with 1 where the settings are wrong.
    Config {
        /// As JSON, for machines.
        #[arg(long)]
        json: bool,
    },
    /// Ask a running server whether it can answer; ends with 0 where it can, and with 1 else.
    Health {
        /// Whom to ask, over plain HTTP; where it is left out, /health/ready of the server that has
        /// these settings.
        url: Option<String>,
    },
    /// Bring the tables of the database to the newest state.
    Migrate,
    /// Print the GraphQL schema.
    Schema,
}

/// The settings that all commands read that open the database, by the ids of their arguments.
const DATABASE: &[&str] = &["database", "config", "log", "log_format", "otel_endpoint"];
/// The settings that `health` reads.
const HEALTH: &[&str] = &["config", "listen", "management_listen"];

/// The commands, each with flags for the settings that it reads.
pub fn command() -> clap::Command {
    let settings = config::Config::command();
    let all = || settings.get_arguments().cloned();
    let some = |ids: &'static [&str]| {
        all().filter(move |arg| ids.contains(&arg.get_id().as_str())).collect::<Vec<_>>()
    };
    let hidden = || all().map(|arg| arg.hide(true));
    Cli::command()
        // Without a command it serves.
        .args(hidden())
        .mut_subcommand("serve", |command| command.args(all()))
        .mut_subcommand("import", |command| {
            let with = |source: clap::Command| source.args(some(DATABASE));
            with(command).mut_subcommands(with)
        })
        .mut_subcommand("export", |command| command.args(some(DATABASE)))
        .mut_subcommand("check", |command| command.args(some(DATABASE)))
        .mut_subcommand("migrate", |command| command.args(some(DATABASE)))
        .mut_subcommand("config", |command| command.args(hidden()))
        .mut_subcommand("health", |command| command.args(some(HEALTH)))
}

/// What is brought in that is no data set of the server's own format.
#[derive(Debug, Subcommand)]
enum Source {
    Page(page::Page),
    /// Popolo JSON, the field's interchange format.
    Popolo(popolo::Popolo),
}

/// Why a command ended without doing its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the database {database} cannot be used: {source}")]
    Store { database: String, source: DbErr },
    #[error("there is no database {database}: `serve` or `import` make one")]
    Absent { database: String },
    #[error("{} is a file of the database itself: write the export to another", out.display())]
    OwnFile { out: PathBuf },
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Export(#[from] export::Failure),
    #[error("{listen} is taken: stop what listens there, or choose another with --listen ADDRESS")]
    Taken { listen: SocketAddr },
    #[error("cannot listen on {listen}: {source}")]
    Listen { listen: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Documents(#[from] http::Wrong),
    #[error("{0}")]
    Unhealthy(String),
    #[error("threads cannot be started: {0}")]
    Threads(std::io::Error),
    #[error("this should not have happened: {0}")]
    Panicked(tokio::task::JoinError),
    #[error("serving ended: {0}")]
    Serve(std::io::Error),
}

/// Stack of each thread that answers requests: deep questions nest deep, twice as much where the
/// program is not optimized.
const STACK: usize = 16 << 20;
/// What a program ends with that was called wrongly.
const USAGE: u8 = 2;

/// How long a request waits for a connection to the database: there is one for each, so whoever waits
/// waits for a database that does not answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long PostgreSQL works at a statement of an export, whose client may be slow, beyond what a
/// request may take.
const MAX_STATEMENT: Duration = Duration::from_mins(1);

/// Does what a command line says.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let read = config::read(command(), args).and_then(|read| {
        let cli = Cli::from_arg_matches(&read.matches).map_err(config::ConfigError::Usage)?;
        Ok((cli.command.unwrap_or(Command::Serve), read))
    });
    let (command, line) = match read {
        Ok(read) => read,
        Err(config::ConfigError::Usage(error)) => {
            // Nobody is left to be told where this fails.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE));
        }
        Err(config::ConfigError::Settings { command, problems }) => {
            for problem in problems {
                eprintln!("error: {problem}");
            }
            return match command.as_deref() {
                Some("config") => ExitCode::FAILURE,
                _ => ExitCode::from(USAGE),
            };
        }
    };
    let checks = matches!(command, Command::Check { .. });
    let threads = || Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let done = match threads().and_then(|runtime| Ok((runtime, threads()?))) {
        Ok((runtime, work)) => {
            let telemetry = telemetry::start(&line.config.log, runtime.handle());
            let done =
                runtime.block_on(runtime.spawn(execute(command, line, work.handle().clone())));
            telemetry.end();
            work.shutdown_background();
            // The panic has told of itself.
            done.unwrap_or_else(|error| Err(Failure::Panicked(error)))
        }
        Err(source) => Err(Failure::Threads(source)),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            match failure {
                Failure::Documents(_) => ExitCode::from(USAGE),
                _ if checks => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

async fn execute(
    command: Command,
    line: config::CommandLine,
    work: Handle,
) -> Result<ExitCode, Failure> {
    let config::CommandLine { config, settings, .. } = line;
    let url = config.database.database;
    match command {
        Command::Serve => {
            serve(&url, config.database.database_max_connections, config.server, work).await?;
        }
        Command::Import { source: Some(Source::Page(page)), .. } => page::run(&url, page).await?,
        Command::Import { source: Some(Source::Popolo(what)), .. } => {
            popolo::run(&url, what).await?;
        }
        Command::Import { source: None, paths, shipped } => {
            bring_in(&url, &paths, shipped).await?;
        }
        Command::Export(export) => take_out(&url, export).await?,
        Command::Check { as_of, json, strict } => return check(&url, as_of, json, strict).await,
        Command::Config { json: true } => println!("{}", settings::json(&settings)),
        Command::Config { json: false } => print!("{}", settings::text(&settings)),
        Command::Health { url } => {
            let url = url.unwrap_or_else(|| health::address(&config.server));
            println!("{}", health::ask(&url).await.map_err(Failure::Unhealthy)?);
        }
        Command::Migrate => open(&url).await.map(drop)?,
        Command::Schema => print!("{}", schema::sdl()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn check(
    url: &str,
    as_of: Option<NaiveDate>,
    json: bool,
    strict: bool,
) -> Result<ExitCode, Failure> {
    if !store::is_there(url) {
        return Err(Failure::Absent { database: masked(url) });
    }
    let database = open(url).await?;
    let as_of = as_of.unwrap_or_else(|| Utc::now().date_naive());
    let failed = |source| Failure::Store { database: masked(url), source };
    let report = check::report(&database, as_of).await.map_err(failed)?;
    if json {
        println!("{}", serde_json::json!(report));
    } else {
        print!("{}", table::check(&report));
    }
    let fine = report.is_sound() && (report.open.is_empty() || !strict);
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Opens the database, makes it where there is none, and brings its tables to the newest state.
async fn open(url: &str) -> Result<DatabaseConnection, Failure> {
    let failed = |source| Failure::Store { database: masked(url), source };
    let database = store::connect(url).await.map_err(failed)?;
    let steps = store::migrate(&database).await.map_err(failed)?;
    if steps > 0 {
        eprintln!("{}: tables brought to the newest state ({steps} steps)", masked(url));
    }
    let derived = import::derive(&database, Utc::now()).await.map_err(failed)?;
    if let Some(Applied { updated, .. }) = derived.filter(|derived| derived.updated > 0) {
        eprintln!("{}: by newer rules, {updated} records are read otherwise", masked(url));
    }
    Ok(database)
}

/// A database URL without its password, be it before the host or among the options.
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

async fn bring_in(url: &str, paths: &[PathBuf], shipped: bool) -> Result<(), Failure> {
    let files = if shipped { import::built_in() } else { import::open(paths)? };
    fill(&open(url).await?, &files).await
}

async fn take_out(url: &str, settings: export::Settings) -> Result<(), Failure> {
    if !store::is_there(url) {
        return Err(Failure::Absent { database: masked(url) });
    }
    if let Some(out) = settings.out.as_deref().filter(|out| store::is_of(url, out)) {
        return Err(Failure::OwnFile { out: out.to_owned() });
    }
    if let Some(told) = export::run(&open(url).await?, settings).await? {
        eprintln!("{told}");
    }
    Ok(())
}

async fn fill(database: &DatabaseConnection, files: &[File]) -> Result<(), Failure> {
    let start = Instant::now();
    let applied = import::import(database, files, Utc::now()).await?;
    let seconds = start.elapsed().as_secs_f64();
    if applied == Applied::default() {
        eprintln!("no changes: {} files say what is there already", files.len());
    } else {
        eprintln!("imported: {} ({seconds:.1} s)", told(applied));
    }
    Ok(())
}

/// What an import altered, for people.
fn told(applied: Applied) -> String {
    let Applied { created, updated, confirmed } = applied;
    match confirmed {
        0 => format!("{created} records new, {updated} altered"),
        _ => format!(
            "{created} records new, {updated} altered, {confirmed} of them in their evidence alone"
        ),
    }
}

async fn bind(listen: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => Failure::Taken { listen },
        _ => Failure::Listen { listen, source },
    })
}

async fn serve(
    url: &str,
    connections: u32,
    settings: config::ServerConfig,
    work: Handle,
) -> Result<(), Failure> {
    let listener = bind(settings.listen).await?;
    let operating = match settings.management_listen {
        Some(listen) => Some(bind(listen).await?),
        None => None,
    };
    let failed = |source| Failure::Store { database: masked(url), source };
    let database = open(url).await?;
    if entity::change::Entity::find().count(&database).await.map_err(failed)? == 0 {
        eprintln!(
            "{}: empty; filling it with the data set that comes with the server",
            masked(url)
        );
        fill(&database, &import::built_in()).await?;
    }
    database.close().await.map_err(failed)?;
    let most = if connections == 0 { http::connections(&settings) } else { connections };
    let statement = Some(settings.timeout.saturating_add(MAX_STATEMENT));
    let connections = store::Connections { most, patience: PATIENCE, statement };
    let database = store::connect_with(url, connections).await.map_err(failed)?;
    let explorer = settings.explorer;
    let server = http::Server::working(database.clone(), settings, work)?;
    let end = asked_to_end().map_err(Failure::Serve)?;
    let address = listener.local_addr().map_err(Failure::Serve)?;
    eprintln!("serving {} at http://{address}/graphql", masked(url));
    match explorer {
        true => eprintln!("explore it at http://{address}/ - end with Ctrl-C"),
        false => eprintln!("end with Ctrl-C"),
    }
    server.serve(listener, operating, end).await.map_err(Failure::Serve)?;
    database.close().await.map_err(failed)?;
    eprintln!("ended");
    Ok(())
}

/// Comes with Ctrl-C or a request to terminate; listened for from the call on.
fn asked_to_end() -> std::io::Result<impl Future<Output = ()>> {
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
    fn commands_are_sound() {
        command().debug_assert();
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(masked("postgres://a:b@h/n"), "postgres://a@h/n");
        assert_eq!(masked("postgres://a@h/n"), "postgres://a@h/n");
        assert_eq!(masked("postgres://h/n?user=a&password=b"), "postgres://h/n");
        assert_eq!(masked("x.sqlite"), "x.sqlite");
    }
}

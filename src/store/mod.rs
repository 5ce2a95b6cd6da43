//! Connects to databases and migrates them.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use entity::{Id, change};
use migration::Migrator;
use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr,
    EntityName, EntityTrait, IdenStatic, QueryFilter, QueryOrder, SqlxError, sea_query::Expr,
    sqlx::sqlite::SqliteConnection,
};
use sea_orm_migration::MigratorTrait;

use crate::sql;

pub mod rows;

/// The capacity of the prepared statement cache of each connection. The number of statements is small
/// because lists of keys are passed as one parameter.
const STATEMENT_CACHE_CAPACITY: usize = 512;
/// The default acquire timeout of connections, and the busy timeout of SQLite.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// The idle time after which a connection is tested before use: the database server may have been
/// restarted. A test before every use would take a quarter of the time of a point query.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(1);
/// The number of SQLite virtual machine instructions between checks whether to interrupt a statement.
const PROGRESS_INTERVAL: i32 = 10_000;

/// The options of a connection pool.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// The maximum number of connections.
    pub max: u32,
    /// The maximum time to wait for a connection.
    pub acquire_timeout: Duration,
    /// The default `statement_timeout` of PostgreSQL.
    pub statement_timeout: Option<Duration>,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            max: u32::try_from(default_concurrency()).unwrap_or(u32::MAX),
            acquire_timeout: DEFAULT_TIMEOUT,
            statement_timeout: None,
        }
    }
}

/// Returns the default maximum number of concurrent reads: two per processor, at least four.
pub fn default_concurrency() -> usize {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    processors.saturating_mul(2).max(4)
}

/// Returns the number of connections of a pool, and the number of idle ones.
pub fn pool_size(database: &DatabaseConnection) -> (u32, usize) {
    match database.get_database_backend() {
        DbBackend::Postgres => {
            let pool = database.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        }
        _ => {
            let pool = database.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        }
    }
}

/// Whether a database may exist at a URL. For a plain path, whether the file exists.
pub fn may_exist(url: &str) -> bool {
    url.contains(':') || std::path::Path::new(url).exists()
}

/// Whether `path` is a file of the SQLite database at a URL.
pub fn is_database_file(url: &str, path: &std::path::Path) -> bool {
    let file = url.strip_prefix("sqlite://").or(url.strip_prefix("sqlite:")).unwrap_or(url);
    let file = file.split('?').next().unwrap_or(file);
    let Ok(path) = path.canonicalize() else { return false };
    ["", "-wal", "-shm", "-journal"]
        .iter()
        .filter_map(|suffix| std::path::Path::new(&format!("{file}{suffix}")).canonicalize().ok())
        .any(|file| file == path)
}

/// Opens the database at a URL with the default options. A plain path is an SQLite file, which is
/// created if it does not exist.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    connect_with(url, Connections::default()).await
}

/// Opens the database at a URL.
pub async fn connect_with(
    url: &str,
    connections: Connections,
) -> Result<DatabaseConnection, DbErr> {
    let url = match url.split_once("://").or_else(|| url.split_once(":memory:")) {
        Some(("postgres" | "postgresql" | "sqlite" | "sqlite:", _)) => url.to_owned(),
        Some((scheme, _)) => {
            let message = format!(
                "Database scheme `{scheme}` is not supported; use a file path or postgres://."
            );
            return Err(DbErr::Custom(message));
        }
        None => format!("sqlite://{url}"),
    };
    let is_file = url.starts_with("sqlite:") && !url.contains('?') && !url.contains(":memory:");
    let mut options = ConnectOptions::new(if is_file { format!("{url}?mode=rwc") } else { url });
    options
        .max_connections(connections.max)
        .acquire_timeout(connections.acquire_timeout)
        .min_connections(1)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(TEST_AFTER_IDLE)
        .map_sqlx_sqlite_before_acquire(|connection, _| Box::pin(set_interrupt(connection)))
        .map_sqlx_sqlite_pool_opts(|pool| {
            // `before_acquire` is not called for new connections.
            pool.after_connect(|connection, _| {
                Box::pin(async move { set_interrupt(connection).await.map(drop) })
            })
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .foreign_keys(true)
                .busy_timeout(DEFAULT_TIMEOUT)
                .statement_cache_capacity(STATEMENT_CACHE_CAPACITY)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "NORMAL")
                .pragma("cache_size", "-65536")
                .pragma("mmap_size", "268435456")
                .pragma("temp_store", "MEMORY")
        })
        .map_sqlx_postgres_opts(move |postgres| {
            // JIT compilation of a statement with many conditions takes longer than its execution.
            let postgres = postgres
                .statement_cache_capacity(STATEMENT_CACHE_CAPACITY)
                .options([("jit", "off")]);
            match connections.statement_timeout.map(|limit| limit.as_millis().min(sql::MAX_TIMEOUT))
            {
                Some(limit) => postgres.options([("statement_timeout", limit.to_string())]),
                None => postgres,
            }
        });
    Database::connect(options).await
}

/// Lets the task that acquires a connection interrupt its statements, instead of the previous task.
async fn set_interrupt(connection: &mut SqliteConnection) -> Result<bool, SqlxError> {
    let mut handle = connection.lock_handle().await?;
    match sql::Interrupt::of_task() {
        Some(is_running) => handle.set_progress_handler(PROGRESS_INTERVAL, is_running),
        None => handle.remove_progress_handler(),
    }
    Ok(true)
}

/// Applies pending migrations. Returns their number.
pub async fn migrate(database: &DatabaseConnection) -> Result<usize, DbErr> {
    let pending = Migrator::get_pending_migrations(database).await?.len();
    Migrator::up(database, None).await?;
    Ok(pending)
}

/// Returns the revision of the data: the number of the last change.
pub async fn revision(store: &impl ConnectionTrait) -> Result<Id, DbErr> {
    Ok(state(store).await?.0)
}

/// Returns the revision of the data and its time, which differs between databases with the same
/// revision.
pub async fn state(store: &impl ConnectionTrait) -> Result<(Id, Option<DateTime<Utc>>), DbErr> {
    let last = change::Entity::find().order_by_desc(change::Column::Revision).one(store).await?;
    Ok(last.map_or((0, None), |last| (last.revision, Some(last.recorded_at))))
}

/// The maximum number of keys per statement.
pub const CHUNK: usize = 10_000;

/// Returns the rows of a table with one of `ids` in a column.
pub async fn find<E: EntityTrait>(
    store: &impl ConnectionTrait,
    column: E::Column,
    ids: &BTreeSet<Id>,
) -> Result<Vec<E::Model>, DbErr> {
    let ids: Vec<Id> = ids.iter().copied().collect();
    let mut rows = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        rows.extend(E::find().filter(among(store, column, chunk)).all(store).await?);
    }
    Ok(rows)
}

/// Returns the rows of a table with one of `texts` in a column.
pub async fn find_texts<E: EntityTrait>(
    store: &impl ConnectionTrait,
    column: E::Column,
    texts: &[&str],
) -> Result<Vec<E::Model>, DbErr> {
    let backend = store.get_database_backend();
    let column = Expr::col((E::default().table_name(), column.as_str()));
    let mut rows = Vec::new();
    for chunk in texts.chunks(CHUNK) {
        let among = sql::among(backend, column.clone(), sql::texts(backend, chunk.iter().copied()));
        rows.extend(E::find().filter(among).all(store).await?);
    }
    Ok(rows)
}

/// Returns the condition that a column is one of `ids`, which are passed as one parameter.
pub fn among<C: ColumnTrait>(store: &impl ConnectionTrait, column: C, ids: &[Id]) -> Expr {
    let backend = store.get_database_backend();
    let table = C::EntityName::default().table_name();
    sql::among(backend, Expr::col((table, column.as_str())), sql::ids(backend, ids.iter().copied()))
}

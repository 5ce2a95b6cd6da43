//! Databases: connect, the settings of each kind, migrate.

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

/// Statements that each connection keeps prepared. Their texts are few, because keys are one
/// parameter and never a list of varying length.
const PREPARED: usize = 512;
/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(30);
/// A connection that lay unused for so long is tried before it is used: the server may have gone
/// and come again. Trying each time costs a point look-up a quarter of its time.
const IDLE: Duration = Duration::from_secs(1);
/// Steps of SQLite's machine between two looks at whether anybody still waits for the statement.
const STEPS: i32 = 10_000;

/// How a database is connected to.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// The most at one time.
    pub most: u32,
    /// How long one waits for a free one.
    pub patience: Duration,
    /// How long PostgreSQL works at a statement for which nobody has set another limit.
    pub statement: Option<Duration>,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            most: u32::try_from(at_once()).unwrap_or(u32::MAX),
            patience: PATIENCE,
            statement: None,
        }
    }
}

/// How much is read at one time where nobody says: two for each processor, and four at least.
pub fn at_once() -> usize {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    processors.saturating_mul(2).max(4)
}

/// How many connections there are, and how many of them nobody uses.
pub fn pool(database: &DatabaseConnection) -> (u32, usize) {
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

/// Whether there may be a database at a URL: of a plain path, whether there is a file.
pub fn is_there(url: &str) -> bool {
    url.contains(':') || std::path::Path::new(url).exists()
}

/// Whether a path leads to the database at a URL, or to a file beside it that is part of it.
pub fn is_of(url: &str, path: &std::path::Path) -> bool {
    let place = url.strip_prefix("sqlite://").or(url.strip_prefix("sqlite:")).unwrap_or(url);
    let place = place.split('?').next().unwrap_or(place);
    let Ok(path) = path.canonicalize() else { return false };
    ["", "-wal", "-shm", "-journal"]
        .iter()
        .filter_map(|end| std::path::Path::new(&format!("{place}{end}")).canonicalize().ok())
        .any(|own| own == path)
}

/// Opens the database at a URL; a plain path is a file of SQLite, made where there is none.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    connect_with(url, Connections::default()).await
}

/// The same, with so many connections.
pub async fn connect_with(
    url: &str,
    connections: Connections,
) -> Result<DatabaseConnection, DbErr> {
    let url = match url.split_once("://").or_else(|| url.split_once(":memory:")) {
        Some(("postgres" | "postgresql" | "sqlite" | "sqlite:", _)) => url.to_owned(),
        Some((scheme, _)) => {
            let message =
                format!("`{scheme}` is no kind of database here: use a file or postgres://");
            return Err(DbErr::Custom(message));
        }
        None => format!("sqlite://{url}"),
    };
    let url = match url.starts_with("sqlite:") && !url.contains('?') && !url.contains(":memory:") {
        true => format!("{url}?mode=rwc"),
        false => url,
    };
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections.most)
        .acquire_timeout(connections.patience)
        .min_connections(1)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(IDLE)
        .map_sqlx_sqlite_before_acquire(|connection, _| Box::pin(watch(connection)))
        .map_sqlx_sqlite_pool_opts(|pool| {
            // A new connection is not acquired, but handed out at once.
            pool.after_connect(|connection, _| {
                Box::pin(async move { watch(connection).await.map(drop) })
            })
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .foreign_keys(true)
                .busy_timeout(PATIENCE)
                .statement_cache_capacity(PREPARED)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "NORMAL")
                .pragma("cache_size", "-65536")
                .pragma("mmap_size", "268435456")
                .pragma("temp_store", "MEMORY")
        })
        .map_sqlx_postgres_opts(move |postgres| {
            let postgres = postgres.statement_cache_capacity(PREPARED);
            // Compiling a statement of many conditions takes longer than running it.
            let postgres = postgres.options([("jit", "off")]);
            match connections.statement.map(|limit| limit.as_millis().min(sql::MAX_TIMEOUT)) {
                Some(limit) => postgres.options([("statement_timeout", limit.to_string())]),
                None => postgres,
            }
        });
    Database::connect(options).await
}

/// Lets whoever acquires a connection stop its statements, and nobody who did before.
async fn watch(connection: &mut SqliteConnection) -> Result<bool, SqlxError> {
    let mut handle = connection.lock_handle().await?;
    match sql::Stop::watched() {
        Some(go_on) => handle.set_progress_handler(STEPS, go_on),
        None => handle.remove_progress_handler(),
    }
    Ok(true)
}

/// Brings the tables to the newest state; answers how many steps that took.
pub async fn migrate(database: &DatabaseConnection) -> Result<usize, DbErr> {
    let pending = Migrator::get_pending_migrations(database).await?.len();
    Migrator::up(database, None).await?;
    Ok(pending)
}

/// The number of the last change: the state of the data.
pub async fn revision(store: &impl ConnectionTrait) -> Result<Id, DbErr> {
    Ok(state(store).await?.0)
}

/// The same, and when it was made: another database may have come to the same number.
pub async fn state(store: &impl ConnectionTrait) -> Result<(Id, Option<DateTime<Utc>>), DbErr> {
    let last = change::Entity::find().order_by_desc(change::Column::Revision).one(store).await?;
    Ok(last.map_or((0, None), |last| (last.revision, Some(last.recorded_at))))
}

/// Rows that are looked for at once by their ids.
pub const CHUNK: usize = 10_000;

/// The rows of a table that hold one of `ids` in a column.
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

/// The rows of a table that hold one of `texts` in a column.
pub async fn with_texts<E: EntityTrait>(
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

/// A condition: the column holds one of `ids`, which travel as one parameter.
pub fn among<C: ColumnTrait>(store: &impl ConnectionTrait, column: C, ids: &[Id]) -> Expr {
    let backend = store.get_database_backend();
    let table = C::EntityName::default().table_name();
    sql::among(backend, Expr::col((table, column.as_str())), sql::ids(backend, ids.iter().copied()))
}

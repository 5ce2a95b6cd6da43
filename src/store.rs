//! Databases: connect, the settings of each kind, migrate.

use std::{collections::BTreeSet, time::Duration};

use entity::{Id, change};
use migration::Migrator;
use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, EntityName,
    EntityTrait, IdenStatic, QueryFilter, QuerySelect, sea_query::Expr,
};
use sea_orm_migration::MigratorTrait;

use crate::sql;

/// Statements that each connection keeps prepared. Their texts are few, because keys are one
/// parameter and never a list of varying length.
const PREPARED: usize = 512;
/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(30);

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
    let connections = std::thread::available_parallelism().map_or(4, |cores| 2 * cores.get());
    options
        .max_connections(u32::try_from(connections.max(4)).unwrap_or(4))
        .min_connections(1)
        .sqlx_logging(false)
        // A ping before each statement costs a point look-up a quarter of its time.
        .test_before_acquire(false)
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
        .map_sqlx_postgres_opts(|postgres| postgres.statement_cache_capacity(PREPARED));
    Database::connect(options).await
}

/// Brings the tables to the newest state; answers how many steps that took.
pub async fn migrate(database: &DatabaseConnection) -> Result<usize, DbErr> {
    let pending = Migrator::get_pending_migrations(database).await?.len();
    Migrator::up(database, None).await?;
    Ok(pending)
}

/// The number of the last change: the state of the data.
pub async fn revision(store: &impl ConnectionTrait) -> Result<Id, DbErr> {
    let highest = change::Entity::find()
        .select_only()
        .column_as(change::Column::Revision.max(), "revision")
        .into_tuple::<Option<Id>>()
        .one(store)
        .await?;
    Ok(highest.flatten().unwrap_or_default())
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

//! What the engine and the store share: one state of the data to read, and keys that travel as one
//! parameter (`json_each` on SQLite, `unnest` and `ANY` on PostgreSQL), so that a statement has
//! the same text whatever their number. Knows neither of the two, and names no table.

use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use entity::Id;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    TransactionTrait, Value,
    sea_query::{ArrayType, Expr, ExprTrait, Func, Query},
};

/// What a list of keys is called where a statement reads it as a table.
pub const KEY: &str = "k";

/// How long the statements of a transaction may take, and what finds them in PostgreSQL.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub until: Instant,
    pub name: String,
}

/// A transaction that reads one state of the data, however many statements it takes.
pub async fn reading(
    database: &DatabaseConnection,
    bounds: Option<&Bounds>,
) -> Result<DatabaseTransaction, DbErr> {
    if database.get_database_backend() != DbBackend::Postgres {
        // A deferred transaction of SQLite keeps the state that its first read saw.
        return database.begin().await;
    }
    // The driver leaves open what nobody waits for to begin, and the next transaction on its
    // connection fails: so it always comes to its beginning, and ends as others do.
    let begins = tokio::spawn(begin(database.clone(), bounds.cloned()));
    begins.await.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(ended) => Err(DbErr::Custom(ended.to_string())),
    })
}

/// Begins a transaction of PostgreSQL, in as few ways to the server as a plain one takes.
async fn begin(
    database: DatabaseConnection,
    bounds: Option<Bounds>,
) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database.begin().await?;
    let mut sql = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned();
    if let Some(Bounds { until, name }) = bounds {
        let left = until.saturating_duration_since(Instant::now()).as_millis();
        let left = left.clamp(1, MAX_TIMEOUT);
        sql += &format!(
            "; SET LOCAL statement_timeout = {left}; SET LOCAL application_name = '{name}'"
        );
    }
    transaction.execute_unprepared(&sql).await?;
    Ok(transaction)
}

/// The most milliseconds that PostgreSQL takes for a limit.
pub const MAX_TIMEOUT: u128 = i32::MAX as u128;

/// Ends what PostgreSQL still does for a transaction, again and again until it is over: what was sent
/// last may reach the server after this does.
pub async fn cancel(database: &DatabaseConnection, bounds: &Bounds) -> Result<(), DbErr> {
    let sql = format!(
        "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE application_name = '{}'",
        bounds.name
    );
    let mut pause = Duration::from_millis(10);
    while Instant::now() < bounds.until {
        let left = Statement::from_string(DbBackend::Postgres, &sql);
        let left = database.query_one_raw(left).await?.map(|row| row.try_get_by_index(0));
        if left.transpose()?.unwrap_or(0_i64) == 0 {
            break;
        }
        tokio::time::sleep(pause).await;
        pause = MAX_PAUSE.min(2 * pause);
    }
    Ok(())
}

const MAX_PAUSE: Duration = Duration::from_secs(1);

tokio::task_local! {
    static STOP: Arc<AtomicBool>;
}

/// Ends the statement that SQLite is at, in another thread, for work that is given up.
///
/// A connection looks at the flag of whoever acquired it, now and then; the hook of the pool knows
/// no request, so the flag lies with the task meanwhile.
#[derive(Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Does what acquires a connection, whose statements this then stops.
    pub async fn over<F: Future>(&self, acquires: F) -> F::Output {
        STOP.scope(self.0.clone(), acquires).await
    }

    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether to go on, as far as the task that asks is concerned; nothing where nobody can stop it.
    pub fn watched() -> Option<impl Fn() -> bool + Send + 'static> {
        let stopped = STOP.try_with(Arc::clone).ok()?;
        Some(move || !stopped.load(Ordering::Relaxed))
    }
}

/// A condition: `column` holds one of the keys that travel in one parameter.
pub fn among(backend: DbBackend, column: Expr, keys: Value) -> Expr {
    if backend == DbBackend::Postgres {
        return column.eq(Func::cust("ANY").arg(Expr::val(keys)));
    }
    let listed = Query::select()
        .column("value")
        .from_function(Func::cust("json_each").arg(keys), KEY)
        .take();
    column.in_subquery(listed)
}

/// Ids as one parameter.
pub fn ids(backend: DbBackend, ids: impl IntoIterator<Item = Id>) -> Value {
    list(backend, ArrayType::BigInt, ids)
}

/// Texts as one parameter. One with a NUL is the name of nothing, and PostgreSQL takes none.
pub fn texts<'a>(backend: DbBackend, texts: impl IntoIterator<Item = &'a str>) -> Value {
    list(backend, ArrayType::String, texts.into_iter().filter(|text| !text.contains('\0')))
}

fn list<K: Into<Value> + Into<serde_json::Value>>(
    backend: DbBackend,
    kind: ArrayType,
    keys: impl IntoIterator<Item = K>,
) -> Value {
    if backend == DbBackend::Postgres {
        return Value::Array(kind, Some(Box::new(keys.into_iter().map(Into::into).collect())));
    }
    let keys: Vec<serde_json::Value> = keys.into_iter().map(Into::into).collect();
    serde_json::Value::from(keys).to_string().into()
}

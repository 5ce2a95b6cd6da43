//! SQL helpers for both databases: read transactions, cancellation, and lists of keys as one
//! parameter (`json_each` on SQLite, `unnest` and `ANY` on PostgreSQL), so that the text of a
//! statement does not depend on their number.

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

/// The table alias of a list of keys.
pub const KEY: &str = "k";

/// The limits of a read transaction on PostgreSQL.
#[derive(Clone, Debug)]
pub struct TransactionLimits {
    pub deadline: Instant,
    /// The `application_name` by which [`cancel`] finds its statements.
    pub name: String,
}

/// Begins a read-only transaction whose statements all read the same snapshot.
pub async fn begin_read(
    database: &DatabaseConnection,
    limits: Option<&TransactionLimits>,
) -> Result<DatabaseTransaction, DbErr> {
    if database.get_database_backend() != DbBackend::Postgres {
        // A deferred transaction of SQLite reads the snapshot of its first read.
        return database.begin().await;
    }
    // If the future of BEGIN is dropped, the driver leaves the transaction open, and the next one on
    // the connection fails. A spawned task always completes it.
    let begin = tokio::spawn(begin_postgres(database.clone(), limits.cloned()));
    begin.await.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(error) => Err(DbErr::Custom(error.to_string())),
    })
}

/// Begins a transaction of PostgreSQL with the same number of round trips as a plain one.
async fn begin_postgres(
    database: DatabaseConnection,
    limits: Option<TransactionLimits>,
) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database.begin().await?;
    let mut sql = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned();
    if let Some(TransactionLimits { deadline, name }) = limits {
        let remaining = deadline.saturating_duration_since(Instant::now()).as_millis();
        let timeout = remaining.clamp(1, MAX_TIMEOUT);
        sql += &format!(
            "; SET LOCAL statement_timeout = {timeout}; SET LOCAL application_name = '{name}'"
        );
    }
    transaction.execute_unprepared(&sql).await?;
    Ok(transaction)
}

/// The maximum of `statement_timeout` in milliseconds.
pub const MAX_TIMEOUT: u128 = i32::MAX as u128;

/// Cancels the statements of a transaction on PostgreSQL. Repeats until none is running, because the
/// last statement may reach the server after the first cancellation.
pub async fn cancel(
    database: &DatabaseConnection,
    limits: &TransactionLimits,
) -> Result<(), DbErr> {
    let sql = format!(
        "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE application_name = '{}'",
        limits.name
    );
    let mut pause = Duration::from_millis(10);
    while Instant::now() < limits.deadline {
        let statement = Statement::from_string(DbBackend::Postgres, &sql);
        let row = database.query_one_raw(statement).await?;
        let running = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0_i64);
        if running == 0 {
            break;
        }
        tokio::time::sleep(pause).await;
        pause = MAX_PAUSE.min(2 * pause);
    }
    Ok(())
}

const MAX_PAUSE: Duration = Duration::from_secs(1);

tokio::task_local! {
    static INTERRUPT: Arc<AtomicBool>;
}

/// Interrupts a running statement of SQLite when its request is canceled.
///
/// A connection periodically checks the flag of the task that acquired it. The flag is task-local
/// because the pool's callback has no access to the request.
#[derive(Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Runs a future that acquires a connection, whose statements this interrupts.
    pub async fn scope<F: Future>(&self, acquire: F) -> F::Output {
        INTERRUPT.scope(self.0.clone(), acquire).await
    }

    pub fn interrupt(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns a function that is false once the current task is interrupted, or `None` if the task has
    /// no interrupt.
    pub fn of_task() -> Option<impl Fn() -> bool + Send + 'static> {
        let interrupted = INTERRUPT.try_with(Arc::clone).ok()?;
        Some(move || !interrupted.load(Ordering::Relaxed))
    }
}

/// Returns the condition that `column` is one of the keys in one parameter.
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

/// Returns ids as one parameter.
pub fn ids(backend: DbBackend, ids: impl IntoIterator<Item = Id>) -> Value {
    list(backend, ArrayType::BigInt, ids)
}

/// Returns texts as one parameter. Omits texts with NUL: PostgreSQL rejects them, and they match no
/// stored text.
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

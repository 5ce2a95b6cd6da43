//! The one state of the data that a request reads.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    Statement, sea_query::SelectStatement,
};
use tokio::{runtime::Handle, sync::OnceCell};

use super::error::{self, Code, Result};
use crate::sql::{self, Interrupt, TransactionLimits};

/// A read transaction that begins with the first statement and ends with the request, so that
/// an answer never mixes two states of the data.
pub struct Snapshot {
    database: DatabaseConnection,
    transaction: OnceCell<DatabaseTransaction>,
    statements: AtomicUsize,
    /// Statements that were sent and are not answered yet.
    under_way: AtomicUsize,
    /// When the request ends, whatever it has come to.
    bounds: Option<TransactionLimits>,
    interrupt: Interrupt,
    /// How the store goes about each statement, where somebody wants to know.
    plans: Option<Mutex<Vec<Plan>>>,
}

/// How a store goes about a statement.
#[derive(Clone, Debug)]
pub struct Plan {
    pub statement: String,
    /// In the store's own words.
    pub steps: Vec<String>,
}

impl Snapshot {
    pub fn new(database: DatabaseConnection) -> Self {
        Self {
            database,
            transaction: OnceCell::new(),
            statements: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            bounds: None,
            interrupt: Interrupt::default(),
            plans: None,
        }
    }

    /// The same, for a request that ends then.
    pub fn until(mut self, until: Option<Instant>) -> Self {
        self.bounds = until.map(|until| {
            let name = format!("assembly-graph-{:016x}", fastrand::u64(..));
            TransactionLimits { deadline: until, name }
        });
        self
    }

    /// The same, with the plan of each statement.
    pub fn explained(database: DatabaseConnection) -> Self {
        let mut snapshot = Self::new(database);
        snapshot.plans = Some(Mutex::default());
        snapshot
    }

    /// The plans of the statements so far.
    pub fn plans(&self) -> Vec<Plan> {
        let plans = self.plans.iter();
        plans
            .flat_map(|plans| plans.lock().unwrap_or_else(PoisonError::into_inner).clone())
            .collect()
    }

    pub fn backend(&self) -> DbBackend {
        self.database.get_database_backend()
    }

    /// How many statements the request has cost so far.
    pub fn statements(&self) -> usize {
        self.statements.load(Ordering::Relaxed)
    }

    pub async fn query(&self, select: &SelectStatement) -> Result<Vec<QueryResult>> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let transaction = self.transaction.get_or_try_init(|| self.begin()).await?;
        if let Some(plans) = &self.plans {
            let plan = self.plan(transaction, select).await?;
            plans.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
        }
        self.under_way.fetch_add(1, Ordering::AcqRel);
        let rows = transaction.query_all(select).await;
        self.under_way.fetch_sub(1, Ordering::AcqRel);
        Ok(rows?)
    }

    /// Begins to read. A connection that broke while it lay unused costs another try, as nothing has
    /// been read yet.
    async fn begin(&self) -> Result<DatabaseTransaction> {
        let begin = || self.interrupt.scope(sql::begin_read(&self.database, self.bounds.as_ref()));
        match begin().await {
            Err(broken @ (DbErr::Query(_) | DbErr::Exec(_)))
                if error::failed(&broken) == Code::Unavailable =>
            {
                Ok(begin().await?)
            }
            begun => Ok(begun?),
        }
    }

    async fn plan(
        &self,
        transaction: &DatabaseTransaction,
        select: &SelectStatement,
    ) -> Result<Plan> {
        let statement = self.backend().build(select);
        let (explain, column) = match self.backend() {
            DbBackend::Postgres => ("EXPLAIN", "QUERY PLAN"),
            _ => ("EXPLAIN QUERY PLAN", "detail"),
        };
        let sql = format!("{explain} {}", statement.sql);
        let rows = Statement { sql, ..statement.clone() };
        let rows = transaction.query_all_raw(rows).await?;
        let steps = rows.iter().map(|row| row.try_get("", column));
        Ok(Plan { statement: statement.sql, steps: steps.collect::<Result<_, _>>()? })
    }
}

/// A request that is given up, for its time or its client, leaves its statement behind: it would keep
/// its connection until it is done, and the next request would wait for one that is not there.
impl Drop for Snapshot {
    fn drop(&mut self) {
        if *self.under_way.get_mut() == 0 {
            return;
        }
        self.interrupt.interrupt();
        if let (DbBackend::Postgres, Some(bounds), Ok(runtime)) =
            (self.backend(), self.bounds.take(), Handle::try_current())
        {
            let database = self.database.clone();
            runtime.spawn(async move {
                if let Err(error) = sql::cancel(&database, &bounds).await {
                    tracing::warn!(%error, "a statement that nobody waits for goes on to its \
                        limit");
                }
            });
        }
    }
}

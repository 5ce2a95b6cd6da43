//! The one state of the data that a request reads.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    Statement, sea_query::SelectStatement,
};
use tokio::sync::OnceCell;

use super::error::{self, Code, Result};
use crate::sql;

/// How long a limit of the store's may outlive the request before it is set anew.
const SLACK: Duration = Duration::from_secs(1);

/// A read transaction that begins with the first statement and ends with the request, so that
/// an answer never mixes two states of the data.
pub struct Snapshot {
    database: DatabaseConnection,
    transaction: OnceCell<DatabaseTransaction>,
    statements: AtomicUsize,
    /// When the request ends, whatever it has come to.
    until: Option<Instant>,
    /// When the store was last told.
    told: Mutex<Option<Instant>>,
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
        let (transaction, statements) = (OnceCell::new(), AtomicUsize::new(0));
        Self { database, transaction, statements, until: None, told: Mutex::default(), plans: None }
    }

    /// The same, for a request that ends then.
    pub fn until(self, until: Option<Instant>) -> Self {
        Self { until, ..self }
    }

    /// The same, with the plan of each statement.
    pub fn explained(database: DatabaseConnection) -> Self {
        Self { plans: Some(Mutex::default()), ..Self::new(database) }
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
        if let Some(until) = self.until
            && self.backend() == DbBackend::Postgres
            && self.is_to_be_told()
        {
            sql::limit(transaction, until).await?;
        }
        if let Some(plans) = &self.plans {
            let plan = self.plan(transaction, select).await?;
            plans.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
        }
        Ok(transaction.query_all(select).await?)
    }

    /// Begins to read. A connection that broke while it lay unused costs another try, as nothing has
    /// been read yet.
    async fn begin(&self) -> Result<DatabaseTransaction> {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        match sql::reading(&self.database, self.until).await {
            Err(broken @ (DbErr::Query(_) | DbErr::Exec(_)))
                if error::failed(&broken) == Code::Unavailable =>
            {
                Ok(sql::reading(&self.database, self.until).await?)
            }
            begun => Ok(begun?),
        }
    }

    /// Whether the store has been told so long ago that its limit is too late by now.
    fn is_to_be_told(&self) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let late = told.is_some_and(|told| told.elapsed() > SLACK);
        if late {
            *told = Some(Instant::now());
        }
        late
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

//! The one state of the data that a request reads.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult, Statement,
    sea_query::SelectStatement,
};
use tokio::sync::OnceCell;

use super::error::Result;
use crate::sql;

/// A read transaction that begins with the first statement and ends with the request, so that
/// an answer never mixes two states of the data.
pub struct Snapshot {
    database: DatabaseConnection,
    transaction: OnceCell<DatabaseTransaction>,
    statements: AtomicUsize,
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
        Self { database, transaction, statements, plans: None }
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
        let transaction = self.transaction.get_or_try_init(|| sql::reading(&self.database)).await?;
        if let Some(plans) = &self.plans {
            let plan = self.plan(transaction, select).await?;
            plans.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
        }
        Ok(transaction.query_all(select).await?)
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

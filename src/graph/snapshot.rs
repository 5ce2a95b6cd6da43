//! The one state of the data that a request reads.

use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult,
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
}

impl Snapshot {
    pub fn new(database: DatabaseConnection) -> Self {
        Self { database, transaction: OnceCell::new(), statements: AtomicUsize::new(0) }
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
        Ok(transaction.query_all(select).await?)
    }
}

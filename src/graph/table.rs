//! A table as the engine sees it.

use std::{
    any::Any,
    fmt::Debug,
    hash::{Hash, Hasher},
    sync::Arc,
};

use sea_orm::{
    EntityTrait, FromQueryResult, IdenStatic, Iterable, QueryResult, sea_query::SelectStatement,
};

use super::error::Result;

/// The column of a row's own id.
pub const ID: &str = "id";

/// A table as questions see it: its name, its columns, and how a row of it is read.
///
/// Questions do not know the type of a row, so that they are compiled once and not for each table.
#[derive(Clone, Copy)]
pub struct Table {
    name: &'static str,
    columns: fn() -> Vec<&'static str>,
    read: fn(&QueryResult) -> Result<AnyRow>,
}

/// A row of any table: the entity's model.
pub type AnyRow = Arc<dyn Any + Send + Sync>;

/// A row as the model of its own table.
///
/// # Panics
/// If it is of another one.
pub fn model<M: Send + Sync + 'static>(row: AnyRow) -> Arc<M> {
    row.downcast().expect("a row is of its own table")
}

impl Table {
    pub fn of<E: EntityTrait<Model: Send + Sync>>() -> Self {
        Self {
            name: E::default().table_name(),
            columns: || E::Column::iter().map(|column| column.as_str()).collect(),
            read: |row| Ok(Arc::new(E::Model::from_query_result(row, "")?)),
        }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The row of a result.
    pub fn read(&self, row: &QueryResult) -> Result<AnyRow> {
        (self.read)(row)
    }

    pub fn select(&self, select: &mut SelectStatement, from: &'static str) {
        for column in (self.columns)() {
            select.column((from, column));
        }
    }
}

impl Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Table {}

impl Hash for Table {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

//! What the engine and the store share: one state of the data to read, and keys that travel as one
//! parameter (`json_each` on SQLite, `unnest` and `ANY` on PostgreSQL), so that a statement has
//! the same text whatever their number. Knows neither of the two, and names no table.

use entity::Id;
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    TransactionTrait, Value,
    sea_query::{ArrayType, Expr, ExprTrait, Func, Query},
};

/// What a list of keys is called where a statement reads it as a table.
pub const KEY: &str = "k";

/// A transaction that reads one state of the data, however many statements it takes.
pub async fn reading(database: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    match database.get_database_backend() {
        DbBackend::Postgres => {
            let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
            database.begin_with_config(Some(isolation), Some(access)).await
        }
        // A deferred transaction of SQLite keeps the state that its first read saw.
        _ => database.begin().await,
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

//! Imports: a data set is read and validated as a whole, and applied in one transaction.
//!
//! The stages: `read` parses files to rows, `validate` resolves and checks them, `prefer` writes
//! claims and picks the preferred values, `date` derives the days on which rows are valid, and `write`
//! writes the rows that differ from the database. `page` and `sample` create rows and start at
//! `validate`. `popolo` matches its entries with records, and starts at `prefer`.

use std::{fmt, path::PathBuf};

use chrono::{DateTime, Utc};
use entity::{
    derivation,
    kind::{Field, Type},
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IntoActiveModel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

pub mod altered;
pub mod csv;
mod curated;
pub mod date;
pub mod digest;
mod index;
pub mod jsonl;
pub mod keys;
pub mod page;
pub mod popolo;
pub mod prefer;
pub mod raw;
mod read;
pub mod row;
mod states;
mod suggest;
pub mod terms;
mod toml;
pub mod validate;
mod values;
pub mod write;

pub use index::is_slug;
pub use raw::{File, Problem};
pub use read::{built_in, open};
pub use write::Applied;

use crate::{evidence, text::plural};
use raw::Raw;
use write::Fold;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("Cannot read {}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{}: {reason}", path.display())]
    NotADataSet { path: PathBuf, reason: String },
    #[error("{}", Problems(.0))]
    Invalid(Vec<Problem>),
    #[error("No state in the database has the code `{0}`; import the state first")]
    NoState(String),
    #[error("{0}")]
    Options(String),
    #[error(
        "The database has no assembly; import a data set first, such as the built-in one with \
         `assembly-graph import --built-in`"
    )]
    NoAssembly,
    #[error("Database error: {0}")]
    Store(#[from] DbErr),
}

/// All problems, one per line.
struct Problems<'a>(&'a [Problem]);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.0 {
            writeln!(f, "{problem}")?;
        }
        write!(f, "{}; nothing was imported", plural(self.0.len(), "problem"))
    }
}

/// Imports a data set: all of it, or nothing.
pub async fn import(
    database: &DatabaseConnection,
    files: &[File],
    now: DateTime<Utc>,
) -> Result<Applied, ImportError> {
    let mut problems = Vec::new();
    let mut syntax_errors = Vec::new();
    let mut raws: Vec<Raw> = Vec::new();
    for file in files {
        match read::rows(file, &mut problems) {
            Ok(rows) => raws.extend(rows),
            Err(error) => syntax_errors.push(error),
        }
    }
    if !syntax_errors.is_empty() {
        // Rows are not validated: references to the rows of an invalid file would be reported too.
        problems.append(&mut syntax_errors);
        problems.sort();
        return Err(ImportError::Invalid(problems));
    }
    raws.sort_by_key(|raw| raw.order);
    let transaction = begin(database).await?;
    let validated = match validate::validate(&transaction, raws, problems).await {
        Ok((validated, _)) => validated,
        Err(error) => {
            transaction.rollback().await?;
            return Err(error);
        }
    };
    let applied = write::apply(&transaction, validated, Fold::Altered, now).await?;
    transaction.commit().await?;
    Ok(applied)
}

/// Derives all derived data again if it was derived by another version of the rules: ends, the days on
/// which rows are valid, computed contradictions, and folded texts. Returns `None` if the version is
/// current.
pub async fn derive(
    database: &DatabaseConnection,
    now: DateTime<Utc>,
) -> Result<Option<Applied>, DbErr> {
    let version = version();
    let stored = derivation::Entity::find().one(database).await?.map(|row| row.version);
    if stored == Some(version) {
        return Ok(None);
    }
    let transaction = begin(database).await?;
    let all = write::all_derived(&transaction).await?;
    let applied = write::apply(&transaction, all, Fold::All, now).await?;
    let current = derivation::Model { id: 1, version };
    derivation::Entity::delete_by_id(1).exec(&transaction).await?;
    derivation::Entity::insert(current.into_active_model())
        .exec_without_returning(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(Some(applied))
}

/// The version of all derived data: a hash of the version of the rules and of the parts of the field
/// descriptions that the derivation uses. A new field changes the version, since stored claims may
/// already state its value.
fn version() -> i32 {
    let mut rules = format!("{}\n", evidence::VERSION);
    for kind in entity::kinds() {
        for field in kind.fields {
            let Field {
                name, requirement, claimable, single, permanent, varying, search_rank, ..
            } = field;
            let bounds = match &field.ty {
                Type::Reference(reference) => reference.bounds,
                Type::References(references) => references.bounds,
                _ => false,
            };
            let input = (requirement, claimable, search_rank);
            let derivation = (single, permanent, varying, bounds);
            rules += &format!("{} {name} {input:?} {derivation:?}\n", kind.table);
        }
    }
    i32::from_str_radix(&digest::of(rules.as_bytes())[..7], 16).unwrap_or(evidence::VERSION)
}

/// Begins a transaction that writes.
async fn begin(database: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database
        .begin_with_options(TransactionOptions {
            // A transaction that begins with a read fails if another transaction writes before it.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Imports are serialized, so that ids and revisions are in the order of commits.
        let lock = "LOCK TABLE record IN SHARE ROW EXCLUSIVE MODE";
        transaction.execute_unprepared(lock).await?;
    }
    Ok(transaction)
}

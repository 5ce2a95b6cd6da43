//! How facts come in: read whole, judged whole, applied in one transaction or not at all.

use std::{
    collections::HashMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use entity::{Id, RecordKind, alias, derivation, entity as registry};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IntoActiveModel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

pub mod altered;
pub mod csv;
mod curated;
pub mod date;
pub mod digest;
pub mod jsonl;
pub mod keys;
pub mod page;
pub mod popolo;
pub mod raw;
pub mod row;
mod states;
pub mod terms;
pub mod validate;
pub mod weigh;
pub mod write;

pub use raw::{File, Problem};
pub use write::Applied;

use crate::evidence;
use raw::{Datum, Raw};
use row::{Index, Target};
use validate::Stored;
use write::Fold;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {reason}", path.display())]
    NotADataSet { path: PathBuf, reason: String },
    #[error("{}", Problems(.0))]
    Wrong(Vec<Problem>),
    #[error("there is no state with the code `{0}` in the database: bring it in first")]
    NoState(String),
    #[error("{0}")]
    Options(String),
    #[error(
        "the database has no assembly whose page it could be: import a data set first, such as \
         the one that comes with the server, by `assembly-graph import --shipped`"
    )]
    NoAssembly,
    #[error("the database refused: {0}")]
    Store(#[from] DbErr),
}

/// All problems, one a line.
struct Problems<'a>(&'a [Problem]);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.0 {
            writeln!(f, "{problem}")?;
        }
        let (count, s) = (self.0.len(), if self.0.len() == 1 { "" } else { "s" });
        write!(f, "{count} problem{s}; nothing was imported")
    }
}

/// The data set that the server comes with.
pub fn shipped() -> Vec<File> {
    static DATA: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/data");
    let mut files: Vec<_> = DATA
        .files()
        .filter(|file| file.path().extension().is_some_and(|end| end == "toml"))
        .map(|file| File {
            name: format!("data/{}", file.path().display()).into(),
            text: file.contents_utf8().unwrap_or_default().to_owned(),
        })
        .collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

/// Reads files, and those files of folders whose names say that they hold rows.
pub fn open(paths: &[PathBuf]) -> Result<Vec<File>, ImportError> {
    let mut files = Vec::new();
    for path in paths {
        let unreadable = |source| ImportError::Unreadable { path: path.clone(), source };
        if path.is_dir() {
            let entries = path.read_dir().map_err(unreadable)?;
            let mut found = Vec::new();
            for entry in entries {
                let entry = entry.map_err(unreadable)?.path();
                let end = entry.extension().and_then(|end| end.to_str());
                if end.is_some_and(|end| raw::ENDINGS.contains(&end)) {
                    found.push(entry);
                }
            }
            if found.is_empty() {
                let reason = "the folder has no .toml, .jsonl or .csv file".to_owned();
                return Err(ImportError::NotADataSet { path: path.clone(), reason });
            }
            found.sort();
            for path in found {
                files.push(read(&path)?);
            }
        } else {
            files.push(read(path)?);
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<File, ImportError> {
    let bytes = std::fs::read(path)
        .map_err(|source| ImportError::Unreadable { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        let reason = format!("line {line} is not UTF-8 text");
        ImportError::NotADataSet { path: path.to_owned(), reason }
    })?;
    Ok(File { name: path.display().to_string().into(), text })
}

/// Imports a data set: all of it, or nothing.
pub async fn import(
    database: &DatabaseConnection,
    files: &[File],
    now: DateTime<Utc>,
) -> Result<Applied, ImportError> {
    let mut problems = Vec::new();
    let mut raws: Vec<Raw> = files.iter().flat_map(|file| raw::rows(file, &mut problems)).collect();
    raws.sort_by_key(|raw| raw.order);
    let transaction = begin(database).await?;
    let (index, new) = index(&transaction, &raws, &mut problems).await?;
    let stored = Stored::load(&transaction, &raws, &index).await?;
    let mut validated = validate::read(raws, &index, stored, &mut problems)?;
    if !problems.is_empty() {
        transaction.rollback().await?;
        problems.sort();
        problems.dedup();
        return Err(ImportError::Wrong(problems));
    }
    validated.new = new;
    let applied = write::apply(&transaction, validated, Fold::Altered, now).await?;
    transaction.commit().await?;
    Ok(applied)
}

/// Derives anew what another version of the rules derived: ends, the days on which things hold,
/// computed contradictions, folded texts. Answers what that altered; nothing where the rules are the same.
pub async fn derive(
    database: &DatabaseConnection,
    now: DateTime<Utc>,
) -> Result<Option<Applied>, DbErr> {
    let version = derivation::Entity::find().one(database).await?.map(|row| row.version);
    if version == Some(evidence::VERSION) {
        return Ok(None);
    }
    let transaction = begin(database).await?;
    let everything = write::everything(&transaction).await?;
    let applied = write::apply(&transaction, everything, Fold::All, now).await?;
    let current = derivation::Model { id: 1, version: evidence::VERSION };
    derivation::Entity::delete_by_id(1).exec(&transaction).await?;
    derivation::Entity::insert(current.into_active_model())
        .exec_without_returning(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(Some(applied))
}

/// The transaction of a writer.
async fn begin(database: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let transaction = database
        .begin_with_options(TransactionOptions {
            // Taken at once: a reader that turns writer could find the data changed under it.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // One import at a time: ids and revisions are given in the order of commits.
        let lock = "LOCK TABLE entity IN SHARE ROW EXCLUSIVE MODE";
        transaction.execute_unprepared(lock).await?;
    }
    Ok(transaction)
}

/// Where every slug of the files leads, and the records that are new.
async fn index(
    store: &DatabaseTransaction,
    raws: &[Raw],
    problems: &mut Vec<Problem>,
) -> Result<(Index, Vec<(Id, RecordKind, String)>), DbErr> {
    let mut index = Index::new();
    let known = registry::Entity::find().all(store).await?;
    let highest = known.iter().map(|row| row.id).max().unwrap_or_default();
    let mut kinds = HashMap::new();
    for row in known {
        kinds.insert(row.id, row.kind);
        index.insert(row.slug, Target { id: row.id, kind: row.kind });
    }
    let mut former = HashMap::new();
    for row in alias::Entity::find().all(store).await? {
        former.insert(row.slug, row.record_id);
    }
    let mut new = Vec::new();
    let mut places: HashMap<String, (Arc<str>, usize)> = HashMap::new();
    let mut claim_slug = |slug: &str, raw: &Raw, line: usize, problems: &mut Vec<Problem>| {
        if let Some((file, first)) = places.get(slug) {
            let message = format!("the slug `{slug}` is taken already, at {file}:{first}");
            problems.push(raw.problem(line, message));
            return false;
        }
        if !is_slug(slug) {
            let message = format!(
                "`{slug}` is no slug: use lower-case letters, digits and single hyphens between them"
            );
            problems.push(raw.problem(line, message));
        }
        places.insert(slug.to_owned(), (raw.file.clone(), line));
        true
    };
    for raw in raws {
        let line = raw.keys.get("slug").map_or(raw.line, |cell| cell.line);
        let Some(kind) = validate::kind_of(&raw.table) else {
            match (raw.table.as_str(), raw.text("slug")) {
                ("claim", _) => {}
                ("contradiction", slug) => {
                    slug.map(|slug| claim_slug(slug, raw, line, problems));
                }
                _ => {
                    let message = format!("there is no table [[{}]]", raw.table);
                    problems.push(raw.problem(raw.line, message));
                }
            }
            continue;
        };
        let Some(slug) = raw.text("slug") else {
            problems
                .push(raw.problem(line, "`slug` is missing: give the record a name of its own"));
            continue;
        };
        if !claim_slug(slug, raw, line, problems) {
            continue;
        }
        match index.get(slug).copied() {
            Some(target) if target.kind != kind.kind => {
                let is = target.kind.kind().table;
                let message = format!("`{slug}` is a {is} in the database, not a {}", raw.table);
                problems.push(raw.problem(line, message));
            }
            Some(_) => {}
            None if former.contains_key(slug) => {
                let message = format!("`{slug}` is another slug of a record in the database");
                problems.push(raw.problem(line, message));
            }
            None => {
                let id = highest + 1 + Id::try_from(new.len()).unwrap_or_default();
                new.push((id, kind.kind, slug.to_owned()));
                index.insert(slug.to_owned(), Target { id, kind: kind.kind });
            }
        }
        let own = index.get(slug).copied();
        let Some(Datum::List(aliases)) = raw.keys.get("aliases").map(|cell| &cell.datum) else {
            continue;
        };
        for cell in aliases {
            let Datum::Text(other) = &cell.datum else {
                let message =
                    format!("`aliases` must be a list of slugs, not of {}", cell.datum.sort());
                problems.push(raw.problem(cell.line, message));
                continue;
            };
            if !claim_slug(other, raw, cell.line, problems) {
                continue;
            }
            let held = former.get(other).copied().or(index.get(other).map(|target| target.id));
            if held.is_some() && held != own.map(|own| own.id) {
                let message = format!("`{other}` is a slug of another record in the database");
                problems.push(raw.problem(cell.line, message));
            }
            index.extend(own.map(|own| (other.clone(), own)));
        }
    }
    for (slug, id) in former {
        if let Some(kind) = kinds.get(&id) {
            index.entry(slug).or_insert(Target { id, kind: *kind });
        }
    }
    Ok((index, new))
}

/// Whether a text can be the slug of a record.
pub fn is_slug(slug: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    slug.len() <= 200 && slug.split('-').all(word)
}

//! Popolo JSON, the field's interchange format, into the graph: `find` and `file` read files,
//! `words` knows what their words mean, `known` which records their entries are, `read` makes rows
//! and claims of them.
//!
//! Everything comes in in one transaction. What a file says is kept as its claims, also where it
//! cannot be true; what has no place here is left out. Both are told, one line each.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    path::PathBuf,
};

use chrono::{DateTime, Utc};
use entity::{Id, PartialDate, RecordKind, entity as registry, identifier, membership, state};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QuerySelect,
};

use super::{Applied, ImportError, apply, apply::Batch, begin, digest, row::Target};

mod file;
mod known;
mod read;
mod words;

pub use file::LARGEST;
use file::{Found, NotPopolo};
pub use known::OWN;

/// What the keepers say of files that the files do not say themselves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The source whose ids the files use; where it is left out, told by the ids themselves.
    pub source: Option<String>,
    /// The code of the state whose parliament the files tell of.
    pub state: Option<String>,
    /// When the files were made or fetched.
    pub captured: Option<PartialDate>,
    /// Refuse files with anything to remark.
    pub strict: bool,
    /// Write nothing.
    pub dry_run: bool,
}

/// Something in a file that is odd: in which file, of which entry, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub file: String,
    pub entry: String,
    pub message: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry.is_empty() {
            true => write!(f, "{}: {}", self.file, self.message),
            false => write!(f, "{}: {}: {}", self.file, self.entry, self.message),
        }
    }
}

/// How many entries of a sort were new to the graph, and how many were known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub new: usize,
    pub known: usize,
}

impl Tally {
    fn count(&mut self, new: bool) {
        match new {
            true => self.new += 1,
            false => self.known += 1,
        }
    }
}

/// What an import of Popolo did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub files: usize,
    /// Files that were read before, byte for byte.
    pub read_before: usize,
    pub persons: Tally,
    pub organizations: Tally,
    pub periods: Tally,
    pub sessions: Tally,
    pub participations: Tally,
    pub memberships: Tally,
    /// Things of a sort that the graph has no place for, and how many.
    pub no_place: BTreeMap<&'static str, usize>,
    pub remarks: Vec<Remark>,
    pub applied: Applied,
}

/// How far an import is, in bytes of its files.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub done: u64,
    pub all: u64,
}

/// Records that are written at once: memory is bounded by it.
const AT_ONCE: usize = 12_000;
/// The like for claims.
const CLAIMS_AT_ONCE: usize = 48_000;

/// An import under way.
struct Run<'a> {
    store: &'a DatabaseTransaction,
    options: &'a Options,
    now: DateTime<Utc>,
    state: Option<Id>,
    /// The states of the graph, by code.
    states: HashMap<String, Id>,
    next: Id,
    batch: Batch,
    /// What is in the batch and not in the database yet.
    pending: Pending,
    report: Report,
}

/// What the database does not show yet.
#[derive(Default)]
struct Pending {
    kinds: HashMap<Id, RecordKind>,
    slugs: HashSet<String>,
    /// By value: the scheme, and the record that it names.
    identifiers: HashMap<String, Vec<(String, Target)>>,
    /// The names of persons, folded.
    names: HashMap<Id, String>,
    /// Places in the batch of the memberships of a member.
    memberships: HashMap<Id, Vec<usize>>,
    digests: HashSet<String>,
}

/// Brings in the files that paths name: all that they say, or nothing.
pub async fn import(
    database: &DatabaseConnection,
    paths: &[PathBuf],
    options: &Options,
    now: DateTime<Utc>,
    progress: impl Fn(Progress),
) -> Result<Report, ImportError> {
    let found =
        file::find(paths).map_err(|(path, source)| ImportError::Unreadable { path, source })?;
    if found.is_empty() {
        let path = paths.first().cloned().unwrap_or_default();
        let reason = "there is no .json or .json.gz file in it".to_owned();
        return Err(ImportError::NotADataSet { path, reason });
    }
    let transaction = begin(database).await?;
    let mut run = Run::new(&transaction, options, now).await?;
    let all = found.iter().map(|file| file.bytes).sum();
    let mut done = 0;
    let mut refused = Vec::new();
    let mut read = 0;
    for file in &found {
        match run.take(file, refused.is_empty()).await? {
            Ok(()) => read += 1,
            // Folders hold other things too.
            Err(reason @ (NotPopolo::Json { .. } | NotPopolo::OtherJson | NotPopolo::Empty))
                if file.in_folder && !options.strict =>
            {
                let message = format!("{reason}; left out");
                run.report.remarks.push(Remark {
                    file: file.name.clone(),
                    entry: String::new(),
                    message,
                });
            }
            Err(reason) => refused.push(Remark {
                file: file.name.clone(),
                entry: String::new(),
                message: reason.to_string(),
            }),
        }
        done += file.bytes;
        progress(Progress { done, all });
    }
    if refused.is_empty() && read == 0 {
        refused.append(&mut run.report.remarks);
    }
    if options.strict {
        refused.append(&mut run.report.remarks);
    }
    if !refused.is_empty() {
        drop(run);
        transaction.rollback().await?;
        return Err(ImportError::Refused(refused));
    }
    run.flush().await?;
    let report = run.report;
    match options.dry_run {
        true => transaction.rollback().await?,
        false => transaction.commit().await?,
    }
    Ok(report)
}

impl<'a> Run<'a> {
    async fn new(
        store: &'a DatabaseTransaction,
        options: &'a Options,
        now: DateTime<Utc>,
    ) -> Result<Self, ImportError> {
        let highest = registry::Entity::find()
            .select_only()
            .column_as(registry::Column::Id.max(), "id")
            .into_tuple::<Option<Id>>();
        let highest = highest.one(store).await?.flatten().unwrap_or_default();
        let states = state::Entity::find().all(store).await?;
        let states: HashMap<String, Id> =
            states.into_iter().map(|row| (row.code, row.id)).collect();
        let state = match &options.state {
            None => None,
            Some(code) => {
                let code = code.to_ascii_uppercase();
                let known = states.get(&code).copied();
                Some(known.ok_or(ImportError::NoState(code))?)
            }
        };
        Ok(Self {
            store,
            options,
            now,
            state,
            states,
            next: highest + 1,
            batch: Batch::default(),
            pending: Pending::default(),
            report: Report::default(),
        })
    }

    /// Reads one file into the batch; where something else is refused already, only whether it can
    /// be read at all.
    async fn take(
        &mut self,
        found: &Found,
        apply: bool,
    ) -> Result<Result<(), NotPopolo>, ImportError> {
        let (bytes, digest) = match file::unpack(found) {
            Ok(unpacked) => unpacked,
            Err(reason) => return Ok(Err(reason)),
        };
        let known = identifier::Entity::find()
            .filter(identifier::Column::Scheme.eq(digest::SCHEME))
            .filter(identifier::Column::Value.eq(digest.as_str()));
        if self.pending.digests.contains(&digest) || known.one(self.store).await?.is_some() {
            self.report.files += 1;
            self.report.read_before += 1;
            return Ok(Ok(()));
        }
        let popolo = match file::parse(&bytes) {
            Ok(popolo) => popolo,
            Err(reason) => return Ok(Err(reason)),
        };
        drop(bytes);
        if apply {
            self.report.files += 1;
            self.pending.digests.insert(digest.clone());
            read::read(self, popolo, found, &digest).await?;
            if self.is_large() {
                self.flush().await?;
            }
        }
        Ok(Ok(()))
    }

    fn is_large(&self) -> bool {
        self.batch.new.len() >= AT_ONCE || self.batch.statements.len() >= CLAIMS_AT_ONCE
    }

    /// Writes what was read so far.
    async fn flush(&mut self) -> Result<(), DbErr> {
        let batch = std::mem::take(&mut self.batch);
        self.pending = Pending::default();
        let applied = apply::apply(self.store, batch, self.now).await?;
        self.report.applied.created += applied.created;
        self.report.applied.updated += applied.updated;
        self.report.applied.confirmed += applied.confirmed;
        Ok(())
    }

    /// A new record in the batch.
    fn create(&mut self, kind: RecordKind, slug: String) -> Target {
        let id = self.next;
        self.next += 1;
        self.pending.kinds.insert(id, kind);
        self.batch.new.push((id, kind, slug));
        self.batch.names.insert(id, Vec::new());
        self.batch.plain.insert(id);
        Target { id, kind }
    }

    /// Adds a membership to the batch.
    fn put_membership(&mut self, row: membership::Model) {
        let places = self.pending.memberships.entry(row.member_id).or_default();
        places.push(self.batch.membership.len());
        self.batch.membership.push(row);
    }
}

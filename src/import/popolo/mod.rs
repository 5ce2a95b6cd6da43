//! Imports Popolo JSON: `file` opens and parses files, `words` maps their terms to enumerations,
//! `matching` finds the records of their entries, and `read` converts entries to rows and claims.
//!
//! An import is one transaction. The values of a file are stored as its claims, even if they contradict
//! each other. Values that the graph cannot store are skipped. Each problem is a remark of the report.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
};

use chrono::{DateTime, Utc};
use entity::{Id, PartialDate, RecordKind, identifier, membership, record};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QuerySelect,
};

use super::{
    Applied, ImportError, Problem, begin, digest, read::reason, row::Target, validate,
    validate::Validated, write, write::Fold,
};

mod file;
mod matching;
mod read;
mod words;

use file::NotPopolo;
pub use file::{MAX_FILE_BYTES, SourceFile};
pub use matching::OWN_SCHEME;

/// The options of `import popolo`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of the source of the ids in the files. If omitted, it is detected from ids and names.
    pub source: Option<String>,
    /// The code of the state of the parliament in the files.
    pub state: Option<String>,
    /// When the files were created or downloaded.
    pub captured: Option<PartialDate>,
    /// Whether to reject files with remarks.
    pub strict: bool,
    /// Whether to write nothing.
    pub dry_run: bool,
    /// The number of records in a batch, which limits the memory (default 12000).
    pub batch_size: Option<usize>,
}

/// The number of entries of one kind that created a record, and that matched an existing record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub new: usize,
    pub existing: usize,
}

impl Tally {
    fn count(&mut self, is_new: bool) {
        if is_new {
            self.new += 1;
        } else {
            self.existing += 1;
        }
    }
}

/// The result of an import of Popolo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub files: usize,
    /// The number of files with the same bytes as a file of an earlier import.
    pub already_imported: usize,
    pub persons: Tally,
    pub organizations: Tally,
    pub periods: Tally,
    pub sessions: Tally,
    pub participations: Tally,
    pub memberships: Tally,
    /// The number of skipped entries that the schema does not support, by description.
    pub unsupported: BTreeMap<&'static str, usize>,
    /// Invalid values in the files, and how they were handled.
    pub remarks: Vec<Problem>,
    pub applied: Applied,
}

/// The progress of an import, in bytes of its files.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub done: u64,
    pub all: u64,
}

/// The default number of records in a batch.
const BATCH_SIZE: usize = 12_000;
/// The maximum number of claims in a batch, per record.
const CLAIMS_PER_RECORD: usize = 4;

/// A running import.
struct Run<'a> {
    store: &'a DatabaseTransaction,
    options: &'a Options,
    now: DateTime<Utc>,
    state: Option<Id>,
    /// The states and delegations of the graph, by unique key.
    holders: HashMap<String, Id>,
    next_id: Id,
    batch: Validated,
    /// Data of the batch that is not in the database yet.
    pending: Pending,
    report: Report,
    /// The last number in the scheme of a source, by the name that several sources share.
    numbers: HashMap<String, u32>,
}

/// Data of the batch that is not in the database yet.
#[derive(Default)]
struct Pending {
    kinds: HashMap<Id, RecordKind>,
    slugs: HashSet<String>,
    /// The schemes and records of identifiers, by value.
    identifiers: HashMap<String, Vec<(String, Target)>>,
    /// The names of new records.
    names: HashMap<Id, String>,
    /// The indexes of memberships in the batch, by member.
    memberships: HashMap<Id, Vec<usize>>,
    digests: HashSet<String>,
    /// The schemes of sources with records in the batch.
    schemes: HashSet<String>,
}

/// Lists the files of paths: files themselves, and those of folders.
///
/// # Errors
///
/// A path that cannot be read, or no files.
pub fn find_files(paths: &[PathBuf]) -> Result<Vec<SourceFile>, ImportError> {
    let files = file::find(paths)
        .map_err(|(path, error)| ImportError::Unreadable { path, reason: reason(&error) })?;
    if files.is_empty() {
        let path = paths.first().cloned().unwrap_or_default();
        let reason = "the folder has no .json or .json.gz file".to_owned();
        return Err(ImportError::NotADataSet { path, reason });
    }
    Ok(files)
}

/// Imports the files of paths in one transaction.
pub async fn import(
    database: &DatabaseConnection,
    paths: &[PathBuf],
    options: &Options,
    now: DateTime<Utc>,
    progress: impl Fn(Progress),
) -> Result<Report, ImportError> {
    let files = find_files(paths)?;
    let transaction = begin(database).await?;
    let mut run = Run::new(&transaction, options, now).await?;
    let all = files.iter().map(|file| file.bytes).sum();
    let mut done = 0;
    let mut rejected = Vec::new();
    let mut read = 0;
    for file in &files {
        match run.read_file(file, rejected.is_empty()).await? {
            Ok(()) => read += 1,
            // Folders may contain other files.
            Err(reason @ (NotPopolo::Json { .. } | NotPopolo::OtherJson | NotPopolo::Empty))
                if file.in_folder && !options.strict =>
            {
                run.report.remarks.push(file_problem(file, format!("{reason}; skipped")));
            }
            Err(reason) => rejected.push(file_problem(file, reason.to_string())),
        }
        done += file.bytes;
        progress(Progress { done, all });
    }
    if rejected.is_empty() && read == 0 {
        rejected.append(&mut run.report.remarks);
    }
    if options.strict {
        rejected.append(&mut run.report.remarks);
    }
    if !rejected.is_empty() {
        drop(run);
        transaction.rollback().await?;
        return Err(ImportError::Invalid(rejected));
    }
    run.flush().await?;
    let report = run.report;
    if options.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(report)
}

/// A problem with a file as a whole.
fn file_problem(file: &SourceFile, message: String) -> Problem {
    Problem { file: file.name.as_str().into(), line: 0, record: None, message }
}

impl<'a> Run<'a> {
    async fn new(
        store: &'a DatabaseTransaction,
        options: &'a Options,
        now: DateTime<Utc>,
    ) -> Result<Self, ImportError> {
        let max_id = record::Entity::find()
            .select_only()
            .column_as(record::Column::Id.max(), "id")
            .into_tuple::<Option<Id>>();
        let max_id = max_id.one(store).await?.flatten().unwrap_or_default();
        let mut holders = validate::holders(store, RecordKind::State).await?;
        holders.extend(validate::holders(store, RecordKind::Delegation).await?);
        let state = match &options.state {
            None => None,
            Some(code) => {
                let code = code.to_ascii_uppercase();
                let key = validate::first_unique_key(RecordKind::State.kind(), |_| {
                    Some(code.clone().into())
                });
                let state = key.and_then(|key| holders.get(&key).copied());
                Some(state.ok_or(ImportError::NoState(code))?)
            }
        };
        Ok(Self {
            store,
            options,
            now,
            state,
            holders,
            next_id: max_id + 1,
            batch: Validated::default(),
            pending: Pending::default(),
            report: Report::default(),
            numbers: HashMap::new(),
        })
    }

    /// Reads a file into the batch. If `apply` is false, only checks that the file can be parsed.
    async fn read_file(
        &mut self,
        source_file: &SourceFile,
        apply: bool,
    ) -> Result<Result<(), NotPopolo>, ImportError> {
        let (bytes, digest) = match file::decompress(source_file) {
            Ok(decompressed) => decompressed,
            Err(reason) => return Ok(Err(reason)),
        };
        let with_digest = identifier::Entity::find()
            .filter(identifier::Column::Scheme.eq(digest::SCHEME))
            .filter(identifier::Column::Value.eq(digest.as_str()));
        if self.pending.digests.contains(&digest) || with_digest.one(self.store).await?.is_some() {
            self.report.files += 1;
            self.report.already_imported += 1;
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
            read::read(self, popolo, source_file, &digest).await?;
            if self.is_large() {
                self.flush().await?;
            }
        }
        Ok(Ok(()))
    }

    fn is_large(&self) -> bool {
        let limit = self.options.batch_size.unwrap_or(BATCH_SIZE);
        self.batch.new.len() >= limit
            || self.batch.evidence.statements.len() >= CLAIMS_PER_RECORD * limit
    }

    /// Writes the batch.
    async fn flush(&mut self) -> Result<(), DbErr> {
        let batch = std::mem::take(&mut self.batch);
        self.pending = Pending::default();
        let applied = write::apply(self.store, batch, Fold::Altered, self.now).await?;
        self.report.applied.created += applied.created;
        self.report.applied.updated += applied.updated;
        self.report.applied.confirmed += applied.confirmed;
        Ok(())
    }

    /// Adds a new record to the batch.
    fn create(&mut self, kind: RecordKind, slug: String, name: &str) -> Target {
        let id = self.next_id;
        self.next_id += 1;
        self.pending.kinds.insert(id, kind);
        self.batch.new.push((id, kind, slug));
        self.batch.stated.insert(id);
        self.batch.attached.names.insert(id, Vec::new());
        self.batch.evidence.plain.insert(id);
        if !name.is_empty() {
            self.pending.names.insert(id, name.to_owned());
        }
        Target { id, kind }
    }

    /// Marks a new record as one that may have several values for a property, so that its preferred
    /// values are picked.
    fn allow_several_values(&mut self, id: Id) {
        if self.batch.evidence.plain.remove(&id)
            && let Some(name) = self.pending.names.get(&id)
        {
            self.batch.evidence.row_values.insert((id, "name".to_owned()), name.clone());
        }
    }

    /// The memberships in the batch.
    fn memberships(&self) -> &[membership::Model] {
        self.batch.records.models::<membership::Entity>()
    }

    /// Adds the last membership in the batch to the index of memberships by member.
    fn index_membership(&mut self) {
        if let Some(index) = self.memberships().len().checked_sub(1) {
            let member = self.memberships()[index].member_id;
            self.pending.memberships.entry(member).or_default().push(index);
        }
    }
}

//! Popolo JSON, the field's interchange format, into the graph: `find` and `file` read files,
//! `words` knows what their words mean, `known` which records their entries are, `read` makes rows
//! and claims of them.
//!
//! Everything comes in in one transaction. What a file says is kept as its claims, also where it
//! cannot be true; what has no place here is left out. Both are told, one line each.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
};

use chrono::{DateTime, Utc};
use entity::{Id, PartialDate, RecordKind, entity as registry, identifier, membership};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QuerySelect,
};

use super::{
    Applied, ImportError, Problem, begin, digest, read::reason, row::Target, validate,
    validate::Validated, write, write::Fold,
};

mod file;
mod known;
mod read;
mod words;

pub use file::MAX_FILE_BYTES;
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
    /// How many records are written at once, where not as many as is best: memory is bounded by it.
    pub at_once: Option<usize>,
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
    /// What is odd, and what became of it.
    pub remarks: Vec<Problem>,
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
/// The like for claims, for each record.
const CLAIMS_PER_RECORD: usize = 4;

/// An import under way.
struct Run<'a> {
    store: &'a DatabaseTransaction,
    options: &'a Options,
    now: DateTime<Utc>,
    state: Option<Id>,
    /// The states and delegations of the graph, by what only one of them may have.
    holders: HashMap<String, Id>,
    next: Id,
    batch: Validated,
    /// What is in the batch and not in the database yet.
    pending: Pending,
    report: Report,
    /// The last number that was given to a source of a name.
    numbers: HashMap<String, u32>,
}

/// What the database does not show yet.
#[derive(Default)]
struct Pending {
    kinds: HashMap<Id, RecordKind>,
    slugs: HashSet<String>,
    /// By value: the scheme, and the record that it names.
    identifiers: HashMap<String, Vec<(String, Target)>>,
    /// The names that new records go by.
    names: HashMap<Id, String>,
    /// Places in the batch of the memberships of a member.
    memberships: HashMap<Id, Vec<usize>>,
    digests: HashSet<String>,
    /// The schemes of sources of which anything is there.
    schemes: HashSet<String>,
}

/// Brings in the files that paths name: all that they say, or nothing.
pub async fn import(
    database: &DatabaseConnection,
    paths: &[PathBuf],
    options: &Options,
    now: DateTime<Utc>,
    progress: impl Fn(Progress),
) -> Result<Report, ImportError> {
    let found = file::find(paths)
        .map_err(|(path, error)| ImportError::Unreadable { path, reason: reason(&error) })?;
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
                run.report.remarks.push(of_file(file, format!("{reason}; left out")));
            }
            Err(reason) => refused.push(of_file(file, reason.to_string())),
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
        return Err(ImportError::Invalid(refused));
    }
    run.flush().await?;
    let report = run.report;
    match options.dry_run {
        true => transaction.rollback().await?,
        false => transaction.commit().await?,
    }
    Ok(report)
}

/// What is wrong with a file as a whole.
fn of_file(file: &Found, message: String) -> Problem {
    Problem { file: file.name.as_str().into(), line: 0, record: None, message }
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
        let mut holders = validate::holders(store, RecordKind::State).await?;
        holders.extend(validate::holders(store, RecordKind::Delegation).await?);
        let state = match &options.state {
            None => None,
            Some(code) => {
                let code = code.to_ascii_uppercase();
                let key = validate::first_unique_key(RecordKind::State.kind(), |_| {
                    Some(code.clone().into())
                });
                let known = key.and_then(|key| holders.get(&key).copied());
                Some(known.ok_or(ImportError::NoState(code))?)
            }
        };
        Ok(Self {
            store,
            options,
            now,
            state,
            holders,
            next: highest + 1,
            batch: Validated::default(),
            pending: Pending::default(),
            report: Report::default(),
            numbers: HashMap::new(),
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
        let most = self.options.at_once.unwrap_or(AT_ONCE);
        self.batch.new.len() >= most
            || self.batch.evidence.statements.len() >= CLAIMS_PER_RECORD * most
    }

    /// Writes what was read so far.
    async fn flush(&mut self) -> Result<(), DbErr> {
        let batch = std::mem::take(&mut self.batch);
        self.pending = Pending::default();
        let applied = write::apply(self.store, batch, Fold::Altered, self.now).await?;
        self.report.applied.created += applied.created;
        self.report.applied.updated += applied.updated;
        self.report.applied.confirmed += applied.confirmed;
        Ok(())
    }

    /// A new record in the batch, by the name that it goes by.
    fn create(&mut self, kind: RecordKind, slug: String, name: &str) -> Target {
        let id = self.next;
        self.next += 1;
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

    /// Notes that more than one thing may be said of a new record: it is weighed with all others.
    fn weigh(&mut self, id: Id) {
        if self.batch.evidence.plain.remove(&id)
            && let Some(name) = self.pending.names.get(&id)
        {
            self.batch.evidence.given.insert((id, "name".to_owned()), name.clone());
        }
    }

    /// The memberships in the batch.
    fn memberships(&self) -> &[membership::Model] {
        self.batch.records.models::<membership::Entity>()
    }

    /// Notes the place of the last membership in the batch.
    fn note_membership(&mut self) {
        if let Some(place) = self.memberships().len().checked_sub(1) {
            let member = self.memberships()[place].member_id;
            self.pending.memberships.entry(member).or_default().push(place);
        }
    }
}

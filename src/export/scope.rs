//! Selects the records of an export: all records, those valid on a date, or those of one assembly
//! with the records that they reference.

use std::collections::{BTreeSet, HashMap};

use entity::{
    Id, Kind, PartialDate, RecordKind, assembly, citation, claim,
    kind::{OnMissing, Reference, References, Type, in_order},
    record,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Order, Query},
};

use super::{ExportError, Options};
use crate::{
    import::date::linked,
    sql,
    store::{CHUNK, among},
};

/// A set of ids: a bitmap up to the highest id.
#[derive(Clone, Debug, Default)]
pub struct Ids(Vec<u64>);

impl Ids {
    /// The index of the word of an id, and its bit in the word.
    fn position(id: Id) -> Option<(usize, u64)> {
        let id = usize::try_from(id).ok()?;
        Some((id / 64, 1 << (id % 64)))
    }

    pub fn has(&self, id: Id) -> bool {
        Self::position(id)
            .is_some_and(|(at, bit)| self.0.get(at).is_some_and(|word| word & bit != 0))
    }

    /// Adds an id. Returns whether it is new.
    pub fn insert(&mut self, id: Id) -> bool {
        let Some((at, bit)) = Self::position(id) else { return false };
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        let new = self.0[at] & bit == 0;
        self.0[at] |= bit;
        new
    }

    pub fn remove(&mut self, id: Id) {
        if let Some((at, bit)) = Self::position(id)
            && let Some(word) = self.0.get_mut(at)
        {
            *word &= !bit;
        }
    }

    /// All ids in order, in chunks.
    fn chunks(&self) -> impl Iterator<Item = Vec<Id>> {
        let ids = self.0.iter().enumerate().flat_map(|(at, word)| {
            let bits = (0..64).filter(move |bit| word & (1 << bit) != 0);
            bits.filter_map(move |bit| Id::try_from(at * 64 + bit).ok())
        });
        let mut ids = ids.peekable();
        std::iter::from_fn(move || {
            ids.peek()?;
            Some(ids.by_ref().take(CHUNK).collect())
        })
    }
}

/// The records of an export, and its date.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub as_of: Option<PartialDate>,
    /// All records if `None`.
    ids: Option<Ids>,
}

impl Scope {
    pub fn has(&self, id: Id) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.has(id))
    }

    pub async fn of(store: &DatabaseTransaction, options: &Options) -> Result<Self, ExportError> {
        let as_of = options.as_of.map(PartialDate::day);
        let assembly = match &options.assembly {
            Some(slug) => Some(assembly_id(store, slug).await?),
            None => None,
        };
        if as_of.is_none() && assembly.is_none() {
            return Ok(Self::default());
        }
        let mut allowed = all_ids(store).await?;
        if let Some(date) = as_of {
            remove_invalid_at(store, &mut allowed, date).await?;
        }
        let mut exported = Ids::default();
        match assembly {
            Some(assembly) => {
                for id in find_records_of(store, assembly).await? {
                    if allowed.has(id) {
                        exported.insert(id);
                    }
                }
            }
            None => {
                // `add_referenced` adds the documents that these records cite.
                let evidence: Vec<RecordKind> =
                    entity::kinds().filter(|kind| kind.evidence).map(|kind| kind.kind).collect();
                for chunk in allowed.chunks() {
                    let rows = record::Entity::find()
                        .select_only()
                        .column(record::Column::Id)
                        .filter(among(store, record::Column::Id, &chunk))
                        .filter(record::Column::Kind.is_not_in(evidence.clone()));
                    for id in rows.into_tuple::<Id>().all(store).await? {
                        exported.insert(id);
                    }
                }
            }
        }
        add_referenced(store, &mut exported, &allowed).await?;
        Ok(Self { as_of, ids: Some(exported) })
    }
}

/// The id of the assembly with a slug or an alias.
async fn assembly_id(store: &DatabaseTransaction, slug: &str) -> Result<Id, ExportError> {
    // PostgreSQL rejects strings with a NUL, and no slug contains a space.
    let without_nul = slug.replace('\0', " ");
    let by_slug = assembly::Entity::find().filter(assembly::Column::Slug.eq(without_nul.as_str()));
    if let Some(row) = by_slug.one(store).await? {
        return Ok(row.id);
    }
    let aliased = entity::alias::Entity::find_by_id(without_nul).one(store).await?;
    if let Some(alias) = aliased
        && assembly::Entity::find_by_id(alias.record_id).one(store).await?.is_some()
    {
        return Ok(alias.record_id);
    }
    let assemblies = assembly::Entity::find()
        .select_only()
        .column(assembly::Column::Slug)
        .order_by_asc(assembly::Column::Slug)
        .limit(50)
        .into_tuple::<String>();
    Err(ExportError::UnknownAssembly {
        slug: slug.to_owned(),
        assemblies: assemblies.all(store).await?,
    })
}

/// The ids of all records that were not merged into others.
async fn all_ids(store: &DatabaseTransaction) -> Result<Ids, DbErr> {
    let mut ids = Ids::default();
    let mut last = 0;
    loop {
        let rows = record::Entity::find()
            .filter(record::Column::Id.gt(last))
            .filter(record::Column::MergedIntoId.is_null())
            .order_by_asc(record::Column::Id)
            .limit(CHUNK as u64)
            .select_only()
            .column(record::Column::Id)
            .into_tuple::<Id>()
            .all(store)
            .await?;
        for id in &rows {
            last = *id;
            ids.insert(*id);
        }
        if rows.len() < CHUNK {
            return Ok(ids);
        }
    }
}

/// Reads the ids of a table in order, in chunks, with the ids in some of its columns.
struct Scan<'a> {
    store: &'a DatabaseTransaction,
    table: &'static str,
    columns: Vec<String>,
    condition: Condition,
    last: Id,
    done: bool,
}

impl<'a> Scan<'a> {
    fn new(store: &'a DatabaseTransaction, kind: &Kind, columns: Vec<String>) -> Self {
        let condition = Condition::all();
        Self { store, table: kind.table, columns, condition, last: 0, done: false }
    }

    fn filter(self, condition: Condition) -> Self {
        Self { condition, ..self }
    }

    /// The next rows: each id, and the ids in the columns that are not null.
    async fn next(&mut self) -> Result<Option<Vec<(Id, Vec<Id>)>>, DbErr> {
        if self.done {
            return Ok(None);
        }
        let mut select = Query::select();
        select.column("id").from(self.table);
        for column in &self.columns {
            select.column(column.clone());
        }
        select.and_where(Expr::col("id").gt(self.last)).cond_where(self.condition.clone());
        select.order_by("id", Order::Asc).limit(CHUNK as u64);
        let rows = self.store.query_all(&select).await?;
        self.done = rows.len() < CHUNK;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            self.last = row.try_get("", "id")?;
            let ids = self.columns.iter().map(|column| row.try_get::<Option<Id>>("", column));
            let ids = ids.filter_map(Result::transpose).collect::<Result<_, _>>()?;
            all.push((self.last, ids));
        }
        Ok(Some(all))
    }
}

/// The columns of the references of a kind that a predicate selects.
fn reference_columns(kind: &'static Kind, selects: impl Fn(&Reference) -> bool) -> Vec<String> {
    let references = kind.references().filter(|(_, reference)| selects(reference));
    references.map(|(field, _)| format!("{}_id", field.name)).collect()
}

fn drops_row(reference: &Reference) -> bool {
    reference.on_missing == OnMissing::DropRow
}

/// Removes records that are not valid on a date or are dated after it, and records that require a
/// removed one.
async fn remove_invalid_at(
    store: &DatabaseTransaction,
    ids: &mut Ids,
    date: PartialDate,
) -> Result<(), DbErr> {
    for kind in entity::kinds() {
        let mut invalid = Condition::any();
        if kind.is_temporal() {
            invalid = invalid.add(Expr::col("holds_from").gt(date.latest()));
            invalid = invalid.add(Expr::col("holds_until").lt(date.earliest()));
        }
        // Documents are exported with the records that cite them, regardless of their date.
        let dates = kind
            .dated_by
            .iter()
            .filter_map(|name| kind.field(name))
            .filter(|field| matches!(field.ty, Type::Date) && !kind.evidence);
        for field in dates {
            invalid = invalid.add(Expr::col(format!("{}_earliest", field.name)).gt(date.latest()));
        }
        if invalid.is_empty() {
            continue;
        }
        let mut scan = Scan::new(store, kind, Vec::new()).filter(invalid);
        while let Some(rows) = scan.next().await? {
            rows.iter().for_each(|(id, _)| ids.remove(*id));
        }
    }
    let required_kinds = |kind: &'static Kind| {
        let references = kind.references().filter(|(_, reference)| drops_row(reference));
        references.flat_map(|(_, reference)| reference.to.kinds()).collect()
    };
    for kind in in_order(entity::kinds(), required_kinds) {
        let columns = reference_columns(kind, drops_row);
        let mut scan = Scan::new(store, kind, columns.clone());
        while let Some(rows) = scan.next().await?.filter(|_| !columns.is_empty()) {
            for (id, targets) in rows {
                if targets.iter().any(|target| !ids.has(*target)) {
                    ids.remove(id);
                }
            }
        }
    }
    remove_unreferenced_members(store, ids).await
}

/// Removes the members that only removed records reference.
async fn remove_unreferenced_members(
    store: &DatabaseTransaction,
    ids: &mut Ids,
) -> Result<(), DbErr> {
    let member = RecordKind::Member.kind();
    let mut referenced = Ids::default();
    let mut unreferenced = Ids::default();
    for kind in entity::kinds() {
        let columns = reference_columns(kind, |reference| reference.to.has(member));
        if columns.is_empty() {
            continue;
        }
        let mut scan = Scan::new(store, kind, columns);
        while let Some(rows) = scan.next().await? {
            for (id, members) in rows {
                let set = if ids.has(id) { &mut referenced } else { &mut unreferenced };
                for member in members {
                    set.insert(member);
                }
            }
        }
    }
    // References to members may reference other kinds too.
    let mut scan = Scan::new(store, member, Vec::new());
    while let Some(rows) = scan.next().await? {
        for (id, _) in
            rows.into_iter().filter(|(id, _)| unreferenced.has(*id) && !referenced.has(*id))
        {
            ids.remove(id);
        }
    }
    Ok(())
}

/// The ids of an assembly and of the records that belong to it.
async fn find_records_of(store: &DatabaseTransaction, id: Id) -> Result<BTreeSet<Id>, DbErr> {
    let mut all = BTreeSet::from([id]);
    let owners = |kind: &'static Kind| {
        let references = kind.references().filter(|(_, reference)| reference.owner);
        references.flat_map(|(_, reference)| reference.to.kinds()).collect()
    };
    for kind in in_order(entity::kinds(), owners) {
        let mut found = BTreeSet::new();
        for references in link_tables(kind).filter(|references| references.owner) {
            let pairs = linked(store, references, references.other, &all).await?;
            found.extend(pairs.into_iter().map(|(row, _)| row));
        }
        for column in reference_columns(kind, |reference| reference.owner) {
            let ids: Vec<Id> = all.iter().copied().collect();
            for chunk in ids.chunks(CHUNK) {
                let rows = Query::select()
                    .column("id")
                    .from(kind.table)
                    .and_where(is_among(store, Expr::col(column.clone()), chunk))
                    .take();
                for row in store.query_all(&rows).await? {
                    found.insert(row.try_get("", "id")?);
                }
            }
        }
        all.extend(found);
    }
    Ok(all)
}

/// The link tables of a kind.
fn link_tables(kind: &'static Kind) -> impl Iterator<Item = &'static References> {
    kind.fields.iter().filter_map(|field| match &field.ty {
        Type::References(references) => Some(references),
        _ => None,
    })
}

fn is_among(store: &DatabaseTransaction, column: Expr, ids: &[Id]) -> Expr {
    let backend = store.get_database_backend();
    sql::among(backend, column, sql::ids(backend, ids.iter().copied()))
}

/// Adds the allowed records that the records of a set reference, transitively.
async fn add_referenced(
    store: &DatabaseTransaction,
    found: &mut Ids,
    allowed: &Ids,
) -> Result<(), DbErr> {
    let mut added = found.clone();
    loop {
        let mut next = Ids::default();
        let mut is_done = true;
        for chunk in added.chunks() {
            for id in find_references(store, &chunk).await? {
                if allowed.has(id) && found.insert(id) {
                    next.insert(id);
                    is_done = false;
                }
            }
        }
        if is_done {
            return Ok(());
        }
        added = next;
    }
}

/// The ids that records reference: in their fields, citations and claims.
async fn find_references(store: &DatabaseTransaction, ids: &[Id]) -> Result<BTreeSet<Id>, DbErr> {
    let mut all = BTreeSet::new();
    let kinds = record::Entity::find()
        .select_only()
        .columns([record::Column::Id, record::Column::Kind])
        .filter(among(store, record::Column::Id, ids));
    let mut by_kind: HashMap<RecordKind, Vec<Id>> = HashMap::new();
    for (id, kind) in kinds.into_tuple::<(Id, RecordKind)>().all(store).await? {
        by_kind.entry(kind).or_default().push(id);
    }
    for (kind, own) in by_kind {
        let kind = kind.kind();
        let columns = reference_columns(kind, |_| true);
        let condition = Condition::all().add(is_among(store, Expr::col("id"), &own));
        let mut scan = Scan::new(store, kind, columns).filter(condition);
        while let Some(rows) = scan.next().await? {
            all.extend(rows.into_iter().flat_map(|(_, targets)| targets));
        }
        let own = own.into_iter().collect();
        for references in link_tables(kind) {
            let pairs = linked(store, references, references.own, &own).await?;
            all.extend(pairs.into_iter().map(|(_, other)| other));
        }
    }
    let citations = citation::Entity::find()
        .select_only()
        .column(citation::Column::DocumentId)
        .distinct()
        .filter(among(store, citation::Column::RecordId, ids));
    all.extend(citations.into_tuple::<Id>().all(store).await?);
    let claims = claim::Entity::find()
        .select_only()
        .column(claim::Column::DocumentId)
        .distinct()
        .filter(among(store, claim::Column::RecordId, ids));
    all.extend(claims.into_tuple::<Id>().all(store).await?);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_a_sorted_set() {
        let mut ids = Ids::default();
        let all = [1, 63, 64, 65, 1_000_000];
        for id in all {
            assert!(ids.insert(id));
            assert!(!ids.insert(id));
        }
        ids.remove(64);
        ids.remove(5_000_000);
        assert!(ids.has(63) && ids.has(1_000_000) && !ids.has(64) && !ids.has(2) && !ids.has(-1));
        assert_eq!(ids.chunks().flatten().collect::<Vec<_>>(), [1, 63, 65, 1_000_000]);
    }
}

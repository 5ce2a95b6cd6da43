//! The texts of records as search and filters compare them, made anew where they were altered.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use entity::{
    Id, RecordKind, entity as registry,
    kind::{Field, Type, camel},
    name, term,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, Query},
};

use super::altered::{Altered, add};
use crate::{
    fold::fold,
    search::{indexed, precedence},
    sql,
    store::{CHUNK, among},
};

const NO: i32 = term::NOT_SEARCHED;

/// The texts in the row of a record of a kind: those that are searched or compared folded.
fn texts(kind: RecordKind) -> Vec<&'static Field> {
    let is_text = |field: &&Field| matches!(field.ty, Type::Text) || field.searched.is_some();
    kind.kind().fields.iter().filter(is_text).collect()
}

/// How much the further names of a record of a kind count, and the field that they belong to.
fn further_names(kind: RecordKind) -> (i32, &'static str) {
    let naming = kind.kind().naming.unwrap_or("name");
    match kind.kind().field(naming).map(|field| field.searched) {
        Some(None) => (NO, naming),
        _ => (1, naming),
    }
}

/// The longest folded text that is kept: an index of PostgreSQL takes little more.
const MAX_BYTES: usize = 2_000;

/// A text that was read.
struct Told {
    rank: i32,
    property: &'static str,
    value: String,
    language: Option<String>,
}

/// The terms of a record. Their ids say how much they count, so that a search that stops after so
/// many has met those that count most; and they are the same in every database with this record.
fn terms(record_id: Id, record_kind: RecordKind, mut told: Vec<Told>) -> Vec<term::Model> {
    told.sort_by_key(|one| one.rank);
    let mut known = HashSet::new();
    let mut terms = Vec::with_capacity(told.len());
    for Told { rank, property, value, language } in told {
        let mut folded = fold(&value);
        folded.truncate(MAX_BYTES);
        if folded.is_empty() || !known.insert((property, folded.clone())) {
            continue;
        }
        let words = if rank == NO { String::new() } else { indexed(&folded) };
        let counts = i64::from(rank) * 4 + precedence(record_kind);
        let place = terms.len() as Id;
        let id = counts << 57 | record_id << 16 | place;
        let property = property.to_owned();
        terms.push(term::Model {
            id,
            record_id,
            record_kind,
            property,
            rank,
            language,
            value,
            folded,
            words,
        });
    }
    terms
}

/// Writes the terms of all records anew.
pub async fn put_all(store: &DatabaseTransaction) -> Result<(), DbErr> {
    if store.get_database_backend() == DbBackend::Sqlite {
        for text in CLEAR {
            store.execute_unprepared(text).await?;
        }
    }
    term::Entity::delete_many().exec(store).await?;
    let ids = registry::Entity::find().select_only().column(registry::Column::Id);
    let ids: Vec<Id> = ids.order_by_asc(registry::Column::Id).into_tuple().all(store).await?;
    for chunk in ids.chunks(CHUNK) {
        write(store, chunk).await?;
    }
    count(store, ids.len()).await
}

/// Writes the terms of new records, and of those whose texts were altered.
pub async fn put(
    store: &DatabaseTransaction,
    new: &BTreeMap<Id, RecordKind>,
    altered: &Altered,
) -> Result<(), DbErr> {
    let texts = RecordKind::iter().flat_map(texts);
    let mut properties: HashSet<String> = texts.map(|field| camel(field.name)).collect();
    properties.extend(["names", "language"].map(str::to_owned));
    let mut ids: BTreeSet<Id> = new.keys().copied().collect();
    ids.extend(altered.of_any(&properties));
    let ids: Vec<Id> = ids.into_iter().collect();
    for chunk in ids.chunks(CHUNK) {
        let known: Vec<Id> = chunk.iter().copied().filter(|id| !new.contains_key(id)).collect();
        if !known.is_empty() {
            remove(store, &known).await?;
        }
        write(store, chunk).await?;
    }
    count(store, ids.len()).await
}

/// Lets PostgreSQL count what many new terms have in them. Until it does so by itself, a minute
/// later or more, it takes the words of all texts apart for each search.
async fn count(store: &DatabaseTransaction, records: usize) -> Result<(), DbErr> {
    if store.get_database_backend() == DbBackend::Postgres && records > CHUNK {
        store.execute_unprepared("ANALYZE term").await?;
    }
    Ok(())
}

/// The statements that keep the indexes of words true on SQLite, beside those that write the table:
/// before all its rows go or some do, and after some came. A trigger for each row takes a quarter
/// longer, and three times as long where rows do not come in the order of their ids.
const CLEAR: [&str; 2] = [
    "INSERT INTO term_word (term_word) VALUES ('delete-all')",
    "INSERT INTO term_gram (term_gram) VALUES ('delete-all')",
];
const LEAVE: [&str; 2] = [
    "DELETE FROM term_word WHERE rowid IN (SELECT id FROM term WHERE rank < 9 AND record_id IN \
     (SELECT value FROM json_each(?)))",
    "DELETE FROM term_gram WHERE rowid IN (SELECT id FROM term WHERE record_id IN \
     (SELECT value FROM json_each(?)))",
];
const ENTER: [&str; 2] = [
    "INSERT INTO term_word (rowid, words) SELECT id, words FROM term WHERE rank < 9 AND \
     record_id IN (SELECT value FROM json_each(?)) ORDER BY id",
    "INSERT INTO term_gram (rowid, folded) SELECT id, folded FROM term WHERE \
     record_id IN (SELECT value FROM json_each(?)) ORDER BY id",
];

async fn index(
    store: &DatabaseTransaction,
    statements: [&str; 2],
    records: &[Id],
) -> Result<(), DbErr> {
    let backend = store.get_database_backend();
    if backend == DbBackend::Sqlite {
        for text in statements {
            let records = sql::ids(backend, records.iter().copied());
            let statement = Statement::from_sql_and_values(backend, text, [records]);
            store.execute_raw(statement).await?;
        }
    }
    Ok(())
}

async fn remove(store: &DatabaseTransaction, records: &[Id]) -> Result<(), DbErr> {
    index(store, LEAVE, records).await?;
    let own = among(store, term::Column::RecordId, records);
    term::Entity::delete_many().filter(own).exec(store).await?;
    Ok(())
}

/// Writes the terms of records that have none, as their rows and names are by now.
async fn write(store: &DatabaseTransaction, records: &[Id]) -> Result<(), DbErr> {
    // What was found to be another record is found as that.
    let kinds = registry::Entity::find()
        .select_only()
        .columns([registry::Column::Id, registry::Column::Kind])
        .filter(among(store, registry::Column::Id, records))
        .filter(registry::Column::MergedIntoId.is_null())
        .into_tuple::<(Id, RecordKind)>();
    let kinds: BTreeMap<Id, RecordKind> = kinds.all(store).await?.into_iter().collect();
    let mut told: BTreeMap<Id, Vec<Told>> = BTreeMap::new();
    for kind in RecordKind::iter() {
        let own = kinds.iter().filter(|(_, own)| **own == kind).map(|(id, _)| *id);
        read_rows(store, kind, own.collect(), &mut told).await?;
    }
    let names = name::Entity::find()
        .select_only()
        .columns([name::Column::RecordId, name::Column::Value, name::Column::Language])
        .filter(among(store, name::Column::RecordId, records))
        .order_by_asc(name::Column::RecordId)
        .order_by_asc(name::Column::Position)
        .into_tuple::<(Id, String, Option<String>)>();
    for (record, value, language) in names.all(store).await? {
        let Some(kind) = kinds.get(&record) else { continue };
        let (rank, property) = further_names(*kind);
        told.entry(record).or_default().push(Told { rank, property, value, language });
    }
    let own = told.into_iter().filter_map(|(id, told)| Some((id, *kinds.get(&id)?, told)));
    let mut rows: Vec<_> = own.flat_map(|(id, kind, told)| terms(id, kind, told)).collect();
    rows.sort_unstable_by_key(|row| row.id);
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    add::<term::Entity>(store, rows).await?;
    index(store, ENTER, records).await
}

/// Reads the texts in the rows of records of one kind.
async fn read_rows(
    store: &DatabaseTransaction,
    kind: RecordKind,
    records: Vec<Id>,
    told: &mut BTreeMap<Id, Vec<Told>>,
) -> Result<(), DbErr> {
    let texts = texts(kind);
    if texts.is_empty() || records.is_empty() {
        return Ok(());
    }
    let kind = kind.kind();
    let backend = store.get_database_backend();
    let mut select = Query::select();
    select.column("id").columns(texts.iter().map(|field| field.name)).from(kind.table);
    let speaks = kind.field("language").is_some();
    if speaks {
        select.column("language");
    }
    select.and_where(sql::among(backend, Expr::col("id"), sql::ids(backend, records)));
    for row in store.query_all(&select).await? {
        let record: Id = row.try_get("", "id")?;
        for field in &texts {
            let Some(value) = row.try_get::<Option<String>>("", field.name)? else { continue };
            let language = match speaks && kind.naming == Some(field.name) {
                true => row.try_get("", "language")?,
                false => None,
            };
            let rank = field.searched.unwrap_or(NO);
            let one = Told { rank, property: field.name, value, language };
            told.entry(record).or_default().push(one);
        }
    }
    Ok(())
}

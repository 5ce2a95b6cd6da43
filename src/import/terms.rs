//! Writes the terms of records: their names and texts, folded for search and filters.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use entity::{
    Id, RecordKind,
    kind::{Field, Type, camel},
    name, record, term,
    term::NOT_SEARCHED,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, Query},
};

use super::altered::{Altered, insert_new};
use crate::{
    fold::fold,
    search::{index_words, precedence},
    sql,
    store::{CHUNK, among},
};

/// The text fields of a kind that are searched, or that filters compare folded.
fn text_fields(kind: RecordKind) -> Vec<&'static Field> {
    let is_text = |field: &&Field| matches!(field.ty, Type::Text) || field.search_rank.is_some();
    kind.kind().fields.iter().filter(is_text).collect()
}

/// The rank of the alternative names of a kind, and the field that they belong to.
fn alternative_names(kind: RecordKind) -> (i32, &'static str) {
    let naming = kind.kind().naming.unwrap_or("name");
    match kind.kind().field(naming).map(|field| field.search_rank) {
        Some(None) => (NOT_SEARCHED, naming),
        _ => (1, naming),
    }
}

/// The maximum length of a folded text: the limit of PostgreSQL's indexes is slightly higher.
const MAX_BYTES: usize = 2_000;

/// Text of a record.
struct Text {
    rank: i32,
    property: &'static str,
    value: String,
    language: Option<String>,
}

/// The terms of a record. Their ids are ordered by rank, so that a limited search finds the terms of
/// the highest rank first. The ids are the same in every database with this record.
fn terms(record_id: Id, record_kind: RecordKind, mut texts: Vec<Text>) -> Vec<term::Model> {
    texts.sort_by_key(|one| one.rank);
    let mut seen = HashSet::new();
    let mut terms = Vec::with_capacity(texts.len());
    for Text { rank, property, value, language } in texts {
        let mut folded = fold(&value);
        folded.truncate(MAX_BYTES);
        if folded.is_empty() || !seen.insert((property, folded.clone())) {
            continue;
        }
        let words = if rank == NOT_SEARCHED { String::new() } else { index_words(&folded) };
        let precedence = i64::from(rank) * 4 + precedence(record_kind);
        let index = terms.len() as Id;
        let id = precedence << 57 | record_id << 16 | index;
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

/// Deletes and writes the terms of all records.
pub async fn write_all(store: &DatabaseTransaction) -> Result<(), DbErr> {
    if store.get_database_backend() == DbBackend::Sqlite {
        for text in INDEX_CLEAR {
            store.execute_unprepared(text).await?;
        }
    }
    term::Entity::delete_many().exec(store).await?;
    let ids = record::Entity::find().select_only().column(record::Column::Id);
    let ids: Vec<Id> = ids.order_by_asc(record::Column::Id).into_tuple().all(store).await?;
    for chunk in ids.chunks(CHUNK) {
        write(store, chunk).await?;
    }
    analyze(store, ids.len()).await
}

/// Writes the terms of new records, and of records whose texts were altered.
pub async fn write_altered(
    store: &DatabaseTransaction,
    new: &BTreeMap<Id, RecordKind>,
    altered: &Altered,
) -> Result<(), DbErr> {
    let fields = RecordKind::iter().flat_map(text_fields);
    let mut properties: HashSet<String> = fields.map(|field| camel(field.name)).collect();
    properties.extend(["names", "language"].map(str::to_owned));
    let mut ids: BTreeSet<Id> = new.keys().copied().collect();
    ids.extend(altered.with_any(&properties));
    let ids: Vec<Id> = ids.into_iter().collect();
    for chunk in ids.chunks(CHUNK) {
        let stored: Vec<Id> = chunk.iter().copied().filter(|id| !new.contains_key(id)).collect();
        if !stored.is_empty() {
            remove(store, &stored).await?;
        }
        write(store, chunk).await?;
    }
    analyze(store, ids.len()).await
}

/// Updates PostgreSQL's statistics after many new terms. Autovacuum updates them a minute later or more;
/// until then, each search would parse the words of all texts.
async fn analyze(store: &DatabaseTransaction, records: usize) -> Result<(), DbErr> {
    if store.get_database_backend() == DbBackend::Postgres && records > CHUNK {
        store.execute_unprepared("ANALYZE term").await?;
    }
    Ok(())
}

/// The statements that update the full-text indexes on SQLite: before all rows of the table are
/// deleted, before some rows are deleted, and after rows are inserted. Triggers would take a quarter
/// longer, and three times as long if rows are not inserted in the order of their ids.
const INDEX_CLEAR: [&str; 2] = [
    "INSERT INTO term_word (term_word) VALUES ('delete-all')",
    "INSERT INTO term_gram (term_gram) VALUES ('delete-all')",
];
const INDEX_DELETE: [&str; 2] = [
    "DELETE FROM term_word WHERE rowid IN (SELECT id FROM term WHERE rank < 9 AND record_id IN \
     (SELECT value FROM json_each(?)))",
    "DELETE FROM term_gram WHERE rowid IN (SELECT id FROM term WHERE record_id IN \
     (SELECT value FROM json_each(?)))",
];
const INDEX_INSERT: [&str; 2] = [
    "INSERT INTO term_word (rowid, words) SELECT id, words FROM term WHERE rank < 9 AND \
     record_id IN (SELECT value FROM json_each(?)) ORDER BY id",
    "INSERT INTO term_gram (rowid, folded) SELECT id, folded FROM term WHERE \
     record_id IN (SELECT value FROM json_each(?)) ORDER BY id",
];

async fn update_index(
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
    update_index(store, INDEX_DELETE, records).await?;
    let own = among(store, term::Column::RecordId, records);
    term::Entity::delete_many().filter(own).exec(store).await?;
    Ok(())
}

/// Writes the terms of records without terms, from their current rows and names.
async fn write(store: &DatabaseTransaction, records: &[Id]) -> Result<(), DbErr> {
    // A merged record is found as the record it was merged into.
    let kinds = record::Entity::find()
        .select_only()
        .columns([record::Column::Id, record::Column::Kind])
        .filter(among(store, record::Column::Id, records))
        .filter(record::Column::MergedIntoId.is_null())
        .into_tuple::<(Id, RecordKind)>();
    let kinds: BTreeMap<Id, RecordKind> = kinds.all(store).await?.into_iter().collect();
    let mut texts: BTreeMap<Id, Vec<Text>> = BTreeMap::new();
    for kind in RecordKind::iter() {
        let own = kinds.iter().filter(|(_, own)| **own == kind).map(|(id, _)| *id);
        read_rows(store, kind, own.collect(), &mut texts).await?;
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
        let (rank, property) = alternative_names(*kind);
        texts.entry(record).or_default().push(Text { rank, property, value, language });
    }
    let own = texts.into_iter().filter_map(|(id, texts)| Some((id, *kinds.get(&id)?, texts)));
    let mut rows: Vec<_> = own.flat_map(|(id, kind, texts)| terms(id, kind, texts)).collect();
    rows.sort_unstable_by_key(|row| row.id);
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    insert_new::<term::Entity>(store, rows).await?;
    update_index(store, INDEX_INSERT, records).await
}

/// Reads the texts of the rows of one kind.
async fn read_rows(
    store: &DatabaseTransaction,
    kind: RecordKind,
    records: Vec<Id>,
    texts: &mut BTreeMap<Id, Vec<Text>>,
) -> Result<(), DbErr> {
    let fields = text_fields(kind);
    if fields.is_empty() || records.is_empty() {
        return Ok(());
    }
    let kind = kind.kind();
    let backend = store.get_database_backend();
    let mut select = Query::select();
    select.column("id").columns(fields.iter().map(|field| field.name)).from(kind.table);
    let has_language = kind.field("language").is_some();
    if has_language {
        select.column("language");
    }
    select.and_where(sql::among(backend, Expr::col("id"), sql::ids(backend, records)));
    for row in store.query_all(&select).await? {
        let record: Id = row.try_get("", "id")?;
        for field in &fields {
            let Some(value) = row.try_get::<Option<String>>("", field.name)? else { continue };
            let language = if has_language && kind.naming == Some(field.name) {
                row.try_get("", "language")?
            } else {
                None
            };
            let rank = field.search_rank.unwrap_or(NOT_SEARCHED);
            let one = Text { rank, property: field.name, value, language };
            texts.entry(record).or_default().push(one);
        }
    }
    Ok(())
}

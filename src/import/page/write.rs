//! Rows of `page_reader` to the data set: new records and claims as rows of files, additions beside
//! them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{Id, PartialDate, document, document::DocumentExtent, membership, seat_allocation};
use page_reader::{Row, Value};
use sea_orm::{ActiveEnum, DatabaseTransaction, DbErr};

use crate::{
    import::{
        Applied, File, ImportError,
        apply::{self, Batch},
        dataset, held, index,
        row::Index,
        seats,
        text::{Cell, Datum, Raw},
    },
    store::find,
};

/// Validates the rows and applies them.
pub async fn apply(
    store: &DatabaseTransaction,
    rows: Vec<Row>,
    now: DateTime<Utc>,
) -> Result<Applied, ImportError> {
    let (additions, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.addition);
    let raws: Vec<Raw> = rows.into_iter().map(raw).collect();
    let mut problems = Vec::new();
    let (index, new) = index(store, &raws, &mut problems).await?;
    let (held, seats) = (held(store).await?, seats(store).await?);
    let mut batch = dataset::read(raws, &index, held, seats, &mut problems);
    if !problems.is_empty() {
        problems.sort();
        problems.dedup();
        return Err(ImportError::Wrong(problems));
    }
    batch.new = new;
    add(store, &index, &additions, &mut batch).await?;
    Ok(apply::apply(store, batch, now).await?)
}

/// A row as a file has it.
fn raw(row: Row) -> Raw {
    let Row { file, line, table, slug, keys, .. } = row;
    let cell = |datum| Cell { line, datum };
    let text = |text| cell(Datum::Text(text));
    let cells = keys.into_iter().map(|(key, value)| {
        let datum = match value {
            Value::Text(text) => Datum::Text(text),
            Value::List(items) => Datum::List(items.into_iter().map(text).collect()),
            Value::Table(keys) => {
                Datum::Table(keys.into_iter().map(|(key, value)| (key, text(value))).collect())
            }
        };
        (key.to_owned(), cell(datum))
    });
    let slug = slug.map(|slug| ("slug".to_owned(), text(slug)));
    let file = File { name: file, text: String::new() };
    Raw::new(&file, line, table.to_owned(), cells.chain(slug).collect())
}

/// Adds to known records what their additions give, and nothing else.
async fn add(
    store: &DatabaseTransaction,
    index: &Index,
    additions: &[Row],
    batch: &mut Batch,
) -> Result<(), DbErr> {
    let mut documents: BTreeMap<Id, &Row> = BTreeMap::new();
    let mut observed: BTreeMap<Id, PartialDate> = BTreeMap::new();
    for row in additions {
        let Some(record) = row.slug.as_ref().and_then(|slug| index.get(slug)) else { continue };
        if row.table == "document" {
            documents.insert(record.id, row);
        }
        for (key, value) in &row.keys {
            match (*key, value) {
                ("sources", Value::List(slugs)) => {
                    // By slug, whatever the order of the pages.
                    let slugs: BTreeSet<&String> = slugs.iter().collect();
                    let sources = slugs.into_iter().filter_map(|slug| index.get(slug));
                    batch.citations.extend(sources.map(|document| (record.id, document.id)));
                }
                ("mentions", Value::List(places)) => {
                    let places = places.iter().filter_map(|place| place.split_once('#'));
                    batch.mentions.extend(places.filter_map(|(slug, place)| {
                        let named = index.get(slug)?;
                        Some(((record.id, named.id), (named.kind, Some(place.to_owned()))))
                    }));
                }
                ("identifiers", Value::Table(all)) => {
                    let all = all.iter().map(|(scheme, value)| (scheme.clone(), value.clone()));
                    let all = all.map(|(scheme, value)| (record.id, scheme, value));
                    batch.identifiers.extend(all);
                }
                ("observed", Value::Text(day)) => {
                    observed.extend(day.parse().ok().map(|day| (record.id, day)));
                }
                _ => {}
            }
        }
    }
    let ids = documents.keys().copied().collect();
    for model in find::<document::Entity>(store, document::Column::Id, &ids).await? {
        let row = documents[&model.id];
        batch.document.push(fill(model, row));
    }
    widen(store, &observed, batch).await
}

/// A document with the fields that an addition gives.
fn fill(mut model: document::Model, row: &Row) -> document::Model {
    for (key, value) in &row.keys {
        let Value::Text(text) = value else { continue };
        let value = Some(text.clone());
        match *key {
            "url" => model.url = value,
            "file" => model.file = value,
            "title" => model.title = value,
            "language" => model.language = value,
            "published_basis" => model.published_basis = value,
            "extent" => model.extent = DocumentExtent::try_from_value(text).ok(),
            "published" => {
                (model.published_earliest, model.published_latest) =
                    PartialDate::to_columns(text.parse().ok());
            }
            _ => {}
        }
    }
    model
}

/// Widens the days on which known posts and allocations were observed.
async fn widen(
    store: &DatabaseTransaction,
    observed: &BTreeMap<Id, PartialDate>,
    batch: &mut Batch,
) -> Result<(), DbErr> {
    let ids: BTreeSet<Id> = observed.keys().copied().collect();
    macro_rules! widen {
        ($($table:ident)*) => {
            $(for mut row in find::<$table::Entity>(store, $table::Column::Id, &ids).await? {
                let day = observed[&row.id];
                let first = row.observed_first_earliest;
                if first.is_none_or(|first| day.earliest() < first) {
                    (row.observed_first_earliest, row.observed_first_latest) =
                        PartialDate::to_columns(Some(day));
                }
                let last = row.observed_last_latest;
                if last.is_none_or(|last| day.latest() > last) {
                    (row.observed_last_earliest, row.observed_last_latest) =
                        PartialDate::to_columns(Some(day));
                }
                batch.$table.push(row);
            })*
        };
    }
    widen! { membership seat_allocation }
    Ok(())
}

//! Imports the rows of `page_reader`: new records and claims like rows of a file, and additions to
//! stored records.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::{Id, PartialDate, RecordKind};
use page_reader::{Row, Value};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    import::{
        Applied, File, ImportError,
        raw::{Cell, Datum, Raw},
        row::Index,
        validate::{Attached, Validated, validate},
        values,
        write::{self, Fold},
    },
    store::rows::{Rows, date_columns},
};

/// Validates the rows and applies them.
pub async fn apply(
    store: &DatabaseTransaction,
    rows: Vec<Row>,
    now: DateTime<Utc>,
) -> Result<Applied, ImportError> {
    let (additions, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.addition);
    let raws: Vec<Raw> = rows.into_iter().map(raw).collect();
    let (mut validated, index) = validate(store, raws, Vec::new()).await?;
    add(store, &index, &additions, &mut validated).await?;
    Ok(write::apply(store, validated, Fold::Altered, now).await?)
}

/// Converts a row to a row of a file.
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

/// Adds the values of additions to the stored records.
async fn add(
    store: &DatabaseTransaction,
    index: &Index,
    additions: &[Row],
    validated: &mut Validated,
) -> Result<(), DbErr> {
    let mut by_kind: BTreeMap<RecordKind, BTreeMap<Id, Vec<&Row>>> = BTreeMap::new();
    for row in additions {
        let Some(record) = row.slug.as_ref().and_then(|slug| index.get(slug)) else { continue };
        by_kind.entry(record.kind).or_default().entry(record.id).or_default().push(row);
        attach(index, record.id, row, &mut validated.attached);
    }
    for (kind, additions) in by_kind {
        let ids = additions.keys().copied().collect();
        let mut rows = Rows::find(store, kind, "id", &ids).await?;
        for at in 0..rows.len() {
            let own = rows.id(at, "id").and_then(|id| additions.get(&id));
            for row in own.into_iter().flatten() {
                set(&mut rows, at, row)?;
            }
        }
        validated.records.of_mut(kind).join(rows);
    }
    Ok(())
}

/// Attaches the sources, mentions and identifiers of an addition.
fn attach(index: &Index, record: Id, row: &Row, attached: &mut Attached) {
    for (key, value) in &row.keys {
        match (*key, value) {
            ("sources", Value::List(slugs)) => {
                // In the order of slugs, which does not depend on the order of the pages.
                let slugs: BTreeSet<&String> = slugs.iter().collect();
                let sources = slugs.into_iter().filter_map(|slug| index.get(slug));
                attached.citations.extend(sources.map(|document| (record, document.id)));
            }
            ("mentions", Value::List(mentions)) => {
                let mentions = mentions.iter().filter_map(|mention| mention.split_once('#'));
                attached.mentions.extend(mentions.filter_map(|(slug, locator)| {
                    let target = index.get(slug)?;
                    Some(((record, target.id), (target.kind, Some(locator.to_owned()))))
                }));
            }
            ("identifiers", Value::Table(all)) => {
                let all = all.iter().map(|(scheme, value)| (scheme.clone(), value.clone()));
                attached.identifiers.extend(all.map(|(scheme, value)| (record, scheme, value)));
            }
            _ => {}
        }
    }
}

/// Sets the fields of an addition.
fn set(rows: &mut Rows, at: usize, row: &Row) -> Result<(), DbErr> {
    for (key, value) in &row.keys {
        let Value::Text(text) = value else { continue };
        if *key == "observed" {
            if let Ok(day) = text.parse() {
                extend_observed(rows, at, day)?;
            }
            continue;
        }
        let field = rows.kind().field(key);
        for (column, value) in
            field.and_then(|field| values::columns(field, text).ok()).unwrap_or_default()
        {
            rows.set(at, &column, value)?;
        }
    }
    Ok(())
}

/// Extends the first and the last day on which a record was observed.
fn extend_observed(rows: &mut Rows, at: usize, day: PartialDate) -> Result<(), DbErr> {
    let first = rows.day(at, "observed_first_earliest");
    let last = rows.day(at, "observed_last_latest");
    let ends = [
        ("observed_first", first.is_none_or(|first| day.earliest() < first)),
        ("observed_last", last.is_none_or(|last| day.latest() > last)),
    ];
    for (end, _) in ends.into_iter().filter(|(_, is_extended)| *is_extended) {
        for (column, value) in date_columns(end, Some(day)) {
            rows.set(at, &column, value)?;
        }
    }
    Ok(())
}

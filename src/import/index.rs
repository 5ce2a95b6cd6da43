//! The index of slugs: maps the slugs in the files and in the database to records.

use std::{collections::HashMap, sync::Arc};

use entity::{Id, RecordKind, alias, record};
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait};

use super::{
    keys::{kind_of, unknown_table},
    raw::{Datum, Problem, Raw},
    row::{Index, Target},
};
use crate::text::with_article;

/// Builds the index of slugs, and lists the records that are new.
pub async fn index(
    store: &DatabaseTransaction,
    raws: &[Raw],
    problems: &mut Vec<Problem>,
) -> Result<(Index, Vec<(Id, RecordKind, String)>), DbErr> {
    let mut index = Index::new();
    let stored = record::Entity::find().all(store).await?;
    let max_id = stored.iter().map(|row| row.id).max().unwrap_or_default();
    let mut kinds = HashMap::new();
    for row in stored {
        kinds.insert(row.id, row.kind);
        index.insert(row.slug, Target { id: row.id, kind: row.kind });
    }
    let mut aliases = HashMap::new();
    for row in alias::Entity::find().all(store).await? {
        aliases.insert(row.slug, row.record_id);
    }
    let mut new = Vec::new();
    let mut lines: HashMap<String, (Arc<str>, usize)> = HashMap::new();
    let mut register_slug = |slug: &str, raw: &Raw, line: usize, problems: &mut Vec<Problem>| {
        if let Some((file, first)) = lines.get(slug) {
            let message = format!("the slug `{slug}` is already used at {file}:{first}");
            problems.push(raw.problem(line, message));
            return false;
        }
        if !is_slug(slug) {
            let message = format!(
                "`{slug}` is not a valid slug; use a-z, 0-9 and single hyphens between them"
            );
            problems.push(raw.problem(line, message));
        }
        lines.insert(slug.to_owned(), (raw.file.clone(), line));
        true
    };
    for raw in raws {
        let line = raw.keys.get("slug").map_or(raw.line, |cell| cell.line);
        let Some(kind) = kind_of(&raw.table) else {
            match (raw.table.as_str(), raw.text("slug")) {
                ("claim", _) => {}
                ("contradiction", slug) => {
                    slug.map(|slug| register_slug(slug, raw, line, problems));
                }
                _ => problems.push(raw.problem(raw.line, unknown_table(&raw.table))),
            }
            continue;
        };
        let Some(slug) = raw.text("slug") else {
            problems.push(raw.problem(line, "`slug` is missing; it must be unique"));
            continue;
        };
        if !register_slug(slug, raw, line, problems) {
            continue;
        }
        match index.get(slug).copied() {
            Some(target) if target.kind != kind.kind => {
                let (actual, expected) =
                    (with_article(target.kind.kind().table), with_article(&raw.table));
                let message = format!("`{slug}` is {actual} in the database, not {expected}");
                problems.push(raw.problem(line, message));
            }
            Some(_) => {}
            None if aliases.contains_key(slug) => {
                let message = format!("`{slug}` is an alias of a record in the database");
                problems.push(raw.problem(line, message));
            }
            None => {
                let id = max_id + 1 + Id::try_from(new.len()).unwrap_or_default();
                new.push((id, kind.kind, slug.to_owned()));
                index.insert(slug.to_owned(), Target { id, kind: kind.kind });
            }
        }
        let own = index.get(slug).copied();
        let Some(Datum::List(cells)) = raw.keys.get("aliases").map(|cell| &cell.datum) else {
            continue;
        };
        for cell in cells {
            let Datum::Text(alias) = &cell.datum else {
                let message =
                    format!("`aliases` must be a list of slugs, not {}", cell.datum.type_name());
                problems.push(raw.problem(cell.line, message));
                continue;
            };
            if !register_slug(alias, raw, cell.line, problems) {
                continue;
            }
            let record = aliases.get(alias).copied().or(index.get(alias).map(|target| target.id));
            if record.is_some() && record != own.map(|own| own.id) {
                let message = format!("`{alias}` is a slug of another record in the database");
                problems.push(raw.problem(cell.line, message));
            }
            index.extend(own.map(|own| (alias.clone(), own)));
        }
    }
    for (slug, id) in aliases {
        if let Some(kind) = kinds.get(&id) {
            index.entry(slug).or_insert(Target { id, kind: *kind });
        }
    }
    Ok((index, new))
}

/// Whether a string is a valid slug.
pub fn is_slug(slug: &str) -> bool {
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    slug.len() <= 200 && slug.split('-').all(is_word)
}

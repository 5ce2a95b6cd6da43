//! Slugs of rows and of the database, and the records that they lead to.

use std::{collections::HashMap, sync::Arc};

use entity::{Id, RecordKind, alias, entity as registry};
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait};

use super::{
    keys::kind_of,
    raw::{Datum, Problem, Raw},
    row::{Index, Target},
};

/// Where every slug of the files leads, and the records that are new.
pub async fn index(
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
        let Some(kind) = kind_of(&raw.table) else {
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

//! Writes an import: rows, the data attached to records, and the change log.
//!
//! Each stage consumes the type of the stage before: [`Validated`] -> `Preferred` -> [`Dated`] ->
//! written.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt,
};

use chrono::{DateTime, Utc};
use entity::{
    Id, RecordKind, alias, change,
    change::Operation,
    citation, claim, identifier,
    kind::{References, Temporality, Type, camel, in_writing_order},
    mention, name, record, seat_total,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    altered::{Altered, insert, insert_new},
    date::{self, Dated, linked},
    prefer,
    row::Name,
    terms,
    validate::{Attached, Links, Validated},
};
use crate::{
    evidence::contradictions,
    store::{CHUNK, among, find, rows::Rows},
    text::plural,
};

/// The numbers of records that an import created and updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub created: usize,
    pub updated: usize,
    /// The updated records whose evidence alone changed.
    pub confirmed: usize,
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created, updated, confirmed } = self;
        write!(f, "{}, {updated} updated", plural(*created, "new record"))?;
        if *confirmed > 0 {
            write!(f, " ({confirmed} only in claims or sources)")?;
        }
        Ok(())
    }
}

/// Properties that are evidence about a record, not data of the record.
const EVIDENCE: [&str; 3] = ["claims", "sources", "contradictions"];

/// The records whose texts are folded for search and filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Altered,
    All,
}

/// Writes the rows that differ from the stored ones, and a change for each altered record.
pub async fn apply(
    store: &DatabaseTransaction,
    validated: Validated,
    fold: Fold,
    now: DateTime<Utc>,
) -> Result<Applied, DbErr> {
    let preferred = prefer::prefer(store, validated, now).await?;
    let dated = date::date(store, preferred).await?;
    write(store, dated, fold, now).await
}

async fn write(
    store: &DatabaseTransaction,
    dated: Dated,
    fold: Fold,
    now: DateTime<Utc>,
) -> Result<Applied, DbErr> {
    let Dated { new, mut records, links, attached, seat_totals, concerned, mut altered } = dated;
    let fresh: HashSet<Id> = new.keys().copied().collect();
    for kind in in_writing_order() {
        let rows = std::mem::replace(records.of_mut(kind), Rows::empty(kind));
        altered.upsert(store, rows, &fresh).await?;
    }
    write_links(store, links, &mut altered).await?;
    write_seat_totals(store, seat_totals).await?;
    let Attached { names, more_names, identifiers, aliases, citations, mentions } = attached;
    replace_names(store, names, &fresh, &mut altered).await?;
    add_names(store, more_names, &mut altered).await?;
    add_identifiers(store, identifiers, &fresh, &mut altered).await?;
    add_aliases(store, aliases, &mut altered).await?;
    add_citations(store, citations, &fresh, &mut altered).await?;
    add_mentions(store, mentions, &fresh, &mut altered).await?;
    match fold {
        Fold::All => terms::write_all(store).await?,
        Fold::Altered => terms::write_altered(store, &new, &altered).await?,
    }
    let mut scope = concerned;
    scope.extend(&altered.referenced);
    scope.extend(bounded_records(store, &altered).await?);
    scope.extend(contradictions::records_with_dangling_claims(store, &new).await?);
    for record in contradictions::refresh(store, &scope).await? {
        altered.add(record, "contradictions");
    }
    record_changes(store, &new, altered, now).await
}

/// The records bounded by records whose start or end was altered.
async fn bounded_records(
    store: &DatabaseTransaction,
    altered: &Altered,
) -> Result<BTreeSet<Id>, DbErr> {
    let ends = entity::kinds().filter_map(entity::Kind::ends);
    let dates = ends.flat_map(|(start, end)| [start, end]).chain(["observed"]);
    let dates = dates.map(camel).collect();
    contradictions::records_bounded_by(store, altered.with_any(&dates).collect()).await
}

/// All rows with derived data.
pub async fn all_derived(store: &DatabaseTransaction) -> Result<Validated, DbErr> {
    let mut all = Validated::default();
    for kind in entity::kinds().filter(|kind| kind.time != Temporality::Timeless) {
        *all.records.of_mut(kind.kind) = Rows::all(store, kind.kind).await?;
    }
    let claimed = claim::Entity::find().select_only().column(claim::Column::RecordId).distinct();
    all.evidence.claimed = claimed.into_tuple().all(store).await?;
    Ok(all)
}

/// Replaces the alternative names of records.
async fn replace_names(
    store: &DatabaseTransaction,
    names: BTreeMap<Id, Vec<Name>>,
    new: &HashSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let owners: Vec<Id> = names.keys().copied().filter(|id| !new.contains(id)).collect();
    let mut before: HashMap<Id, Vec<name::Model>> = HashMap::new();
    for chunk in owners.chunks(CHUNK) {
        let rows = name::Entity::find().filter(among(store, name::Column::RecordId, chunk));
        for row in rows.all(store).await? {
            before.entry(row.record_id).or_default().push(row);
        }
    }
    let mut fresh = Vec::new();
    for (owner, names) in names {
        let mut old = before.remove(&owner).unwrap_or_default();
        old.sort_by_key(|row| row.position);
        let same = old.len() == names.len()
            && old.iter().zip(&names).all(|(row, (value, language, kind))| {
                (&row.value, &row.language, &row.kind) == (value, language, kind)
            });
        if same {
            continue;
        }
        altered.add(owner, "names");
        if !old.is_empty() {
            name::Entity::delete_many()
                .filter(name::Column::RecordId.eq(owner))
                .exec(store)
                .await?;
        }
        fresh.extend((1..).zip(names).map(|(position, name)| name_row(owner, position, name)));
    }
    insert_new::<name::Entity>(store, fresh).await
}

/// Adds names to the stored names of records.
async fn add_names(
    store: &DatabaseTransaction,
    names: BTreeMap<Id, Vec<Name>>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let owners = names.keys().copied().collect();
    let mut last: HashMap<Id, i32> = HashMap::new();
    let mut stored = HashSet::new();
    for row in find::<name::Entity>(store, name::Column::RecordId, &owners).await? {
        let last = last.entry(row.record_id).or_default();
        *last = Ord::max(row.position, *last);
        stored.insert((row.record_id, row.value, row.language));
    }
    let mut fresh = Vec::new();
    for (owner, names) in names {
        let last = last.entry(owner).or_default();
        for (value, language, kind) in names {
            if stored.insert((owner, value.clone(), language.clone())) {
                *last += 1;
                altered.add(owner, "names");
                fresh.push(name_row(owner, *last, (value, language, kind)));
            }
        }
    }
    insert_new::<name::Entity>(store, fresh).await
}

fn name_row(owner: Id, position: i32, (value, language, kind): Name) -> name::ActiveModel {
    name::ActiveModel {
        id: sea_orm::NotSet,
        record_id: sea_orm::Set(owner),
        position: sea_orm::Set(position),
        value: sea_orm::Set(value),
        language: sea_orm::Set(language),
        kind: sea_orm::Set(kind),
    }
}

async fn add_identifiers(
    store: &DatabaseTransaction,
    identifiers: Vec<(Id, String, String)>,
    new: &HashSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let owners = identifiers.iter().map(|identifier| identifier.0);
    let owners: BTreeSet<Id> = owners.filter(|id| !new.contains(id)).collect();
    let owners: Vec<Id> = owners.into_iter().collect();
    let mut before = HashSet::new();
    for chunk in owners.chunks(CHUNK) {
        let rows = identifier::Entity::find();
        let rows = rows.filter(among(store, identifier::Column::RecordId, chunk));
        let rows = rows.all(store).await?;
        before.extend(rows.into_iter().map(|row| (row.record_id, row.scheme, row.value)));
    }
    let mut fresh = Vec::new();
    for (owner, scheme, value) in identifiers {
        if before.insert((owner, scheme.clone(), value.clone())) {
            altered.add(owner, "identifiers");
            fresh.push(identifier::ActiveModel {
                id: sea_orm::NotSet,
                record_id: sea_orm::Set(owner),
                scheme: sea_orm::Set(scheme),
                value: sea_orm::Set(value),
            });
        }
    }
    insert_new::<identifier::Entity>(store, fresh).await
}

async fn add_aliases(
    store: &DatabaseTransaction,
    aliases: Vec<(String, Id)>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let owners: Vec<Id> = aliases.iter().map(|alias| alias.1).collect();
    let mut before = HashSet::new();
    for chunk in owners.chunks(CHUNK) {
        let rows = alias::Entity::find().filter(among(store, alias::Column::RecordId, chunk));
        before.extend(rows.all(store).await?.into_iter().map(|row| row.slug));
    }
    let fresh = aliases.into_iter().filter(|(slug, _)| before.insert(slug.clone()));
    let row = |(slug, record_id)| {
        altered.add(record_id, "aliases");
        alias::Model { slug, record_id }
    };
    insert(store, fresh.map(row).collect()).await
}

/// Adds citations. A document that the import no longer cites for a record is kept.
async fn add_citations(
    store: &DatabaseTransaction,
    citations: Vec<(Id, Id)>,
    new: &HashSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let owners = citations.iter().map(|citation| citation.0);
    let owners: BTreeSet<Id> = owners.filter(|id| !new.contains(id)).collect();
    let owners: Vec<Id> = owners.into_iter().collect();
    let mut before: HashMap<Id, Vec<Id>> = HashMap::new();
    for chunk in owners.chunks(CHUNK) {
        let rows = citation::Entity::find().filter(among(store, citation::Column::RecordId, chunk));
        for row in rows.all(store).await? {
            before.entry(row.record_id).or_default().push(row.document_id);
        }
    }
    let mut fresh = Vec::new();
    for (record_id, document_id) in citations {
        let documents = before.entry(record_id).or_default();
        if !documents.contains(&document_id) {
            documents.push(document_id);
            let position = i32::try_from(documents.len()).unwrap_or(i32::MAX);
            fresh.push(citation::Model { record_id, document_id, position });
            altered.add(record_id, "sources");
        }
    }
    insert(store, fresh).await
}

/// Adds mentions, and updates their locators. A mention that the import does not repeat is kept.
async fn add_mentions(
    store: &DatabaseTransaction,
    mentions: BTreeMap<(Id, Id), (RecordKind, Option<String>)>,
    new: &HashSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    use mention::{Column, Entity};
    let is_stored = |id: &Id| !new.contains(id);
    let both =
        mentions.keys().filter(|(document, record)| is_stored(document) && is_stored(record));
    let documents: BTreeSet<Id> = both.clone().map(|mention| mention.0).collect();
    let documents: Vec<Id> = documents.into_iter().collect();
    let records: BTreeSet<Id> = both.map(|mention| mention.1).collect();
    let records: Vec<Id> = records.into_iter().collect();
    let mut before = HashMap::new();
    for chunk in records.chunks(CHUNK) {
        let rows = Entity::find()
            .filter(among(store, Column::DocumentId, &documents))
            .filter(among(store, Column::RecordId, chunk));
        for row in rows.all(store).await? {
            before.insert((row.document_id, row.record_id), row);
        }
    }
    let mut fresh = Vec::new();
    for ((document_id, record_id), (record_kind, locator)) in mentions {
        match before.remove(&(document_id, record_id)) {
            None => {
                altered.add(document_id, "mentions");
                fresh.push(mention::Model { document_id, record_id, record_kind, locator });
            }
            Some(old) if locator.is_some() && locator != old.locator => {
                altered.add(document_id, "mentions");
                let row = mention::Model { locator, ..old };
                row.into_active_model().reset_all().update(store).await?;
            }
            Some(_) => {}
        }
    }
    insert(store, fresh).await
}

/// Replaces the seat totals of delegations.
async fn write_seat_totals(
    store: &DatabaseTransaction,
    totals: BTreeMap<Id, Vec<seat_total::Model>>,
) -> Result<(), DbErr> {
    use seat_total::{Column, Entity};
    let delegations: BTreeSet<Id> = totals.keys().copied().collect();
    let mut before: HashMap<Id, Vec<seat_total::Model>> = HashMap::new();
    for row in find::<Entity>(store, Column::DelegationId, &delegations).await? {
        before.entry(row.delegation_id).or_default().push(row);
    }
    let mut fresh = Vec::new();
    for (delegation, totals) in totals {
        let mut old = before.remove(&delegation).unwrap_or_default();
        old.sort_by_key(|row| row.holds_from);
        if old == totals {
            continue;
        }
        if !old.is_empty() {
            let own = Column::DelegationId.eq(delegation);
            Entity::delete_many().filter(own).exec(store).await?;
        }
        fresh.extend(totals);
    }
    insert(store, fresh).await
}

/// Replaces the references of rows in link tables.
async fn write_links(
    store: &DatabaseTransaction,
    links: Links,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    for ((kind, name), rows) in links {
        let field = kind.kind().field(name);
        let Some(Type::References(references)) = field.map(|field| &field.ty) else { continue };
        let owners = rows.keys().copied().collect();
        let mut before: HashMap<Id, BTreeSet<Id>> = HashMap::new();
        for (row, other) in linked(store, references, references.own, &owners).await? {
            before.entry(row).or_default().insert(other);
        }
        let (mut removed, mut fresh) = (Vec::new(), Vec::new());
        for (row, others) in rows {
            let current: BTreeSet<Id> = others.into_iter().collect();
            let old = before.remove(&row).unwrap_or_default();
            if old == current {
                continue;
            }
            altered.add(row, &camel(name));
            altered.referenced.extend(old.symmetric_difference(&current));
            removed.extend(old.difference(&current).map(|other| (row, *other)));
            fresh.extend(current.difference(&old).map(|other| (row, *other)));
        }
        link(store, references, &removed, &fresh).await?;
    }
    Ok(())
}

/// Deletes and inserts pairs of a link table.
async fn link(
    store: &DatabaseTransaction,
    references: &'static References,
    removed: &[(Id, Id)],
    fresh: &[(Id, Id)],
) -> Result<(), DbErr> {
    let References { table, own, other, .. } = *references;
    for (row, record) in removed {
        let mut delete = Query::delete();
        delete.from_table(table);
        delete.and_where(Expr::col(own).eq(*row)).and_where(Expr::col(other).eq(*record));
        store.execute(&delete).await?;
    }
    for chunk in fresh.chunks(CHUNK) {
        let mut insert = Query::insert();
        insert.into_table(table).columns([own, other]);
        for (row, record) in chunk {
            insert.values_panic([(*row).into(), (*record).into()]);
        }
        store.execute(&insert).await?;
    }
    Ok(())
}

/// Writes one change for each altered record, and updates `updated_at` of these records and of the
/// records that altered references refer to.
async fn record_changes(
    store: &DatabaseTransaction,
    new: &BTreeMap<Id, RecordKind>,
    altered: Altered,
    now: DateTime<Utc>,
) -> Result<Applied, DbErr> {
    let ids: Vec<Id> = altered.properties.keys().copied().collect();
    let mut kinds: HashMap<Id, RecordKind> = new.iter().map(|(id, kind)| (*id, *kind)).collect();
    let rest: Vec<Id> = ids.iter().copied().filter(|id| !new.contains_key(id)).collect();
    for chunk in rest.chunks(CHUNK) {
        let rows = record::Entity::find().filter(among(store, record::Column::Id, chunk));
        kinds.extend(rows.all(store).await?.into_iter().map(|row| (row.id, row.kind)));
    }
    let mut applied = Applied::default();
    let mut changes = Vec::new();
    for (id, properties) in &altered.properties {
        let created = new.contains_key(id);
        applied.created += usize::from(created);
        applied.updated += usize::from(!created);
        let evidence = properties.iter().all(|property| EVIDENCE.contains(&property.as_str()));
        applied.confirmed += usize::from(!created && evidence);
        let properties: serde_json::Value = properties.iter().cloned().collect();
        changes.push(change::ActiveModel {
            revision: sea_orm::NotSet,
            recorded_at: sea_orm::Set(now),
            operation: sea_orm::Set(if created { Operation::Created } else { Operation::Updated }),
            record_id: sea_orm::Set(*id),
            record_kind: sea_orm::Set(kinds[id]),
            properties: sea_orm::Set(properties.to_string()),
        });
    }
    insert_new::<change::Entity>(store, changes).await?;
    let mut updated = altered.referenced;
    updated.extend(ids);
    let updated: Vec<Id> = updated.into_iter().filter(|id| !new.contains_key(id)).collect();
    for chunk in updated.chunks(CHUNK) {
        record::Entity::update_many()
            .col_expr(record::Column::UpdatedAt, Expr::value(now))
            .filter(among(store, record::Column::Id, chunk))
            .exec(store)
            .await?;
    }
    Ok(applied)
}

//! One transaction: what a batch of rows alters, and the changes that tell of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    Id, RecordKind, alias, assembly, attendance, chamber, change, change::Operation, citation,
    claim, commission, commission_assembly, contradiction, contradiction_claim, decision,
    decision_relation, delegation, document, entity as registry, identifier, member, membership,
    mention, name, name::NameKind, parliament, participation, seat_allocation, session, site_state,
    stage, stance, state,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IdenStatic,
    IntoActiveModel, Iterable, ModelTrait, QueryFilter, Value,
};

use super::row::{Statement, camel};
use crate::{evidence, store::among};

/// Rows to bring in: records as their tables have them, ids resolved.
#[derive(Default)]
pub struct Batch {
    /// The records of the batch that are new, in order.
    pub new: Vec<(Id, RecordKind, String)>,
    pub assembly: Vec<assembly::Model>,
    pub state: Vec<state::Model>,
    pub participation: Vec<participation::Model>,
    pub parliament: Vec<parliament::Model>,
    pub chamber: Vec<chamber::Model>,
    pub delegation: Vec<delegation::Model>,
    pub seat_allocation: Vec<seat_allocation::Model>,
    pub member: Vec<member::Model>,
    pub membership: Vec<membership::Model>,
    pub commission: Vec<commission::Model>,
    pub session: Vec<session::Model>,
    pub attendance: Vec<attendance::Model>,
    pub decision: Vec<decision::Model>,
    pub stage: Vec<stage::Model>,
    pub stance: Vec<stance::Model>,
    pub decision_relation: Vec<decision_relation::Model>,
    pub document: Vec<document::Model>,
    pub site_state: Vec<site_state::Model>,
    pub commission_assembly: Vec<commission_assembly::Model>,
    /// All further names of a record.
    pub names: BTreeMap<Id, Vec<(String, Option<String>, NameKind)>>,
    pub identifiers: Vec<(Id, String, String)>,
    pub aliases: Vec<(String, Id)>,
    /// Record and document.
    pub citations: Vec<(Id, Id)>,
    /// Document and record, always a member.
    pub mentions: BTreeSet<(Id, Id)>,
    pub statements: Vec<(Id, RecordKind, Statement)>,
    pub contradictions: Vec<Sides>,
    /// What the fields of the batch's own records serve, by property.
    pub served: HashMap<(Id, String), String>,
}

/// A contradiction and its claims, by value and document.
pub struct Sides {
    pub row: contradiction::Model,
    pub claims: Vec<(String, Id)>,
}

/// What an import altered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub created: usize,
    pub updated: usize,
}

/// The rows of one statement stay under the stores' limits of parameters.
const PARAMETERS: usize = 30_000;
const CHUNK: usize = 1_000;

/// Which properties of which records were altered.
#[derive(Default)]
struct Altered {
    properties: BTreeMap<Id, BTreeSet<String>>,
    /// Records at the other end of an altered edge.
    touched: BTreeSet<Id>,
}

impl Altered {
    fn add(&mut self, id: Id, property: &str) {
        self.properties.entry(id).or_default().insert(property.to_owned());
    }
}

/// Writes what differs from what is there, and a change for each record that it alters.
pub async fn apply(
    store: &DatabaseTransaction,
    mut batch: Batch,
    now: DateTime<Utc>,
) -> Result<Applied, DbErr> {
    let mut altered = Altered::default();
    let registered = |(id, kind, slug): (Id, RecordKind, String)| registry::Model {
        id,
        kind,
        slug,
        merged_into_id: None,
        created_at: now,
        updated_at: now,
    };
    let new: BTreeMap<Id, RecordKind> = batch.new.iter().map(|new| (new.0, new.1)).collect();
    insert(store, batch.new.into_iter().map(registered).collect()).await?;
    let known: HashSet<Id> = new.keys().copied().collect();
    end_memberships(store, &mut batch.membership).await?;

    let commissions: Vec<Id> = batch.commission.iter().map(|row| row.id).collect();
    // The records whose own rows are in the batch: each has an entry of further names.
    let own: HashSet<Id> = batch.names.keys().copied().collect();

    macro_rules! put {
        ($($table:ident)*) => {
            $(put::<$table::Entity>(store, batch.$table, &known, &mut altered).await?;)*
        };
    }
    // In the order of their keys: what others point at comes first.
    put! {
        site_state document state parliament chamber commission assembly session decision member
        delegation seat_allocation participation membership attendance stage stance
        decision_relation
    }
    put_names(store, batch.names, &mut altered).await?;
    add_identifiers(store, batch.identifiers, &mut altered).await?;
    add_aliases(store, batch.aliases, &mut altered).await?;
    add_citations(store, batch.citations, &mut altered).await?;
    add_mentions(store, batch.mentions).await?;
    put_assemblies(store, &commissions, batch.commission_assembly, &mut altered).await?;
    put_claims(store, batch.statements, &own, &batch.served, now, &mut altered).await?;
    put_contradictions(store, batch.contradictions, &own, &mut altered).await?;
    record_changes(store, &new, altered, now).await
}

/// Memberships of the posts in the batch, with those that are in the database: a new holder ends
/// the membership of the one before.
async fn end_memberships(
    store: &DatabaseTransaction,
    rows: &mut Vec<membership::Model>,
) -> Result<(), DbErr> {
    let own: HashSet<Id> = rows.iter().map(|row| row.id).collect();
    let posts = rows.iter().filter(|row| evidence::held_by_one(row.role));
    let mut organizations: BTreeSet<Id> = posts.map(|row| row.organization_id).collect();
    // A post that one of them leaves with this batch is taken by nobody, and ends nobody any more.
    let ids: Vec<Id> = own.iter().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        let before = membership::Entity::find();
        let before = before.filter(among(store, membership::Column::Id, chunk)).all(store).await?;
        let before = before.iter().filter(|row| evidence::held_by_one(row.role));
        organizations.extend(before.map(|row| row.organization_id));
    }
    let organizations: Vec<Id> = organizations.into_iter().collect();
    for chunk in organizations.chunks(CHUNK) {
        let held = membership::Entity::find()
            .filter(among(store, membership::Column::OrganizationId, chunk))
            .all(store)
            .await?;
        let held = held.into_iter();
        rows.extend(held.filter(|row| evidence::held_by_one(row.role) && !own.contains(&row.id)));
    }
    rows.sort_by_key(|row| row.id);
    evidence::infer_ends(rows);
    Ok(())
}

/// Inserts the new rows of a table and updates those that differ.
async fn put<E>(
    store: &DatabaseTransaction,
    rows: Vec<E::Model>,
    new: &HashSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel> + PartialEq + Send + Sync,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    let (fresh, known): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| new.contains(&id_of(row)));
    for row in &fresh {
        altered.properties.entry(id_of(row)).or_default();
        altered.touched.extend(ends(row));
    }
    insert(store, fresh).await?;
    let column: E::Column = "id".parse().ok().expect("a record's table has an id");
    for chunk in known.chunks(CHUNK) {
        let ids: Vec<Id> = chunk.iter().map(id_of).collect();
        let before = E::find().filter(among(store, column, &ids)).all(store).await?;
        let before: HashMap<Id, E::Model> =
            before.into_iter().map(|row| (id_of(&row), row)).collect();
        for row in chunk {
            let id = id_of(row);
            let Some(old) = before.get(&id).filter(|old| *old != row) else { continue };
            for column in E::Column::iter() {
                if old.get(column) != row.get(column) {
                    altered.add(id, &property(column.as_str()));
                }
            }
            altered.touched.extend(ends(old).chain(ends(row)));
            row.clone().into_active_model().reset_all().update(store).await?;
        }
    }
    Ok(())
}

async fn insert<M, E>(store: &DatabaseTransaction, rows: Vec<M>) -> Result<(), DbErr>
where
    M: ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel>,
    E: EntityTrait<Model = M>,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    add::<E>(store, rows.into_iter().map(|row| row.into_active_model()).collect()).await
}

fn id_of<M: ModelTrait>(row: &M) -> Id {
    let column = "id".parse().ok().expect("a record's table has an id");
    match row.get(column) {
        Value::BigInt(Some(id)) => id,
        other => unreachable!("an id is a big integer, not {other:?}"),
    }
}

/// The records that a row points at.
fn ends<M: ModelTrait>(row: &M) -> impl Iterator<Item = Id> {
    let keys = <M::Entity as EntityTrait>::Column::iter()
        .filter(|column| column.as_str().ends_with("_id"));
    keys.filter_map(|column| match row.get(column) {
        Value::BigInt(Some(id)) => Some(id),
        _ => None,
    })
}

/// The field that a column belongs to: `since_earliest` to `since`, `assembly_id` to `assembly`.
fn property(column: &str) -> String {
    let ends = ["_earliest", "_latest", "_id", "_kind"];
    let field = ends.iter().find_map(|end| column.strip_suffix(end)).unwrap_or(column);
    match field {
        "observed_first" | "observed_last" => "observed".to_owned(),
        _ => camel(field),
    }
}

/// The further names of a record are those that the batch gives.
async fn put_names(
    store: &DatabaseTransaction,
    names: BTreeMap<Id, Vec<(String, Option<String>, NameKind)>>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let owners: Vec<Id> = names.keys().copied().collect();
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
        for (position, (value, language, kind)) in (1..).zip(names) {
            fresh.push(name::ActiveModel {
                id: sea_orm::NotSet,
                record_id: sea_orm::Set(owner),
                position: sea_orm::Set(position),
                value: sea_orm::Set(value),
                language: sea_orm::Set(language),
                kind: sea_orm::Set(kind),
            });
        }
    }
    add::<name::Entity>(store, fresh).await
}

/// Inserts rows whose keys count up.
async fn add<E: EntityTrait>(
    store: &DatabaseTransaction,
    rows: Vec<E::ActiveModel>,
) -> Result<(), DbErr>
where
    E::ActiveModel: Send,
{
    let columns = E::Column::iter().count();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(PARAMETERS / columns).collect();
        E::insert_many(chunk).exec_without_returning(store).await?;
    }
    Ok(())
}

async fn add_identifiers(
    store: &DatabaseTransaction,
    identifiers: Vec<(Id, String, String)>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let owners: BTreeSet<Id> = identifiers.iter().map(|identifier| identifier.0).collect();
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
    add::<identifier::Entity>(store, fresh).await
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

/// A document that once supported a record goes on to do so: a later silence retracts nothing.
async fn add_citations(
    store: &DatabaseTransaction,
    citations: Vec<(Id, Id)>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let owners: BTreeSet<Id> = citations.iter().map(|citation| citation.0).collect();
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

async fn add_mentions(
    store: &DatabaseTransaction,
    mentions: BTreeSet<(Id, Id)>,
) -> Result<(), DbErr> {
    let named: BTreeSet<Id> = mentions.iter().map(|mention| mention.1).collect();
    let named: Vec<Id> = named.into_iter().collect();
    let mut before = HashSet::new();
    for chunk in named.chunks(CHUNK) {
        let rows = mention::Entity::find().filter(among(store, mention::Column::RecordId, chunk));
        let rows = rows.all(store).await?;
        before.extend(rows.into_iter().map(|row| (row.document_id, row.record_id)));
    }
    let fresh = mentions.into_iter().filter(|mention| !before.contains(mention));
    let row = |(document_id, record_id)| mention::Model {
        document_id,
        record_id,
        record_kind: RecordKind::Member,
        locator: None,
    };
    insert(store, fresh.map(row).collect()).await
}

/// The assemblies of a commission are those that the batch gives.
async fn put_assemblies(
    store: &DatabaseTransaction,
    commissions: &[Id],
    links: Vec<commission_assembly::Model>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    use commission_assembly::{Column, Entity};
    let mut wanted: BTreeMap<Id, BTreeSet<Id>> =
        commissions.iter().map(|id| (*id, BTreeSet::new())).collect();
    for link in links {
        wanted.entry(link.commission_id).or_default().insert(link.assembly_id);
    }
    let owners: Vec<Id> = wanted.keys().copied().collect();
    let mut before: HashMap<Id, BTreeSet<Id>> = HashMap::new();
    for chunk in owners.chunks(CHUNK) {
        let rows = Entity::find().filter(among(store, Column::CommissionId, chunk));
        for row in rows.all(store).await? {
            before.entry(row.commission_id).or_default().insert(row.assembly_id);
        }
    }
    let mut fresh = Vec::new();
    for (commission_id, assemblies) in wanted {
        let old = before.remove(&commission_id).unwrap_or_default();
        if old == assemblies {
            continue;
        }
        altered.add(commission_id, "assemblies");
        altered.touched.extend(old.symmetric_difference(&assemblies));
        for gone in old.difference(&assemblies) {
            Entity::delete_by_id((commission_id, *gone)).exec(store).await?;
        }
        let added = assemblies.difference(&old);
        let link = |assembly_id: &Id| commission_assembly::Model {
            commission_id,
            assembly_id: *assembly_id,
        };
        fresh.extend(added.map(link));
    }
    insert(store, fresh).await
}

/// Of a record whose own row is in the batch, what each document named there says is restated as a
/// whole; other documents' claims stay, and so do all claims of a record that only claims are given
/// of. What is served is judged anew for every claim of the batch's own records.
async fn put_claims(
    store: &DatabaseTransaction,
    statements: Vec<(Id, RecordKind, Statement)>,
    own: &HashSet<Id>,
    served: &HashMap<(Id, String), String>,
    now: DateTime<Utc>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    type Said = (Id, Id, String, Option<String>);
    let mut order = Vec::new();
    let mut wanted: HashMap<Said, (RecordKind, Statement)> = HashMap::new();
    for (record, kind, said) in statements {
        let key = (record, said.document, said.property.clone(), said.value.clone());
        match wanted.get_mut(&key) {
            Some((_, known)) => merge(known, said),
            None => {
                order.push(key.clone());
                wanted.insert(key, (kind, said));
            }
        }
    }
    let pairs: HashSet<(Id, Id)> = wanted.keys().map(|key| (key.0, key.1)).collect();
    let owners: BTreeSet<Id> = wanted.keys().map(|key| key.0).chain(own.iter().copied()).collect();
    let owners: Vec<Id> = owners.into_iter().collect();
    // Of records without a row in the batch, what the database serves.
    let mut kept: HashMap<(Id, String), Option<String>> = HashMap::new();
    let mut gone = Vec::new();
    for chunk in owners.chunks(CHUNK) {
        let rows = claim::Entity::find().filter(among(store, claim::Column::RecordId, chunk));
        for old in rows.all(store).await? {
            let (record, document) = (old.record_id, old.document_id);
            let restated = own.contains(&record);
            let is_served = match restated {
                true => {
                    let value = served.get(&(record, old.property.clone()));
                    value.is_some() && value == old.value.as_ref()
                }
                false => old.served,
            };
            if is_served && !restated {
                kept.insert((record, old.property.clone()), old.value.clone());
            }
            let key = (record, document, old.property.clone(), old.value.clone());
            let row = match wanted.remove(&key) {
                Some((kind, said)) => claim::Model {
                    id: old.id,
                    served: is_served,
                    ..row_of(record, kind, said, old.recorded_at)
                },
                None if restated && pairs.contains(&(record, document)) => {
                    altered.add(record, "claims");
                    gone.push(old.id);
                    continue;
                }
                None => claim::Model { served: is_served, ..old.clone() },
            };
            if row != old {
                altered.add(record, "claims");
                row.into_active_model().reset_all().update(store).await?;
            }
        }
    }
    for chunk in gone.chunks(CHUNK) {
        use contradiction_claim::{Column, Entity};
        Entity::delete_many().filter(among(store, Column::ClaimId, chunk)).exec(store).await?;
        let claims = claim::Entity::delete_many();
        claims.filter(among(store, claim::Column::Id, chunk)).exec(store).await?;
    }
    let mut fresh = Vec::new();
    for key in order {
        if let Some((kind, said)) = wanted.remove(&key) {
            altered.add(key.0, "claims");
            let place = (key.0, said.property.clone());
            let is_served = match own.contains(&key.0) {
                true => served.get(&place).is_some_and(|value| Some(value) == said.value.as_ref()),
                false => kept.get(&place).is_some_and(|value| *value == said.value),
            };
            let row = claim::Model { served: is_served, ..row_of(key.0, kind, said, now) };
            let mut row = row.into_active_model().reset_all();
            row.id = sea_orm::NotSet;
            fresh.push(row);
        }
    }
    add::<claim::Entity>(store, fresh).await
}

/// Two statements of the same are one, with all that either knows.
fn merge(known: &mut Statement, more: Statement) {
    if more.attribution == claim::Attribution::Value {
        known.attribution = more.attribution;
    }
    join(&mut known.locator, more.locator);
    join(&mut known.note, more.note);
    if more.spell != super::row::SpellColumns::default() {
        known.spell = more.spell;
    }
}

/// Both texts where they differ.
fn join(known: &mut Option<String>, more: Option<String>) {
    match (&mut *known, more) {
        (Some(text), Some(more)) if !text.split("; ").any(|part| part == more) => {
            text.push_str("; ");
            text.push_str(&more);
        }
        (None, more) => *known = more,
        _ => {}
    }
}

fn row_of(
    record_id: Id,
    record_kind: RecordKind,
    said: Statement,
    recorded_at: DateTime<Utc>,
) -> claim::Model {
    claim::Model {
        id: 0,
        record_id,
        record_kind,
        property: said.property,
        value: said.value,
        document_id: said.document,
        locator: said.locator,
        attribution: said.attribution,
        note: said.note,
        since_earliest: said.spell.since.0,
        since_latest: said.spell.since.1,
        until_earliest: said.spell.until.0,
        until_latest: said.spell.until.1,
        observed_first_earliest: said.spell.first.0,
        observed_first_latest: said.spell.first.1,
        observed_last_earliest: said.spell.last.0,
        observed_last_latest: said.spell.last.1,
        served: false,
        recorded_at,
    }
}

async fn put_contradictions(
    store: &DatabaseTransaction,
    contradictions: Vec<Sides>,
    own: &HashSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    for Sides { mut row, claims } in contradictions {
        let owner = row.record_id.unwrap_or_default();
        let by_slug = contradiction::Column::Slug.eq(row.slug.as_str());
        let old = contradiction::Entity::find().filter(by_slug).one(store).await?;
        match &old {
            Some(old) => {
                row.id = old.id;
                if !own.contains(&owner) {
                    // What is served, and by which rule, is judged with the record's own row.
                    row.rule.clone_from(&old.rule);
                }
                if *old != row {
                    altered.add(owner, "contradictions");
                    row.clone().into_active_model().reset_all().update(store).await?;
                }
            }
            None => {
                altered.add(owner, "contradictions");
                let mut fresh = row.into_active_model().reset_all();
                fresh.id = sea_orm::NotSet;
                row = fresh.insert(store).await?;
            }
        }
        let said = claim::Entity::find()
            .filter(claim::Column::RecordId.eq(owner))
            .filter(claim::Column::Property.eq(row.property.as_str()))
            .all(store)
            .await?;
        let side = |(value, document): &(String, Id)| {
            let same = |claim: &&claim::Model| {
                claim.value.as_ref() == Some(value) && claim.document_id == *document
            };
            said.iter().find(same).map(|claim| claim.id)
        };
        let wanted: Vec<Id> = claims.iter().filter_map(side).collect();
        let links = contradiction_claim::Entity::find()
            .filter(contradiction_claim::Column::ContradictionId.eq(row.id));
        let mut links = links.all(store).await?;
        links.sort_by_key(|link| link.position);
        if links.iter().map(|link| link.claim_id).eq(wanted.iter().copied()) {
            continue;
        }
        altered.add(owner, "contradictions");
        contradiction_claim::Entity::delete_many()
            .filter(contradiction_claim::Column::ContradictionId.eq(row.id))
            .exec(store)
            .await?;
        let link = |(position, claim_id)| contradiction_claim::Model {
            contradiction_id: row.id,
            claim_id,
            position,
        };
        insert(store, (1..).zip(wanted).map(link).collect()).await?;
    }
    Ok(())
}

/// One change for each altered record, and the hour at it and at the records its edges touch.
async fn record_changes(
    store: &DatabaseTransaction,
    new: &BTreeMap<Id, RecordKind>,
    altered: Altered,
    now: DateTime<Utc>,
) -> Result<Applied, DbErr> {
    let ids: Vec<Id> = altered.properties.keys().copied().collect();
    let mut kinds: HashMap<Id, RecordKind> = new.iter().map(|(id, kind)| (*id, *kind)).collect();
    for chunk in ids.chunks(CHUNK) {
        let rows = registry::Entity::find().filter(among(store, registry::Column::Id, chunk));
        kinds.extend(rows.all(store).await?.into_iter().map(|row| (row.id, row.kind)));
    }
    let mut applied = Applied::default();
    let mut changes = Vec::new();
    for (id, properties) in &altered.properties {
        let created = new.contains_key(id);
        applied.created += usize::from(created);
        applied.updated += usize::from(!created);
        let properties = serde_json::Value::from_iter(properties.iter().cloned());
        changes.push(change::ActiveModel {
            revision: sea_orm::NotSet,
            recorded_at: sea_orm::Set(now),
            operation: sea_orm::Set(match created {
                true => Operation::Created,
                false => Operation::Updated,
            }),
            record_id: sea_orm::Set(*id),
            record_kind: sea_orm::Set(kinds[id]),
            properties: sea_orm::Set(properties.to_string()),
        });
    }
    add::<change::Entity>(store, changes).await?;
    let mut touched = altered.touched;
    touched.extend(ids);
    let touched: Vec<Id> = touched.into_iter().filter(|id| !new.contains_key(id)).collect();
    for chunk in touched.chunks(CHUNK) {
        registry::Entity::update_many()
            .col_expr(registry::Column::UpdatedAt, sea_orm::sea_query::Expr::value(now))
            .filter(among(store, registry::Column::Id, chunk))
            .exec(store)
            .await?;
    }
    Ok(applied)
}

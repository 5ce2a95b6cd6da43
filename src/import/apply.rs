//! One transaction: what a batch of rows alters, and the changes that tell of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    Id, RecordKind, alias, assembly, attendance, chamber, change, change::Operation, citation,
    claim, commission, commission_assembly, contradiction, contradiction_claim, decision,
    decision_relation, delegation, document, entity as registry, identifier, legislative_period,
    member, membership, mention, name, name::NameKind, parliament, participation, political_group,
    seat_allocation, seat_total, session, site_state, stage, stance, state,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IdenStatic,
    IntoActiveModel, Iterable, ModelTrait, QueryFilter, QuerySelect, Value,
};

use super::{
    claims,
    row::{Statement, camel},
    settle::settle,
    terms,
};
use crate::{
    evidence::contradictions,
    store::{CHUNK, among, find},
};

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
    pub political_group: Vec<political_group::Model>,
    pub legislative_period: Vec<legislative_period::Model>,
    pub session: Vec<session::Model>,
    pub attendance: Vec<attendance::Model>,
    pub decision: Vec<decision::Model>,
    pub stage: Vec<stage::Model>,
    pub stance: Vec<stance::Model>,
    pub decision_relation: Vec<decision_relation::Model>,
    pub document: Vec<document::Model>,
    pub site_state: Vec<site_state::Model>,
    pub commission_assembly: Vec<commission_assembly::Model>,
    /// All totals of a delegation's seats.
    pub seat_totals: BTreeMap<Id, Vec<seat_total::Model>>,
    /// All further names of a record.
    pub names: BTreeMap<Id, Vec<(String, Option<String>, NameKind)>>,
    /// Names that a record has besides those it has already.
    pub more_names: BTreeMap<Id, Vec<(String, Option<String>, NameKind)>>,
    pub identifiers: Vec<(Id, String, String)>,
    pub aliases: Vec<(String, Id)>,
    /// Record and document.
    pub citations: Vec<(Id, Id)>,
    /// What documents name, and where: document and record.
    pub mentions: BTreeMap<(Id, Id), (RecordKind, Option<String>)>,
    pub statements: Vec<(Id, RecordKind, Statement)>,
    /// New records of which one thing is said of each property, as their rows have it: there is
    /// nothing to weigh.
    pub plain: HashSet<Id>,
    /// Further records whose claims are to be looked through.
    pub claimed: Vec<Id>,
    /// Whether the texts of all records are folded anew, not only those that are altered.
    pub refold: bool,
    pub contradictions: Vec<Sides>,
    /// What the keepers say is served of properties that are no fields.
    pub serves: HashMap<(Id, String), String>,
    /// What the fields of the batch's own records serve, by property.
    pub served: HashMap<(Id, String), String>,
}

/// A contradiction and its claims, by value and document.
pub struct Sides {
    pub row: contradiction::Model,
    pub claims: Vec<(String, Id)>,
    /// Further records whose computed contradictions the reading explains.
    pub explains: Vec<Id>,
}

/// What an import altered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub created: usize,
    pub updated: usize,
    /// Of those updated, those of which only more evidence came.
    pub confirmed: usize,
}

/// What a record has of evidence; all else is what it is.
const EVIDENCE: [&str; 3] = ["claims", "sources", "contradictions"];

/// The rows of one statement stay under the stores' limits of parameters.
const PARAMETERS: usize = 30_000;

/// Which properties of which records were altered.
#[derive(Default)]
pub struct Altered {
    properties: BTreeMap<Id, BTreeSet<String>>,
    /// Records at the other end of an altered edge.
    touched: BTreeSet<Id>,
}

impl Altered {
    /// Whether a property of a record was altered.
    pub fn has(&self, id: Id, property: &str) -> bool {
        self.properties.get(&id).is_some_and(|all| all.contains(property))
    }

    /// The records of which any of these properties was altered.
    pub fn of_any(&self, properties: &HashSet<&str>) -> impl Iterator<Item = Id> {
        let any = |all: &BTreeSet<String>| all.iter().any(|one| properties.contains(&**one));
        self.properties.iter().filter(move |(_, all)| any(all)).map(|(id, _)| *id)
    }

    pub fn add(&mut self, id: Id, property: &str) {
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
    insert(store, std::mem::take(&mut batch.new).into_iter().map(registered).collect()).await?;
    let known: HashSet<Id> = new.keys().copied().collect();
    // The records whose own rows are in the batch: each has an entry of further names.
    let own: HashSet<Id> = batch.names.keys().copied().collect();
    macro_rules! put {
        ($($table:ident)*) => {
            $({
                let rows = std::mem::take(&mut batch.$table);
                put::<$table::Entity>(store, rows, &known, &mut altered).await?;
            })*
        };
    }
    // Claims first: what they come to is written into the rows, and then the days on which those
    // hold.
    put! { site_state document }
    let statements = std::mem::take(&mut batch.statements);
    let plain = std::mem::take(&mut batch.plain);
    let records = claims::Records { own: &own, new: &known, plain: &plain, served: &batch.served };
    let mut judged = claims::put(store, statements, records, now, &mut altered).await?;
    judged.extend(&batch.claimed);
    let curated = std::mem::take(&mut batch.contradictions);
    let about = curated.iter().filter_map(|sides| sides.row.record_id);
    let mut concerned: BTreeSet<Id> = about.collect();
    concerned.extend(curated.iter().flat_map(|sides| &sides.explains));
    concerned.extend(put_contradictions(store, curated, &mut altered).await?);
    judged.extend(concerned.iter().filter(|id| altered.has(**id, "claims")));
    claims::judge(store, &mut batch, &own, &judged, now.date_naive(), &mut altered).await?;
    settle(store, &mut batch, &known).await?;

    let mut scope = scope(&batch);
    scope.extend(judged);
    scope.extend(concerned);
    let commissions = batch.commission.iter().map(|row| row.id).filter(|id| own.contains(id));
    let linked = batch.commission_assembly.iter().map(|link| link.commission_id);
    let commissions: BTreeSet<Id> = commissions.chain(linked).collect();
    let commissions: Vec<Id> = commissions.into_iter().collect();
    // In the order of their keys: what others point at comes first.
    put! {
        state parliament chamber commission assembly political_group legislative_period session
        decision member delegation seat_allocation participation membership attendance stage stance
        decision_relation
    }
    put_seat_totals(store, batch.seat_totals).await?;
    put_names(store, batch.names, &known, &mut altered).await?;
    add_names(store, batch.more_names, &mut altered).await?;
    add_identifiers(store, batch.identifiers, &known, &mut altered).await?;
    add_aliases(store, batch.aliases, &mut altered).await?;
    add_citations(store, batch.citations, &known, &mut altered).await?;
    add_mentions(store, batch.mentions, &known, &mut altered).await?;
    put_assemblies(store, &commissions, batch.commission_assembly, &mut altered).await?;
    match batch.refold {
        true => terms::put_all(store).await?,
        false => terms::put(store, &new, &altered).await?,
    }
    scope.extend(&altered.touched);
    scope.extend(within(store, &altered).await?);
    scope.extend(contradictions::awaiting(store, &new).await?);
    for record in contradictions::refresh(store, &scope).await? {
        altered.add(record, "contradictions");
    }
    record_changes(store, &new, altered, now).await
}

/// What lies within those records whose beginning or end was altered.
async fn within(store: &DatabaseTransaction, altered: &Altered) -> Result<BTreeSet<Id>, DbErr> {
    let lives =
        ["born", "died", "founded", "dissolved", "starts", "ends", "since", "until", "observed"];
    let changed = altered.of_any(&lives.into_iter().collect()).collect();
    contradictions::bounded_by(store, changed).await
}

/// All rows of which something is derived.
pub async fn everything(store: &DatabaseTransaction) -> Result<Batch, DbErr> {
    let mut batch = Batch::default();
    macro_rules! all {
        ($($table:ident)*) => {
            $(batch.$table = $table::Entity::find().all(store).await?;)*
        };
    }
    all! {
        assembly commission parliament chamber delegation participation political_group
        legislative_period seat_allocation member membership
    }
    let claimed = claim::Entity::find().select_only().column(claim::Column::RecordId).distinct();
    batch.claimed = claimed.into_tuple().all(store).await?;
    batch.refold = true;
    Ok(batch)
}

/// The records that what is in a batch may contradict.
fn scope(batch: &Batch) -> BTreeSet<Id> {
    let mut scope: BTreeSet<Id> = batch.names.keys().copied().collect();
    macro_rules! rows {
        ($($table:ident)*) => {
            $(scope.extend(batch.$table.iter().map(|row| row.id));)*
        };
    }
    rows! {
        assembly commission parliament chamber delegation legislative_period participation
        political_group seat_allocation member membership
    }
    // Wholes whose parts are there.
    scope.extend(batch.seat_allocation.iter().map(|row| row.delegation_id));
    scope.extend(batch.chamber.iter().map(|row| row.parliament_id));
    scope
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
    let ends = ["_earliest", "_latest", "_id", "_kind", "_from", "_until"];
    let field = ends.iter().find_map(|end| column.strip_suffix(end)).unwrap_or(column);
    match field {
        "observed_first" | "observed_last" => "observed".to_owned(),
        // On which days it holds, and how sure that is.
        "holds" | "sure" | "ended" => "certainty".to_owned(),
        _ => camel(field),
    }
}

/// The further names of a record are those that the batch gives.
async fn put_names(
    store: &DatabaseTransaction,
    names: BTreeMap<Id, Vec<(String, Option<String>, NameKind)>>,
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
    add::<name::Entity>(store, fresh).await
}

/// Adds names to those that a record has.
async fn add_names(
    store: &DatabaseTransaction,
    names: BTreeMap<Id, Vec<(String, Option<String>, NameKind)>>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let owners = names.keys().copied().collect();
    let mut last: HashMap<Id, i32> = HashMap::new();
    let mut known = HashSet::new();
    for row in find::<name::Entity>(store, name::Column::RecordId, &owners).await? {
        let last = last.entry(row.record_id).or_default();
        *last = row.position.max(*last);
        known.insert((row.record_id, row.value, row.language));
    }
    let mut fresh = Vec::new();
    for (owner, names) in names {
        let last = last.entry(owner).or_default();
        for (value, language, kind) in names {
            if known.insert((owner, value.clone(), language.clone())) {
                *last += 1;
                altered.add(owner, "names");
                fresh.push(name_row(owner, *last, (value, language, kind)));
            }
        }
    }
    add::<name::Entity>(store, fresh).await
}

fn name_row(
    owner: Id,
    position: i32,
    (value, language, kind): (String, Option<String>, NameKind),
) -> name::ActiveModel {
    name::ActiveModel {
        id: sea_orm::NotSet,
        record_id: sea_orm::Set(owner),
        position: sea_orm::Set(position),
        value: sea_orm::Set(value),
        language: sea_orm::Set(language),
        kind: sea_orm::Set(kind),
    }
}

/// Inserts rows whose keys count up.
pub async fn add<E: EntityTrait>(
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

/// What a document once named it goes on to name; where it does, the batch says anew.
async fn add_mentions(
    store: &DatabaseTransaction,
    mentions: BTreeMap<(Id, Id), (RecordKind, Option<String>)>,
    new: &HashSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    use mention::{Column, Entity};
    let known = |id: &Id| !new.contains(id);
    let both = mentions.keys().filter(|(document, record)| known(document) && known(record));
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

/// The totals of a delegation are those that the batch gives.
async fn put_seat_totals(
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

/// Writes the keepers' contradictions; answers the records that each of them was about before.
async fn put_contradictions(
    store: &DatabaseTransaction,
    curated: Vec<Sides>,
    altered: &mut Altered,
) -> Result<BTreeSet<Id>, DbErr> {
    let mut before = BTreeSet::new();
    let mut dropped = BTreeSet::new();
    for Sides { mut row, claims, explains } in curated {
        let owner = row.record_id.unwrap_or_default();
        let by_slug = contradiction::Column::Slug.eq(row.slug.as_str());
        let old = contradiction::Entity::find().filter(by_slug).one(store).await?;
        match &old {
            Some(old) => {
                // What is computed of it is reckoned afterwards.
                row.id = old.id;
                row.computed = old.computed;
                row.rule.clone_from(&old.rule);
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
        if let Some(gone) = contradictions::link_claims(store, row.id, &wanted, true).await? {
            altered.add(owner, "contradictions");
            dropped.extend(gone);
        }
        let mut about: Vec<(Id, RecordKind)> =
            row.record_id.zip(row.record_kind).into_iter().collect();
        let explained: BTreeSet<Id> = explains.iter().copied().collect();
        let kinds = find::<registry::Entity>(store, registry::Column::Id, &explained).await?;
        about.extend(
            explains
                .iter()
                .filter_map(|id| Some((*id, kinds.iter().find(|row| row.id == *id)?.kind))),
        );
        if let Some(gone) = contradictions::link_records(store, row.id, &about).await? {
            altered.add(owner, "contradictions");
            before.extend(gone);
        }
    }
    release(store, &dropped, altered).await?;
    Ok(before)
}

/// Takes back what only a side said that is one no longer.
async fn release(
    store: &DatabaseTransaction,
    claims: &BTreeSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    use contradiction_claim::{Column, Entity};
    let linked = find::<Entity>(store, Column::ClaimId, claims).await?;
    let linked: HashSet<Id> =
        linked.into_iter().filter(|link| link.curated).map(|link| link.claim_id).collect();
    let mut gone = Vec::new();
    for claim in find::<claim::Entity>(store, claim::Column::Id, claims).await? {
        if linked.contains(&claim.id) {
            continue;
        }
        altered.add(claim.record_id, "claims");
        if claim.by_row || claim.by_claim {
            let claim = claim::Model { by_side: false, ..claim };
            claim.into_active_model().reset_all().update(store).await?;
        } else {
            gone.push(claim.id);
        }
    }
    claims::remove(store, &gone).await
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
    let rest: Vec<Id> = ids.iter().copied().filter(|id| !new.contains_key(id)).collect();
    for chunk in rest.chunks(CHUNK) {
        let rows = registry::Entity::find().filter(among(store, registry::Column::Id, chunk));
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

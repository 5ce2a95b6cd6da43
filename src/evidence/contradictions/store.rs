//! Stores computed contradictions together with the curated ones of the data set.
//!
//! A finding is merged into the curated contradiction of the same record and property. A finding
//! without an explanation is open. A contradiction that is no longer found is deleted, unless it is
//! curated.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::LazyLock,
};

use entity::{
    Id, RecordKind, claim, contradiction,
    contradiction::{ContradictionKind as Kind, ContradictionStatus},
    contradiction_assembly, contradiction_claim, contradiction_record,
    kind::{References, Type},
    record,
};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter,
};

use super::find::{Finding, rows, search};
use crate::store::{among, find};

/// The maximum number of records per search.
const CHUNK: usize = 20_000;

/// Finds the contradictions of the records in `scope` and updates the table. Returns the records
/// whose contradictions changed.
pub async fn refresh(
    store: &DatabaseTransaction,
    scope: &BTreeSet<Id>,
) -> Result<BTreeSet<Id>, DbErr> {
    if scope.is_empty() {
        return Ok(BTreeSet::new());
    }
    // Includes the records that stored contradictions about these records are stored with.
    let mut scope = scope.clone();
    let links =
        find::<contradiction_record::Entity>(store, contradiction_record::Column::RecordId, &scope)
            .await?;
    let stored = links.into_iter().map(|link| link.contradiction_id).collect();
    let stored = find::<contradiction::Entity>(store, contradiction::Column::Id, &stored).await?;
    scope.extend(stored.iter().filter_map(|row| row.record_id));
    let ids: Vec<Id> = scope.iter().copied().collect();
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        for one in search(store, chunk).await? {
            found.insert((one.kind.to_value(), one.property.clone(), one.records.clone()), one);
        }
    }
    let changed = update_scope(store, &scope, found.into_values().collect()).await?;
    assign_assemblies(store).await?;
    Ok(changed)
}

/// Returns the records with claims whose value is the slug of no record, if there are new records
/// that may have this slug.
pub async fn records_with_dangling_claims(
    store: &DatabaseTransaction,
    new: &BTreeMap<Id, RecordKind>,
) -> Result<BTreeSet<Id>, DbErr> {
    if new.is_empty() {
        return Ok(BTreeSet::new());
    }
    let dangling = contradiction::Entity::find()
        .filter(contradiction::Column::Kind.eq(Kind::Dangling))
        .all(store)
        .await?;
    Ok(dangling.into_iter().filter_map(|row| row.record_id).collect())
}

/// The stored contradictions of a scope, and the slugs of the records of the findings.
struct StoredContradictions {
    rows: BTreeMap<Id, contradiction::Model>,
    /// The contradictions of each record.
    by_record: HashMap<Id, BTreeSet<Id>>,
    /// The computed contradictions by kind, property and records.
    computed: HashMap<(Kind, String, Vec<Id>), Id>,
    /// The claims of the curated contradictions.
    curated_claims: HashMap<Id, HashSet<Id>>,
    records: HashMap<Id, (String, RecordKind)>,
}

impl StoredContradictions {
    async fn load(
        store: &DatabaseTransaction,
        scope: &BTreeSet<Id>,
        found: &[Finding],
    ) -> Result<Self, DbErr> {
        use contradiction_record::{Column, Entity};
        let involved: BTreeSet<Id> = found.iter().flat_map(|one| &one.records).copied().collect();
        let about = scope.union(&involved).copied().collect();
        let links = find::<Entity>(store, Column::RecordId, &about).await?;
        let ids: BTreeSet<Id> = links.into_iter().map(|link| link.contradiction_id).collect();
        let rows = find::<contradiction::Entity>(store, contradiction::Column::Id, &ids).await?;
        let mut links = find::<Entity>(store, Column::ContradictionId, &ids).await?;
        links.sort_by_key(|link| link.position);
        let mut by_contradiction: HashMap<Id, Vec<Id>> = HashMap::new();
        let mut by_record: HashMap<Id, BTreeSet<Id>> = HashMap::new();
        for link in links {
            by_contradiction.entry(link.contradiction_id).or_default().push(link.record_id);
            by_record.entry(link.record_id).or_default().insert(link.contradiction_id);
        }
        let computed = rows.iter().filter(|row| !row.curated).map(|row| {
            let records = by_contradiction.remove(&row.id).unwrap_or_default();
            ((row.kind, row.property.clone(), records), row.id)
        });
        let computed = computed.collect();
        let column = contradiction_claim::Column::ContradictionId;
        let mut curated_claims: HashMap<Id, HashSet<Id>> = HashMap::new();
        for link in find::<contradiction_claim::Entity>(store, column, &ids).await? {
            if link.curated {
                curated_claims.entry(link.contradiction_id).or_default().insert(link.claim_id);
            }
        }
        let records = find::<record::Entity>(store, record::Column::Id, &involved).await?;
        let records = records.into_iter().map(|row| (row.id, (row.slug, row.kind))).collect();
        let rows = rows.into_iter().map(|row| (row.id, row)).collect();
        Ok(Self { rows, by_record, computed, curated_claims, records })
    }

    /// Returns the curated contradictions of a property of a record.
    fn curated<'a>(
        &'a self,
        record: Id,
        property: &'a str,
    ) -> impl Iterator<Item = &'a contradiction::Model> {
        let all = self.by_record.get(&record).into_iter().flatten();
        let all = all.filter_map(|id| self.rows.get(id));
        all.filter(move |row| row.curated && row.property == property)
    }

    /// Returns the number of claims that a finding shares with a curated contradiction.
    fn shared_claims(&self, row: &contradiction::Model, one: &Finding) -> usize {
        let own = self.curated_claims.get(&row.id);
        one.claims.iter().filter(|id| own.is_some_and(|own| own.contains(id))).count()
    }

    /// Returns the curated contradictions of the same values, the one that shares most claims first.
    fn curated_equivalents(&self, one: &Finding, first: Id) -> Vec<Id> {
        let own = self.curated(first, &one.property).filter(|row| {
            one.kind == Kind::Values
                && row.record_id == Some(first)
                && self.shared_claims(row, one) > 0
        });
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|row| (Reverse(self.shared_claims(row, one)), row.id));
        own.into_iter().map(|row| row.id).collect()
    }

    /// Returns the curated contradiction whose explanation applies to a finding as well. The one of a
    /// property explains its values and totals; other findings only if it lists their record.
    fn explanation<'a>(&'a self, one: &'a Finding, first: Id) -> Option<&'a contradiction::Model> {
        let curated = one.records.iter().flat_map(|record| self.curated(*record, &one.property));
        let applies = |row: &&contradiction::Model| {
            matches!(one.kind, Kind::Values | Kind::Total) || row.record_id != Some(first)
        };
        curated.filter(applies).min_by_key(|row| row.id)
    }

    /// Returns a unique slug for a finding. Slugs of records never contain two hyphens in a row.
    fn slug(&self, one: &Finding) -> String {
        let names = one.records.iter();
        let names = names.map(|id| self.records.get(id).map_or("", |name| name.0.as_str()));
        let several = matches!(one.kind, Kind::Overlap | Kind::OutsideParent);
        let names: Vec<&str> = names.take(if several { usize::MAX } else { 1 }).collect();
        let kind = one.kind.to_value().to_lowercase().replace('_', "-");
        format!("{kind}--{}--{}", names.join("--"), one.property)
    }
}

/// Writes the findings of a scope, and deletes its stored contradictions that are no longer found.
/// Returns the records whose contradictions changed.
async fn update_scope(
    store: &DatabaseTransaction,
    scope: &BTreeSet<Id>,
    found: Vec<Finding>,
) -> Result<BTreeSet<Id>, DbErr> {
    let stored = StoredContradictions::load(store, scope, &found).await?;
    let mut changed = BTreeSet::new();
    let mut current: HashSet<Id> = HashSet::new();
    // The claims that findings add to curated contradictions.
    let mut additional_claims: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for one in found {
        let Some(first) = one.records.first().copied() else { continue };
        let equivalents = stored.curated_equivalents(&one, first);
        current.extend(&equivalents);
        if let Some(best) = equivalents.first() {
            additional_claims.insert(*best, one.claims);
            continue;
        }
        let (id, altered) = write(store, &stored, &one, first).await?;
        current.insert(id);
        changed.extend(altered.then_some(first));
    }
    let is_in_scope =
        |row: &&contradiction::Model| row.record_id.is_some_and(|record| scope.contains(&record));
    for row in stored.rows.values().filter(is_in_scope) {
        let is_current = current.contains(&row.id);
        let altered = if row.curated {
            let claims = additional_claims.remove(&row.id).unwrap_or_default();
            update_curated(store, row, &claims, is_current).await?
        } else if is_current {
            false
        } else {
            delete(store, row.id).await?;
            true
        };
        changed.extend(row.record_id.filter(|_| altered));
    }
    Ok(changed)
}

/// Writes a computed contradiction. Returns its id, and whether it changed.
async fn write(
    store: &DatabaseTransaction,
    stored: &StoredContradictions,
    one: &Finding,
    first: Id,
) -> Result<(Id, bool), DbErr> {
    let explanation = stored.explanation(one, first);
    let place = (one.kind, one.property.clone(), one.records.clone());
    let before = stored.computed.get(&place).and_then(|id| stored.rows.get(id));
    let row = contradiction::Model {
        id: before.map_or(0, |row| row.id),
        slug: stored.slug(one),
        record_id: Some(first),
        record_kind: stored.records.get(&first).map(|name| name.1),
        property: one.property.clone(),
        kind: one.kind,
        topic: explanation.and_then(|by| by.topic.clone()),
        about: explanation.and_then(|by| by.about.clone()),
        status: explanation.map_or(ContradictionStatus::Open, |by| by.status),
        explanation: explanation.and_then(|by| by.explanation.clone()),
        rule: rule(store, &one.claims).await?,
        curated: false,
        computed: true,
        explained_by_id: explanation.map(|by| by.id),
    };
    let mut altered = before != Some(&row);
    let id = match before {
        Some(before) if !altered => before.id,
        Some(before) => {
            update(store, row).await?;
            before.id
        }
        None => {
            let mut fresh = row.into_active_model().reset_all();
            fresh.id = sea_orm::NotSet;
            fresh.insert(store).await?.id
        }
    };
    let kinds = |id: &Id| Some((*id, stored.records.get(id)?.1));
    let about: Vec<(Id, RecordKind)> = one.records.iter().filter_map(kinds).collect();
    altered |= link_records(store, id, &about).await?.is_some();
    altered |= link_claims(store, id, &one.claims, false).await?.is_some();
    Ok((id, altered))
}

/// Updates the computed columns and claims of a curated contradiction. Returns whether it changed.
async fn update_curated(
    store: &DatabaseTransaction,
    row: &contradiction::Model,
    claims: &[Id],
    computed: bool,
) -> Result<bool, DbErr> {
    let linked = link_claims(store, row.id, claims, false).await?;
    let all = contradiction_claim::Entity::find()
        .filter(contradiction_claim::Column::ContradictionId.eq(row.id));
    let all: Vec<Id> = all.all(store).await?.iter().map(|link| link.claim_id).collect();
    let now = contradiction::Model { computed, rule: rule(store, &all).await?, ..row.clone() };
    let altered = now != *row;
    if altered {
        update(store, now).await?;
    }
    Ok(altered || linked.is_some())
}

/// Returns the rule by which one of the claims is preferred.
async fn rule(store: &DatabaseTransaction, claims: &[Id]) -> Result<Option<String>, DbErr> {
    let claims = claims.iter().copied().collect();
    let claims = find::<claim::Entity>(store, claim::Column::Id, &claims).await?;
    Ok(claims.into_iter().filter(|claim| claim.preferred).find_map(|claim| claim.rule))
}

async fn update(store: &DatabaseTransaction, row: contradiction::Model) -> Result<(), DbErr> {
    row.into_active_model().reset_all().update(store).await.map(drop)
}

async fn delete(store: &DatabaseTransaction, id: Id) -> Result<(), DbErr> {
    contradiction_claim::Entity::delete_many()
        .filter(contradiction_claim::Column::ContradictionId.eq(id))
        .exec(store)
        .await?;
    contradiction_record::Entity::delete_many()
        .filter(contradiction_record::Column::ContradictionId.eq(id))
        .exec(store)
        .await?;
    contradiction_assembly::Entity::delete_many()
        .filter(contradiction_assembly::Column::ContradictionId.eq(id))
        .exec(store)
        .await?;
    contradiction::Entity::delete_by_id(id).exec(store).await.map(drop)
}

/// Replaces the curated or the computed claims of a contradiction, and keeps the others. Returns
/// the claims that were removed, or `None` if nothing changed.
pub async fn link_claims(
    store: &DatabaseTransaction,
    id: Id,
    claims: &[Id],
    curated: bool,
) -> Result<Option<Vec<Id>>, DbErr> {
    use contradiction_claim::{Column, Entity, Model};
    let mut before = Entity::find().filter(Column::ContradictionId.eq(id)).all(store).await?;
    before.sort_by_key(|link| link.position);
    let before: Vec<(Id, bool)> =
        before.into_iter().map(|link| (link.claim_id, link.curated)).collect();
    let others = before.iter().filter(|link| link.1 != curated).map(|link| link.0).collect();
    let (curated_claims, computed_claims) =
        if curated { (claims.to_vec(), others) } else { (others, claims.to_vec()) };
    let computed_only = computed_claims.into_iter().filter(|id| !curated_claims.contains(id));
    let after: Vec<(Id, bool)> = curated_claims
        .iter()
        .map(|id| (*id, true))
        .chain(computed_only.map(|id| (id, false)))
        .collect();
    if after == before {
        return Ok(None);
    }
    Entity::delete_many().filter(Column::ContradictionId.eq(id)).exec(store).await?;
    let link = |(position, (claim_id, curated)): (i32, &(Id, bool))| {
        Model { contradiction_id: id, claim_id: *claim_id, position, curated: *curated }
            .into_active_model()
    };
    let links: Vec<_> = (1..).zip(&after).map(link).collect();
    if !links.is_empty() {
        Entity::insert_many(links).exec_without_returning(store).await?;
    }
    let removed = before.iter().map(|link| link.0);
    Ok(Some(removed.filter(|id| !after.iter().any(|link| link.0 == *id)).collect()))
}

/// Deletes claims and their links to contradictions.
pub async fn remove_claims(store: &DatabaseTransaction, ids: &[Id]) -> Result<(), DbErr> {
    use contradiction_claim::{Column, Entity};
    for chunk in ids.chunks(crate::store::CHUNK) {
        Entity::delete_many().filter(among(store, Column::ClaimId, chunk)).exec(store).await?;
        let claims = claim::Entity::delete_many();
        claims.filter(among(store, claim::Column::Id, chunk)).exec(store).await?;
    }
    Ok(())
}

/// Sets the records of a contradiction. Returns the previous ones, or `None` if nothing changed.
pub async fn link_records(
    store: &DatabaseTransaction,
    id: Id,
    records: &[(Id, RecordKind)],
) -> Result<Option<Vec<Id>>, DbErr> {
    use contradiction_record::{Column, Entity, Model};
    let mut before = Entity::find().filter(Column::ContradictionId.eq(id)).all(store).await?;
    before.sort_by_key(|link| link.position);
    let before: Vec<Id> = before.into_iter().map(|link| link.record_id).collect();
    if before.iter().eq(records.iter().map(|record| &record.0)) {
        return Ok(None);
    }
    Entity::delete_many().filter(Column::ContradictionId.eq(id)).exec(store).await?;
    let link = |(position, (record_id, record_kind)): (i32, &(Id, RecordKind))| {
        let (record_id, record_kind) = (*record_id, *record_kind);
        Model { contradiction_id: id, record_id, record_kind, position }.into_active_model()
    };
    let links: Vec<_> = (1..).zip(records).map(link).collect();
    if !links.is_empty() {
        Entity::insert_many(links).exec_without_returning(store).await?;
    }
    Ok(Some(before))
}

/// Selects the assemblies that records belong to: as the assembly, by participation or by delegation.
const ASSEMBLIES: &str = "
SELECT id AS record, id AS assembly FROM assembly WHERE id IN {scope}
UNION SELECT parent_id, id FROM assembly WHERE parent_id IN {scope}
UNION SELECT founding_decision_id, id FROM assembly WHERE founding_decision_id IN {scope}
UNION SELECT participant_id, assembly_id FROM participation WHERE participant_id IN {scope}
  AND participant_kind <> 'ASSEMBLY'
UNION SELECT p.id, s.assembly_id FROM parliament p
  JOIN participation s ON s.participant_id = p.state_id
  WHERE p.id IN {scope} AND s.status <> 'NOT_MEMBER'
UNION SELECT parliament_id, assembly_id FROM delegation WHERE parliament_id IN {scope}
";

/// Selects the records that records belong to: their owners; if a kind has no required owner, also
/// the records that bound it; for members, their organizations.
static OWNERS: LazyLock<String> = LazyLock::new(|| {
    let mut owners = vec![
        "SELECT member_id AS record, organization_id AS up FROM membership \
                          WHERE member_id IN {scope}"
            .to_owned(),
    ];
    for kind in entity::kinds() {
        let owned = kind.references().any(|(field, to)| to.owner && field.is_required());
        for field in kind.fields {
            owners.extend(match &field.ty {
                Type::Reference(to) if to.owner || (to.bounds && !owned) => {
                    let (column, table) = (field.name, kind.table);
                    Some(format!(
                        "SELECT id, {column}_id FROM {table} WHERE id IN {{scope}} \
                         AND {column}_id IS NOT NULL"
                    ))
                }
                Type::References(to) if to.owner || (to.bounds && !owned) => {
                    let References { table, own, other, .. } = to;
                    Some(format!("SELECT {own}, {other} FROM {table} WHERE {own} IN {{scope}}"))
                }
                _ => None,
            });
        }
    }
    owners.join(" UNION ")
});

/// Links all contradictions to the assemblies that their records belong to. An import can change the
/// assemblies of any stored contradiction.
async fn assign_assemblies(store: &DatabaseTransaction) -> Result<(), DbErr> {
    let about = contradiction_record::Entity::find().all(store).await?;
    let records: BTreeSet<Id> = about.iter().map(|link| link.record_id).collect();
    let records: Vec<Id> = records.into_iter().collect();
    let mut ancestors: BTreeSet<(Id, Id)> = records.iter().map(|id| (*id, *id)).collect();
    let mut reached = ancestors.clone();
    while !reached.is_empty() {
        let ends: BTreeSet<Id> = reached.iter().map(|pair| pair.1).collect();
        let ends: Vec<Id> = ends.into_iter().collect();
        let mut up: HashMap<Id, Vec<Id>> = HashMap::new();
        for row in rows(store, &ends, &OWNERS).await? {
            up.entry(row.try_get("", "record")?).or_default().push(row.try_get("", "up")?);
        }
        let next = reached
            .iter()
            .flat_map(|(from, end)| up.get(end).into_iter().flatten().map(|above| (*from, *above)));
        reached = next.filter(|pair| !ancestors.contains(pair)).collect();
        ancestors.extend(&reached);
    }
    let all: BTreeSet<Id> = ancestors.iter().map(|pair| pair.1).collect();
    let all: Vec<Id> = all.into_iter().collect();
    let mut assemblies: HashMap<Id, Vec<Id>> = HashMap::new();
    for row in rows(store, &all, ASSEMBLIES).await? {
        assemblies
            .entry(row.try_get("", "record")?)
            .or_default()
            .push(row.try_get("", "assembly")?);
    }
    let mut wanted: BTreeSet<(Id, Id)> = BTreeSet::new();
    for link in &about {
        let pairs = ancestors.range((link.record_id, Id::MIN)..=(link.record_id, Id::MAX));
        let linked = pairs.filter_map(|pair| assemblies.get(&pair.1)).flatten();
        wanted.extend(linked.map(|assembly| (link.contradiction_id, *assembly)));
    }
    use contradiction_assembly::{Entity, Model};
    let before = Entity::find().all(store).await?;
    let before: BTreeSet<(Id, Id)> =
        before.into_iter().map(|link| (link.contradiction_id, link.assembly_id)).collect();
    for removed in before.difference(&wanted) {
        Entity::delete_by_id(*removed).exec(store).await?;
    }
    let link = |(contradiction_id, assembly_id): &(Id, Id)| {
        let (contradiction_id, assembly_id) = (*contradiction_id, *assembly_id);
        Model { contradiction_id, assembly_id }.into_active_model()
    };
    let fresh: Vec<_> = wanted.difference(&before).map(link).collect();
    for chunk in fresh.chunks(10_000) {
        Entity::insert_many(chunk.to_vec()).exec_without_returning(store).await?;
    }
    Ok(())
}

//! Contradictions as the database keeps them: those that are found, beside those that the data's
//! keepers wrote down.
//!
//! What is found joins the keepers' contradiction of the same record and property; what nobody
//! explained is open; what is no longer true is removed, unless the keepers wrote it.

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

use super::find::{Found, rows, search};
use crate::store::{among, find};

/// Records that are looked through at once.
const CHUNK: usize = 20_000;

/// Looks for contradictions that concern the records of `scope` and brings the table up to date;
/// answers the records of which something changed.
pub async fn refresh(
    store: &DatabaseTransaction,
    scope: &BTreeSet<Id>,
) -> Result<BTreeSet<Id>, DbErr> {
    if scope.is_empty() {
        return Ok(BTreeSet::new());
    }
    // What a known contradiction hangs on is looked through too: it may be about these records.
    let mut scope = scope.clone();
    let tied =
        find::<contradiction_record::Entity>(store, contradiction_record::Column::RecordId, &scope);
    let tied = tied.await?.into_iter().map(|link| link.contradiction_id).collect();
    let known = find::<contradiction::Entity>(store, contradiction::Column::Id, &tied).await?;
    scope.extend(known.iter().filter_map(|row| row.record_id));
    let ids: Vec<Id> = scope.iter().copied().collect();
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        for one in search(store, chunk).await? {
            found.insert((one.kind.to_value(), one.property.clone(), one.records.clone()), one);
        }
    }
    let changed = keep(store, &scope, found.into_values().collect()).await?;
    assign(store).await?;
    Ok(changed)
}

/// The records of which a claim names one of these new records, which were nothing before.
pub async fn awaiting(
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

/// What is kept already of the records of a scope, and the names of what was found.
struct Kept {
    rows: BTreeMap<Id, contradiction::Model>,
    /// The contradictions that are about a record.
    by_record: HashMap<Id, BTreeSet<Id>>,
    /// Computed ones by what they say.
    computed: HashMap<(Kind, String, Vec<Id>), Id>,
    /// The claims that the keepers name.
    sides: HashMap<Id, HashSet<Id>>,
    names: HashMap<Id, (String, RecordKind)>,
}

impl Kept {
    async fn load(
        store: &DatabaseTransaction,
        scope: &BTreeSet<Id>,
        found: &[Found],
    ) -> Result<Self, DbErr> {
        use contradiction_record::{Column, Entity};
        let told: BTreeSet<Id> = found.iter().flat_map(|one| &one.records).copied().collect();
        let about = scope.union(&told).copied().collect();
        let tied = find::<Entity>(store, Column::RecordId, &about).await?;
        let ids: BTreeSet<Id> = tied.into_iter().map(|link| link.contradiction_id).collect();
        let rows = find::<contradiction::Entity>(store, contradiction::Column::Id, &ids).await?;
        let mut links = find::<Entity>(store, Column::ContradictionId, &ids).await?;
        links.sort_by_key(|link| link.position);
        let mut records: HashMap<Id, Vec<Id>> = HashMap::new();
        let mut by_record: HashMap<Id, BTreeSet<Id>> = HashMap::new();
        for link in links {
            records.entry(link.contradiction_id).or_default().push(link.record_id);
            by_record.entry(link.record_id).or_default().insert(link.contradiction_id);
        }
        let computed = rows.iter().filter(|row| !row.curated).map(|row| {
            let records = records.remove(&row.id).unwrap_or_default();
            ((row.kind, row.property.clone(), records), row.id)
        });
        let computed = computed.collect();
        let column = contradiction_claim::Column::ContradictionId;
        let mut sides: HashMap<Id, HashSet<Id>> = HashMap::new();
        for link in find::<contradiction_claim::Entity>(store, column, &ids).await? {
            if link.curated {
                sides.entry(link.contradiction_id).or_default().insert(link.claim_id);
            }
        }
        let names = find::<record::Entity>(store, record::Column::Id, &told).await?;
        let names = names.into_iter().map(|row| (row.id, (row.slug, row.kind))).collect();
        let rows = rows.into_iter().map(|row| (row.id, row)).collect();
        Ok(Self { rows, by_record, computed, sides, names })
    }

    /// The keepers' contradictions that are about a record and a property.
    fn curated<'a>(
        &'a self,
        record: Id,
        property: &'a str,
    ) -> impl Iterator<Item = &'a contradiction::Model> {
        let all = self.by_record.get(&record).into_iter().flatten();
        let all = all.filter_map(|id| self.rows.get(id));
        all.filter(move |row| row.curated && row.property == property)
    }

    /// How many of the claims that were found the keepers name in a contradiction of theirs.
    fn shared(&self, row: &contradiction::Model, one: &Found) -> usize {
        let own = self.sides.get(&row.id);
        one.claims.iter().filter(|id| own.is_some_and(|own| own.contains(id))).count()
    }

    /// The keepers' contradictions that say the same, the one that says most of it first.
    fn same(&self, one: &Found, first: Id) -> Vec<Id> {
        let own = self.curated(first, &one.property).filter(|row| {
            one.kind == Kind::Values && row.record_id == Some(first) && self.shared(row, one) > 0
        });
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|row| (Reverse(self.shared(row, one)), row.id));
        own.into_iter().map(|row| row.id).collect()
    }

    /// The keepers' contradiction whose reading explains this one too: one of values speaks for
    /// values and totals; for more, where it says so.
    fn explaining<'a>(&'a self, one: &'a Found, first: Id) -> Option<&'a contradiction::Model> {
        let curated = one.records.iter().flat_map(|record| self.curated(*record, &one.property));
        let speaks = |row: &&contradiction::Model| {
            matches!(one.kind, Kind::Values | Kind::Total) || row.record_id != Some(first)
        };
        curated.filter(speaks).min_by_key(|row| row.id)
    }

    /// A name of its own for what was found. Two hyphens: the slug of no record has them.
    fn slug(&self, one: &Found) -> String {
        let names = one.records.iter();
        let names = names.map(|id| self.names.get(id).map_or("", |name| name.0.as_str()));
        let several = matches!(one.kind, Kind::Overlap | Kind::OutsideParent);
        let names: Vec<&str> = names.take(if several { usize::MAX } else { 1 }).collect();
        let kind = one.kind.to_value().to_lowercase().replace('_', "-");
        format!("{kind}--{}--{}", names.join("--"), one.property)
    }
}

/// Writes what was found among the records of a scope, and removes what hangs on one of them and is
/// found no more; answers the records of which something changed.
async fn keep(
    store: &DatabaseTransaction,
    scope: &BTreeSet<Id>,
    found: Vec<Found>,
) -> Result<BTreeSet<Id>, DbErr> {
    let kept = Kept::load(store, scope, &found).await?;
    let mut changed = BTreeSet::new();
    let mut still: HashSet<Id> = HashSet::new();
    // The sides that are found of the keepers' own, besides theirs.
    let mut more: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for one in found {
        let Some(first) = one.records.first().copied() else { continue };
        let own = kept.same(&one, first);
        still.extend(&own);
        if let Some(best) = own.first() {
            more.insert(*best, one.claims);
            continue;
        }
        let (id, altered) = write(store, &kept, &one, first).await?;
        still.insert(id);
        changed.extend(altered.then_some(first));
    }
    let hangs_here =
        |row: &&contradiction::Model| row.record_id.is_some_and(|record| scope.contains(&record));
    for row in kept.rows.values().filter(hangs_here) {
        let altered = match (row.curated, still.contains(&row.id)) {
            (true, computed) => {
                let sides = more.remove(&row.id).unwrap_or_default();
                restate(store, row, &sides, computed).await?
            }
            (false, true) => false,
            (false, false) => {
                remove(store, row.id).await?;
                true
            }
        };
        changed.extend(row.record_id.filter(|_| altered));
    }
    Ok(changed)
}

/// Writes a contradiction that only was computed; answers its id, and whether anything changed.
async fn write(
    store: &DatabaseTransaction,
    kept: &Kept,
    one: &Found,
    first: Id,
) -> Result<(Id, bool), DbErr> {
    let explaining = kept.explaining(one, first);
    let place = (one.kind, one.property.clone(), one.records.clone());
    let before = kept.computed.get(&place).and_then(|id| kept.rows.get(id));
    let row = contradiction::Model {
        id: before.map_or(0, |row| row.id),
        slug: kept.slug(one),
        record_id: Some(first),
        record_kind: kept.names.get(&first).map(|name| name.1),
        property: one.property.clone(),
        kind: one.kind,
        topic: explaining.and_then(|by| by.topic.clone()),
        about: explaining.and_then(|by| by.about.clone()),
        status: explaining.map_or(ContradictionStatus::Open, |by| by.status),
        reading: explaining.and_then(|by| by.reading.clone()),
        rule: rule(store, &one.claims).await?,
        curated: false,
        computed: true,
        explained_by_id: explaining.map(|by| by.id),
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
    let kinds = |id: &Id| Some((*id, kept.names.get(id)?.1));
    let about: Vec<(Id, RecordKind)> = one.records.iter().filter_map(kinds).collect();
    altered |= link_records(store, id, &about).await?.is_some();
    altered |= link_claims(store, id, &one.claims, false).await?.is_some();
    Ok((id, altered))
}

/// Writes what is computed of a contradiction of the keepers'; whether anything changed.
async fn restate(
    store: &DatabaseTransaction,
    row: &contradiction::Model,
    sides: &[Id],
    computed: bool,
) -> Result<bool, DbErr> {
    let linked = link_claims(store, row.id, sides, false).await?;
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

/// The rule that serves one of the claims.
async fn rule(store: &DatabaseTransaction, claims: &[Id]) -> Result<Option<String>, DbErr> {
    let claims = claims.iter().copied().collect();
    let claims = find::<claim::Entity>(store, claim::Column::Id, &claims).await?;
    Ok(claims.into_iter().filter(|claim| claim.served).find_map(|claim| claim.rule))
}

async fn update(store: &DatabaseTransaction, row: contradiction::Model) -> Result<(), DbErr> {
    row.into_active_model().reset_all().update(store).await.map(drop)
}

async fn remove(store: &DatabaseTransaction, id: Id) -> Result<(), DbErr> {
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

/// Makes `claims` the sides of a contradiction that the keepers name, or those that are found; the
/// others stay. Answers the claims that are no longer sides, where anything changed.
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
    let (keepers, found) = match curated {
        true => (claims.to_vec(), others),
        false => (others, claims.to_vec()),
    };
    let found = found.into_iter().filter(|claim| !keepers.contains(claim)).map(|id| (id, false));
    let found: Vec<(Id, bool)> = found.collect();
    let wanted: Vec<(Id, bool)> = keepers.iter().map(|claim| (*claim, true)).chain(found).collect();
    if wanted == before {
        return Ok(None);
    }
    Entity::delete_many().filter(Column::ContradictionId.eq(id)).exec(store).await?;
    let link = |(position, (claim_id, curated)): (i32, &(Id, bool))| {
        Model { contradiction_id: id, claim_id: *claim_id, position, curated: *curated }
            .into_active_model()
    };
    let links: Vec<_> = (1..).zip(&wanted).map(link).collect();
    if !links.is_empty() {
        Entity::insert_many(links).exec_without_returning(store).await?;
    }
    let gone = before.iter().map(|link| link.0);
    Ok(Some(gone.filter(|id| !wanted.iter().any(|link| link.0 == *id)).collect()))
}

/// Removes claims, and with them their places among the sides of contradictions.
pub async fn remove_claims(store: &DatabaseTransaction, ids: &[Id]) -> Result<(), DbErr> {
    use contradiction_claim::{Column, Entity};
    for chunk in ids.chunks(crate::store::CHUNK) {
        Entity::delete_many().filter(among(store, Column::ClaimId, chunk)).exec(store).await?;
        let claims = claim::Entity::delete_many();
        claims.filter(among(store, claim::Column::Id, chunk)).exec(store).await?;
    }
    Ok(())
}

/// Makes `records` what a contradiction is about; answers what it was about before, where that
/// changed.
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

/// The assemblies that records belong to by what stands in those, or in what they send.
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

/// What records belong to, one step up: what owns them; of what needs no owner, what bounds it, too;
/// of members, what they are members of.
static STEPS: LazyLock<String> = LazyLock::new(|| {
    let mut steps = vec![
        "SELECT member_id AS record, organization_id AS up FROM membership \
                          WHERE member_id IN {scope}"
            .to_owned(),
    ];
    for kind in entity::kinds() {
        let owned = kind.references().any(|(field, to)| to.owner && field.is_required());
        for field in kind.fields {
            steps.extend(match &field.ty {
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
    steps.join(" UNION ")
});

/// Ties every contradiction to the assemblies that it touches. All of them: what was imported may
/// lead from an old contradiction to another assembly.
async fn assign(store: &DatabaseTransaction) -> Result<(), DbErr> {
    let about = contradiction_record::Entity::find().all(store).await?;
    let records: BTreeSet<Id> = about.iter().map(|link| link.record_id).collect();
    let records: Vec<Id> = records.into_iter().collect();
    let mut through: BTreeSet<(Id, Id)> = records.iter().map(|id| (*id, *id)).collect();
    let mut reached = through.clone();
    while !reached.is_empty() {
        let ends: BTreeSet<Id> = reached.iter().map(|way| way.1).collect();
        let ends: Vec<Id> = ends.into_iter().collect();
        let mut up: HashMap<Id, Vec<Id>> = HashMap::new();
        for row in rows(store, &ends, &STEPS).await? {
            up.entry(row.try_get("", "record")?).or_default().push(row.try_get("", "up")?);
        }
        let next = reached
            .iter()
            .flat_map(|(from, end)| up.get(end).into_iter().flatten().map(|above| (*from, *above)));
        reached = next.filter(|way| !through.contains(way)).collect();
        through.extend(&reached);
    }
    let all: BTreeSet<Id> = through.iter().map(|step| step.1).collect();
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
        let ways = through.range((link.record_id, Id::MIN)..=(link.record_id, Id::MAX));
        let touched = ways.filter_map(|way| assemblies.get(&way.1)).flatten();
        wanted.extend(touched.map(|assembly| (link.contradiction_id, *assembly)));
    }
    use contradiction_assembly::{Entity, Model};
    let before = Entity::find().all(store).await?;
    let before: BTreeSet<(Id, Id)> =
        before.into_iter().map(|link| (link.contradiction_id, link.assembly_id)).collect();
    for gone in before.difference(&wanted) {
        Entity::delete_by_id(*gone).exec(store).await?;
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

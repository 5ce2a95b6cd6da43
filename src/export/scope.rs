//! Which records belong to an export: all of them; those that hold on a date; those of one assembly
//! and all that these name.

use std::collections::{BTreeSet, HashMap};

use entity::{
    Id, PartialDate, RecordKind, assembly, citation, claim, commission_assembly,
    entity as registry, member,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IdenStatic,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::{Options, Wrong, record::record_tables};
use crate::{
    import::keys::{Sort, Tie, keys},
    store::{CHUNK, among},
};

/// A set of ids: one bit for each id up to the highest.
#[derive(Clone, Debug, Default)]
pub struct Ids(Vec<u64>);

impl Ids {
    fn place(id: Id) -> Option<(usize, u64)> {
        let id = usize::try_from(id).ok()?;
        Some((id / 64, 1 << (id % 64)))
    }

    pub fn has(&self, id: Id) -> bool {
        Self::place(id).is_some_and(|(at, bit)| self.0.get(at).is_some_and(|word| word & bit != 0))
    }

    /// Whether it was not in it before.
    pub fn insert(&mut self, id: Id) -> bool {
        let Some((at, bit)) = Self::place(id) else { return false };
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        let new = self.0[at] & bit == 0;
        self.0[at] |= bit;
        new
    }

    pub fn remove(&mut self, id: Id) {
        if let Some((at, bit)) = Self::place(id)
            && let Some(word) = self.0.get_mut(at)
        {
            *word &= !bit;
        }
    }

    /// All of them, some at a time.
    fn chunks(&self) -> impl Iterator<Item = Vec<Id>> {
        let ids = self.0.iter().enumerate().flat_map(|(at, word)| {
            let bits = (0..64).filter(move |bit| word & (1 << bit) != 0);
            bits.filter_map(move |bit| Id::try_from(at * 64 + bit).ok())
        });
        let mut ids = ids.peekable();
        std::iter::from_fn(move || {
            ids.peek()?;
            Some(ids.by_ref().take(CHUNK).collect())
        })
    }
}

/// Which records belong to an export, and the date that it is of.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub as_of: Option<PartialDate>,
    /// None: all records.
    ids: Option<Ids>,
}

impl Scope {
    pub fn has(&self, id: Id) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.has(id))
    }

    pub async fn of(store: &DatabaseTransaction, options: &Options) -> Result<Self, Wrong> {
        let as_of = options.as_of.map(PartialDate::day);
        let assembly = match &options.assembly {
            Some(slug) => Some(assembly(store, slug).await?),
            None => None,
        };
        if as_of.is_none() && assembly.is_none() {
            return Ok(Self::default());
        }
        let mut allowed = everything(store).await?;
        if let Some(date) = as_of {
            keep_what_holds(store, &mut allowed, date).await?;
        }
        let mut found = Ids::default();
        match assembly {
            Some(assembly) => {
                for id in belonging(store, assembly).await? {
                    if allowed.has(id) {
                        found.insert(id);
                    }
                }
            }
            None => {
                // Documents come in with what they support.
                let evidence = [RecordKind::Document, RecordKind::SiteState];
                for chunk in allowed.chunks() {
                    let rows = registry::Entity::find()
                        .select_only()
                        .column(registry::Column::Id)
                        .filter(among(store, registry::Column::Id, &chunk))
                        .filter(registry::Column::Kind.is_not_in(evidence));
                    for id in rows.into_tuple::<Id>().all(store).await? {
                        found.insert(id);
                    }
                }
            }
        }
        close(store, &mut found, &allowed).await?;
        Ok(Self { as_of, ids: Some(found) })
    }
}

/// The id of the assembly of a slug.
async fn assembly(store: &DatabaseTransaction, slug: &str) -> Result<Id, Wrong> {
    // A text with a NUL is the name of nothing, and PostgreSQL takes none.
    let known = slug.replace('\0', " ");
    let by_slug = assembly::Entity::find().filter(assembly::Column::Slug.eq(known.as_str()));
    if let Some(row) = by_slug.one(store).await? {
        return Ok(row.id);
    }
    let aliased = entity::alias::Entity::find_by_id(known).one(store).await?;
    if let Some(alias) = aliased
        && assembly::Entity::find_by_id(alias.record_id).one(store).await?.is_some()
    {
        return Ok(alias.record_id);
    }
    let known = assembly::Entity::find()
        .select_only()
        .column(assembly::Column::Slug)
        .order_by_asc(assembly::Column::Slug)
        .limit(50)
        .into_tuple::<String>();
    Err(Wrong::Assembly { slug: slug.to_owned(), known: known.all(store).await? })
}

/// All records that were not merged into others.
async fn everything(store: &DatabaseTransaction) -> Result<Ids, DbErr> {
    let mut ids = Ids::default();
    let mut last = 0;
    loop {
        let rows = registry::Entity::find()
            .filter(registry::Column::Id.gt(last))
            .filter(registry::Column::MergedIntoId.is_null())
            .order_by_asc(registry::Column::Id)
            .limit(CHUNK as u64)
            .select_only()
            .column(registry::Column::Id)
            .into_tuple::<Id>()
            .all(store)
            .await?;
        for id in &rows {
            last = *id;
            ids.insert(*id);
        }
        if rows.len() < CHUNK {
            return Ok(ids);
        }
    }
}

/// Takes those ids out that a query finds, some at a time.
async fn take_out<E: EntityTrait>(
    store: &DatabaseTransaction,
    ids: &mut Ids,
    found: Select<E>,
    id: E::Column,
) -> Result<(), DbErr> {
    let mut last = 0;
    loop {
        let rows = found.clone().select_only().column(id).filter(id.gt(last));
        let rows = rows.order_by_asc(id).limit(CHUNK as u64).into_tuple::<Id>().all(store).await?;
        for id in &rows {
            last = *id;
            ids.remove(*id);
        }
        if rows.len() < CHUNK {
            return Ok(());
        }
    }
}

/// Takes out what does not hold on a date, what began only after it, and all that is nothing
/// without what went.
async fn keep_what_holds(
    store: &DatabaseTransaction,
    ids: &mut Ids,
    date: PartialDate,
) -> Result<(), DbErr> {
    macro_rules! holding {
        ($($table:ident)*) => {
            $({
                use entity::$table::{Column, Entity};
                let gone = Condition::any()
                    .add(Column::HoldsFrom.gt(date.latest()))
                    .add(Column::HoldsUntil.lt(date.earliest()));
                take_out(store, ids, Entity::find().filter(gone), Column::Id).await?;
            })*
        };
    }
    holding! {
        assembly parliament chamber delegation commission political_group participation
        seat_allocation membership
    }
    macro_rules! begun {
        ($($table:ident $day:ident),*) => {
            $({
                use entity::$table::{Column, Entity};
                let later = Entity::find().filter(Column::$day.gt(date.latest()));
                take_out(store, ids, later, Column::Id).await?;
            })*
        };
    }
    begun! {
        legislative_period StartsEarliest, session StartsEarliest, decision AdoptedEarliest,
        decision DatedEarliest, stage DateEarliest
    }
    // What others are bound to comes first.
    macro_rules! bound {
        ($($table:ident $kind:ident),*) => {
            $(loop {
                let gone = unbound::<entity::$table::Entity>(
                    store, ids, RecordKind::$kind, entity::$table::Column::Id,
                ).await?;
                for id in &gone {
                    ids.remove(*id);
                }
                // A commission may be nothing without another one; of other tables no row hangs on
                // one of its own.
                if gone.is_empty() || RecordKind::$kind != RecordKind::Commission {
                    break;
                }
            })*
        };
    }
    bound! {
        parliament Parliament, chamber Chamber, commission Commission, delegation Delegation,
        legislative_period LegislativePeriod, participation Participation,
        seat_allocation SeatAllocation, session Session,
        membership Membership, attendance Attendance, decision Decision, stage Stage,
        stance Stance, decision_relation DecisionRelation
    }
    lone_members(store, ids).await
}

/// The rows of a table that are bound to a record that is not there.
async fn unbound<E: EntityTrait>(
    store: &DatabaseTransaction,
    ids: &Ids,
    kind: RecordKind,
    id: E::Column,
) -> Result<Vec<Id>, DbErr> {
    let bound = keys(kind).iter().filter(|key| key.sort == Sort::Record(Tie::Bound));
    let bound = bound.filter_map(|key| format!("{}_id", key.name).parse::<E::Column>().ok());
    let bound: Vec<E::Column> = bound.collect();
    let mut gone = Vec::new();
    let mut last = 0;
    loop {
        let rows = E::find().filter(id.gt(last)).order_by_asc(id).limit(CHUNK as u64);
        let rows = keys_of(store, rows, id, &bound).await?;
        for (own, named) in &rows {
            last = *own;
            if ids.has(last) && named.iter().any(|id| !ids.has(*id)) {
                gone.push(last);
            }
        }
        if rows.len() < CHUNK {
            return Ok(gone);
        }
    }
}

/// The ids of rows, and what some of their columns name.
async fn keys_of<E: EntityTrait>(
    store: &DatabaseTransaction,
    rows: Select<E>,
    id: E::Column,
    columns: &[E::Column],
) -> Result<Vec<(Id, Vec<Id>)>, DbErr> {
    let rows = rows.select_only().column(id).columns(columns.iter().copied()).into_query();
    let mut all = Vec::new();
    for row in store.query_all(&rows).await? {
        let key = |column: E::Column| row.try_get::<Option<Id>>("", column.as_str());
        let named = columns.iter().filter_map(|column| key(*column).transpose());
        all.push((row.try_get("", id.as_str())?, named.collect::<Result<_, _>>()?));
    }
    Ok(all)
}

/// Takes out the members of whom nothing is left: those who have memberships, and none then, and
/// had no part in anything.
async fn lone_members(store: &DatabaseTransaction, ids: &mut Ids) -> Result<(), DbErr> {
    let mut left = Ids::default();
    let mut lost = Ids::default();
    macro_rules! parts {
        ($($table:ident $member:ident),*) => {
            $({
                use entity::$table::{Column, Entity};
                let mut last = 0;
                loop {
                    let rows = Entity::find()
                        .filter(Column::Id.gt(last))
                        .order_by_asc(Column::Id)
                        .limit(CHUNK as u64)
                        .select_only()
                        .columns([Column::Id, Column::$member]);
                    let rows = rows.into_tuple::<(Id, Option<Id>)>().all(store).await?;
                    for (id, member) in &rows {
                        last = *id;
                        if let Some(member) = member {
                            if ids.has(*id) { &mut left } else { &mut lost }.insert(*member);
                        }
                    }
                    if rows.len() < CHUNK {
                        break;
                    }
                }
            })*
        };
    }
    parts! { membership MemberId, attendance AttendeeId, stance HolderId, stage ReporterId }
    let mut gone = Vec::new();
    for chunk in lost.chunks() {
        gone.extend(chunk.into_iter().filter(|id| !left.has(*id)));
    }
    // Attendees and holders of stances are of other kinds too.
    for chunk in gone.chunks(CHUNK) {
        let members = member::Entity::find()
            .select_only()
            .column(member::Column::Id)
            .filter(among(store, member::Column::Id, chunk));
        for id in members.into_tuple::<Id>().all(store).await? {
            ids.remove(id);
        }
    }
    Ok(())
}

/// What belongs to an assembly.
async fn belonging(store: &DatabaseTransaction, id: Id) -> Result<BTreeSet<Id>, DbErr> {
    let mut all = BTreeSet::from([id]);
    let one = BTreeSet::from([id]);
    macro_rules! naming {
        ($table:ident $column:ident, $ids:expr) => {{
            let mut found = BTreeSet::new();
            let ids: Vec<Id> = $ids.iter().copied().collect();
            for chunk in ids.chunks(CHUNK) {
                use entity::$table::{Column, Entity};
                let rows = Entity::find().select_only().column(Column::Id).filter(among(
                    store,
                    Column::$column,
                    chunk,
                ));
                found.extend(rows.into_tuple::<Id>().all(store).await?);
            }
            all.extend(&found);
            found
        }};
    }
    naming!(participation AssemblyId, one);
    let delegations = naming!(delegation AssemblyId, one);
    naming!(seat_allocation DelegationId, delegations);
    let commissions = commission_assembly::Entity::find()
        .select_only()
        .column(commission_assembly::Column::CommissionId)
        .filter(commission_assembly::Column::AssemblyId.eq(id));
    let commissions = commissions.into_tuple::<Id>().all(store).await?;
    let commissions: BTreeSet<Id> = commissions.into_iter().collect();
    all.extend(&commissions);
    let bodies: BTreeSet<Id> =
        one.iter().chain(&delegations).chain(&commissions).copied().collect();
    naming!(membership OrganizationId, bodies);
    let mut sessions = naming!(session AssemblyId, one);
    sessions.extend(naming!(session CommissionId, commissions));
    naming!(attendance SessionId, sessions);
    let decisions = naming!(decision AssemblyId, one);
    let stages = naming!(stage DecisionId, decisions);
    naming!(stance StageId, stages);
    naming!(decision_relation SubjectId, decisions);
    Ok(all)
}

/// Adds all that the records of a set name, and what those name, as far as it is allowed.
async fn close(store: &DatabaseTransaction, found: &mut Ids, allowed: &Ids) -> Result<(), DbErr> {
    let mut fresh = found.clone();
    loop {
        let mut next = Ids::default();
        let mut more = false;
        for chunk in fresh.chunks() {
            for id in named(store, &chunk).await? {
                if allowed.has(id) && found.insert(id) {
                    next.insert(id);
                    more = true;
                }
            }
        }
        if !more {
            return Ok(());
        }
        fresh = next;
    }
}

/// What some records name: by their keys, as their sources, in their claims.
async fn named(store: &DatabaseTransaction, ids: &[Id]) -> Result<BTreeSet<Id>, DbErr> {
    let mut all = BTreeSet::new();
    let kinds = registry::Entity::find()
        .select_only()
        .columns([registry::Column::Id, registry::Column::Kind])
        .filter(among(store, registry::Column::Id, ids));
    let mut by_kind: HashMap<RecordKind, Vec<Id>> = HashMap::new();
    for (id, kind) in kinds.into_tuple::<(Id, RecordKind)>().all(store).await? {
        by_kind.entry(kind).or_default().push(id);
    }
    macro_rules! targets {
        ($($table:ident $kind:ident),*) => {
            $(if let Some(own) = by_kind.get(&RecordKind::$kind) {
                use entity::$table::{Column, Entity};
                let columns = keys(RecordKind::$kind).iter();
                let columns = columns.filter(|key| matches!(key.sort, Sort::Record(_)));
                let columns = columns.filter_map(|key| format!("{}_id", key.name).parse().ok());
                let columns: Vec<Column> = columns.collect();
                if !columns.is_empty() {
                    let rows = Entity::find().filter(among(store, Column::Id, own));
                    let rows = keys_of(store, rows, Column::Id, &columns).await?;
                    all.extend(rows.into_iter().flat_map(|(_, named)| named));
                }
            })*
        };
    }
    record_tables!(targets);
    let linked = commission_assembly::Entity::find()
        .select_only()
        .column(commission_assembly::Column::AssemblyId)
        .distinct()
        .filter(among(store, commission_assembly::Column::CommissionId, ids));
    all.extend(linked.into_tuple::<Id>().all(store).await?);
    let cited = citation::Entity::find()
        .select_only()
        .column(citation::Column::DocumentId)
        .distinct()
        .filter(among(store, citation::Column::RecordId, ids));
    all.extend(cited.into_tuple::<Id>().all(store).await?);
    let said = claim::Entity::find()
        .select_only()
        .column(claim::Column::DocumentId)
        .distinct()
        .filter(among(store, claim::Column::RecordId, ids));
    all.extend(said.into_tuple::<Id>().all(store).await?);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_ids_holds_what_was_put_in() {
        let mut ids = Ids::default();
        let all = [1, 63, 64, 65, 1_000_000];
        for id in all {
            assert!(ids.insert(id));
            assert!(!ids.insert(id));
        }
        ids.remove(64);
        ids.remove(5_000_000);
        assert!(ids.has(63) && ids.has(1_000_000) && !ids.has(64) && !ids.has(2) && !ids.has(-1));
        assert_eq!(ids.chunks().flatten().collect::<Vec<_>>(), [1, 63, 65, 1_000_000]);
    }
}

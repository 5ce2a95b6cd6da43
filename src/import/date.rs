//! Derives the days on which rows are valid, before the rows are written. Stored rows that depend on the
//! rows of the import are loaded and derived with them, each kind after the kinds that bound it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::{
    Id, Kind, LAST_DAY, PartialDate, Period, RecordKind, Temporal, Validity, ValidityPeriod,
    delegation,
    kind::{References, Temporality, Type, in_order},
    legislative_period, member, membership, parliament, participation, seat_allocation, seat_total,
    session,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, Query},
};

use super::{
    altered::Altered,
    prefer::Preferred,
    states,
    validate::{Attached, Links},
};
use crate::{
    evidence::{
        seats,
        validity::{self, EXCLUSIVE_ROLES, Existence, MembershipContext},
    },
    sql,
    store::{
        CHUNK, among, find,
        rows::{Records, Rows, date_columns},
    },
};

/// An import whose rows have the days on which they are valid.
pub struct Dated {
    /// The new records.
    pub new: BTreeMap<Id, RecordKind>,
    pub records: Records,
    pub links: Links,
    pub attached: Attached,
    /// All seat totals of each delegation.
    pub seat_totals: BTreeMap<Id, Vec<seat_total::Model>>,
    /// The records whose contradictions are computed again.
    pub concerned: BTreeSet<Id>,
    pub altered: Altered,
}

/// Derives the days on which the rows of an import, and the stored rows that depend on them, are valid.
pub async fn date(store: &DatabaseTransaction, preferred: Preferred) -> Result<Dated, DbErr> {
    let Preferred { new, stated, records, links, attached, mut concerned, altered } = preferred;
    let fresh: HashSet<Id> = new.keys().copied().collect();
    let mut dating = Dating {
        store,
        new: &fresh,
        records,
        links: &links,
        existences: HashMap::new(),
        changed: BTreeSet::new(),
    };
    let mut seat_totals = BTreeMap::new();
    for kind in derivation_order() {
        dating.join_bounded(kind).await?;
        if states::is_derived(kind) {
            dating.derive_states(kind.kind).await?;
        }
        match kind.kind {
            RecordKind::Delegation => dating.derive_delegations(kind).await?,
            RecordKind::SeatAllocation => seat_totals = dating.derive_allocations(kind).await?,
            RecordKind::Membership => dating.derive_memberships().await?,
            RecordKind::Participation => dating.derive_participations(kind).await?,
            _ => match kind.time {
                Temporality::Existence => dating.derive_existences(kind, HashMap::new()).await?,
                Temporality::Validity => dating.derive_validities(kind).await?,
                Temporality::Dates { .. } | Temporality::Timeless => {}
            },
        }
        dating.store_bounds(kind).await?;
    }
    let Dating { records, .. } = dating;
    concerned.extend(stated);
    // Delegations and parliaments whose parts are in the import.
    let allocations = records.models::<seat_allocation::Entity>();
    concerned.extend(allocations.iter().map(|row| row.delegation_id));
    let chambers = records.models::<entity::chamber::Entity>();
    concerned.extend(chambers.iter().map(|row| row.parliament_id));
    for rows in records.iter().filter(|rows| rows.kind().time != Temporality::Timeless) {
        concerned.extend(rows.ids());
    }
    Ok(Dated { new, records, links, attached, seat_totals, concerned, altered })
}

/// The kinds that bound others or whose days are derived, each after the kinds that bound it.
fn derivation_order() -> Vec<&'static Kind> {
    let related = entity::kinds().filter(|kind| {
        kind.is_temporal() || is_bounding(kind) || !bounding_columns(kind).is_empty()
    });
    in_order(related, |kind| {
        let references = kind.references().filter(|(_, reference)| reference.bounds);
        let mut before: Vec<RecordKind> =
            references.flat_map(|(_, reference)| reference.to.kinds()).collect();
        before.extend(bounding_links(kind).map(|(_, references)| references.to));
        // A delegation exists while a participation allows it.
        before.extend((kind.kind == RecordKind::Delegation).then_some(RecordKind::Participation));
        before
    })
}

/// Whether records of a kind bound others.
fn is_bounding(kind: &Kind) -> bool {
    kind.time != Temporality::Timeless
        && entity::kinds().any(|other| {
            let mut references = other.references();
            references.any(|(_, reference)| reference.bounds && reference.to.has(kind))
                || bounding_links(other).any(|(_, references)| references.to == kind.kind)
        })
}

/// The references to several records that bound a kind.
fn bounding_links(kind: &Kind) -> impl Iterator<Item = (&'static str, &'static References)> {
    kind.fields.iter().filter_map(|field| match &field.ty {
        Type::References(references) if references.bounds => Some((field.name, references)),
        _ => None,
    })
}

/// The columns that reference the records that bound a kind.
fn bounding_columns(kind: &Kind) -> Vec<String> {
    let bounding = kind.references().filter(|(_, reference)| reference.bounds);
    bounding.map(|(field, _)| format!("{}_id", field.name)).collect()
}

/// The state of the derivation.
struct Dating<'a> {
    store: &'a DatabaseTransaction,
    new: &'a HashSet<Id>,
    records: Records,
    links: &'a Links,
    /// The periods of existence of records that bound others.
    existences: HashMap<Id, Existence>,
    /// Stored records that bound others and whose period of existence changed.
    changed: BTreeSet<Id>,
}

/// The period of existence in a row.
fn existence_of(rows: &Rows, at: usize) -> Existence {
    if let Temporality::Dates { start, end } = rows.kind().time {
        let existence = Existence::new(rows.date(at, start), rows.date(at, end), &[]);
        return if existence.is_consistent() { existence } else { Existence::UNBOUNDED };
    }
    let day = |column| rows.day(at, column);
    let holds = day("holds_from").zip(day("holds_until"));
    let ended = (day("ended_earliest"), day("ended_latest"));
    holds.map_or(Existence::UNBOUNDED, |(from, until)| {
        Existence::from_columns(Period { from, until }, ended)
    })
}

impl Dating<'_> {
    fn existence(&self, id: Id) -> Existence {
        self.existences.get(&id).copied().unwrap_or(Existence::UNBOUNDED)
    }

    fn stored(&self, ids: impl Iterator<Item = Id>) -> BTreeSet<Id> {
        ids.filter(|id| !self.new.contains(id)).collect()
    }

    /// The ids of the stored records among the rows of a kind.
    fn stored_of(&self, kind: RecordKind) -> BTreeSet<Id> {
        self.stored(self.records.of(kind).ids())
    }

    /// Loads the stored rows of a kind that have one of `ids` in a column.
    async fn join(
        &mut self,
        kind: RecordKind,
        column: &str,
        ids: &BTreeSet<Id>,
    ) -> Result<(), DbErr> {
        let rows = Rows::find(self.store, kind, column, ids).await?;
        self.records.of_mut(kind).join(rows);
        Ok(())
    }

    /// Derives the states of the rows of a kind, and of stored rows whose state may have changed.
    async fn derive_states(&mut self, kind: RecordKind) -> Result<(), DbErr> {
        let moved = states::moved(self.store, &self.records, self.new).await?;
        self.join(kind, "id", &moved).await?;
        states::derive(self.store, &mut self.records, self.new, kind).await
    }

    /// Loads the stored rows of a kind that a changed record bounds.
    async fn join_bounded(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        let changed = self.changed.clone();
        for column in bounding_columns(kind) {
            self.join(kind.kind, &column, &changed).await?;
        }
        for (_, references) in bounding_links(kind) {
            let linked = linked(self.store, references, references.other, &changed).await?;
            let linked = linked.into_iter().map(|(row, _)| row).collect();
            self.join(kind.kind, "id", &linked).await?;
        }
        Ok(())
    }

    /// Stores the periods of existence of a kind that bounds others, and which of them changed.
    async fn store_bounds(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        if !is_bounding(kind) {
            return Ok(());
        }
        let stored = Rows::find(self.store, kind.kind, "id", &self.stored_of(kind.kind)).await?;
        let before: HashMap<Id, Existence> =
            stored.ids().enumerate().map(|(at, id)| (id, existence_of(&stored, at))).collect();
        let rows = self.records.of(kind.kind);
        for (at, id) in rows.ids().enumerate() {
            let existence = existence_of(rows, at);
            self.existences.insert(id, existence);
            if before.get(&id).is_some_and(|before| *before != existence) {
                self.changed.insert(id);
            }
        }
        Ok(())
    }

    /// Loads the periods of existence of stored records that are not loaded yet.
    async fn load(&mut self, ids: impl IntoIterator<Item = Id>) -> Result<(), DbErr> {
        let missing = ids.into_iter().filter(|id| !self.existences.contains_key(id));
        let missing = self.stored(missing);
        for kind in entity::kinds().filter(|kind| is_bounding(kind)) {
            let rows = Rows::find(self.store, kind.kind, "id", &missing).await?;
            self.existences
                .extend(rows.ids().enumerate().map(|(at, id)| (id, existence_of(&rows, at))));
        }
        Ok(())
    }

    /// The bounds of each row of a kind: the periods of existence of the records it belongs to.
    async fn bounds(&mut self, kind: &'static Kind) -> Result<Vec<Vec<Existence>>, DbErr> {
        let columns = bounding_columns(kind);
        let rows = self.records.of(kind.kind);
        let outer = |at: usize| columns.iter().filter_map(move |column| rows.id(at, column));
        let outer: Vec<Vec<Id>> = (0..rows.len()).map(|at| outer(at).collect()).collect();
        self.load(outer.iter().flatten().copied().collect::<Vec<_>>()).await?;
        let existences = outer.iter().map(|ids| ids.iter().map(|id| self.existence(*id)).collect());
        Ok(existences.collect())
    }

    /// Derives the periods of existence of organizations. `bounds` are additional bounds, by id.
    async fn derive_existences(
        &mut self,
        kind: &'static Kind,
        mut bounds: HashMap<Id, Existence>,
    ) -> Result<(), DbErr> {
        self.join_descendants(kind).await?;
        for (field, references) in bounding_links(kind) {
            bounds.extend(self.union_of(kind, field, references).await?);
        }
        // Parents before their children.
        let columns = bounding_columns(kind);
        let rows = self.records.of(kind.kind);
        let outer =
            (0..rows.len()).flat_map(|at| columns.iter().filter_map(move |c| rows.id(at, c)));
        let own: HashSet<Id> = rows.ids().collect();
        let outer: Vec<Id> = outer.filter(|id| !own.contains(id)).collect();
        self.load(outer).await?;
        for at in self.order_by_depth(kind) {
            let rows = self.records.of(kind.kind);
            let Some(id) = rows.id(at, "id") else { continue };
            let outer = columns.iter().filter_map(|column| rows.id(at, column));
            let within: Vec<Existence> =
                outer.map(|id| self.existence(id)).chain(bounds.get(&id).copied()).collect();
            let existence =
                Existence::new(rows.date(at, "founded"), rows.date(at, "dissolved"), &within);
            let rows = self.records.of_mut(kind.kind);
            rows.set(at, "holds_from", existence.from.into())?;
            rows.set(at, "holds_until", existence.until.into())?;
            for (column, day) in date_columns("ended", existence.ended) {
                rows.set(at, &column, day)?;
            }
            self.existences.insert(id, existence);
        }
        Ok(())
    }

    /// Loads the stored descendants of rows of the same kind.
    async fn join_descendants(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        let own = kind.references().filter(|(_, to)| to.bounds && to.to.kind() == Some(kind.kind));
        for (field, _) in own {
            let mut parents: BTreeSet<Id> = self.records.of(kind.kind).ids().collect();
            while !parents.is_empty() {
                let before: HashSet<Id> = self.records.of(kind.kind).ids().collect();
                self.join(kind.kind, &format!("{}_id", field.name), &parents).await?;
                let rows = self.records.of(kind.kind);
                parents = rows.ids().filter(|id| !before.contains(id)).collect();
            }
        }
        Ok(())
    }

    /// The indexes of the rows of a kind, parents before their children.
    fn order_by_depth(&self, kind: &'static Kind) -> Vec<usize> {
        let rows = self.records.of(kind.kind);
        let own = kind.references().find(|(_, to)| to.bounds && to.to.kind() == Some(kind.kind));
        let mut indexes: Vec<usize> = (0..rows.len()).collect();
        if let Some((field, _)) = own {
            let column = format!("{}_id", field.name);
            let ids = rows.ids().enumerate();
            let parents: HashMap<Id, Id> =
                ids.filter_map(|(at, id)| Some((id, rows.id(at, &column)?))).collect();
            // The data may contain cycles by mistake.
            let depth = |id: Id| {
                let chain = std::iter::successors(Some(id), |id| parents.get(id).copied());
                chain.take(parents.len() + 2).count()
            };
            indexes.sort_by_cached_key(|at| rows.id(*at, "id").map(depth));
        }
        indexes
    }

    /// For rows that belong to any of several records: the period from the first start to the last end
    /// of these records.
    async fn union_of(
        &mut self,
        kind: &'static Kind,
        field: &'static str,
        references: &'static References,
    ) -> Result<HashMap<Id, Existence>, DbErr> {
        let empty = BTreeMap::new();
        let imported = self.links.get(&(kind.kind, field)).unwrap_or(&empty);
        let rest =
            self.stored_of(kind.kind).into_iter().filter(|id| !imported.contains_key(id)).collect();
        let stored = linked(self.store, references, references.own, &rest).await?;
        let imported = imported.iter().flat_map(|(row, ids)| ids.iter().map(|id| (*row, *id)));
        let links: Vec<(Id, Id)> = imported.chain(stored).collect();
        self.load(links.iter().map(|link| link.1)).await?;
        let mut all: HashMap<Id, Existence> = HashMap::new();
        for (row, id) in links {
            let both = all.get(&row).copied().into_iter().chain([self.existence(id)]);
            all.extend(Existence::union(both).map(|existence| (row, existence)));
        }
        Ok(all)
    }

    /// Derives the validity of rows from their own dates and their bounds.
    async fn derive_validities(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        let bounds = self.bounds(kind).await?;
        let rows = self.records.of_mut(kind.kind);
        for (at, within) in bounds.iter().enumerate() {
            let seen = rows.date(at, "observed_first").zip(rows.date(at, "observed_last"));
            let (since, until) = (rows.date(at, "since"), rows.date(at, "until"));
            let Validity { possible, definite } =
                validity::derive(since, until, seen, Existence::new(None, None, within));
            for (column, day) in [
                ("holds_from", possible.from),
                ("holds_until", possible.until),
                ("sure_from", definite.from),
                ("sure_until", definite.until),
            ] {
                rows.set(at, column, day.into())?;
            }
        }
        Ok(())
    }

    async fn derive_participations(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        let bounds = self.bounds(kind).await?;
        let rows = self.records.models_mut::<participation::Entity>();
        for (row, within) in rows.iter_mut().zip(&bounds) {
            row.set_validity(validity::derive_participation(
                row,
                Existence::new(None, None, within),
            ));
        }
        Ok(())
    }

    /// Derives the periods of existence of delegations: a delegation exists only while its state or its
    /// parliament has a status that allows one.
    async fn derive_delegations(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        let own = self.stored_of(RecordKind::Participation);
        let stored = Rows::find(self.store, RecordKind::Participation, "id", &own).await?;
        let stored = stored.models::<participation::Entity>().iter();
        let current = self.records.models::<participation::Entity>().iter();
        let assemblies: Vec<Id> = current.chain(stored).map(|row| row.assembly_id).collect();
        let mut joined = self.stored(assemblies.into_iter());
        // The state of a parliament may have changed.
        joined.extend(self.stored_of(RecordKind::Parliament));
        for column in bounding_columns(kind) {
            self.join(kind.kind, &column, &joined).await?;
        }
        let periods = self.participation_periods().await?;
        self.derive_existences(kind, periods).await
    }

    /// The periods in which the state or the parliament of a delegation may have a status that allows
    /// one, for delegations with any such status.
    async fn participation_periods(&self) -> Result<HashMap<Id, Existence>, DbErr> {
        let delegations = self.records.models::<delegation::Entity>();
        let parliaments = self.stored(delegations.iter().map(|row| row.parliament_id));
        let column = parliament::Column::Id;
        let parliaments = find::<parliament::Entity>(self.store, column, &parliaments).await?;
        let states: HashMap<Id, Id> = parliaments
            .iter()
            .chain(self.records.models::<parliament::Entity>())
            .filter_map(|row| Some((row.id, row.state_id?)))
            .collect();
        let assemblies = self.stored(delegations.iter().map(|row| row.assembly_id));
        let column = participation::Column::AssemblyId;
        let stored = find::<participation::Entity>(self.store, column, &assemblies).await?;
        let participations = self.records.models::<participation::Entity>();
        let own: HashSet<Id> = participations.iter().map(|row| row.id).collect();
        let stored = stored.iter().filter(|row| !own.contains(&row.id));
        let mut by_participant: HashMap<(Id, Id), Existence> = HashMap::new();
        for row in stored
            .chain(participations)
            .filter(|row| validity::SENDING_STATUSES.contains(&row.status))
        {
            let until = row.holds_until;
            let ended = row.until().or((until < LAST_DAY).then(|| PartialDate::day(until)));
            let existence = Existence { from: row.holds_from, until, ended };
            let key = (row.assembly_id, row.participant_id);
            let all = by_participant.get(&key).copied().into_iter().chain([existence]);
            by_participant.extend(Existence::union(all).map(|existence| (key, existence)));
        }
        let period = |row: &delegation::Model| {
            let state = states.get(&row.parliament_id);
            let state = state.and_then(|id| by_participant.get(&(row.assembly_id, *id)));
            let own = by_participant.get(&(row.assembly_id, row.parliament_id));
            Some((row.id, Existence::union(state.into_iter().chain(own).copied())?))
        };
        Ok(delegations.iter().filter_map(period).collect())
    }

    /// Derives all allocations of a delegation together, including those of the previous delegation of an
    /// allocation.
    async fn derive_allocations(
        &mut self,
        kind: &'static Kind,
    ) -> Result<BTreeMap<Id, Vec<seat_total::Model>>, DbErr> {
        let stored = Rows::find(self.store, kind.kind, "id", &self.stored_of(kind.kind)).await?;
        let rows = self.records.models::<seat_allocation::Entity>().iter();
        let stored = stored.models::<seat_allocation::Entity>().iter();
        let mut delegations: BTreeSet<Id> =
            rows.chain(stored).map(|row| row.delegation_id).collect();
        let stored = self.stored(delegations.iter().copied());
        self.join(kind.kind, "delegation_id", &stored).await?;
        self.records.models_mut::<seat_allocation::Entity>().sort_by_key(|row| row.id);
        let bounds = self.bounds(kind).await?;
        let rows = self.records.models_mut::<seat_allocation::Entity>();
        let within: HashMap<Id, Existence> = rows
            .iter()
            .zip(&bounds)
            .map(|(row, within)| (row.id, Existence::new(None, None, within)))
            .collect();
        validity::derive_allocations(rows, |row| within[&row.id]);
        delegations.extend(rows.iter().map(|row| row.delegation_id));
        self.seat_totals(delegations).await
    }

    /// The seat totals of delegations.
    async fn seat_totals(
        &self,
        delegations: BTreeSet<Id>,
    ) -> Result<BTreeMap<Id, Vec<seat_total::Model>>, DbErr> {
        let column = seat_allocation::Column::DelegationId;
        let stored = self.stored(delegations.iter().copied());
        let rows = self.records.models::<seat_allocation::Entity>();
        let own: HashSet<Id> = rows.iter().map(|row| row.id).collect();
        let rest = find::<seat_allocation::Entity>(self.store, column, &stored).await?;
        let rest = rest.iter().filter(|row| !own.contains(&row.id));
        let mut all: HashMap<Id, Vec<&seat_allocation::Model>> = HashMap::new();
        for row in rest.chain(rows) {
            all.entry(row.delegation_id).or_default().push(row);
        }
        let totals = delegations.into_iter().map(|delegation_id| {
            let rows = all.remove(&delegation_id).unwrap_or_default();
            let totals = seats::totals(&rows).into_iter();
            let totals = totals.map(|(holds_from, holds_until, seats)| seat_total::Model {
                delegation_id,
                holds_from,
                holds_until,
                seats,
            });
            (delegation_id, totals.collect())
        });
        Ok(totals.collect())
    }

    async fn derive_memberships(&mut self) -> Result<(), DbErr> {
        use membership::{Column, Entity};
        const KIND: RecordKind = RecordKind::Membership;
        let moved = states::moved(self.store, &self.records, self.new).await?;
        for column in ["organization_id", "on_behalf_of_id"] {
            self.join(KIND, column, &moved).await?;
        }
        // The start or end of a membership depends on the death of its member, its legislative period and
        // its election.
        let died = deaths(self.records.models::<member::Entity>());
        let ids = self.stored_of(RecordKind::Member);
        let stored = find::<member::Entity>(self.store, member::Column::Id, &ids).await?;
        let before = deaths(&stored);
        let changed = ids.into_iter().filter(|id| died.get(id) != before.get(id)).collect();
        self.join(KIND, "member_id", &changed).await?;
        let periods = self.stored_of(RecordKind::LegislativePeriod);
        self.join(KIND, "legislative_period_id", &periods).await?;
        let sessions = self.stored_of(RecordKind::Session);
        self.join(KIND, "elected_at_id", &sessions).await?;

        // A new holder of a post ends the membership of the previous holder. If a membership now has
        // another post, it no longer ends a membership in its previous post.
        let stored = find::<Entity>(self.store, Column::Id, &self.stored_of(KIND)).await?;
        let posts = self.records.models::<Entity>().iter().chain(&stored);
        let posts = posts.filter(|row| EXCLUSIVE_ROLES.contains(&row.role));
        let posts = self.stored(posts.map(|row| row.organization_id));
        let posts: Vec<Id> = posts.into_iter().collect();
        for chunk in posts.chunks(CHUNK) {
            let holders = Entity::find()
                .filter(among(self.store, Column::OrganizationId, chunk))
                .filter(Column::Role.is_in(EXCLUSIVE_ROLES));
            let holders = Rows::from_models::<Entity>(holders.all(self.store).await?);
            self.records.of_mut(KIND).join(holders);
        }
        self.records.models_mut::<Entity>().sort_by_key(|row| row.id);

        let organizations = self.records.models::<Entity>().iter().map(|row| row.organization_id);
        self.load(organizations.collect::<Vec<_>>()).await?;
        let context = self.bounds_of_memberships(died).await?;
        validity::derive_memberships(self.records.models_mut::<Entity>(), &context);
        self.existences = context.organizations;
        states::derive_memberships(self.store, &mut self.records, self.new).await
    }

    /// Loads the dates that bound memberships.
    async fn bounds_of_memberships(
        &mut self,
        mut deaths_of: HashMap<Id, PartialDate>,
    ) -> Result<MembershipContext, DbErr> {
        let rows = || self.records.models::<membership::Entity>().iter();
        let members = self.records.models::<member::Entity>();
        let own: HashSet<Id> = members.iter().map(|row| row.id).collect();
        let rest = rows().map(|row| row.member_id).filter(|id| !own.contains(id));
        let rest = self.stored(rest);
        let rest = find::<member::Entity>(self.store, member::Column::Id, &rest).await?;
        deaths_of.extend(deaths(&rest));

        let sessions = self.records.models::<session::Entity>();
        let own: HashSet<Id> = sessions.iter().map(|row| row.id).collect();
        let rest = rows().filter_map(|row| row.elected_at_id).filter(|id| !own.contains(id));
        let rest = self.stored(rest);
        let rest = find::<session::Entity>(self.store, session::Column::Id, &rest).await?;
        // A planned session has not elected anyone.
        let past = rest.iter().chain(sessions).filter(|row| !row.planned);
        let days = PartialDate::from_columns;
        let elections = past
            .filter_map(|row| Some((row.id, days(row.starts_earliest, row.starts_latest)?)))
            .collect();

        let periods = self.records.models::<legislative_period::Entity>();
        let own: HashSet<Id> = periods.iter().map(|row| row.id).collect();
        let rest = rows().filter_map(|row| row.legislative_period_id);
        let rest = self.stored(rest.filter(|id| !own.contains(id)));
        let column = legislative_period::Column::Id;
        let rest = find::<legislative_period::Entity>(self.store, column, &rest).await?;
        let outer = rest.iter().chain(self.records.models::<legislative_period::Entity>());
        let outer = outer.map(|row| row.organization_id);
        self.load(outer.collect::<Vec<_>>()).await?;
        let periods = self.records.models::<legislative_period::Entity>();
        let periods = rest.iter().chain(periods).filter_map(|row| {
            let starts = days(row.starts_earliest, row.starts_latest);
            let ends = days(row.ends_earliest, row.ends_latest);
            let existence = Existence::new(starts, ends, &[self.existence(row.organization_id)]);
            existence.is_consistent().then_some((row.id, (starts, ends)))
        });
        let periods = periods.collect();
        let organizations = std::mem::take(&mut self.existences);
        Ok(MembershipContext { organizations, deaths: deaths_of, elections, periods })
    }
}

/// The dates of deaths. A death before the birth is ignored.
fn deaths(members: &[member::Model]) -> HashMap<Id, PartialDate> {
    let died = |row: &member::Model| {
        let born = PartialDate::from_columns(row.born_earliest, row.born_latest);
        let died = PartialDate::from_columns(row.died_earliest, row.died_latest);
        died.filter(|_| Existence::new(born, died, &[]).is_consistent())
    };
    members.iter().filter_map(|row| Some((row.id, died(row)?))).collect()
}

/// The stored pairs of row and record in a link table that have one of `ids` in a column.
pub async fn linked(
    store: &DatabaseTransaction,
    references: &'static References,
    column: &'static str,
    ids: &BTreeSet<Id>,
) -> Result<Vec<(Id, Id)>, DbErr> {
    let backend = store.get_database_backend();
    let ids: Vec<Id> = ids.iter().copied().collect();
    let mut pairs = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let ids = sql::ids(backend, chunk.iter().copied());
        let mut select = Query::select();
        select.columns([references.own, references.other]).from(references.table);
        select.and_where(sql::among(backend, Expr::col(column), ids));
        for row in store.query_all(&select).await? {
            pairs.push((row.try_get("", references.own)?, row.try_get("", references.other)?));
        }
    }
    Ok(pairs)
}

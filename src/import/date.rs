//! The days on which rows hold, before they are written: rows are joined by the stored ones that
//! they bear on, and all of them are derived together, each after what bounds it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::{
    Id, Kind, LAST_DAY, PartialDate, RecordKind, Temporal, Validity, ValidityPeriod, delegation,
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
        spans::{self, Around, HELD_BY_ONE, Life},
    },
    sql,
    store::{
        CHUNK, among, find,
        rows::{Records, Rows, date_columns},
    },
};

/// What an import brings in, with the days on which it holds.
pub struct Dated {
    /// The records that are new.
    pub new: BTreeMap<Id, RecordKind>,
    pub records: Records,
    pub links: Links,
    pub attached: Attached,
    /// All totals of a delegation's seats.
    pub seat_totals: BTreeMap<Id, Vec<seat_total::Model>>,
    /// The records whose contradictions are to be looked for.
    pub concerned: BTreeSet<Id>,
    pub altered: Altered,
}

/// Derives the days on which the rows of an import hold, and those on which stored ones hold that
/// they bear on.
pub async fn date(store: &DatabaseTransaction, preferred: Preferred) -> Result<Dated, DbErr> {
    let Preferred { new, stated, records, links, attached, mut concerned, altered } = preferred;
    let fresh: HashSet<Id> = new.keys().copied().collect();
    let (lives, changed) = (HashMap::new(), BTreeSet::new());
    let mut dating = Dating { store, new: &fresh, records, links: &links, lives, changed };
    let mut seat_totals = BTreeMap::new();
    for kind in derivation() {
        dating.join_bounded(kind).await?;
        match kind.kind {
            RecordKind::Delegation => dating.delegations(kind).await?,
            RecordKind::SeatAllocation => seat_totals = dating.allocations(kind).await?,
            RecordKind::Membership => dating.memberships().await?,
            RecordKind::Participation => dating.participations(kind).await?,
            _ => match kind.time {
                Temporality::Lifetime => dating.lifetimes(kind, HashMap::new()).await?,
                Temporality::Validity => dating.validities(kind).await?,
                Temporality::Dates { .. } | Temporality::Timeless => {}
            },
        }
        dating.note(kind).await?;
    }
    let Dating { records, .. } = dating;
    concerned.extend(stated);
    // Wholes whose parts are there.
    let allocations = records.models::<seat_allocation::Entity>();
    concerned.extend(allocations.iter().map(|row| row.delegation_id));
    let chambers = records.models::<entity::chamber::Entity>();
    concerned.extend(chambers.iter().map(|row| row.parliament_id));
    for rows in records.iter().filter(|rows| rows.kind().time != Temporality::Timeless) {
        concerned.extend(rows.ids());
    }
    Ok(Dated { new, records, links, attached, seat_totals, concerned, altered })
}

/// The kinds that others bound, or whose days are derived, each after those that bound it.
fn derivation() -> Vec<&'static Kind> {
    let related = entity::kinds().filter(|kind| {
        kind.is_temporal() || is_bounding(kind) || !bounding_columns(kind).is_empty()
    });
    in_order(related, |kind| {
        let references = kind.references().filter(|(_, reference)| reference.bounds);
        let mut needs: Vec<RecordKind> =
            references.flat_map(|(_, reference)| reference.to.kinds()).collect();
        needs.extend(bounding_links(kind).map(|(_, references)| references.to));
        // A standing lets a parliament send one.
        needs.extend((kind.kind == RecordKind::Delegation).then_some(RecordKind::Participation));
        needs
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

/// The columns that point at what bounds a kind.
fn bounding_columns(kind: &Kind) -> Vec<String> {
    let bounding = kind.references().filter(|(_, reference)| reference.bounds);
    bounding.map(|(field, _)| format!("{}_id", field.name)).collect()
}

struct Dating<'a> {
    store: &'a DatabaseTransaction,
    new: &'a HashSet<Id>,
    records: Records,
    links: &'a Links,
    /// The lives of what bounds others.
    lives: HashMap<Id, Life>,
    /// Stored records that bound others from or until another day than before.
    changed: BTreeSet<Id>,
}

/// The life of a record as its row has it.
fn life_of(rows: &Rows, at: usize) -> Life {
    if let Temporality::Dates { start, end } = rows.kind().time {
        let life = Life::new(rows.date(at, start), rows.date(at, end), &[]);
        return if life.has_days() { life } else { Life::ANY };
    }
    let day = |column| rows.day(at, column);
    let holds = day("holds_from").zip(day("holds_until"));
    let ended = (day("ended_earliest"), day("ended_latest"));
    holds.map_or(Life::ANY, |holds| Life::from_columns(holds, ended))
}

impl Dating<'_> {
    fn life(&self, id: Id) -> Life {
        self.lives.get(&id).copied().unwrap_or(Life::ANY)
    }

    fn stored(&self, ids: impl Iterator<Item = Id>) -> BTreeSet<Id> {
        ids.filter(|id| !self.new.contains(id)).collect()
    }

    /// The ids of the rows of a kind that are stored.
    fn known(&self, kind: RecordKind) -> BTreeSet<Id> {
        self.stored(self.records.of(kind).ids())
    }

    /// Adds the stored rows of a kind that have one of `ids` in a column.
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

    /// Adds the stored rows of a kind that are bounded by what changed.
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

    /// Notes how long records of a kind last that may bound others, and which of them last from or
    /// until another day than before.
    async fn note(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        if !is_bounding(kind) {
            return Ok(());
        }
        let stored = Rows::find(self.store, kind.kind, "id", &self.known(kind.kind)).await?;
        let before: HashMap<Id, Life> =
            stored.ids().enumerate().map(|(at, id)| (id, life_of(&stored, at))).collect();
        let rows = self.records.of(kind.kind);
        for (at, id) in rows.ids().enumerate() {
            let life = life_of(rows, at);
            self.lives.insert(id, life);
            if before.get(&id).is_some_and(|before| *before != life) {
                self.changed.insert(id);
            }
        }
        Ok(())
    }

    /// Loads the lives of those stored records that bound others and whose rows are not at hand.
    async fn load(&mut self, ids: impl IntoIterator<Item = Id>) -> Result<(), DbErr> {
        let unknown = ids.into_iter().filter(|id| !self.lives.contains_key(id));
        let unknown = self.stored(unknown);
        for kind in entity::kinds().filter(|kind| is_bounding(kind)) {
            let rows = Rows::find(self.store, kind.kind, "id", &unknown).await?;
            self.lives.extend(rows.ids().enumerate().map(|(at, id)| (id, life_of(&rows, at))));
        }
        Ok(())
    }

    /// What bounds each row of a kind: the lives of what it belongs to.
    async fn bounds(&mut self, kind: &'static Kind) -> Result<Vec<Vec<Life>>, DbErr> {
        let columns = bounding_columns(kind);
        let rows = self.records.of(kind.kind);
        let outer = |at: usize| columns.iter().filter_map(move |column| rows.id(at, column));
        let outer: Vec<Vec<Id>> = (0..rows.len()).map(|at| outer(at).collect()).collect();
        self.load(outer.iter().flatten().copied().collect::<Vec<_>>()).await?;
        let lives = outer.iter().map(|ids| ids.iter().map(|id| self.life(*id)).collect());
        Ok(lives.collect())
    }

    /// Sets the days on which organizations exist; `also` bounds some of them.
    async fn lifetimes(
        &mut self,
        kind: &'static Kind,
        mut also: HashMap<Id, Life>,
    ) -> Result<(), DbErr> {
        self.below(kind).await?;
        for (field, references) in bounding_links(kind) {
            also.extend(self.any_of(kind, field, references).await?);
        }
        // Each after those of its own kind that it belongs to.
        let columns = bounding_columns(kind);
        let rows = self.records.of(kind.kind);
        let outer =
            (0..rows.len()).flat_map(|at| columns.iter().filter_map(move |c| rows.id(at, c)));
        let own: HashSet<Id> = rows.ids().collect();
        let outer: Vec<Id> = outer.filter(|id| !own.contains(id)).collect();
        self.load(outer).await?;
        for at in self.by_depth(kind) {
            let rows = self.records.of(kind.kind);
            let Some(id) = rows.id(at, "id") else { continue };
            let outer = columns.iter().filter_map(|column| rows.id(at, column));
            let within: Vec<Life> =
                outer.map(|id| self.life(id)).chain(also.get(&id).copied()).collect();
            let life = Life::new(rows.date(at, "founded"), rows.date(at, "dissolved"), &within);
            let rows = self.records.of_mut(kind.kind);
            rows.set(at, "holds_from", life.from.into())?;
            rows.set(at, "holds_until", life.until.into())?;
            for (column, day) in date_columns("ended", life.ended) {
                rows.set(at, &column, day)?;
            }
            self.lives.insert(id, life);
        }
        Ok(())
    }

    /// Adds the stored rows that belong to rows of the same kind, however deep.
    async fn below(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        let own = kind.references().filter(|(_, to)| to.bounds && to.to.kind() == Some(kind.kind));
        for (field, _) in own {
            let mut above: BTreeSet<Id> = self.records.of(kind.kind).ids().collect();
            while !above.is_empty() {
                let known: HashSet<Id> = self.records.of(kind.kind).ids().collect();
                self.join(kind.kind, &format!("{}_id", field.name), &above).await?;
                let rows = self.records.of(kind.kind);
                above = rows.ids().filter(|id| !known.contains(id)).collect();
            }
        }
        Ok(())
    }

    /// The places of the rows of a kind, each after the one of its kind that it belongs to.
    fn by_depth(&self, kind: &'static Kind) -> Vec<usize> {
        let rows = self.records.of(kind.kind);
        let own = kind.references().find(|(_, to)| to.bounds && to.to.kind() == Some(kind.kind));
        let mut places: Vec<usize> = (0..rows.len()).collect();
        if let Some((field, _)) = own {
            let column = format!("{}_id", field.name);
            let ids = rows.ids().enumerate();
            let above: HashMap<Id, Id> =
                ids.filter_map(|(at, id)| Some((id, rows.id(at, &column)?))).collect();
            // A ring, which is a mistake of the data, must end too.
            let depth = |id: Id| {
                let chain = std::iter::successors(Some(id), |id| above.get(id).copied());
                chain.take(above.len() + 2).count()
            };
            places.sort_by_cached_key(|at| rows.id(*at, "id").map(depth));
        }
        places
    }

    /// The lives of what rows belong to any of: from the first to begin to the last to end.
    async fn any_of(
        &mut self,
        kind: &'static Kind,
        field: &'static str,
        references: &'static References,
    ) -> Result<HashMap<Id, Life>, DbErr> {
        let empty = BTreeMap::new();
        let given = self.links.get(&(kind.kind, field)).unwrap_or(&empty);
        let rest = self.known(kind.kind).into_iter().filter(|id| !given.contains_key(id)).collect();
        let stored = linked(self.store, references, references.own, &rest).await?;
        let given = given.iter().flat_map(|(row, ids)| ids.iter().map(|id| (*row, *id)));
        let links: Vec<(Id, Id)> = given.chain(stored).collect();
        self.load(links.iter().map(|link| link.1)).await?;
        let mut all: HashMap<Id, Life> = HashMap::new();
        for (row, id) in links {
            let both = all.get(&row).copied().into_iter().chain([self.life(id)]);
            all.extend(Life::any_of(both).map(|life| (row, life)));
        }
        Ok(all)
    }

    /// Sets the days on which rows are valid, by their own dates and what bounds them.
    async fn validities(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        let bounds = self.bounds(kind).await?;
        let rows = self.records.of_mut(kind.kind);
        for (at, within) in bounds.iter().enumerate() {
            let seen = rows.date(at, "observed_first").zip(rows.date(at, "observed_last"));
            let (since, until) = (rows.date(at, "since"), rows.date(at, "until"));
            let Validity { possible, definite } =
                spans::of(since, until, seen, Life::new(None, None, within));
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

    async fn participations(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        let bounds = self.bounds(kind).await?;
        let rows = self.records.models_mut::<participation::Entity>();
        for (row, within) in rows.iter_mut().zip(&bounds) {
            row.set_validity(spans::of_participation(row, Life::new(None, None, within)));
        }
        Ok(())
    }

    /// A delegation is sent only while its state or its parliament has a status that lets it.
    async fn delegations(&mut self, kind: &'static Kind) -> Result<(), DbErr> {
        let own = self.known(RecordKind::Participation);
        let left = Rows::find(self.store, RecordKind::Participation, "id", &own).await?;
        let left = left.models::<participation::Entity>().iter();
        let now = self.records.models::<participation::Entity>().iter();
        let assemblies: Vec<Id> = now.chain(left).map(|row| row.assembly_id).collect();
        let mut joined = self.stored(assemblies.into_iter());
        // And those of a parliament that belongs to another state now.
        joined.extend(self.known(RecordKind::Parliament));
        for column in bounding_columns(kind) {
            self.join(kind.kind, &column, &joined).await?;
        }
        let standings = self.standings().await?;
        self.lifetimes(kind, standings).await
    }

    /// The days between which delegations can be sent at all: those on which their state or
    /// parliament may have a status that sends one, where any such status is known.
    async fn standings(&self) -> Result<HashMap<Id, Life>, DbErr> {
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
        let mut sent: HashMap<(Id, Id), Life> = HashMap::new();
        for row in stored.chain(participations).filter(|row| spans::SENDS.contains(&row.status)) {
            let until = row.holds_until;
            let ended = row.until().or((until < LAST_DAY).then(|| PartialDate::day(until)));
            let life = Life { from: row.holds_from, until, ended };
            let place = (row.assembly_id, row.participant_id);
            let all = sent.get(&place).copied().into_iter().chain([life]);
            sent.extend(Life::any_of(all).map(|life| (place, life)));
        }
        let standing = |row: &delegation::Model| {
            let state = states.get(&row.parliament_id);
            let state = state.and_then(|id| sent.get(&(row.assembly_id, *id)));
            let own = sent.get(&(row.assembly_id, row.parliament_id));
            Some((row.id, Life::any_of(state.into_iter().chain(own).copied())?))
        };
        Ok(delegations.iter().filter_map(standing).collect())
    }

    /// All allocations of a delegation are dated together; also of one that an allocation leaves.
    async fn allocations(
        &mut self,
        kind: &'static Kind,
    ) -> Result<BTreeMap<Id, Vec<seat_total::Model>>, DbErr> {
        let left = Rows::find(self.store, kind.kind, "id", &self.known(kind.kind)).await?;
        let rows = self.records.models::<seat_allocation::Entity>().iter();
        let left = left.models::<seat_allocation::Entity>().iter();
        let mut delegations: BTreeSet<Id> = rows.chain(left).map(|row| row.delegation_id).collect();
        let stored = self.stored(delegations.iter().copied());
        self.join(kind.kind, "delegation_id", &stored).await?;
        self.records.models_mut::<seat_allocation::Entity>().sort_by_key(|row| row.id);
        let bounds = self.bounds(kind).await?;
        let rows = self.records.models_mut::<seat_allocation::Entity>();
        let within: HashMap<Id, Life> = rows
            .iter()
            .zip(&bounds)
            .map(|(row, within)| (row.id, Life::new(None, None, within)))
            .collect();
        spans::settle_allocations(rows, |row| within[&row.id]);
        delegations.extend(rows.iter().map(|row| row.delegation_id));
        self.seat_totals(delegations).await
    }

    /// All seats of delegations.
    async fn seat_totals(
        &self,
        delegations: BTreeSet<Id>,
    ) -> Result<BTreeMap<Id, Vec<seat_total::Model>>, DbErr> {
        let column = seat_allocation::Column::DelegationId;
        let known = self.stored(delegations.iter().copied());
        let rows = self.records.models::<seat_allocation::Entity>();
        let own: HashSet<Id> = rows.iter().map(|row| row.id).collect();
        let rest = find::<seat_allocation::Entity>(self.store, column, &known).await?;
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

    async fn memberships(&mut self) -> Result<(), DbErr> {
        use membership::{Column, Entity};
        const KIND: RecordKind = RecordKind::Membership;
        let moved = states::moved(self.store, &self.records, self.new).await?;
        for column in ["organization_id", "on_behalf_of_id"] {
            self.join(KIND, column, &moved).await?;
        }
        // What gives a membership a start or an end.
        let died = deaths(self.records.models::<member::Entity>());
        let known = self.known(RecordKind::Member);
        let stored = find::<member::Entity>(self.store, member::Column::Id, &known).await?;
        let before = deaths(&stored);
        let changed = known.into_iter().filter(|id| died.get(id) != before.get(id)).collect();
        self.join(KIND, "member_id", &changed).await?;
        let periods = self.known(RecordKind::LegislativePeriod);
        self.join(KIND, "legislative_period_id", &periods).await?;
        let sessions = self.known(RecordKind::Session);
        self.join(KIND, "elected_at_id", &sessions).await?;

        // A new holder of a post ends the membership of the one before; and a post that a
        // membership leaves is taken by nobody, and ends nobody any more.
        let left = find::<Entity>(self.store, Column::Id, &self.known(KIND)).await?;
        let posts = self.records.models::<Entity>().iter().chain(&left);
        let posts = posts.filter(|row| HELD_BY_ONE.contains(&row.role));
        let posts = self.stored(posts.map(|row| row.organization_id));
        let posts: Vec<Id> = posts.into_iter().collect();
        for chunk in posts.chunks(CHUNK) {
            let held = Entity::find()
                .filter(among(self.store, Column::OrganizationId, chunk))
                .filter(Column::Role.is_in(HELD_BY_ONE));
            let held = Rows::from_models::<Entity>(held.all(self.store).await?);
            self.records.of_mut(KIND).join(held);
        }
        self.records.models_mut::<Entity>().sort_by_key(|row| row.id);

        let organizations = self.records.models::<Entity>().iter().map(|row| row.organization_id);
        self.load(organizations.collect::<Vec<_>>()).await?;
        let around = self.around(died).await?;
        spans::settle(self.records.models_mut::<Entity>(), &around);
        self.lives = around.organizations;
        states::derive(self.store, &mut self.records, self.new).await
    }

    /// What memberships are within.
    async fn around(&mut self, mut deaths_of: HashMap<Id, PartialDate>) -> Result<Around, DbErr> {
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
        // What is only planned has elected nobody.
        let held = rest.iter().chain(sessions).filter(|row| !row.planned);
        let days = PartialDate::from_columns;
        let elections = held
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
            let life = Life::new(starts, ends, &[self.life(row.organization_id)]);
            life.has_days().then_some((row.id, (starts, ends)))
        });
        let periods = periods.collect();
        let organizations = std::mem::take(&mut self.lives);
        Ok(Around { organizations, deaths: deaths_of, elections, periods })
    }
}

/// Who died when; a death before the birth bounds nothing.
fn deaths(members: &[member::Model]) -> HashMap<Id, PartialDate> {
    let died = |row: &member::Model| {
        let born = PartialDate::from_columns(row.born_earliest, row.born_latest);
        let died = PartialDate::from_columns(row.died_earliest, row.died_latest);
        died.filter(|_| Life::new(born, died, &[]).has_days())
    };
    members.iter().filter_map(|row| Some((row.id, died(row)?))).collect()
}

/// The stored pairs of a linking table that have one of `ids` in a column: row and record.
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

//! The days on which rows hold, before they are written: a batch is completed with the rows of the
//! database that its own bear on, and all of them are reckoned together.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{
    Id, LAST_DAY, PartialDate, Spell, assembly, chamber, commission, commission_assembly,
    delegation, legislative_period, member, membership, parliament, participation, political_group,
    seat_allocation, seat_total, session,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IdenStatic, QueryFilter};

use super::{apply::Batch, states};
use crate::{
    evidence::{
        seats,
        spans::{self, Around, HELD_BY_ONE, Life},
    },
    store::{CHUNK, among, find},
};

/// The rows of a batch that are not yet in it by their ids.
macro_rules! join {
    ($batch:ident.$table:ident, $more:expr) => {{
        let own: HashSet<Id> = $batch.$table.iter().map(|row| row.id).collect();
        $batch.$table.extend($more.into_iter().filter(|row| !own.contains(&row.id)));
    }};
}

macro_rules! dates {
    ($row:ident) => {
        (
            PartialDate::from_columns($row.founded_earliest, $row.founded_latest),
            PartialDate::from_columns($row.dissolved_earliest, $row.dissolved_latest),
        )
    };
}

/// The life of an organization as its row in the database tells it.
macro_rules! life_of {
    ($row:ident) => {
        Life::from_columns(
            ($row.holds_from, $row.holds_until),
            ($row.ended_earliest, $row.ended_latest),
        )
    };
}

struct Lives<'a> {
    store: &'a DatabaseTransaction,
    new: &'a HashSet<Id>,
    known: HashMap<Id, Life>,
    /// Organizations of the database that begin or end otherwise than before.
    changed: BTreeSet<Id>,
}

impl Lives<'_> {
    /// The life of an organization in the batch or, by `load`, in the database.
    fn get(&self, id: Id) -> Life {
        self.known.get(&id).copied().unwrap_or(Life::ANY)
    }

    /// Loads the lives of those organizations of the database that are not in the batch.
    async fn load(&mut self, ids: impl IntoIterator<Item = Id>) -> Result<(), DbErr> {
        let unknown =
            ids.into_iter().filter(|id| !self.known.contains_key(id) && !self.new.contains(id));
        let unknown: BTreeSet<Id> = unknown.collect();
        macro_rules! load {
            ($($table:ident)*) => {
                $(for row in find::<$table::Entity>(self.store, $table::Column::Id, &unknown).await? {
                    self.known.insert(row.id, life_of!(row));
                })*
            };
        }
        if !unknown.is_empty() {
            load! { assembly commission parliament chamber delegation political_group }
        }
        Ok(())
    }
}

/// Sets what is derived in the rows of a batch, and adds the rows of the database that have to be
/// reckoned with them.
pub async fn settle(
    store: &DatabaseTransaction,
    batch: &mut Batch,
    new: &HashSet<Id>,
) -> Result<(), DbErr> {
    let mut lives = Lives { store, new, known: HashMap::new(), changed: BTreeSet::new() };
    macro_rules! live {
        ($table:ident, |$row:ident| [$($outer:expr),*], $also:expr) => {{
            let also: HashMap<Id, Life> = $also;
            let known = batch.$table.iter().map(|row| row.id).filter(|id| !new.contains(id));
            let before = find::<$table::Entity>(store, $table::Column::Id, &known.collect()).await?;
            let before: HashMap<Id, Life> =
                before.iter().map(|row| (row.id, life_of!(row))).collect();
            let outer: Vec<Option<Id>> =
                batch.$table.iter().flat_map(|$row| [$($outer),*] as [Option<Id>; _]).collect();
            lives.load(outer.into_iter().flatten()).await?;
            for row in &mut batch.$table {
                let (founded, dissolved) = dates!(row);
                let $row = &*row;
                let outer: [Option<Id>; _] = [$($outer),*];
                let outer = outer.into_iter().flatten().map(|id| lives.get(id));
                let within: Vec<Life> = outer.chain(also.get(&row.id).copied()).collect();
                let life = Life::new(founded, dissolved, &within);
                (row.holds_from, row.holds_until) = (life.from, life.until);
                (row.ended_earliest, row.ended_latest) = PartialDate::to_columns(life.ended);
                lives.known.insert(row.id, life);
                if before.get(&row.id).is_some_and(|was| *was != life) {
                    lives.changed.insert(row.id);
                }
            }
        }};
    }
    live!(assembly, |_row| [], HashMap::new());
    live!(political_group, |_row| [], HashMap::new());
    live!(parliament, |_row| [], HashMap::new());

    let within = find::<chamber::Entity>(store, chamber::Column::ParliamentId, &lives.changed);
    join!(batch.chamber, within.await?);
    live!(chamber, |row| [Some(row.parliament_id)], HashMap::new());

    commissions(store, batch, &lives.changed).await?;
    let own = assemblies_of(store, batch, &mut lives).await?;
    live!(commission, |row| [row.under_id, row.chamber_id], own);

    let column = participation::Column::AssemblyId;
    let within = find::<participation::Entity>(store, column, &lives.changed).await?;
    join!(batch.participation, within);
    let column = participation::Column::ParticipantId;
    let within = find::<participation::Entity>(store, column, &lives.changed).await?;
    join!(batch.participation, within);
    let ends = batch.participation.iter().flat_map(|row| [row.assembly_id, row.participant_id]);
    lives.load(ends.collect::<Vec<_>>()).await?;
    for row in &mut batch.participation {
        let within = [lives.get(row.assembly_id), lives.get(row.participant_id)];
        let span = spans::of_participation(row, Life::new(None, None, &within));
        (row.holds_from, row.holds_until) = span.holds;
        (row.sure_from, row.sure_until) = span.sure;
    }

    let known = |id: &Id| !new.contains(id);
    let joined = batch.participation.iter().map(|row| row.assembly_id).filter(known);
    // And those that a standing leaves with this batch; and a parliament that is of another state.
    let own = batch.participation.iter().map(|row| row.id).filter(known).collect();
    let left = find::<participation::Entity>(store, participation::Column::Id, &own).await?;
    let left = left.iter().map(|row| row.assembly_id);
    let moved = batch.parliament.iter().map(|row| row.id).filter(known);
    let joined: BTreeSet<Id> =
        joined.chain(left).chain(moved).chain(lives.changed.iter().copied()).collect();
    for column in [delegation::Column::AssemblyId, delegation::Column::ParliamentId] {
        join!(batch.delegation, find::<delegation::Entity>(store, column, &joined).await?);
    }
    let standings = standings(store, batch, new).await?;
    live!(delegation, |row| [Some(row.assembly_id), Some(row.parliament_id)], standings);

    // All allocations of a delegation are reckoned together; also of one that an allocation leaves.
    let own = batch.seat_allocation.iter().map(|row| row.id).filter(known).collect();
    let left = find::<seat_allocation::Entity>(store, seat_allocation::Column::Id, &own).await?;
    let delegations = batch.seat_allocation.iter().chain(&left).map(|row| row.delegation_id);
    let delegations: BTreeSet<Id> =
        delegations.filter(known).chain(lives.changed.iter().copied()).collect();
    for column in [seat_allocation::Column::DelegationId, seat_allocation::Column::ChamberId] {
        let ids = if column.as_str() == "chamber_id" { &lives.changed } else { &delegations };
        join!(batch.seat_allocation, find::<seat_allocation::Entity>(store, column, ids).await?);
    }
    batch.seat_allocation.sort_by_key(|row| row.id);
    let ends = batch.seat_allocation.iter();
    let ends = ends.flat_map(|row| [Some(row.delegation_id), row.chamber_id]).flatten();
    lives.load(ends.collect::<Vec<_>>()).await?;
    spans::settle_allocations(&mut batch.seat_allocation, |row| {
        let chamber = row.chamber_id.map(|id| lives.get(id));
        let within: Vec<Life> = chamber.into_iter().chain([lives.get(row.delegation_id)]).collect();
        Life::new(None, None, &within)
    });
    seat_totals(store, batch, new, delegations).await?;
    memberships(store, batch, lives).await
}

/// All seats of each delegation of which an allocation is in the batch, or was its.
async fn seat_totals(
    store: &DatabaseTransaction,
    batch: &mut Batch,
    new: &HashSet<Id>,
    mut delegations: BTreeSet<Id>,
) -> Result<(), DbErr> {
    let column = seat_allocation::Column::DelegationId;
    delegations.extend(batch.seat_allocation.iter().map(|row| row.delegation_id));
    let known = delegations.iter().copied().filter(|id| !new.contains(id)).collect();
    let own: HashSet<Id> = batch.seat_allocation.iter().map(|row| row.id).collect();
    let rest = find::<seat_allocation::Entity>(store, column, &known).await?;
    let rest = rest.iter().filter(|row| !own.contains(&row.id));
    let mut all: HashMap<Id, Vec<&seat_allocation::Model>> = HashMap::new();
    for row in rest.chain(&batch.seat_allocation) {
        all.entry(row.delegation_id).or_default().push(row);
    }
    for delegation_id in delegations {
        let rows = all.remove(&delegation_id).unwrap_or_default();
        let totals = seats::totals(&rows).into_iter();
        let totals = totals.map(|(holds_from, holds_until, seats)| seat_total::Model {
            delegation_id,
            holds_from,
            holds_until,
            seats,
        });
        batch.seat_totals.insert(delegation_id, totals.collect());
    }
    Ok(())
}

/// Adds the commissions of the database whose lives hang on those that changed, and puts each after
/// the one that it is under.
async fn commissions(
    store: &DatabaseTransaction,
    batch: &mut Batch,
    changed: &BTreeSet<Id>,
) -> Result<(), DbErr> {
    use commission::{Column, Entity};
    use commission_assembly::Column as Link;
    let linked = find::<commission_assembly::Entity>(store, Link::AssemblyId, changed).await?;
    let linked = linked.into_iter().map(|link| link.commission_id).collect();
    join!(batch.commission, find::<Entity>(store, Column::Id, &linked).await?);
    join!(batch.commission, find::<Entity>(store, Column::ChamberId, changed).await?);
    let mut above: BTreeSet<Id> = batch.commission.iter().map(|row| row.id).collect();
    while !above.is_empty() {
        let known: BTreeSet<Id> = batch.commission.iter().map(|row| row.id).collect();
        join!(batch.commission, find::<Entity>(store, Column::UnderId, &above).await?);
        above =
            batch.commission.iter().map(|row| row.id).filter(|id| !known.contains(id)).collect();
    }
    let above: HashMap<Id, Id> =
        batch.commission.iter().filter_map(|row| Some((row.id, row.under_id?))).collect();
    // No chain is longer than all of them: a ring, which is the data's mistake, must end too.
    let depth = |id: Id| std::iter::successors(Some(id), |id| above.get(id).copied());
    batch.commission.sort_by_cached_key(|row| depth(row.id).take(above.len() + 2).count());
    Ok(())
}

/// The lives of the assemblies whose bodies the commissions of a batch are: from the first to begin
/// to the last to end.
async fn assemblies_of(
    store: &DatabaseTransaction,
    batch: &Batch,
    lives: &mut Lives<'_>,
) -> Result<HashMap<Id, Life>, DbErr> {
    let own: HashSet<Id> = batch.names.keys().copied().collect();
    let rest = batch.commission.iter().map(|row| row.id);
    let rest = rest.filter(|id| !own.contains(id) && !lives.new.contains(id)).collect();
    let column = commission_assembly::Column::CommissionId;
    let links = find::<commission_assembly::Entity>(store, column, &rest).await?;
    let links = links.iter().chain(&batch.commission_assembly);
    let links: Vec<(Id, Id)> = links.map(|link| (link.commission_id, link.assembly_id)).collect();
    lives.load(links.iter().map(|link| link.1)).await?;
    let mut all: HashMap<Id, Life> = HashMap::new();
    for (commission, assembly) in links {
        let life = lives.get(assembly);
        let both = all.get(&commission).copied().into_iter().chain([life]);
        all.extend(Life::any_of(both).map(|life| (commission, life)));
    }
    Ok(all)
}

/// The days between which the delegations of a batch may be sent at all: those on which their state
/// or parliament may have a standing that sends one, where any such standing is known.
async fn standings(
    store: &DatabaseTransaction,
    batch: &Batch,
    new: &HashSet<Id>,
) -> Result<HashMap<Id, Life>, DbErr> {
    let known = |ids: &mut dyn Iterator<Item = Id>| -> BTreeSet<Id> {
        ids.filter(|id| !new.contains(id)).collect()
    };
    let parliaments = known(&mut batch.delegation.iter().map(|row| row.parliament_id));
    let parliaments = find::<parliament::Entity>(store, parliament::Column::Id, &parliaments);
    let parliaments = parliaments.await?;
    let states: HashMap<Id, Id> = parliaments
        .iter()
        .chain(&batch.parliament)
        .filter_map(|row| Some((row.id, row.state_id?)))
        .collect();
    let assemblies = known(&mut batch.delegation.iter().map(|row| row.assembly_id));
    let column = participation::Column::AssemblyId;
    let before = find::<participation::Entity>(store, column, &assemblies).await?;
    let own: HashSet<Id> = batch.participation.iter().map(|row| row.id).collect();
    let before = before.iter().filter(|row| !own.contains(&row.id));
    let mut sent: HashMap<(Id, Id), Life> = HashMap::new();
    for row in before.chain(&batch.participation).filter(|row| spans::SENDS.contains(&row.status)) {
        let until = row.holds_until;
        let ended = row.until().or((until < LAST_DAY).then(|| PartialDate::day(until)));
        let life = Life { from: row.holds_from, until, ended };
        let place = (row.assembly_id, row.participant_id);
        let all = sent.get(&place).copied().into_iter().chain([life]);
        sent.extend(Life::any_of(all).map(|life| (place, life)));
    }
    let standing = |row: &delegation::Model| {
        let state = states.get(&row.parliament_id).and_then(|id| sent.get(&(row.assembly_id, *id)));
        let own = sent.get(&(row.assembly_id, row.parliament_id));
        Some((row.id, Life::any_of(state.into_iter().chain(own).copied())?))
    };
    Ok(batch.delegation.iter().filter_map(standing).collect())
}

async fn memberships(
    store: &DatabaseTransaction,
    batch: &mut Batch,
    mut lives: Lives<'_>,
) -> Result<(), DbErr> {
    use membership::{Column, Entity};
    let (new, died) = (lives.new, deaths(&batch.member));
    let moved = states::moved(store, batch, new).await?;
    for column in [Column::OrganizationId, Column::OnBehalfOfId] {
        join!(batch.membership, find::<Entity>(store, column, &moved).await?);
    }
    let known = batch.member.iter().map(|row| row.id).filter(|id| !new.contains(id)).collect();
    let before = find::<member::Entity>(store, member::Column::Id, &known).await?;
    let before = deaths(&before);
    let changed = known.into_iter().filter(|id| died.get(id) != before.get(id)).collect();
    join!(batch.membership, find::<Entity>(store, Column::MemberId, &changed).await?);
    join!(batch.membership, find::<Entity>(store, Column::OrganizationId, &lives.changed).await?);
    let column = legislative_period::Column::OrganizationId;
    let within = find::<legislative_period::Entity>(store, column, &lives.changed).await?;
    join!(batch.legislative_period, within);
    let moved = batch.legislative_period.iter().map(|row| row.id);
    let moved = moved.filter(|id| !new.contains(id)).collect();
    join!(batch.membership, find::<Entity>(store, Column::LegislativePeriodId, &moved).await?);
    let moved = batch.session.iter().map(|row| row.id).filter(|id| !new.contains(id)).collect();
    join!(batch.membership, find::<Entity>(store, Column::ElectedAtId, &moved).await?);

    // A new holder of a post ends the membership of the one before; and a post that a membership
    // leaves with this batch is taken by nobody, and ends nobody any more.
    let known = batch.membership.iter().map(|row| row.id).filter(|id| !new.contains(id)).collect();
    let before = find::<Entity>(store, Column::Id, &known).await?;
    let posts = batch.membership.iter().chain(&before);
    let posts = posts.filter(|row| HELD_BY_ONE.contains(&row.role));
    let posts: BTreeSet<Id> =
        posts.map(|row| row.organization_id).filter(|id| !new.contains(id)).collect();
    let ids: Vec<Id> = posts.into_iter().collect();
    for chunk in ids.chunks(CHUNK) {
        let held = Entity::find()
            .filter(among(store, Column::OrganizationId, chunk))
            .filter(Column::Role.is_in(HELD_BY_ONE));
        join!(batch.membership, held.all(store).await?);
    }
    batch.membership.sort_by_key(|row| row.id);

    lives.load(batch.membership.iter().map(|row| row.organization_id)).await?;
    let others = batch.membership.iter().map(|row| row.member_id);
    let others = others.filter(|id| !died.contains_key(id) && !new.contains(id)).collect();
    let elections = batch.membership.iter().filter_map(|row| row.elected_at_id);
    let elections: BTreeSet<Id> = elections.filter(|id| !new.contains(id)).collect();
    let mut elections =
        dates_of(&find::<session::Entity>(store, session::Column::Id, &elections).await?);
    // What the database says of the batch's own is of before.
    let own: HashSet<Id> = batch.session.iter().map(|row| row.id).collect();
    elections.retain(|id, _| !own.contains(id));
    elections.extend(dates_of(&batch.session));
    let periods: BTreeSet<Id> =
        batch.membership.iter().filter_map(|row| row.legislative_period_id).collect();
    let own: HashSet<Id> = batch.legislative_period.iter().map(|row| row.id).collect();
    let rest = periods.into_iter().filter(|id| !own.contains(id) && !new.contains(id)).collect();
    let rest =
        find::<legislative_period::Entity>(store, legislative_period::Column::Id, &rest).await?;
    let periods = || rest.iter().chain(&batch.legislative_period);
    lives.load(periods().map(|row| row.organization_id)).await?;
    let days = PartialDate::from_columns;
    let periods = periods().filter_map(|row| {
        let starts = days(row.starts_earliest, row.starts_latest);
        let ends = days(row.ends_earliest, row.ends_latest);
        let life = Life::new(starts, ends, &[lives.get(row.organization_id)]);
        life.has_days().then_some((row.id, (starts, ends)))
    });
    let periods = periods.collect();
    let mut around = Around { organizations: lives.known, deaths: died, elections, periods };
    let others = find::<member::Entity>(store, member::Column::Id, &others).await?;
    let own: HashSet<Id> = batch.member.iter().map(|row| row.id).collect();
    let others: Vec<_> = others.into_iter().filter(|row| !own.contains(&row.id)).collect();
    around.deaths.extend(deaths(&others));
    spans::settle(&mut batch.membership, &around);
    states::settle(store, batch, new).await
}

fn dates_of(sessions: &[session::Model]) -> HashMap<Id, PartialDate> {
    let day =
        |row: &session::Model| PartialDate::from_columns(row.starts_earliest, row.starts_latest);
    // What is only planned has elected nobody.
    let held = sessions.iter().filter(|row| !row.planned);
    held.filter_map(|row| Some((row.id, day(row)?))).collect()
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

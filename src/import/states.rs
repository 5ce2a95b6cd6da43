//! The state of a membership: whose parliament, chamber or delegation it is in, or speaks for.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{Id, RecordKind, chamber, commission, delegation, parliament};
use sea_orm::{DatabaseTransaction, DbErr};

use super::apply::Batch;
use crate::store::find;

/// The parliaments of the database that are in the batch with another state, the chambers and
/// delegations with another parliament, the committees with another chamber; and all that are of
/// one of these.
pub async fn moved(
    store: &DatabaseTransaction,
    batch: &Batch,
    new: &HashSet<Id>,
) -> Result<BTreeSet<Id>, DbErr> {
    let mut moved = BTreeSet::new();
    macro_rules! moved {
        ($($table:ident.$key:ident within $($above:ident)?;)*) => {
            $(
                let own: BTreeSet<Id> =
                    batch.$table.iter().map(|row| row.id).filter(|id| !new.contains(id)).collect();
                let before = find::<$table::Entity>(store, $table::Column::Id, &own).await?;
                let before: HashMap<Id, _> =
                    before.into_iter().map(|row| (row.id, row.$key)).collect();
                let other = batch.$table.iter();
                let other = other.filter(|row| before.get(&row.id).is_some_and(|was| *was != row.$key));
                moved.extend(other.map(|row| row.id).collect::<Vec<_>>());
                $(
                    let within = find::<$table::Entity>(store, $table::Column::$above, &moved).await?;
                    moved.extend(within.into_iter().map(|row| row.id));
                )?
            )*
        };
    }
    moved! {
        parliament.state_id within ;
        chamber.parliament_id within ParliamentId;
        delegation.parliament_id within ParliamentId;
        commission.chamber_id within ChamberId;
    }
    Ok(moved)
}

/// Sets the states of the memberships of a batch.
pub async fn settle(
    store: &DatabaseTransaction,
    batch: &mut Batch,
    new: &HashSet<Id>,
) -> Result<(), DbErr> {
    let places = batch.membership.iter().flat_map(|row| {
        let organization = Some((row.organization_kind, row.organization_id));
        [organization, row.on_behalf_of_kind.zip(row.on_behalf_of_id)].into_iter().flatten()
    });
    let mut asked: HashMap<RecordKind, BTreeSet<Id>> = HashMap::new();
    for (kind, id) in places {
        asked.entry(kind).or_default().insert(id);
    }
    // From below: each step leads to what the next one asks.
    let mut above: HashMap<Id, Id> = HashMap::new();
    macro_rules! climb {
        ($($kind:ident $table:ident.$key:ident to $next:ident;)*) => {
            $({
                let ids = asked.remove(&RecordKind::$kind).unwrap_or_default();
                let own = batch.$table.iter().filter(|row| ids.contains(&row.id));
                let mut found: HashMap<Id, Option<Id>> =
                    own.map(|row| (row.id, row.$key.into())).collect();
                let rest = ids.into_iter();
                let rest = rest.filter(|id| !found.contains_key(id) && !new.contains(id)).collect();
                let rest = find::<$table::Entity>(store, $table::Column::Id, &rest).await?;
                found.extend(rest.into_iter().map(|row| (row.id, row.$key.into())));
                for (id, next) in found {
                    let Some(next) = next else { continue };
                    above.insert(id, next);
                    asked.entry(RecordKind::$next).or_default().insert(next);
                }
            })*
        };
    }
    climb! {
        Commission commission.chamber_id to Chamber;
        Delegation delegation.parliament_id to Parliament;
        Chamber chamber.parliament_id to Parliament;
        Parliament parliament.state_id to State;
    }
    let state = |kind: RecordKind, id: Id| {
        let end = std::iter::successors(Some(id), |id| above.get(id).copied()).last();
        end.filter(|end| kind == RecordKind::State || *end != id)
            .filter(|end| asked.get(&RecordKind::State).is_some_and(|states| states.contains(end)))
    };
    for row in &mut batch.membership {
        let behalf = row.on_behalf_of_kind.zip(row.on_behalf_of_id);
        let behalf = behalf.and_then(|(kind, id)| state(kind, id));
        row.state_id = behalf.or_else(|| state(row.organization_kind, row.organization_id));
    }
    Ok(())
}

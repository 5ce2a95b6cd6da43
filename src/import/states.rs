//! Derives the state of each membership: the state of its organization, or the state that the member
//! represents.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{Id, Kind, RecordKind, kind::in_order, membership};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::store::rows::{Records, Rows};

/// The kinds that belong to states, each with the column and the kind of its parent; parents first.
fn kinds() -> Vec<(&'static Kind, String, RecordKind)> {
    let target = |kind: &Kind| {
        let field = kind.of_state?;
        let (_, reference) = kind.references().find(|(own, _)| own.name == field)?;
        Some((format!("{field}_id"), reference.to.kind()?))
    };
    let all = in_order(entity::kinds(), |kind| target(kind).map(|to| to.1).into_iter().collect());
    let own = |kind: &'static Kind| target(kind).map(|(column, to)| (kind, column, to));
    all.into_iter().filter_map(own).collect()
}

/// The stored records whose parent on the path to a state changed, and their descendants.
pub async fn moved(
    store: &DatabaseTransaction,
    records: &Records,
    new: &HashSet<Id>,
) -> Result<BTreeSet<Id>, DbErr> {
    let mut moved = BTreeSet::new();
    for (kind, column, _) in kinds() {
        let rows = records.of(kind.kind);
        let own = rows.ids().filter(|id| !new.contains(id)).collect();
        let stored = Rows::find(store, kind.kind, "id", &own).await?;
        let before: HashMap<Id, Option<Id>> =
            stored.ids().enumerate().map(|(at, id)| (id, stored.id(at, &column))).collect();
        let other = rows.ids().enumerate().filter(|(at, id)| {
            before.get(id).is_some_and(|before| *before != rows.id(*at, &column))
        });
        moved.extend(other.map(|(_, id)| id));
        moved.extend(Rows::find(store, kind.kind, &column, &moved).await?.ids());
    }
    Ok(moved)
}

/// Derives the states of memberships.
pub async fn derive(
    store: &DatabaseTransaction,
    records: &mut Records,
    new: &HashSet<Id>,
) -> Result<(), DbErr> {
    let memberships = records.models::<membership::Entity>().iter();
    let places = memberships.flat_map(|row| {
        let organization = Some((row.organization_kind, row.organization_id));
        [organization, row.on_behalf_of_kind.zip(row.on_behalf_of_id)].into_iter().flatten()
    });
    let mut to_find: HashMap<RecordKind, BTreeSet<Id>> = HashMap::new();
    for (kind, id) in places {
        to_find.entry(kind).or_default().insert(id);
    }
    // From the bottom up: each step finds the parents that the next one looks up.
    let mut parents: HashMap<Id, Id> = HashMap::new();
    for (kind, column, to) in kinds().into_iter().rev() {
        let ids = to_find.remove(&kind.kind).unwrap_or_default();
        let rows = records.of(kind.kind);
        let own: HashSet<Id> = rows.ids().collect();
        let rest = ids.iter().copied().filter(|id| !own.contains(id) && !new.contains(id));
        let stored = Rows::find(store, kind.kind, "id", &rest.collect()).await?;
        for rows in [rows, &stored] {
            for (at, id) in rows.ids().enumerate().filter(|(_, id)| ids.contains(id)) {
                let Some(next) = rows.id(at, &column) else { continue };
                parents.insert(id, next);
                to_find.entry(to).or_default().insert(next);
            }
        }
    }
    let state = |kind: RecordKind, id: Id| {
        let root = std::iter::successors(Some(id), |id| parents.get(id).copied()).last();
        root.filter(|root| kind == RecordKind::State || *root != id).filter(|root| {
            to_find.get(&RecordKind::State).is_some_and(|states| states.contains(root))
        })
    };
    for row in records.models_mut::<membership::Entity>() {
        let behalf = row.on_behalf_of_kind.zip(row.on_behalf_of_id);
        let behalf = behalf.and_then(|(kind, id)| state(kind, id));
        row.state_id = behalf.or_else(|| state(row.organization_kind, row.organization_id));
    }
    Ok(())
}

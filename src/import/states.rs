//! Derives the state of records. The state of a chamber and of a delegation is the state of their
//! parliament; the state of a membership is the state that the member represents, or the state of the
//! organization.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{Id, Kind, RecordKind, kind::in_order, membership};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::store::rows::{Records, Rows};

/// The kinds that belong to a state, each after the kind of its parent, with the column of the parent
/// and the kind of the parent.
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

/// Whether the state of a kind is a derived column.
pub fn is_derived(kind: &Kind) -> bool {
    kind.of_state.is_some() && kind.field("state").is_some_and(|field| field.derived)
}

/// The stored records whose state may change, because they or one of their ancestors have a new parent.
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

/// The states of some records.
struct States {
    /// The parent of each record: the record to which it belongs.
    parents: HashMap<Id, Id>,
    states: BTreeSet<Id>,
}

impl States {
    async fn of(
        store: &DatabaseTransaction,
        records: &Records,
        new: &HashSet<Id>,
        organizations: impl Iterator<Item = (RecordKind, Id)>,
    ) -> Result<Self, DbErr> {
        let mut ids_by_kind: HashMap<RecordKind, BTreeSet<Id>> = HashMap::new();
        for (kind, id) in organizations {
            ids_by_kind.entry(kind).or_default().insert(id);
        }
        let mut parents = HashMap::new();
        // Children before parents: each kind adds the ids of its parents.
        for (kind, column, parent_kind) in kinds().into_iter().rev() {
            let ids = ids_by_kind.remove(&kind.kind).unwrap_or_default();
            let rows = records.of(kind.kind);
            let own: HashSet<Id> = rows.ids().collect();
            let rest = ids.iter().copied().filter(|id| !own.contains(id) && !new.contains(id));
            let stored = Rows::find(store, kind.kind, "id", &rest.collect()).await?;
            for rows in [rows, &stored] {
                for (at, id) in rows.ids().enumerate().filter(|(_, id)| ids.contains(id)) {
                    let Some(parent) = rows.id(at, &column) else { continue };
                    parents.insert(id, parent);
                    ids_by_kind.entry(parent_kind).or_default().insert(parent);
                }
            }
        }
        let states = ids_by_kind.remove(&RecordKind::State).unwrap_or_default();
        Ok(Self { parents, states })
    }

    fn state(&self, id: Id) -> Option<Id> {
        let last = std::iter::successors(Some(id), |id| self.parents.get(id).copied()).last();
        last.filter(|id| self.states.contains(id))
    }
}

/// Sets the states of the records of a kind.
pub async fn derive(
    store: &DatabaseTransaction,
    records: &mut Records,
    new: &HashSet<Id>,
    kind: RecordKind,
) -> Result<(), DbErr> {
    let ids: Vec<Id> = records.of(kind).ids().collect();
    let states = States::of(store, records, new, ids.iter().map(|id| (kind, *id))).await?;
    for (at, id) in ids.into_iter().enumerate() {
        records.of_mut(kind).set(at, "state_id", states.state(id).into())?;
    }
    Ok(())
}

/// Sets the states of memberships.
pub async fn derive_memberships(
    store: &DatabaseTransaction,
    records: &mut Records,
    new: &HashSet<Id>,
) -> Result<(), DbErr> {
    let represented = |row: &membership::Model| row.on_behalf_of_kind.zip(row.on_behalf_of_id);
    let rows = records.models::<membership::Entity>().iter();
    let organizations = rows.flat_map(|row| {
        [Some((row.organization_kind, row.organization_id)), represented(row)].into_iter().flatten()
    });
    let organizations: Vec<_> = organizations.collect();
    let states = States::of(store, records, new, organizations.into_iter()).await?;
    for row in records.models_mut::<membership::Entity>() {
        let represented = represented(row).and_then(|(_, id)| states.state(id));
        row.state_id = represented.or_else(|| states.state(row.organization_id));
    }
    Ok(())
}

//! Writes the contradictions that `[[contradiction]]` rows describe.

use std::collections::{BTreeSet, HashSet};

use entity::{Id, RecordKind, claim, contradiction, contradiction_claim, record};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter,
};

use super::{altered::Altered, validate::Sides};
use crate::{evidence::contradictions, store::find};

/// Writes contradictions. Returns all records that those concerned before whose records changed.
pub async fn write_contradictions(
    store: &DatabaseTransaction,
    curated: Vec<Sides>,
    altered: &mut Altered,
) -> Result<BTreeSet<Id>, DbErr> {
    let mut former_records = BTreeSet::new();
    let mut unlinked_claims = BTreeSet::new();
    for Sides { mut row, claims, explains } in curated {
        let owner = row.record_id.unwrap_or_default();
        let by_slug = contradiction::Column::Slug.eq(row.slug.as_str());
        let old = contradiction::Entity::find().filter(by_slug).one(store).await?;
        match &old {
            Some(old) => {
                // The computed columns are updated later.
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
        let stored = claim::Entity::find()
            .filter(claim::Column::RecordId.eq(owner))
            .filter(claim::Column::Property.eq(row.property.as_str()))
            .all(store)
            .await?;
        let side = |(value, document): &(String, Id)| {
            let same = |claim: &&claim::Model| {
                claim.value.as_ref() == Some(value) && claim.document_id == *document
            };
            stored.iter().find(same).map(|claim| claim.id)
        };
        let sides: Vec<Id> = claims.iter().filter_map(side).collect();
        if let Some(removed) = contradictions::link_claims(store, row.id, &sides, true).await? {
            altered.add(owner, "contradictions");
            unlinked_claims.extend(removed);
        }
        let mut about: Vec<(Id, RecordKind)> =
            row.record_id.zip(row.record_kind).into_iter().collect();
        let explained: BTreeSet<Id> = explains.iter().copied().collect();
        let kinds = find::<record::Entity>(store, record::Column::Id, &explained).await?;
        about.extend(
            explains
                .iter()
                .filter_map(|id| Some((*id, kinds.iter().find(|row| row.id == *id)?.kind))),
        );
        if let Some(removed) = contradictions::link_records(store, row.id, &about).await? {
            altered.add(owner, "contradictions");
            former_records.extend(removed);
        }
    }
    remove_sides(store, &unlinked_claims, altered).await?;
    Ok(former_records)
}

/// Removes claims that only a side of a contradiction stated, if it is no longer a side.
async fn remove_sides(
    store: &DatabaseTransaction,
    claims: &BTreeSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    use contradiction_claim::{Column, Entity};
    let linked = find::<Entity>(store, Column::ClaimId, claims).await?;
    let linked: HashSet<Id> =
        linked.into_iter().filter(|link| link.curated).map(|link| link.claim_id).collect();
    let mut removed = Vec::new();
    for claim in find::<claim::Entity>(store, claim::Column::Id, claims).await? {
        if linked.contains(&claim.id) {
            continue;
        }
        altered.add(claim.record_id, "claims");
        if claim.by_row || claim.by_claim {
            let claim = claim::Model { by_side: false, ..claim };
            claim.into_active_model().reset_all().update(store).await?;
        } else {
            removed.push(claim.id);
        }
    }
    contradictions::remove_claims(store, &removed).await
}

//! Who of the graph can be meant by a name on a page: a name ties nobody who belongs elsewhere.

use std::collections::{BTreeSet, HashMap};

use entity::{
    Id, RecordKind, assembly, chamber, commission, commission_assembly, delegation, member,
    membership, parliament,
};
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait};

use super::mention::Names;
use crate::store::{find, with_texts};

/// Where persons and organizations belong: to which assemblies and parliaments.
#[derive(Default)]
pub struct Ties {
    organizations: HashMap<String, BTreeSet<Id>>,
    members: HashMap<String, BTreeSet<Id>>,
}

impl Ties {
    /// Those of the persons that pages may name.
    pub async fn load(store: &DatabaseTransaction, names: &Names) -> Result<Self, DbErr> {
        let mut roots: HashMap<Id, BTreeSet<Id>> = HashMap::new();
        let mut slugs: HashMap<Id, String> = HashMap::new();
        for row in assembly::Entity::find().all(store).await? {
            roots.entry(row.id).or_default().insert(row.id);
            slugs.insert(row.id, row.slug);
        }
        for row in parliament::Entity::find().all(store).await? {
            roots.entry(row.id).or_default().insert(row.id);
            slugs.insert(row.id, row.slug);
        }
        for row in chamber::Entity::find().all(store).await? {
            roots.entry(row.id).or_default().insert(row.parliament_id);
            slugs.insert(row.id, row.slug);
        }
        for row in delegation::Entity::find().all(store).await? {
            roots.entry(row.id).or_default().extend([row.assembly_id, row.parliament_id]);
            slugs.insert(row.id, row.slug);
        }
        for row in commission_assembly::Entity::find().all(store).await? {
            roots.entry(row.commission_id).or_default().insert(row.assembly_id);
        }
        for row in commission::Entity::find().all(store).await? {
            let chamber = row.chamber_id.and_then(|chamber| roots.get(&chamber)).cloned();
            roots.entry(row.id).or_default().extend(chamber.unwrap_or_default());
            slugs.insert(row.id, row.slug);
        }
        let named = names.all.iter().filter(|name| name.kind == RecordKind::Member);
        let named: BTreeSet<&str> = named.map(|name| name.slug.as_str()).collect();
        let named: Vec<&str> = named.into_iter().collect();
        let members = with_texts::<member::Entity>(store, member::Column::Slug, &named).await?;
        let members: HashMap<Id, String> =
            members.into_iter().map(|row| (row.id, row.slug)).collect();
        let ids = members.keys().copied().collect();
        let mut ties = Self::default();
        for row in find::<membership::Entity>(store, membership::Column::MemberId, &ids).await? {
            let own = ties.members.entry(members[&row.member_id].clone()).or_default();
            let ends = [Some(row.organization_id), row.on_behalf_of_id].into_iter().flatten();
            // What belongs to nothing is a place of its own.
            own.extend(ends.flat_map(|id| roots.get(&id).cloned().unwrap_or([id].into())));
        }
        let organizations = slugs.into_iter();
        ties.organizations =
            organizations.filter_map(|(id, slug)| Some((slug, roots.remove(&id)?))).collect();
        Ok(ties)
    }

    /// Whether a person may have a post in an organization: one who is known to belong somewhere
    /// belongs to the same assembly or parliament.
    pub fn allow(&self, member: &str, organization: &str) -> bool {
        match (self.members.get(member), self.organizations.get(organization)) {
            (Some(own), Some(roots)) => !own.is_disjoint(roots),
            _ => true,
        }
    }
}

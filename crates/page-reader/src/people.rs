//! Who the persons in posts may be. A name alone makes nobody the same: whoever is taken for the person
//! has a tie to the parliament or the assembly that the page speaks of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{
    Id, RecordKind, commission_assembly, entity as registry, member, membership, mention, name,
};
use futures_util::TryStreamExt;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect,
    RelationTrait,
};

use super::{
    fold,
    known::{Known, is_same_person},
};
use crate::store::find;

/// How many words of a name a candidate shares with it: a first name and a surname.
const SHARED: usize = 2;

/// A person of the graph who goes by a name like one of a post.
#[derive(Debug, Default)]
struct Person {
    names: Vec<String>,
    /// Where the person is or was, and the assemblies and bodies that documents name beside them.
    ties: BTreeSet<String>,
}

/// The persons of the graph with names like those of the posts, by slug.
#[derive(Debug, Default)]
pub struct People {
    all: BTreeMap<String, Person>,
    /// The bodies of each assembly, by slug.
    bodies: BTreeMap<String, BTreeSet<String>>,
}

/// Who a name means.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// Those who have a tie.
    pub near: BTreeSet<String>,
    /// Others of that name.
    pub far: BTreeSet<String>,
}

impl People {
    /// Those who go by a name like one of `wanted`, in either script and in any order.
    pub async fn load(
        store: &DatabaseTransaction,
        known: &Known,
        wanted: &BTreeSet<&str>,
    ) -> Result<Self, DbErr> {
        let mut people = Self::default();
        if wanted.is_empty() {
            return Ok(people);
        }
        let wanted: Vec<BTreeSet<String>> = wanted.iter().map(|name| words(name)).collect();
        let is_like = |name: &str| {
            let words = words(name);
            wanted.iter().any(|one| one.intersection(&words).count() >= SHARED)
        };
        let mut names: HashMap<Id, Vec<String>> = HashMap::new();
        let own = member::Entity::find()
            .select_only()
            .columns([member::Column::Id, member::Column::Name])
            .into_tuple::<(Id, String)>();
        let more = name::Entity::find()
            .select_only()
            .columns([name::Column::RecordId, name::Column::Value])
            .join(JoinType::InnerJoin, name::Relation::Record.def())
            .filter(registry::Column::Kind.eq(RecordKind::Member))
            .into_tuple::<(Id, String)>();
        // One after the other: a transaction has one connection.
        macro_rules! take {
            ($($rows:ident)*) => {
                $({
                    let mut rows = $rows.stream(store).await?;
                    while let Some((id, name)) = rows.try_next().await? {
                        if is_like(&name) {
                            names.entry(id).or_default().push(name);
                        }
                    }
                })*
            };
        }
        take! { own more }
        let ids: BTreeSet<Id> = names.keys().copied().collect();
        let spells = find::<membership::Entity>(store, membership::Column::MemberId, &ids).await?;
        let named = find::<mention::Entity>(store, mention::Column::RecordId, &ids).await?;
        let documents = named.iter().map(|row| row.document_id).collect();
        let beside =
            find::<mention::Entity>(store, mention::Column::DocumentId, &documents).await?;
        // That a text names a state too is no tie to it.
        let is_tie = |row: &mention::Model| {
            let kinds = [RecordKind::Assembly, RecordKind::Commission, RecordKind::Delegation];
            kinds.contains(&row.record_kind)
        };
        let beside: Vec<mention::Model> = beside.into_iter().filter(is_tie).collect();
        let links = commission_assembly::Entity::find().all(store).await?;
        let mut slugs = ids.clone();
        slugs.extend(spells.iter().map(|row| row.organization_id));
        slugs.extend(spells.iter().filter_map(|row| row.on_behalf_of_id));
        slugs.extend(beside.iter().map(|row| row.record_id));
        slugs.extend(links.iter().map(|row| row.commission_id));
        let slugs = find::<registry::Entity>(store, registry::Column::Id, &slugs).await?;
        let slugs: HashMap<Id, String> = slugs.into_iter().map(|row| (row.id, row.slug)).collect();
        let slug = |id: Id| slugs.get(&id).cloned();
        let mut ties: HashMap<Id, BTreeSet<String>> = HashMap::new();
        for row in spells {
            let own = ties.entry(row.member_id).or_default();
            own.extend(
                [Some(row.organization_id), row.on_behalf_of_id]
                    .into_iter()
                    .flatten()
                    .filter_map(slug),
            );
        }
        let mut told: HashMap<Id, Vec<Id>> = HashMap::new();
        for row in beside {
            told.entry(row.document_id).or_default().push(row.record_id);
        }
        for row in named {
            let beside = told.get(&row.document_id).into_iter().flatten();
            ties.entry(row.record_id).or_default().extend(beside.filter_map(|id| slug(*id)));
        }
        for (id, names) in names {
            let ties = ties.remove(&id).unwrap_or_default();
            people.all.extend(slug(id).map(|slug| (slug, Person { names, ties })));
        }
        for link in links {
            let assembly = known.slugs.get(&link.assembly_id);
            if let Some((assembly, body)) = assembly.zip(slug(link.commission_id)) {
                people.bodies.entry(assembly.clone()).or_default().insert(body);
            }
        }
        Ok(people)
    }

    /// Whoever goes by a name, an exact one before one with or without a patronymic.
    pub fn named(&self, name: &str, known: &Known, organization: &str, is_short: bool) -> Meant {
        let circle = self.circle(known, organization);
        let exact = fold::folded(name);
        let ways: [&dyn Fn(&str) -> bool; 2] =
            [&|known| fold::folded(known) == exact, &|known| is_same_person(known, name)];
        // An initial tells a person only among the few who can be meant.
        let ways = if is_short { &ways[..1] } else { &ways[..] };
        let mut far = BTreeSet::new();
        for is_meant in ways {
            let meant = |person: &Person| person.names.iter().any(|known| is_meant(known));
            let meant = self.all.iter().filter(|(_, person)| meant(person));
            let (near, others): (Vec<_>, Vec<_>) =
                meant.partition(|(_, person)| !person.ties.is_disjoint(&circle));
            far.extend(others.into_iter().map(|(slug, _)| slug.clone()));
            if !near.is_empty() {
                let near = near.into_iter().map(|(slug, _)| slug.clone()).collect();
                return Meant { near, far };
            }
        }
        Meant { near: BTreeSet::new(), far }
    }

    /// The organizations around one: of a delegation its parliament with the chambers, the state and
    /// all delegations, and its assembly; of a body its assemblies; of an assembly its bodies and
    /// delegations.
    fn circle(&self, known: &Known, organization: &str) -> BTreeSet<String> {
        let mut circle = BTreeSet::from([organization.to_owned()]);
        let mut assemblies = BTreeSet::from([organization]);
        let of = self.bodies.iter().filter(|(_, bodies)| bodies.contains(organization));
        assemblies.extend(of.map(|(assembly, _)| assembly.as_str()));
        if let Some(row) = known.delegations.iter().find(|row| row.slug == organization) {
            assemblies.insert(&row.assembly);
            circle.insert(row.parliament.clone());
            circle.extend(known.state_of(&row.parliament).map(str::to_owned));
            circle.extend(known.chambers_of(&row.parliament).map(|org| org.slug.clone()));
            let sent = known.delegations.iter().filter(|other| other.parliament == row.parliament);
            circle.extend(sent.map(|other| other.slug.clone()));
        }
        for assembly in assemblies {
            let sent = known.delegations.iter().filter(|other| other.assembly == assembly);
            circle.extend(sent.map(|other| other.slug.clone()));
            circle.extend(self.bodies.get(assembly).into_iter().flatten().cloned());
            circle.insert(assembly.to_owned());
        }
        circle
    }

    /// Notes somebody new who holds a post.
    pub fn add(&mut self, slug: &str, name: &str, organization: &str) {
        let person = self.all.entry(slug.to_owned()).or_default();
        person.names.push(name.to_owned());
        person.ties.insert(organization.to_owned());
    }
}

fn words(name: &str) -> BTreeSet<String> {
    fold::words(name).into_iter().map(|word| word.plain).collect()
}

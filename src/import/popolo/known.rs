//! Which records the entries of a file are.
//!
//! By identifiers: what the source itself calls them, and Wikidata. A source's ids are its own, so
//! each is kept under a scheme that names the source. Names alone never make two entries one.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{Id, RecordKind, alias, entity as registry, identifier, member, name};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::{
    Run,
    file::{Identifier, Popolo, Text},
};
use crate::{
    import::{
        fold::{fold_words, slug},
        row::Target,
    },
    store::{find, with_texts},
};

/// The scheme of Wikidata's items.
pub const WIKIDATA: &str = "wikidata";
/// The scheme of the ids that EveryPolitician gave persons before it gave them the present ones.
const LEGACY: &str = "everypolitician_legacy";
/// What the ids began with that the legacy ones were then.
const LEGACY_PREFIX: &str = "person/";
/// The scheme by which this server's own exports name records: by slug.
pub const OWN: &str = "assembly-graph";
/// What the scheme of a source's own ids begins with.
const SOURCE: &str = "popolo:";

/// What is known of the things that a file names.
#[derive(Default)]
pub struct Known {
    /// The scheme of the file's own ids.
    pub scheme: String,
    /// By id: ids of persons, of organizations and of events may be the same.
    own: HashMap<String, Vec<Target>>,
    pub wikidata: HashMap<String, Target>,
    pub slugs: HashMap<String, Target>,
}

/// The identifiers of a scheme.
pub fn of_scheme<'a>(
    identifiers: &'a Option<Vec<Identifier>>,
    scheme: &'a str,
) -> impl Iterator<Item = &'a str> {
    let all = identifiers.iter().flatten();
    all.filter(move |one| one.scheme.get() == Some(scheme)).filter_map(|one| one.identifier.get())
}

/// Whether a text can be a Wikidata item.
pub fn is_item(text: &str) -> bool {
    text.strip_prefix('Q').is_some_and(|digits| {
        !digits.is_empty() && digits.len() < 12 && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// All that the file itself calls, or called, an entry.
pub fn own_ids(id: &Text, identifiers: &Option<Vec<Identifier>>) -> Vec<String> {
    let legacy = of_scheme(identifiers, LEGACY).map(|id| match id.starts_with(LEGACY_PREFIX) {
        true => id.to_owned(),
        false => format!("{LEGACY_PREFIX}{id}"),
    });
    id.get().map(str::to_owned).into_iter().chain(legacy).collect()
}

/// The slug by which an export of this server names a record.
pub fn own_slug(identifiers: &Option<Vec<Identifier>>) -> Option<&str> {
    of_scheme(identifiers, OWN).next()
}

/// The scheme of a source that goes by a name.
pub fn scheme_of(source: &str) -> String {
    format!("{SOURCE}{source}")
}

/// The name of the source behind a scheme.
pub fn source_of(scheme: &str) -> &str {
    scheme.strip_prefix(SOURCE).unwrap_or(scheme)
}

impl Run<'_> {
    /// The scheme of the ids of a file: that of the source which calls the same persons by the same
    /// ids, else a new one, named after the legislature.
    pub async fn scheme(&self, popolo: &Popolo) -> Result<String, DbErr> {
        if let Some(source) = &self.options.source {
            return Ok(scheme_of(source));
        }
        let mut persons: HashMap<String, String> = HashMap::new();
        for person in popolo.persons.iter().flatten() {
            let Some(name) = person.name.get().map(fold_words) else { continue };
            for id in own_ids(&person.id, &person.identifiers) {
                persons.entry(id).or_insert_with(|| name.clone());
            }
        }
        let mut called: HashMap<String, Vec<(String, Id)>> = HashMap::new();
        let ids: BTreeSet<&str> = persons.keys().map(String::as_str).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        for row in
            with_texts::<identifier::Entity>(self.store, identifier::Column::Value, &ids).await?
        {
            if row.scheme.starts_with(SOURCE) {
                called.entry(row.scheme).or_default().push((row.value, row.record_id));
            }
        }
        for id in &ids {
            for (scheme, target) in self.pending.identifiers.get(*id).into_iter().flatten() {
                if scheme.starts_with(SOURCE) {
                    let same = called.entry(scheme.clone()).or_default();
                    same.push(((*id).to_owned(), target.id));
                }
            }
        }
        let records: BTreeSet<Id> = called.values().flatten().map(|(_, id)| *id).collect();
        let mut names: HashMap<Id, HashSet<String>> = HashMap::new();
        for row in find::<member::Entity>(self.store, member::Column::Id, &records).await? {
            names.entry(row.id).or_default().insert(fold_words(&row.name));
        }
        for row in find::<name::Entity>(self.store, name::Column::RecordId, &records).await? {
            names.entry(row.record_id).or_default().insert(fold_words(&row.value));
        }
        for id in &records {
            let pending = self.pending.names.get(id).cloned();
            names.entry(*id).or_default().extend(pending);
        }
        // Numbers are given by many sources; that one also calls the persons the same tells them apart.
        let same = |(value, id): &&(String, Id)| {
            names.get(id).zip(persons.get(value)).is_some_and(|(all, name)| all.contains(name))
        };
        let shared = called.iter().map(|(scheme, all)| (all.iter().filter(same).count(), scheme));
        let best = shared.max_by(|one, other| one.cmp(&(other.0, other.1)));
        let persons = popolo.persons.iter().flatten().count();
        match best {
            Some((shared, scheme)) if shared > 0 && shared * 10 >= persons => Ok(scheme.clone()),
            _ => self.new_scheme(popolo).await,
        }
    }

    /// A scheme that no source has yet.
    async fn new_scheme(&self, popolo: &Popolo) -> Result<String, DbErr> {
        let legislatures = popolo.organizations.iter().flatten();
        let mut legislatures = legislatures.filter(|one| {
            ["legislature", "parliament"].map(Some).contains(&one.classification.get())
        });
        let (first, more) = (legislatures.next(), legislatures.next());
        let exported = popolo.meta.as_ref().and_then(|meta| meta.generator.get());
        if exported.is_some_and(|generator| generator.starts_with(OWN)) {
            return Ok(scheme_of(OWN));
        }
        let name = match (first, more) {
            (Some(one), None) => {
                let item = of_scheme(&one.identifiers, WIKIDATA).find(|item| is_item(item));
                item.map(str::to_owned).or_else(|| one.name.get().map(slug))
            }
            _ => None,
        };
        let meta = popolo.meta.iter();
        let told = meta.flat_map(|meta| {
            meta.source.get().into_iter().chain(meta.sources.0.iter().map(String::as_str))
        });
        let told =
            told.map(|source| slug(source.split_once("://").map_or(source, |parts| parts.1)));
        let name = name.into_iter().chain(told).find(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "unnamed".to_owned());
        let taken = |scheme: &str| {
            let pending = self.pending.identifiers.values().flatten();
            pending.into_iter().any(|(known, _)| known == scheme)
        };
        let mut scheme = scheme_of(&name);
        for number in 2.. {
            let known =
                identifier::Entity::find().filter(identifier::Column::Scheme.eq(scheme.as_str()));
            if !taken(&scheme) && known.limit(1).one(self.store).await?.is_none() {
                break;
            }
            scheme = scheme_of(&format!("{name}-{number}"));
        }
        Ok(scheme)
    }

    /// What the graph knows of the things that a file names.
    pub async fn known(&self, popolo: &Popolo, scheme: String) -> Result<Known, DbErr> {
        let identifiers = || {
            let persons = popolo.persons.iter().flatten().map(|one| &one.identifiers);
            let organizations = popolo.organizations.iter().flatten().map(|one| &one.identifiers);
            let events = popolo.events.iter().flatten().map(|one| &one.identifiers);
            let memberships = popolo.memberships.iter().flatten().map(|one| &one.identifiers);
            persons.chain(organizations).chain(events).chain(memberships)
        };
        let items: BTreeSet<&str> = identifiers()
            .flat_map(|all| of_scheme(all, WIKIDATA))
            .filter(|item| is_item(item))
            .collect();
        let items: Vec<&str> = items.into_iter().collect();
        let slugs: BTreeSet<&str> = identifiers().filter_map(own_slug).collect();
        let slugs: Vec<&str> = slugs.into_iter().collect();
        use identifier::{Column, Entity};
        let own = Entity::find().filter(Column::Scheme.eq(scheme.as_str())).all(self.store).await?;
        let mut items = with_texts::<Entity>(self.store, Column::Value, &items).await?;
        items.retain(|row| row.scheme == WIKIDATA);
        let registered =
            with_texts::<registry::Entity>(self.store, registry::Column::Slug, &slugs).await?;
        let former = with_texts::<alias::Entity>(self.store, alias::Column::Slug, &slugs).await?;
        let ids: BTreeSet<Id> = own
            .iter()
            .chain(&items)
            .map(|row| row.record_id)
            .chain(former.iter().map(|row| row.record_id))
            .collect();
        let mut rows: HashMap<Id, registry::Model> = HashMap::new();
        for row in find::<registry::Entity>(self.store, registry::Column::Id, &ids).await? {
            rows.insert(row.id, row);
        }
        let survivors =
            rows.values().chain(&registered).filter_map(|row| row.merged_into_id).collect();
        for row in find::<registry::Entity>(self.store, registry::Column::Id, &survivors).await? {
            rows.insert(row.id, row);
        }
        let target = |id: Id| {
            let row = rows.get(&id)?;
            let row = row.merged_into_id.and_then(|survivor| rows.get(&survivor)).unwrap_or(row);
            Some(Target { id: row.id, kind: row.kind })
        };
        let mut known = Known { scheme, ..Known::default() };
        for row in own {
            if let Some(target) = target(row.record_id) {
                known.call(row.value, target);
            }
        }
        for row in items {
            known.wikidata.extend(target(row.record_id).map(|target| (row.value, target)));
        }
        for row in former {
            known.slugs.extend(target(row.record_id).map(|target| (row.slug, target)));
        }
        for row in registered {
            let survivor = row.merged_into_id.and_then(target);
            let own = Target { id: row.id, kind: row.kind };
            known.slugs.insert(row.slug, survivor.unwrap_or(own));
        }
        for (value, all) in &self.pending.identifiers {
            for (scheme, target) in all {
                if *scheme == known.scheme {
                    known.call(value.clone(), *target);
                } else if scheme == WIKIDATA {
                    known.wikidata.insert(value.clone(), *target);
                } else if scheme == OWN {
                    known.slugs.insert(value.clone(), *target);
                }
            }
        }
        Ok(known)
    }

    /// Slugs for new records: for each its name where that is free, else with what tells it apart.
    pub async fn slugs(&mut self, wanted: &[(String, String)]) -> Result<Vec<String>, DbErr> {
        let full = |(name, apart): &(String, String)| match name.is_empty() {
            true => apart.clone(),
            false => format!("{name}-{apart}"),
        };
        let mut asked: BTreeSet<String> = wanted.iter().map(|one| one.0.clone()).collect();
        asked.extend(wanted.iter().map(full));
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        let mut taken = HashSet::new();
        let rows = with_texts::<registry::Entity>(self.store, registry::Column::Slug, &asked);
        taken.extend(rows.await?.into_iter().map(|row| row.slug));
        let rows = with_texts::<alias::Entity>(self.store, alias::Column::Slug, &asked);
        taken.extend(rows.await?.into_iter().map(|row| row.slug));
        let mut slugs = Vec::with_capacity(wanted.len());
        for one in wanted {
            let names = std::iter::once(one.0.clone()).filter(|name| !name.is_empty());
            let numbered = (2..).map(|number| format!("{}-{number}", full(one)));
            let mut names = names.chain([full(one)]).chain(numbered);
            let free =
                names.find(|name| !taken.contains(name) && !self.pending.slugs.contains(name));
            let free = free.expect("numbers do not end");
            self.pending.slugs.insert(free.clone());
            slugs.push(free);
        }
        Ok(slugs)
    }
}

impl Known {
    /// The record of a fitting kind that the source calls by an id.
    pub fn own(&self, id: Option<&str>, fits: impl Fn(RecordKind) -> bool) -> Option<Target> {
        let all = self.own.get(id?)?;
        all.iter().copied().find(|target| fits(target.kind))
    }

    /// All that the source calls by ids.
    pub fn all_own(&self) -> impl Iterator<Item = (&str, Target)> {
        self.own.iter().flat_map(|(id, all)| all.iter().map(move |target| (id.as_str(), *target)))
    }

    /// Notes what the source calls a record.
    pub fn call(&mut self, id: String, target: Target) {
        let all = self.own.entry(id).or_default();
        if !all.contains(&target) {
            all.push(target);
        }
    }

    /// The record that an entry is, by what the source calls it or by its Wikidata item; and another
    /// one that the item belongs to, where the two differ.
    pub fn find(
        &self,
        id: &Text,
        identifiers: &Option<Vec<Identifier>>,
        fits: impl Fn(RecordKind) -> bool,
    ) -> (Option<Target>, Option<Target>) {
        let fitting = |target: Option<&Target>| target.copied().filter(|target| fits(target.kind));
        let by_slug = own_slug(identifiers).and_then(|slug| fitting(self.slugs.get(slug)));
        let mut own = own_ids(id, identifiers).into_iter();
        let by_own = by_slug.or_else(|| own.find_map(|id| self.own(Some(&id), &fits)));
        let mut items = of_scheme(identifiers, WIKIDATA);
        let item = items.find_map(|item| self.wikidata.get(item)).copied();
        match (by_own, item) {
            (Some(own), Some(item)) => (Some(own), (own != item).then_some(item)),
            (Some(own), None) => (Some(own), None),
            (None, Some(item)) if fits(item.kind) => (Some(item), None),
            (None, item) => (None, item),
        }
    }
}

//! Matches the entries of a file with records.
//!
//! Entries match by identifiers: the ids of the source, and Wikidata items. Ids are unique within a
//! source only, so they are stored under a scheme with the name of the source. Equal names alone are
//! not a match.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::{Id, RecordKind, alias, identifier, name, record};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::{
    Run,
    file::{Identifier, Organization, Popolo, Text},
};
use crate::{
    fold::{fold_sorted, slug},
    import::{is_slug, row::Target},
    store::{find, find_texts, rows::Rows},
};

/// The scheme of Wikidata items.
pub const WIKIDATA: &str = "wikidata";
/// The scheme of the former ids of persons in EveryPolitician.
const LEGACY: &str = "everypolitician_legacy";
/// The prefix of the legacy ids.
const LEGACY_PREFIX: &str = "person/";
/// The scheme of slugs in exports of this server.
pub const OWN_SCHEME: &str = "assembly-graph";
/// The prefix of the schemes of sources.
const SOURCE: &str = "popolo:";

/// The records that match the entries of a file.
#[derive(Default)]
pub struct Matches {
    /// The scheme of the ids in the file.
    pub scheme: String,
    /// Records by id in the source. A person, an organization and an event may have the same id.
    by_id: HashMap<String, Vec<Target>>,
    pub wikidata: HashMap<String, Target>,
    pub slugs: HashMap<String, Target>,
}

/// The identifiers with a scheme.
pub fn of_scheme<'a>(
    identifiers: &'a Option<Vec<Identifier>>,
    scheme: &'a str,
) -> impl Iterator<Item = &'a str> {
    let all = identifiers.iter().flatten();
    all.filter(move |one| one.scheme.get() == Some(scheme)).filter_map(|one| one.identifier.get())
}

/// Whether a string is the id of a Wikidata item.
pub fn is_item(text: &str) -> bool {
    text.strip_prefix('Q').is_some_and(|digits| {
        !digits.is_empty() && digits.len() < 12 && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The current and former ids of an entry in its source. In an export of this server, the legacy ids
/// come from several sources and are ignored.
pub fn source_ids(id: &Text, identifiers: &Option<Vec<Identifier>>) -> Vec<String> {
    let legacy = of_scheme(identifiers, LEGACY)
        .map(|id| format!("{LEGACY_PREFIX}{}", id.strip_prefix(LEGACY_PREFIX).unwrap_or(id)));
    let legacy = legacy.filter(|_| exported_slug(identifiers).is_none());
    id.get().map(str::to_owned).into_iter().chain(legacy).collect()
}

/// The slug of an entry in an export of this server.
pub fn exported_slug(identifiers: &Option<Vec<Identifier>>) -> Option<&str> {
    of_scheme(identifiers, OWN_SCHEME).find(|slug| is_slug(slug))
}

/// The scheme of a source.
pub fn scheme_of(source: &str) -> String {
    format!("{SOURCE}{source}")
}

/// The name of the source of a scheme.
pub fn source_of(scheme: &str) -> &str {
    scheme.strip_prefix(SOURCE).unwrap_or(scheme)
}

/// The legislatures of a file.
fn legislatures(popolo: &Popolo) -> impl Iterator<Item = &Organization> {
    popolo
        .organizations
        .iter()
        .flatten()
        .filter(|one| ["legislature", "parliament"].map(Some).contains(&one.classification.get()))
}

/// The Wikidata item of an organization.
fn item(one: &Organization) -> Option<&str> {
    of_scheme(&one.identifiers, WIKIDATA).find(|item| is_item(item))
}

/// The names in a file by id: of persons, or of organizations and events if it has no persons.
fn names_by_id(popolo: &Popolo) -> HashMap<String, String> {
    let mut names_in_file: HashMap<String, String> = HashMap::new();
    let mut add = |id: &Text, identifiers: &Option<Vec<Identifier>>, name: &Text| {
        if let (Some(name), None) = (name.get(), exported_slug(identifiers)) {
            for id in source_ids(id, identifiers) {
                names_in_file.entry(id).or_insert_with(|| fold_sorted(name));
            }
        }
    };
    for one in popolo.persons.iter().flatten() {
        add(&one.id, &one.identifiers, &one.name);
    }
    if popolo.persons.iter().flatten().next().is_none() {
        for one in popolo.organizations.iter().flatten() {
            add(&one.id, &one.identifiers, &one.name);
        }
        for one in popolo.events.iter().flatten() {
            add(&one.id, &one.identifiers, &one.name);
        }
    }
    names_in_file
}

impl Run<'_> {
    /// The scheme of the ids in a file: the scheme of a stored source that has the same ids for the same
    /// names, otherwise a new scheme with the name of the legislature.
    pub async fn scheme(&mut self, popolo: &Popolo) -> Result<String, DbErr> {
        if let Some(source) = &self.options.source {
            return Ok(scheme_of(source));
        }
        let names_in_file = names_by_id(popolo);
        let ids: BTreeSet<&str> = names_in_file.keys().map(String::as_str).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let mut stored_ids: HashMap<String, Vec<(String, Id)>> = HashMap::new();
        use identifier::Column;
        for row in find_texts::<identifier::Entity>(self.store, Column::Value, &ids).await? {
            if row.scheme.starts_with(SOURCE) {
                stored_ids.entry(row.scheme).or_default().push((row.value, row.record_id));
            }
        }
        for id in &ids {
            for (scheme, target) in self.pending.identifiers.get(*id).into_iter().flatten() {
                if scheme.starts_with(SOURCE) {
                    let id = ((*id).to_owned(), target.id);
                    stored_ids.entry(scheme.clone()).or_default().push(id);
                }
            }
        }
        let records = stored_ids.values().flatten().map(|(_, id)| *id).collect();
        let names = self.names_of(&records).await?;
        // Several sources use the same numbers as ids, so the names must be equal too.
        let has_same_name = |(value, id): &&(String, Id)| {
            names
                .get(id)
                .zip(names_in_file.get(value))
                .is_some_and(|(all, name)| all.contains(name))
        };
        let shared = stored_ids
            .iter()
            .map(|(scheme, ids)| (ids.iter().filter(has_same_name).count(), scheme));
        let mut shared: Vec<(usize, &String)> = shared.filter(|one| one.0 > 0).collect();
        shared.sort_by(|one, other| other.cmp(one));
        let persons = popolo.persons.iter().flatten().count();
        // A tenth of the persons identifies a source. Bodies of different sources often have the same
        // names, so without persons half of the names must be equal.
        let min_shared = if persons > 0 { persons / 10 } else { names_in_file.len() / 2 };
        for (shared, scheme) in shared {
            if shared >= min_shared.max(1) && self.may_come_from(popolo, scheme).await? {
                return Ok(scheme.clone());
            }
        }
        self.new_scheme(popolo).await
    }

    /// All names of some records, folded.
    async fn names_of(
        &self,
        records: &BTreeSet<Id>,
    ) -> Result<HashMap<Id, HashSet<String>>, DbErr> {
        let mut names: HashMap<Id, HashSet<String>> = HashMap::new();
        let mut kinds: BTreeMap<RecordKind, BTreeSet<Id>> = BTreeMap::new();
        for row in find::<record::Entity>(self.store, record::Column::Id, records).await? {
            kinds.entry(row.kind).or_default().insert(row.id);
        }
        for (kind, ids) in kinds {
            let Some(naming) = kind.kind().naming else { continue };
            let rows = Rows::find(self.store, kind, "id", &ids).await?;
            for (at, id) in rows.ids().enumerate() {
                let own = rows.text(at, naming).map(|name| fold_sorted(&name));
                names.entry(id).or_default().extend(own);
            }
        }
        for row in find::<name::Entity>(self.store, name::Column::RecordId, records).await? {
            names.entry(row.record_id).or_default().insert(fold_sorted(&row.value));
        }
        for id in records {
            if let Some(name) = self.pending.names.get(id) {
                names.entry(*id).or_default().insert(fold_sorted(name));
            }
        }
        Ok(names)
    }

    /// Whether a file may come from a source: the Wikidata items of its legislatures do not differ from
    /// those of the source.
    async fn may_come_from(&self, popolo: &Popolo, scheme: &str) -> Result<bool, DbErr> {
        let own: Vec<(&str, &str)> =
            legislatures(popolo).filter_map(|one| Some((one.id.get()?, item(one)?))).collect();
        let ids: Vec<&str> = own.iter().map(|one| one.0).collect();
        use identifier::{Column, Entity};
        let mut records_by_id: HashMap<String, BTreeSet<Id>> = HashMap::new();
        for row in find_texts::<Entity>(self.store, Column::Value, &ids).await? {
            if row.scheme == scheme {
                records_by_id.entry(row.value).or_default().insert(row.record_id);
            }
        }
        let pending_of = |value: &str| self.pending.identifiers.get(value).into_iter().flatten();
        for id in &ids {
            let pending = pending_of(id).filter(|(other, _)| other == scheme).map(|one| one.1.id);
            records_by_id.entry((*id).to_owned()).or_default().extend(pending);
        }
        let records = records_by_id.values().flatten().copied().collect();
        let mut items: HashMap<Id, HashSet<String>> = HashMap::new();
        for row in find::<Entity>(self.store, Column::RecordId, &records).await? {
            if row.scheme == WIKIDATA {
                items.entry(row.record_id).or_default().insert(row.value);
            }
        }
        let differs = |(id, item): &(&str, &str)| {
            let records = records_by_id.get(*id).into_iter().flatten();
            let pending =
                |record: &Id| pending_of(item).any(|one| one.0 == WIKIDATA && one.1.id == *record);
            let mut with_item = records.filter(|record| items.contains_key(record));
            with_item.any(|record| !items[record].contains(*item) && !pending(record))
        };
        Ok(!own.iter().any(differs))
    }

    /// The records among these that have an id with a scheme.
    pub async fn with_id_of(
        &self,
        scheme: &str,
        records: &BTreeSet<Id>,
    ) -> Result<BTreeSet<Id>, DbErr> {
        use identifier::{Column, Entity};
        let rows = find::<Entity>(self.store, Column::RecordId, records).await?;
        let with_scheme = rows.into_iter().filter(|row| row.scheme == scheme);
        Ok(with_scheme.map(|row| row.record_id).collect())
    }

    /// A new scheme: the name of the only legislature, or of a source in `meta`, with a number if the
    /// name is used.
    async fn new_scheme(&mut self, popolo: &Popolo) -> Result<String, DbErr> {
        let exported = popolo.meta.as_ref().and_then(|meta| meta.generator.get());
        if exported.is_some_and(|generator| generator.starts_with(OWN_SCHEME)) {
            return Ok(scheme_of(OWN_SCHEME));
        }
        let mut legislatures = legislatures(popolo);
        let name = match (legislatures.next(), legislatures.next()) {
            (Some(one), None) => item(one).map(str::to_owned).or_else(|| one.name.get().map(slug)),
            _ => None,
        };
        let sources = popolo.meta.iter().flat_map(super::file::Meta::all_sources);
        let sources =
            sources.map(|source| slug(source.split_once("://").map_or(source, |parts| parts.1)));
        let name = name.into_iter().chain(sources).find(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "unnamed".to_owned());
        let first = self.numbers.get(&name).copied().unwrap_or(1);
        for number in first.. {
            let scheme = match number {
                1 => scheme_of(&name),
                _ => scheme_of(&format!("{name}-{number}")),
            };
            let has_scheme = identifier::Column::Scheme.eq(scheme.as_str());
            let stored = identifier::Entity::find().filter(has_scheme).limit(1).one(self.store);
            if !self.pending.schemes.contains(&scheme) && stored.await?.is_none() {
                self.numbers.insert(name, number);
                return Ok(scheme);
            }
        }
        unreachable!("numbers do not end")
    }

    /// Finds the records that match the entries of a file.
    pub async fn find_matches(&self, popolo: &Popolo, scheme: String) -> Result<Matches, DbErr> {
        let persons = popolo.persons.iter().flatten().map(|one| (&one.id, &one.identifiers));
        let organizations = popolo.organizations.iter().flatten();
        let organizations = organizations.map(|one| (&one.id, &one.identifiers));
        let events = popolo.events.iter().flatten().map(|one| (&one.id, &one.identifiers));
        let memberships = popolo.memberships.iter().flatten().map(|one| &one.identifiers);
        let entries = persons.chain(organizations).chain(events);
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let (mut items, mut slugs) = (BTreeSet::new(), BTreeSet::new());
        for (id, identifiers) in entries {
            match exported_slug(identifiers) {
                Some(slug) => drop(slugs.insert(slug)),
                None => ids.extend(source_ids(id, identifiers)),
            }
            items.extend(of_scheme(identifiers, WIKIDATA).filter(|item| is_item(item)));
        }
        slugs.extend(memberships.filter_map(exported_slug));
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let items: Vec<&str> = items.into_iter().collect();
        let slugs: Vec<&str> = slugs.into_iter().collect();
        use identifier::{Column, Entity};
        let mut own = find_texts::<Entity>(self.store, Column::Value, &ids).await?;
        own.retain(|row| row.scheme == scheme);
        let mut with_item = find_texts::<Entity>(self.store, Column::Value, &items).await?;
        with_item.retain(|row| row.scheme == WIKIDATA);
        use record::Column::Slug;
        let registered = find_texts::<record::Entity>(self.store, Slug, &slugs).await?;
        let former = find_texts::<alias::Entity>(self.store, alias::Column::Slug, &slugs).await?;
        let records = own.iter().chain(&with_item).map(|row| row.record_id);
        let records = records.chain(former.iter().map(|row| row.record_id)).collect();
        let mut rows: HashMap<Id, record::Model> = HashMap::new();
        for row in find::<record::Entity>(self.store, record::Column::Id, &records).await? {
            rows.insert(row.id, row);
        }
        let merged = rows.values().chain(&registered).filter_map(|row| row.merged_into_id);
        let merged = merged.collect();
        for row in find::<record::Entity>(self.store, record::Column::Id, &merged).await? {
            rows.insert(row.id, row);
        }
        let target = |id: Id| {
            let row = rows.get(&id)?;
            let row = row.merged_into_id.and_then(|survivor| rows.get(&survivor)).unwrap_or(row);
            Some(Target { id: row.id, kind: row.kind })
        };
        let mut matches = Matches { scheme, ..Matches::default() };
        for row in own {
            if let Some(target) = target(row.record_id) {
                matches.add(row.value, target);
            }
        }
        for row in with_item {
            matches.wikidata.extend(target(row.record_id).map(|target| (row.value, target)));
        }
        for row in former {
            matches.slugs.extend(target(row.record_id).map(|target| (row.slug, target)));
        }
        for row in registered {
            let survivor = row.merged_into_id.and_then(target);
            let own = Target { id: row.id, kind: row.kind };
            matches.slugs.insert(row.slug, survivor.unwrap_or(own));
        }
        let pending = |value: &str| self.pending.identifiers.get(value).into_iter().flatten();
        for id in ids {
            for (scheme, target) in pending(id) {
                if *scheme == matches.scheme {
                    matches.add(id.to_owned(), *target);
                }
            }
        }
        for item in items {
            let with_item = pending(item).filter(|(scheme, _)| scheme == WIKIDATA);
            matches.wikidata.extend(with_item.map(|(_, target)| (item.to_owned(), *target)));
        }
        for slug in slugs {
            let with_slug = pending(slug).filter(|(scheme, _)| scheme == OWN_SCHEME);
            matches.slugs.extend(with_slug.map(|(_, target)| (slug.to_owned(), *target)));
        }
        Ok(matches)
    }

    /// Unused slugs for new records: each is the preferred slug if it is unused, otherwise the preferred
    /// slug with the suffix.
    pub async fn slugs(&mut self, preferred: &[(String, String)]) -> Result<Vec<String>, DbErr> {
        let full = |(name, suffix): &(String, String)| {
            if name.is_empty() { suffix.clone() } else { format!("{name}-{suffix}") }
        };
        let mut candidates: BTreeSet<String> = preferred.iter().map(|one| one.0.clone()).collect();
        candidates.extend(preferred.iter().map(full));
        let candidates: Vec<&str> = candidates.iter().map(String::as_str).collect();
        let mut used = HashSet::new();
        let rows = find_texts::<record::Entity>(self.store, record::Column::Slug, &candidates);
        used.extend(rows.await?.into_iter().map(|row| row.slug));
        let rows = find_texts::<alias::Entity>(self.store, alias::Column::Slug, &candidates);
        used.extend(rows.await?.into_iter().map(|row| row.slug));
        let mut slugs = Vec::with_capacity(preferred.len());
        for one in preferred {
            let names = std::iter::once(one.0.clone()).filter(|name| !name.is_empty());
            let numbered = (2..).map(|number| format!("{}-{number}", full(one)));
            let mut names = names.chain([full(one)]).chain(numbered);
            let unused =
                names.find(|name| !used.contains(name) && !self.pending.slugs.contains(name));
            let unused = unused.expect("numbers do not end");
            self.pending.slugs.insert(unused.clone());
            slugs.push(unused);
        }
        Ok(slugs)
    }
}

impl Matches {
    /// The record with an id in the source, if its kind fits.
    pub fn find_by_id(
        &self,
        id: Option<&str>,
        fits: impl Fn(RecordKind) -> bool,
    ) -> Option<Target> {
        let all = self.by_id.get(id?)?;
        all.iter().copied().find(|target| fits(target.kind))
    }

    /// Adds the id of a record in the source.
    pub fn add(&mut self, id: String, target: Target) {
        let all = self.by_id.entry(id).or_default();
        if !all.contains(&target) {
            all.push(target);
        }
    }

    /// The record that an entry matches by id or Wikidata item, and the record of its Wikidata item if
    /// that is another record.
    pub fn find(
        &self,
        id: &Text,
        identifiers: &Option<Vec<Identifier>>,
        fits: impl Fn(RecordKind) -> bool,
    ) -> (Option<Target>, Option<Target>) {
        let fitting = |target: Option<&Target>| target.copied().filter(|target| fits(target.kind));
        let by_own = match exported_slug(identifiers) {
            Some(slug) => fitting(self.slugs.get(slug)),
            None => {
                source_ids(id, identifiers).iter().find_map(|id| self.find_by_id(Some(id), &fits))
            }
        };
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

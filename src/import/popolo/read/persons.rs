//! Reads the persons of a file.

use std::collections::{BTreeSet, HashMap};

use entity::{Id, PartialDate, RecordKind, member};
use sea_orm::DbErr;

use super::{Reader, label, pointer, suffix};
use crate::{
    fold::slug,
    import::{
        popolo::{
            file::Person,
            matching::{WIKIDATA, exported_slug, is_item, of_scheme},
        },
        row::Target,
    },
    store::{find, rows::Draft},
};

fn is_member(kind: RecordKind) -> bool {
    kind == RecordKind::Member
}

impl Reader<'_, '_> {
    pub(super) async fn persons(&mut self, all: Vec<Person>) -> Result<(), DbErr> {
        let mut new: Vec<(usize, (String, String))> = Vec::new();
        let mut existing: BTreeSet<Id> = BTreeSet::new();
        for (index, person) in all.iter().enumerate() {
            match self.matches.find(&person.id, &person.identifiers, is_member).0 {
                Some(target) => drop(existing.insert(target.id)),
                None => new
                    .extend(full_name(person).map(|name| (index, self.person_slug(person, &name)))),
            }
        }
        // The names of the existing persons.
        let pending = self.run.pending.names.iter().filter(|name| existing.contains(name.0));
        let mut names: HashMap<Id, String> =
            pending.map(|(id, name)| (*id, name.clone())).collect();
        for row in find::<member::Entity>(self.run.store, member::Column::Id, &existing).await? {
            names.insert(row.id, row.name);
        }
        let preferred: Vec<(String, String)> = new.iter().map(|(_, slug)| slug.clone()).collect();
        let slugs = self.run.slugs(&preferred).await?;
        let mut slugs: HashMap<usize, String> =
            new.into_iter().map(|(index, _)| index).zip(slugs).collect();
        for (index, person) in all.iter().enumerate() {
            self.person(index, person, slugs.remove(&index), &mut names)?;
        }
        Ok(())
    }

    /// The preferred slug of a new person, and the suffix if the slug is already used.
    fn person_slug(&self, person: &Person, name: &str) -> (String, String) {
        let base = exported_slug(&person.identifiers).map_or_else(|| slug(name), str::to_owned);
        let item = of_scheme(&person.identifiers, WIKIDATA).find(|item| is_item(item));
        let own = person.id.get().unwrap_or_default();
        (base, item.map_or_else(|| suffix(&[&self.matches.scheme, own]), str::to_lowercase))
    }

    fn person(
        &mut self,
        index: usize,
        person: &Person,
        slug: Option<String>,
        names: &mut HashMap<Id, String>,
    ) -> Result<(), DbErr> {
        let Some(name) = full_name(person) else {
            let entry = label("persons", index, person.id.get());
            self.remark(entry, "it has no name; skipped");
            return Ok(());
        };
        let entry = label("persons", index, Some(&name));
        // An earlier entry may be the same person.
        let (own, other) = self.matches.find(&person.id, &person.identifiers, is_member);
        let items = of_scheme(&person.identifiers, WIKIDATA).next();
        if own.is_none() && person.id.get().is_none() && items.is_none() {
            let message = "it has neither an id nor a Wikidata item; skipped";
            self.remark(entry, message);
            return Ok(());
        }
        if other.is_some() {
            let message = "its Wikidata item belongs to another record; not merged";
            self.remark(entry.clone(), message);
        }
        let born = self.date(&entry, "birth_date", &person.birth_date);
        let died = self.date(&entry, "death_date", &person.death_date);
        self.check_order(&entry, born, died);
        let target = match (own, slug) {
            (Some(target), _) if self.cited_by.contains(&target.id) => {
                let message = "an earlier entry is the same person, by id or Wikidata item; merged";
                self.remark(entry.clone(), message);
                self.run.allow_several_values(target.id);
                target
            }
            (Some(target), _) => {
                self.run.report.persons.count(false);
                target
            }
            (None, Some(slug)) => {
                names.insert(self.run.next_id, name.clone());
                self.create_person(&name, born, died, slug)?
            }
            (None, None) => return Ok(()),
        };
        self.cite(target);
        let mention = (RecordKind::Member, None);
        self.run.batch.attached.mentions.insert((self.document, target.id), mention);
        self.add_identifiers(target, &person.id, &person.identifiers, other);
        let main = names.get(&target.id).cloned();
        let main = main.as_deref().map(|main| (main, name.as_str()));
        self.add_names(target, &entry, main, &person.other_names);
        let locator = pointer("persons", index);
        let source_url = person.sources.iter().flatten().find_map(|link| link.url.get());
        self.claim_with_source(target, "name", &name, &locator, source_url);
        for (property, date) in [("born", born), ("died", died)] {
            if let Some(date) = date {
                self.claim(target, property, &date.to_string(), &locator);
            }
        }
        if let Some(gender) = person.gender.get() {
            self.claim(target, "gender", gender, &locator);
        }
        Ok(())
    }

    fn create_person(
        &mut self,
        name: &str,
        born: Option<PartialDate>,
        died: Option<PartialDate>,
        slug: String,
    ) -> Result<Target, DbErr> {
        let target = self.create(RecordKind::Member, slug.clone(), name);
        let row = Draft::new(target.kind, target.id, slug).value("name", name);
        self.run.batch.records.add(row.date("born", born).date("died", died))?;
        self.run.report.persons.count(true);
        Ok(target)
    }
}

/// The name of a person, joined from its parts if `name` is omitted.
fn full_name(person: &Person) -> Option<String> {
    let parts = || person.given_name.line().into_iter().chain(person.family_name.line());
    let joined = || parts().collect::<Vec<_>>().join(" ");
    Some(person.name.line().unwrap_or_else(joined)).filter(|name| !name.is_empty())
}

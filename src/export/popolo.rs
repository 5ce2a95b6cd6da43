//! Popolo: people, organizations, memberships and events in the format of the field. What it has no
//! place for is left out; `docs/formats.md` lists it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{Id, RecordKind, attendance, parliament};
use sea_orm::{ActiveEnum, DbErr};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json};

use super::{
    Options, Out, Wrong,
    record::{Chunk, Held, Names, Reader, Record},
    rows::{places, source},
};
use crate::{import::popolo::OWN, store::find};

/// The lists of a document, and the kinds of records in each.
const LISTS: &[(&str, &[RecordKind])] = &[
    ("persons", &[RecordKind::Member]),
    (
        "organizations",
        &[
            RecordKind::Assembly,
            RecordKind::State,
            RecordKind::Parliament,
            RecordKind::Chamber,
            RecordKind::Delegation,
            RecordKind::Commission,
            RecordKind::PoliticalGroup,
        ],
    ),
    ("posts", &[]),
    ("memberships", &[RecordKind::Membership, RecordKind::Participation]),
    ("events", &[RecordKind::LegislativePeriod, RecordKind::Session]),
    ("areas", &[RecordKind::State]),
];

pub async fn write(
    reader: Reader<'_>,
    options: &Options,
    revision: Id,
    out: &mut Out,
) -> Result<(), Wrong> {
    let meta = json!({
        "generator": format!("{OWN} {}", env!("CARGO_PKG_VERSION")),
        "revision": revision,
        "as_of": options.as_of.map(|date| date.to_string()),
        "assembly": options.assembly,
    });
    out.write(format!("{{\n\"meta\": {meta}").as_bytes()).await?;
    for (list, kinds) in LISTS {
        out.write(format!(",\n\"{list}\": [").as_bytes()).await?;
        let mut before = "\n";
        for kind in *kinds {
            let mut last = 0;
            while let Some(mut chunk) = reader.after(Some(*kind), last).await? {
                last = chunk.last;
                chunk.names.add_addresses(reader.store).await?;
                let around = Around::of(reader, &chunk, *kind).await?;
                for record in &chunk.records {
                    let object = match *list {
                        "areas" => area(record),
                        _ => around.object(record)?,
                    };
                    out.write(before.as_bytes()).await?;
                    out.write(&serde_json::to_vec(&object)?).await?;
                    before = ",\n";
                }
            }
        }
        out.write(if before == "\n" { b"]" } else { b"\n]" }).await?;
    }
    out.write(b"\n}\n").await
}

/// An object that is being written: its fields in order.
#[derive(Default)]
struct Object(Vec<(&'static str, Value)>);

impl Object {
    fn add(&mut self, field: &'static str, value: impl Into<Value>) {
        self.0.push((field, value.into()));
    }

    fn maybe(&mut self, field: &'static str, value: Option<impl Into<Value>>) {
        self.0.extend(value.map(|value| (field, value.into())));
    }

    fn list(&mut self, field: &'static str, values: Vec<Value>) {
        self.maybe(field, (!values.is_empty()).then_some(values));
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, value) in &self.0 {
            map.serialize_entry(field, value)?;
        }
        map.end()
    }
}

/// A word of ours as words: `DEPUTY_CHAIR` is `deputy chair`.
fn words(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}

/// A kind of organization or event as its classification.
fn classification(kind: RecordKind) -> String {
    words(&kind.to_value())
}

/// What the records of a chunk need to know of others.
struct Around<'a> {
    names: &'a Names,
    /// The states of parliaments, their slugs.
    states: HashMap<Id, String>,
    /// Participants and attendees, by id: their kind, slug and name.
    others: HashMap<Id, (RecordKind, String, String)>,
    /// Who attended each session, in order.
    attendees: BTreeMap<Id, Vec<Id>>,
}

impl<'a> Around<'a> {
    async fn of(reader: Reader<'_>, chunk: &'a Chunk, kind: RecordKind) -> Result<Self, DbErr> {
        let keys =
            |key: &str| chunk.records.iter().filter_map(|record| record.target(key)).collect();
        let mut states = HashMap::new();
        if matches!(kind, RecordKind::Chamber | RecordKind::Delegation) {
            let own: BTreeSet<Id> = keys("parliament");
            let own =
                find::<parliament::Entity>(reader.store, parliament::Column::Id, &own).await?;
            let mut names = Names::default();
            names.add(reader.store, own.iter().filter_map(|row| row.state_id)).await?;
            for (id, state) in own.iter().filter_map(|row| Some((row.id, row.state_id?))) {
                states.insert(id, names.slug(state)?.to_owned());
            }
        }
        let mut attendees: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        let mut named: BTreeSet<Id> = BTreeSet::new();
        if kind == RecordKind::Session {
            let sessions = chunk.records.iter().map(|record| record.id).collect();
            let column = attendance::Column::SessionId;
            let mut rows = find::<attendance::Entity>(reader.store, column, &sessions).await?;
            rows.sort_by_key(|row| row.id);
            rows.retain(|row| row.attendee_kind == RecordKind::Member && reader.scope.has(row.id));
            for row in rows {
                attendees.entry(row.session_id).or_default().push(row.attendee_id);
                named.insert(row.attendee_id);
            }
        }
        if kind == RecordKind::Participation {
            named = keys("participant");
        }
        let others = reader.among(&named).await?.records.into_iter().map(|record| {
            let name = record.text("name").unwrap_or(&record.slug).to_owned();
            (record.id, (record.kind, record.slug, name))
        });
        Ok(Self { names: &chunk.names, states, others: others.collect(), attendees })
    }

    fn object(&self, record: &Record) -> Result<Object, DbErr> {
        match record.kind {
            RecordKind::Member => self.person(record),
            RecordKind::Membership => self.membership(record),
            RecordKind::Participation => self.participation(record),
            RecordKind::Session => self.event(record),
            RecordKind::LegislativePeriod => self.period(record),
            _ => self.organization(record),
        }
    }

    fn person(&self, record: &Record) -> Result<Object, DbErr> {
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.maybe("name", record.text("name"));
        object.list("other_names", other_names(record));
        object.maybe("birth_date", record.date("born"));
        object.maybe("death_date", record.date("died"));
        self.finish(object, record)
    }

    fn organization(&self, record: &Record) -> Result<Object, DbErr> {
        let slug = |key: &str| record.target(key).map(|id| self.names.slug(id)).transpose();
        let parent = match record.kind {
            RecordKind::Assembly => slug("parent")?,
            RecordKind::Parliament => slug("state")?,
            RecordKind::Chamber | RecordKind::Delegation => slug("parliament")?,
            RecordKind::Commission => slug("under")?.or(slug("chamber")?),
            _ => None,
        };
        let area = match record.kind {
            RecordKind::State => Some(record.slug.as_str()),
            RecordKind::Parliament => slug("state")?,
            _ => {
                record.target("parliament").and_then(|id| self.states.get(&id)).map(String::as_str)
            }
        };
        let word = |key: &str| record.text(key).filter(|word| *word != "UNKNOWN").map(words);
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.maybe("name", record.text("name"));
        object.add("classification", classification(record.kind));
        object.maybe("parent_id", parent);
        object.maybe("area_id", area);
        object.list("other_names", other_names(record));
        object.maybe("founding_date", record.date("founded"));
        object.maybe("dissolution_date", record.date("dissolved"));
        object.maybe("acronym", record.text("acronym"));
        object.maybe("assembly_id", slug("assembly")?);
        if let Some(Held::Records(ids)) = record.held("assemblies") {
            let slugs = ids.iter().map(|id| Ok(self.names.slug(*id)?.into()));
            object.list("assembly_ids", slugs.collect::<Result<_, DbErr>>()?);
        }
        object.maybe("kind", word("kind"));
        object.maybe("house", word("house"));
        object.maybe("structure", word("structure"));
        if let Some(Held::Number(seats)) = record.held("size") {
            object.add("seats", *seats);
        }
        let website =
            record.text("website").map(|url| json!({ "note": "website", "url": address(url) }));
        object.list("links", website.into_iter().collect());
        self.finish(object, record)
    }

    fn membership(&self, record: &Record) -> Result<Object, DbErr> {
        let slug = |key: &str| record.target(key).map(|id| self.names.slug(id)).transpose();
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.maybe("label", record.text("title"));
        object.maybe("role", record.text("role").map(words));
        object.maybe("person_id", slug("member")?);
        object.maybe("organization_id", slug("organization")?);
        object.maybe("on_behalf_of_id", slug("on_behalf_of")?);
        object.maybe("area", record.text("area").map(|name| json!({ "name": name })));
        object.maybe("legislative_period_id", slug("legislative_period")?);
        self.finish(object, record)
    }

    /// An organization as a member of an organization.
    fn participation(&self, record: &Record) -> Result<Object, DbErr> {
        let slug = |key: &str| record.target(key).map(|id| self.names.slug(id)).transpose();
        let member = record.target("participant").and_then(|id| self.others.get(&id));
        let member = member.map(|(kind, slug, name)| {
            json!({ "id": slug, "name": name, "classification": classification(*kind) })
        });
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.maybe("label", record.text("basis"));
        object.maybe("role", record.text("status").map(words));
        object.maybe("member", member);
        object.maybe("organization_id", slug("assembly")?);
        self.finish(object, record)
    }

    fn period(&self, record: &Record) -> Result<Object, DbErr> {
        let organization = record.target("organization").map(|id| self.names.slug(id));
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.maybe("name", record.text("name"));
        object.add("classification", classification(record.kind));
        object.maybe("organization_id", organization.transpose()?);
        self.finish(object, record)
    }

    fn event(&self, record: &Record) -> Result<Object, DbErr> {
        let slug = |key: &str| record.target(key).map(|id| self.names.slug(id)).transpose();
        let attendees = self.attendees.get(&record.id).into_iter().flatten();
        let attendees = attendees.filter_map(|id| self.others.get(id));
        let attendees = attendees.map(|(_, slug, name)| json!({ "id": slug, "name": name }));
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.maybe("name", record.text("name"));
        object.maybe("classification", record.text("kind").map(words));
        object.maybe("location", record.text("place"));
        let planned = record.held("planned") == Some(&Held::Flag(true));
        object.maybe("status", planned.then_some("planned"));
        object.maybe("organization_id", slug("commission")?.or(slug("assembly")?));
        object.list("attendees", attendees.collect());
        self.finish(object, record)
    }

    /// Adds what objects of all kinds end with: when it was, what registers call it, what supports
    /// it.
    fn finish(&self, mut object: Object, record: &Record) -> Result<Object, DbErr> {
        object.maybe("start_date", record.date("since").or_else(|| record.date("starts")));
        object.maybe("end_date", record.date("until").or_else(|| record.date("ends")));
        object.maybe("observed", observed(record));
        object.list("identifiers", identifiers(record));
        object.list("sources", self.sources(record)?);
        Ok(object)
    }

    /// The documents that support a record. One without an address goes by a name of its own.
    fn sources(&self, record: &Record) -> Result<Vec<Value>, DbErr> {
        let link = |(document, place)| {
            let slug = self.names.slug(document)?;
            let url = match self.names.address(document) {
                Some(url) => address(url),
                None => format!("urn:{OWN}:{slug}"),
            };
            Ok(json!({ "url": url, "note": source(slug, place) }))
        };
        places(record).map(link).collect()
    }
}

/// A state as the area that it is.
fn area(record: &Record) -> Object {
    let mut object = Object::default();
    object.add("id", record.slug.as_str());
    object.maybe("name", record.text("name"));
    object.maybe("identifier", record.text("code"));
    object.add("classification", classification(record.kind));
    object
}

/// The first and the last day on which a document shows a spell to hold.
fn observed(record: &Record) -> Option<Value> {
    match record.held("observed")? {
        Held::Days(first, last) => Some(json!([first.to_string(), last.to_string()])),
        _ => None,
    }
}

/// An address with its scheme, which sources often leave out.
fn address(text: &str) -> String {
    match text.contains(':') {
        true => text.to_owned(),
        false => format!("http://{text}"),
    }
}

fn other_names(record: &Record) -> Vec<Value> {
    let name = |(value, language, kind): &(String, Option<String>, entity::name::NameKind)| {
        let mut name = serde_json::Map::new();
        name.insert("name".to_owned(), value.as_str().into());
        name.extend(language.iter().map(|tag| ("lang".to_owned(), tag.as_str().into())));
        name.insert("note".to_owned(), words(&kind.to_value()).into());
        name.into()
    };
    record.names.iter().map(name).collect()
}

/// What registers call a record, and its slug among them.
fn identifiers(record: &Record) -> Vec<Value> {
    let own = [(OWN, record.slug.as_str())].into_iter();
    let others = record.identifiers.iter().map(|(scheme, value)| (scheme.as_str(), value.as_str()));
    own.chain(others)
        .map(|(scheme, value)| json!({ "scheme": scheme, "identifier": value }))
        .collect()
}

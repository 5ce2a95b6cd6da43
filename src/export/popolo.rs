//! Writes Popolo JSON: people, organizations, memberships and events. `docs/formats.md` lists the
//! fields that Popolo cannot represent, which are not exported.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{Id, RecordKind, attendance, parliament};
use sea_orm::{ActiveEnum, DbErr};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json};

use super::{
    ExportError, Options, Output,
    record::{Chunk, FieldValue, Reader, Record, Slugs},
    rows::{cited_documents, source},
};
use crate::{import::popolo::OWN_SCHEME, store::find};

/// The lists of a document, with the record kinds of each.
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
    out: &mut Output,
) -> Result<(), ExportError> {
    let meta = json!({
        "generator": format!("{OWN_SCHEME} {}", env!("CARGO_PKG_VERSION")),
        "revision": revision,
        "as_of": options.as_of.map(|date| date.to_string()),
        "assembly": options.assembly,
    });
    out.write(format!("{{\n\"meta\": {meta}").as_bytes()).await?;
    for (list, kinds) in LISTS {
        out.write(format!(",\n\"{list}\": [").as_bytes()).await?;
        let mut separator = "\n";
        for kind in *kinds {
            let mut last = 0;
            while let Some(mut chunk) = reader.after(Some(*kind), last).await? {
                last = chunk.last;
                chunk.slugs.add_urls(reader.store).await?;
                let related = RelatedRecords::find(reader, &chunk, *kind).await?;
                for record in &chunk.records {
                    let object = match *list {
                        "areas" => area(record),
                        _ => related.object(record)?,
                    };
                    out.write(separator.as_bytes()).await?;
                    out.write(&serde_json::to_vec(&object)?).await?;
                    separator = ",\n";
                }
            }
        }
        out.write(if separator == "\n" { b"]" } else { b"\n]" }).await?;
    }
    out.write(b"\n}\n").await
}

/// A JSON object with its fields in order.
#[derive(Default)]
struct Object(Vec<(&'static str, Value)>);

impl Object {
    fn add(&mut self, field: &'static str, value: impl Into<Value>) {
        self.0.push((field, value.into()));
    }

    fn add_optional(&mut self, field: &'static str, value: Option<impl Into<Value>>) {
        self.0.extend(value.map(|value| (field, value.into())));
    }

    fn add_list(&mut self, field: &'static str, values: Vec<Value>) {
        self.add_optional(field, (!values.is_empty()).then_some(values));
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

/// Converts an enum value to words: `DEPUTY_CHAIR` to `deputy chair`.
fn words(value: &str) -> String {
    value.to_lowercase().replace('_', " ")
}

/// The Popolo classification of a record kind.
fn classification(kind: RecordKind) -> String {
    words(&kind.to_value())
}

/// The other records that the objects of a chunk need.
struct RelatedRecords<'a> {
    slugs: &'a Slugs,
    /// Slugs of states, by the id of their parliament.
    states: HashMap<Id, String>,
    /// Kind, slug and name of participants and attendees, by id.
    others: HashMap<Id, (RecordKind, String, String)>,
    /// Ids of attendees, by session, in order.
    attendees: BTreeMap<Id, Vec<Id>>,
}

impl<'a> RelatedRecords<'a> {
    async fn find(reader: Reader<'_>, chunk: &'a Chunk, kind: RecordKind) -> Result<Self, DbErr> {
        let keys =
            |key: &str| chunk.records.iter().filter_map(|record| record.target(key)).collect();
        let mut states = HashMap::new();
        if matches!(kind, RecordKind::Chamber | RecordKind::Delegation) {
            let parliament_ids: BTreeSet<Id> = keys("parliament");
            let column = parliament::Column::Id;
            let parliaments =
                find::<parliament::Entity>(reader.store, column, &parliament_ids).await?;
            let mut slugs = Slugs::default();
            slugs.add(reader.store, parliaments.iter().filter_map(|row| row.state_id)).await?;
            for (id, state) in parliaments.iter().filter_map(|row| Some((row.id, row.state_id?))) {
                states.insert(id, slugs.slug(state)?.to_owned());
            }
        }
        let mut attendees: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        let mut other_ids: BTreeSet<Id> = BTreeSet::new();
        if kind == RecordKind::Session {
            let sessions = chunk.records.iter().map(|record| record.id).collect();
            let column = attendance::Column::SessionId;
            let mut rows = find::<attendance::Entity>(reader.store, column, &sessions).await?;
            rows.sort_by_key(|row| row.id);
            rows.retain(|row| row.attendee_kind == RecordKind::Member && reader.scope.has(row.id));
            for row in rows {
                attendees.entry(row.session_id).or_default().push(row.attendee_id);
                other_ids.insert(row.attendee_id);
            }
        }
        if kind == RecordKind::Participation {
            other_ids = keys("participant");
        }
        let others = reader.find(&other_ids).await?.records.into_iter().map(|record| {
            let name = record.text("name").unwrap_or(&record.slug).to_owned();
            (record.id, (record.kind, record.slug, name))
        });
        Ok(Self { slugs: &chunk.slugs, states, others: others.collect(), attendees })
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
        object.add_optional("name", record.text("name"));
        object.add_list("other_names", other_names(record));
        object.add_optional("birth_date", record.date("born"));
        object.add_optional("death_date", record.date("died"));
        self.finish(object, record)
    }

    fn organization(&self, record: &Record) -> Result<Object, DbErr> {
        let slug = |key: &str| record.target(key).map(|id| self.slugs.slug(id)).transpose();
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
        object.add_optional("name", record.text("name"));
        object.add("classification", classification(record.kind));
        object.add_optional("parent_id", parent);
        object.add_optional("area_id", area);
        object.add_list("other_names", other_names(record));
        object.add_optional("founding_date", record.date("founded"));
        object.add_optional("dissolution_date", record.date("dissolved"));
        object.add_optional("acronym", record.text("acronym"));
        object.add_optional("assembly_id", slug("assembly")?);
        if let Some(FieldValue::Records(ids)) = record.value("assemblies") {
            let slugs = ids.iter().map(|id| Ok(self.slugs.slug(*id)?.into()));
            object.add_list("assembly_ids", slugs.collect::<Result<_, DbErr>>()?);
        }
        object.add_optional("kind", word("kind"));
        object.add_optional("house", word("house"));
        object.add_optional("structure", word("structure"));
        if let Some(FieldValue::Number(seats)) = record.value("size") {
            object.add("seats", *seats);
        }
        let website =
            record.text("website").map(|url| json!({ "note": "website", "url": with_scheme(url) }));
        object.add_list("links", website.into_iter().collect());
        self.finish(object, record)
    }

    fn membership(&self, record: &Record) -> Result<Object, DbErr> {
        let slug = |key: &str| record.target(key).map(|id| self.slugs.slug(id)).transpose();
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.add_optional("label", record.text("title"));
        object.add_optional("role", record.text("role").map(words));
        object.add_optional("person_id", slug("member")?);
        object.add_optional("organization_id", slug("organization")?);
        object.add_optional("on_behalf_of_id", slug("on_behalf_of")?);
        object.add_optional("area", record.text("area").map(|name| json!({ "name": name })));
        object.add_optional("legislative_period_id", slug("legislative_period")?);
        self.finish(object, record)
    }

    /// The membership of an organization in an assembly.
    fn participation(&self, record: &Record) -> Result<Object, DbErr> {
        let slug = |key: &str| record.target(key).map(|id| self.slugs.slug(id)).transpose();
        let participant = record.target("participant").and_then(|id| self.others.get(&id));
        let member = participant.map(|(kind, slug, name)| {
            json!({ "id": slug, "name": name, "classification": classification(*kind) })
        });
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.add_optional("label", record.text("basis"));
        object.add_optional("role", record.text("status").map(words));
        object.add_optional("member", member);
        object.add_optional("organization_id", slug("assembly")?);
        self.finish(object, record)
    }

    fn period(&self, record: &Record) -> Result<Object, DbErr> {
        let organization = record.target("organization").map(|id| self.slugs.slug(id));
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.add_optional("name", record.text("name"));
        object.add("classification", classification(record.kind));
        object.add_optional("organization_id", organization.transpose()?);
        self.finish(object, record)
    }

    fn event(&self, record: &Record) -> Result<Object, DbErr> {
        let slug = |key: &str| record.target(key).map(|id| self.slugs.slug(id)).transpose();
        let ids = self.attendees.get(&record.id).into_iter().flatten();
        let attendees = ids
            .filter_map(|id| self.others.get(id))
            .map(|(_, slug, name)| json!({ "id": slug, "name": name }));
        let mut object = Object::default();
        object.add("id", record.slug.as_str());
        object.add_optional("name", record.text("name"));
        object.add_optional("classification", record.text("kind").map(words));
        object.add_optional("location", record.text("place"));
        let planned = record.value("planned") == Some(&FieldValue::Flag(true));
        object.add_optional("status", planned.then_some("planned"));
        object.add_optional("organization_id", slug("commission")?.or(slug("assembly")?));
        object.add_list("attendees", attendees.collect());
        self.finish(object, record)
    }

    /// Adds the fields that objects of all kinds have: dates, identifiers and sources.
    fn finish(&self, mut object: Object, record: &Record) -> Result<Object, DbErr> {
        object.add_optional("start_date", record.date("since").or_else(|| record.date("starts")));
        object.add_optional("end_date", record.date("until").or_else(|| record.date("ends")));
        object.add_optional("observed", observed(record));
        object.add_list("identifiers", identifiers(record));
        object.add_list("sources", self.sources(record)?);
        Ok(object)
    }

    /// The documents that a record cites. A document without a URL gets a URN.
    fn sources(&self, record: &Record) -> Result<Vec<Value>, DbErr> {
        let link = |(document, locator)| {
            let slug = self.slugs.slug(document)?;
            let url = match self.slugs.url(document) {
                Some(url) => with_scheme(url),
                None => format!("urn:{OWN_SCHEME}:{slug}"),
            };
            Ok(json!({ "url": url, "note": source(slug, locator) }))
        };
        cited_documents(record).map(link).collect()
    }
}

/// The Popolo area of a state.
fn area(record: &Record) -> Object {
    let mut object = Object::default();
    object.add("id", record.slug.as_str());
    object.add_optional("name", record.text("name"));
    object.add_optional("identifier", record.text("code"));
    object.add("classification", classification(record.kind));
    object
}

/// The first and the last day on which a document attests the record.
fn observed(record: &Record) -> Option<Value> {
    match record.value("observed")? {
        FieldValue::Days(first, last) => Some(json!([first.to_string(), last.to_string()])),
        _ => None,
    }
}

/// A URL with a scheme: sources often omit it.
fn with_scheme(url: &str) -> String {
    if url.contains(':') { url.to_owned() } else { format!("http://{url}") }
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

/// The identifiers of a record, its slug first.
fn identifiers(record: &Record) -> Vec<Value> {
    let own = [(OWN_SCHEME, record.slug.as_str())].into_iter();
    let others = record.identifiers.iter().map(|(scheme, value)| (scheme.as_str(), value.as_str()));
    own.chain(others)
        .map(|(scheme, value)| json!({ "scheme": scheme, "identifier": value }))
        .collect()
}

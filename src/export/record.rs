//! Records read back from the database, a chunk at a time: their keys, and what hangs on them.

use std::collections::{BTreeSet, HashMap};

use entity::{
    Id, Kind, PartialDate, RecordKind, alias, citation, claim, document, entity as registry,
    identifier,
    kind::{Field, Type},
    mention, name,
    name::NameKind,
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Value,
    sea_query::{Expr, ExprTrait},
};

use super::scope::Scope;
use crate::{
    evidence,
    import::date::linked,
    store::{among, find, rows::Rows},
};

/// Records that are held at once.
pub const CHUNK: u64 = 1_000;

/// What a key of a record holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    Text(String),
    Number(i64),
    Flag(bool),
    Date(PartialDate),
    /// A record, by its id.
    Record(Id),
    Records(Vec<Id>),
    Days(PartialDate, PartialDate),
}

/// A record with all that hangs on it.
#[derive(Debug)]
pub struct Record {
    pub id: Id,
    pub kind: RecordKind,
    pub slug: String,
    /// What its keys hold, in the order of the keys.
    pub held: Vec<(&'static Field, Held)>,
    /// The properties whose values stand here as of a date.
    pub dated: BTreeSet<String>,
    /// The documents that support it, in order.
    pub citations: Vec<Id>,
    pub claims: Vec<claim::Model>,
    pub names: Vec<(String, Option<String>, NameKind)>,
    pub identifiers: Vec<(String, String)>,
    pub aliases: Vec<String>,
    /// Of a document, the records that it mentions, and where; not those that follow from sources.
    pub mentions: Vec<(Id, Option<String>)>,
}

impl Record {
    pub fn held(&self, key: &str) -> Option<&Held> {
        self.held.iter().find(|(known, _)| known.name == key).map(|(_, held)| held)
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        match self.held(key)? {
            Held::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn date(&self, key: &str) -> Option<String> {
        match self.held(key)? {
            Held::Date(date) => Some(date.to_string()),
            _ => None,
        }
    }

    pub fn target(&self, key: &str) -> Option<Id> {
        match self.held(key)? {
            Held::Record(id) => Some(*id),
            _ => None,
        }
    }

    /// All records that it names.
    fn targets(&self) -> impl Iterator<Item = Id> {
        let own = self.held.iter().flat_map(|(_, held)| match held {
            Held::Record(id) => vec![*id],
            Held::Records(ids) => ids.clone(),
            _ => Vec::new(),
        });
        own.chain(self.citations.iter().copied())
            .chain(self.claims.iter().map(|claim| claim.document_id))
            .chain(self.mentions.iter().map(|mention| mention.0))
    }
}

/// Some records, and the names of all that they name.
#[derive(Debug)]
pub struct Chunk {
    pub records: Vec<Record>,
    pub names: Names,
    /// The last id that was looked at: the next chunk begins after it.
    pub last: Id,
}

/// Slugs by id; of documents also addresses.
#[derive(Debug, Default)]
pub struct Names {
    slugs: HashMap<Id, (RecordKind, String)>,
    addresses: HashMap<Id, String>,
}

impl Names {
    pub fn slug(&self, id: Id) -> Result<&str, DbErr> {
        let missing = || DbErr::RecordNotFound(format!("no record has the id {id}"));
        self.slugs.get(&id).map(|(_, slug)| slug.as_str()).ok_or_else(missing)
    }

    pub fn address(&self, document: Id) -> Option<&str> {
        self.addresses.get(&document).map(String::as_str)
    }

    /// Adds the slugs of further records.
    pub async fn add(
        &mut self,
        store: &DatabaseTransaction,
        ids: impl Iterator<Item = Id>,
    ) -> Result<(), DbErr> {
        let ids: BTreeSet<Id> = ids.filter(|id| !self.slugs.contains_key(id)).collect();
        let rows = find::<registry::Entity>(store, registry::Column::Id, &ids).await?;
        self.slugs.extend(rows.into_iter().map(|row| (row.id, (row.kind, row.slug))));
        Ok(())
    }

    /// Adds the addresses of the documents among what is named.
    pub async fn add_addresses(&mut self, store: &DatabaseTransaction) -> Result<(), DbErr> {
        let documents = self.slugs.iter().filter(|(_, named)| named.0 == RecordKind::Document);
        let documents: BTreeSet<Id> = documents.map(|(id, _)| *id).collect();
        let rows = find::<document::Entity>(store, document::Column::Id, &documents).await?;
        self.addresses.extend(rows.into_iter().filter_map(|row| Some((row.id, row.url?))));
        Ok(())
    }
}

/// Reads one state of the data.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    pub store: &'a DatabaseTransaction,
    pub scope: &'a Scope,
}

impl Reader<'_> {
    /// The records after an id, of one kind or of all; none where there are no more.
    pub async fn after(&self, kind: Option<RecordKind>, after: Id) -> Result<Option<Chunk>, DbErr> {
        let mut rows = registry::Entity::find().filter(registry::Column::Id.gt(after));
        if let Some(kind) = kind {
            rows = rows.filter(registry::Column::Kind.eq(kind));
        }
        let rows = rows.order_by_asc(registry::Column::Id).limit(CHUNK).all(self.store).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
        let mut chunk = self.complete(rows).await?;
        chunk.last = last;
        Ok(Some(chunk))
    }

    /// These records.
    pub async fn among(&self, ids: &BTreeSet<Id>) -> Result<Chunk, DbErr> {
        let mut rows = find::<registry::Entity>(self.store, registry::Column::Id, ids).await?;
        rows.sort_by_key(|row| row.id);
        self.complete(rows).await
    }

    /// What documents mention, by document. A member is mentioned by every document that supports
    /// it or one of its memberships; those need no telling.
    async fn mentions(
        &self,
        ids: &BTreeSet<Id>,
    ) -> Result<HashMap<Id, Vec<(Id, Option<String>)>>, DbErr> {
        let follows = "mention.record_kind = 'MEMBER' AND mention.locator IS NULL AND (EXISTS \
             (SELECT 1 FROM citation c WHERE c.record_id = mention.record_id \
                AND c.document_id = mention.document_id) \
             OR EXISTS (SELECT 1 FROM membership m JOIN citation c ON c.record_id = m.id \
                WHERE m.member_id = mention.record_id AND c.document_id = mention.document_id))";
        let ids: Vec<Id> = ids.iter().copied().collect();
        let mut mentions: HashMap<Id, Vec<(Id, Option<String>)>> = HashMap::new();
        let told = mention::Entity::find()
            .filter(among(self.store, mention::Column::DocumentId, &ids))
            .filter(Expr::cust(follows).not())
            .order_by_asc(mention::Column::RecordId);
        for row in told.all(self.store).await? {
            if self.scope.has(row.record_id) {
                mentions.entry(row.document_id).or_default().push((row.record_id, row.locator));
            }
        }
        Ok(mentions)
    }

    /// Reads all that hangs on those of some records that belong to the export.
    async fn complete(&self, rows: Vec<registry::Model>) -> Result<Chunk, DbErr> {
        let rows = rows.into_iter().filter(|row| row.merged_into_id.is_none());
        let rows: Vec<_> = rows.filter(|row| self.scope.has(row.id)).collect();
        let ids: BTreeSet<Id> = rows.iter().map(|row| row.id).collect();
        let mut held = self.held(&rows).await?;
        let mut citations = grouped::<citation::Entity>(self.store, &ids).await?;
        let mut claims = grouped::<claim::Entity>(self.store, &ids).await?;
        let mut names = grouped::<name::Entity>(self.store, &ids).await?;
        let mut identifiers = grouped::<identifier::Entity>(self.store, &ids).await?;
        let mut aliases = grouped::<alias::Entity>(self.store, &ids).await?;
        let mut mentions = self.mentions(&ids).await?;
        let merged = registry::Column::MergedIntoId;
        for row in find::<registry::Entity>(self.store, merged, &ids).await? {
            if let Some(record_id) = row.merged_into_id {
                let alias = alias::Model { slug: row.slug, record_id };
                aliases.entry(record_id).or_default().push(alias);
            }
        }
        let records = rows.into_iter().map(|row| {
            let id = row.id;
            let mut citations = citations.remove(&id).unwrap_or_default();
            citations.sort_by_key(|row| row.position);
            let citations = citations.into_iter().map(|row| row.document_id);
            let mut claims = claims.remove(&id).unwrap_or_default();
            claims.sort_by_key(|row| row.id);
            claims.retain(|row| self.scope.has(row.document_id));
            let mut names = names.remove(&id).unwrap_or_default();
            names.sort_by_key(|row| row.position);
            let mut identifiers = identifiers.remove(&id).unwrap_or_default();
            // Which register came first is not part of the data.
            identifiers.sort_by(|one, other| (&one.scheme, one.id).cmp(&(&other.scheme, other.id)));
            let aliases = aliases.remove(&id).unwrap_or_default();
            let mut aliases: Vec<String> = aliases.into_iter().map(|row| row.slug).collect();
            aliases.sort();
            let (held, dated) = held.remove(&id).unwrap_or_default();
            Record {
                id,
                kind: row.kind,
                slug: row.slug,
                held,
                dated,
                citations: citations.filter(|id| self.scope.has(*id)).collect(),
                claims,
                names: names.into_iter().map(|row| (row.value, row.language, row.kind)).collect(),
                identifiers: identifiers.into_iter().map(|row| (row.scheme, row.value)).collect(),
                aliases,
                mentions: mentions.remove(&id).unwrap_or_default(),
            }
        });
        let records: Vec<Record> = records.collect();
        let mut names = Names::default();
        let own = records.iter().map(|record| (record.id, (record.kind, record.slug.clone())));
        names.slugs.extend(own);
        names.add(self.store, records.iter().flat_map(Record::targets)).await?;
        let last = records.last().map_or(0, |record| record.id);
        Ok(Chunk { records, names, last })
    }

    /// What the keys of some records hold, and which of it as of a date.
    async fn held(&self, rows: &[registry::Model]) -> Result<HashMap<Id, Values>, DbErr> {
        let mut all = HashMap::new();
        for kind in entity::kinds() {
            let own = rows.iter().filter(|row| row.kind == kind.kind).map(|row| row.id);
            let own: BTreeSet<Id> = own.collect();
            let linked = self.linked(kind, &own).await?;
            let rows = Rows::find(self.store, kind.kind, "id", &own).await?;
            for (at, id) in rows.ids().enumerate() {
                all.insert(id, self.values(&rows, at, linked.get(&id)));
            }
        }
        Ok(all)
    }

    /// The records that rows of a kind name by linking tables, by field.
    async fn linked(
        &self,
        kind: &'static Kind,
        ids: &BTreeSet<Id>,
    ) -> Result<HashMap<Id, Linked>, DbErr> {
        let mut all: HashMap<Id, Linked> = HashMap::new();
        for field in kind.fields {
            let Type::References(references) = &field.ty else { continue };
            for (row, other) in linked(self.store, references, references.own, ids).await? {
                if self.scope.has(other) {
                    let own = all.entry(row).or_default().entry(field.name).or_default();
                    own.insert(other);
                }
            }
        }
        Ok(all)
    }

    /// What the keys of a row hold. Records that do not belong to the export are left out.
    fn values(&self, rows: &Rows, at: usize, linked: Option<&Linked>) -> Values {
        let varying = match rows.value(at, "varying") {
            Some(Value::String(text)) => text,
            _ => None,
        };
        let mut dated = BTreeSet::new();
        let mut held = Vec::new();
        for field in rows.kind().keys() {
            let name = field.name;
            let then = self
                .scope
                .as_of
                .and_then(|date| evidence::value_at(varying.as_deref(), &field.property(), date));
            dated.extend(then.is_some().then(|| name.to_owned()));
            let value = match (&field.ty, rows.value(at, name)) {
                (Type::Date, _) => rows.date(at, name).map(Held::Date),
                (Type::Days, _) => {
                    let [first, last] =
                        ["first", "last"].map(|end| rows.date(at, &format!("{name}_{end}")));
                    let ends = first.or(last).zip(last.or(first));
                    ends.map(|(first, last)| Held::Days(first, last))
                }
                (Type::Reference(_), _) => {
                    let target = rows.id(at, &format!("{name}_id"));
                    target.filter(|id| self.scope.has(*id)).map(Held::Record)
                }
                (Type::References(_), _) => linked
                    .and_then(|linked| linked.get(name))
                    .map(|ids| Held::Records(ids.iter().copied().collect())),
                (_, Some(Value::String(now))) => then.or(now).map(Held::Text),
                (_, Some(Value::Int(now))) => {
                    let then = then.and_then(|text| text.parse().ok());
                    then.or(now).map(|number: i32| Held::Number(number.into()))
                }
                (_, Some(Value::Bool(flag))) => flag.map(Held::Flag),
                _ => None,
            };
            held.extend(value.map(|value| (field, value)));
        }
        (held, dated)
    }
}

type Values = (Vec<(&'static Field, Held)>, BTreeSet<String>);

/// Records by the field that names them.
type Linked = HashMap<&'static str, BTreeSet<Id>>;

/// Rows that hang on records.
trait Hanging: EntityTrait {
    const RECORD: Self::Column;

    fn record(row: &Self::Model) -> Id;
}

macro_rules! hanging {
    ($($table:ident)*) => {
        $(impl Hanging for $table::Entity {
            const RECORD: $table::Column = $table::Column::RecordId;

            fn record(row: &$table::Model) -> Id {
                row.record_id
            }
        })*
    };
}

hanging! { citation claim name identifier alias }

async fn grouped<E: Hanging>(
    store: &DatabaseTransaction,
    ids: &BTreeSet<Id>,
) -> Result<HashMap<Id, Vec<E::Model>>, DbErr> {
    let mut all: HashMap<Id, Vec<E::Model>> = HashMap::new();
    for row in find::<E>(store, E::RECORD, ids).await? {
        all.entry(E::record(&row)).or_default().push(row);
    }
    Ok(all)
}

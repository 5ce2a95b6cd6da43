//! What a record kind is, described once: [`Kind`], a constant beside each table of records.
//!
//! Whatever differs between kinds is read from here: the keys of the data set, claims, search
//! terms, contradictions, the order in which dates are derived, exports, and the types, filters,
//! orders and groups of the GraphQL schema.
//!
//! A new kind takes: its table in a migration; its module here, with the model and [`RecordEntity`]; a
//! value of [`RecordKind`], and in `lib.rs` a `mod` and a line in each of `kinds!` and
//! `for_each_entity!`; query files, as the tests ask for them. A new field takes a column and a line
//! in `fields`.
//!
//! | what is described | columns |
//! | --- | --- |
//! | a kind | `id`, `slug`; and in the model `Relation::Record` |
//! | a field | `<name>`; of a date `<name>_earliest`, `<name>_latest`; of `observed` both of `observed_first` and of `observed_last` |
//! | a reference | `<name>_id`, indexed; to a group also `<name>_kind` |
//! | [`Temporality::Lifetime`] | `founded`, `dissolved`, `ended` (dates), `holds_from`, `holds_until` |
//! | [`Temporality::Validity`] | `since`, `until` (dates), `ongoing`, `observed`, `holds_from`, `holds_until`, `sure_from`, `sure_until` |
//! | a varying field | `varying`, once |
//!
//! What a kind computes besides stands in a file of its
//! own in `src/schema`; days that follow from more than its own dates and bounds, in `import::date`.
//!
//! [`field`] has the fields of a kind and what builds them, [`order`] the orders that follow from
//! references, [`name`] how names are written in the schema and in the data set. No reader is known
//! here.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait, TryIntoModel};

use crate::RecordKind;

pub mod field;
pub mod name;
pub mod order;

pub use field::*;
pub use name::{camel, snake};
pub use order::{in_order, in_writing_order};

/// A kind of record.
#[derive(Debug)]
pub struct Kind {
    pub kind: RecordKind,
    /// The table, here and in the data set.
    pub table: &'static str,
    /// What one record is, for clients.
    pub about: &'static str,
    pub groups: &'static [Group],
    pub time: Temporality,
    /// Whether there are so few rows that even a common value finds them quickly.
    pub small: bool,
    /// The field that names a record; its further names are listed beside it.
    pub naming: Option<&'static str>,
    /// Whether its records are what supports others.
    pub evidence: bool,
    pub fields: &'static [Field],
    /// Relations that no reference of a record makes.
    pub links: &'static [Link],
    /// What only one record may have.
    pub unique: &'static [Unique],
    /// What must hold between the fields of a row.
    pub rules: &'static [Rule],
    /// The date of the record: the first of these that is set, a date or that of the record that a
    /// reference points at. Whoever took part is read as of it.
    pub dated_by: &'static [&'static str],
    /// The reference that leads to the state it belongs to, at once or by further ones.
    pub of_state: Option<&'static str>,
    /// The fields that order its lists if the client does not say; the id comes after them.
    pub order: &'static [&'static str],
}

/// Kinds that stand for each other where a reference can point at several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What members can belong to.
    Organization,
    /// Who can attend a session or take a position.
    Actor,
    /// Who can participate in an assembly.
    Participant,
    /// Whom a member can represent.
    Represented,
}

/// How a record is in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temporality {
    /// It is read alike at every date.
    Timeless,
    /// It has a start and an end, which bound others and do not hide it.
    Dates { start: &'static str, end: &'static str },
    /// It exists from `founded` to `dissolved`, within what bounds it.
    Lifetime,
    /// It is valid from `since` to `until`, within what bounds it.
    Validity,
}

/// Records of one kind.
pub const fn one(kind: RecordKind) -> Target {
    Target::Kind(kind)
}

/// Records of all kinds of a group.
pub const fn any(group: Group) -> Target {
    Target::Group(group)
}

/// What a reference can point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Kind(RecordKind),
    Group(Group),
    /// Some of a group.
    Some(&'static [RecordKind], Group),
}

/// A relation by a table that holds no records, such as citations.
#[derive(Debug)]
pub struct Link {
    pub name: &'static str,
    pub about: &'static str,
    pub table: &'static str,
    /// The column that points at the record.
    pub own: &'static str,
    /// The column that points at the others.
    pub other: &'static str,
    /// Their kind; records of any if none.
    pub to: Option<RecordKind>,
}

/// Fields whose values together only one record may have.
#[derive(Debug)]
pub struct Unique {
    pub fields: &'static [&'static str],
    /// What they are, for messages; `{}` stands for the value of the last field.
    pub what: &'static str,
}

/// What must hold between fields of one row.
#[derive(Debug)]
pub enum Rule {
    /// One of these is given; `what` it tells.
    AnyOf { fields: &'static [&'static str], what: &'static str },
    /// Two references point at different records.
    Differ { fields: [&'static str; 2], what: &'static str },
    /// A date is not before another one.
    InOrder { start: &'static str, end: &'static str },
    /// A code of two capital letters.
    TwoCapitals { field: &'static str, what: &'static str },
}

/// An entity whose rows are records.
pub trait RecordEntity:
    EntityTrait<
        Model: ModelTrait<Entity = Self>
                   + IntoActiveModel<Self::ActiveModel>
                   + Clone
                   + PartialEq
                   + Send
                   + Sync,
        ActiveModel: ActiveModelTrait<Entity = Self> + TryIntoModel<Self::Model> + Send,
    >
{
    const KIND: Kind;
}

/// Something to do with the entity of a kind that is known at run time only.
pub trait Visitor {
    type Output;

    fn visit<E: RecordEntity>(self) -> Self::Output;
}

impl Kind {
    /// A kind of which nothing is special.
    pub const fn new(kind: RecordKind, table: &'static str, about: &'static str) -> Self {
        Self {
            kind,
            table,
            about,
            groups: &[],
            time: Temporality::Timeless,
            small: false,
            naming: None,
            evidence: false,
            fields: &[],
            links: &[],
            unique: &[],
            rules: &[],
            dated_by: &[],
            of_state: None,
            order: &[],
        }
    }

    /// The name of several records: `legislative_periods`.
    pub fn plural(&self) -> String {
        match self.table.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None => format!("{}s", self.table),
        }
    }

    pub fn is(&self, group: Group) -> bool {
        self.groups.contains(&group)
    }

    pub fn is_organization(&self) -> bool {
        self.is(Group::Organization)
    }

    /// Whether its rows hold on some dates and not on others.
    pub fn is_temporal(&self) -> bool {
        matches!(self.time, Temporality::Lifetime | Temporality::Validity)
    }

    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that is called so in the schema and in claims.
    pub fn property(&self, property: &str) -> Option<&'static Field> {
        // Each claim asks for its field: no name is made for it.
        self.fields
            .iter()
            .find(|field| name::is_camel(field.shown_as.unwrap_or(field.name), property))
    }

    /// The property of which the further names of a record are values: the field that names it, if
    /// every record has one.
    pub fn further_names(&self) -> &'static str {
        let naming = self.naming.filter(|name| self.field(name).is_some_and(Field::is_required));
        naming.unwrap_or("name")
    }

    /// The names of the fields that begin and end it.
    pub fn ends(&self) -> Option<(&'static str, &'static str)> {
        match self.time {
            Temporality::Timeless => None,
            Temporality::Dates { start, end } => Some((start, end)),
            Temporality::Lifetime => Some(("founded", "dissolved")),
            Temporality::Validity => Some(("since", "until")),
        }
    }

    /// The fields that are keys of the data set.
    pub fn keys(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.fields.iter().filter(|field| !field.derived)
    }

    /// The references to single records.
    pub fn references(&self) -> impl Iterator<Item = (&'static Field, &'static Reference)> + use<> {
        self.fields.iter().filter_map(|field| match &field.ty {
            Type::Reference(reference) => Some((field, reference)),
            _ => None,
        })
    }

    /// The relations from records of this kind to those that point at them: the kind of those, the
    /// field that points here, and what the relation is.
    pub fn inverses(&self) -> Vec<(&'static Kind, &'static Field, &'static Inverse)> {
        let mut all = Vec::new();
        for kind in crate::kinds() {
            for field in kind.fields {
                let inverses = match &field.ty {
                    Type::Reference(reference) if reference.to.has(self) => reference.inverse,
                    Type::References(many) if many.to == self.kind => {
                        std::slice::from_ref(&many.inverse)
                    }
                    _ => continue,
                };
                let own =
                    inverses.iter().filter(|one| one.of.is_empty() || one.of.contains(&self.kind));
                all.extend(own.map(|inverse| (kind, field, inverse)));
            }
        }
        all
    }
}

impl Target {
    pub fn has(&self, kind: &Kind) -> bool {
        match self {
            Self::Kind(own) => *own == kind.kind,
            Self::Group(group) => kind.is(*group),
            Self::Some(kinds, _) => kinds.contains(&kind.kind),
        }
    }

    /// The kinds that it has, in the order of kinds.
    pub fn kinds(&self) -> Vec<RecordKind> {
        crate::kinds().filter(|kind| self.has(kind)).map(|kind| kind.kind).collect()
    }

    /// The only kind that it has.
    pub fn kind(&self) -> Option<RecordKind> {
        match self {
            Self::Kind(kind) => Some(*kind),
            _ => None,
        }
    }
}

/// The groups of every organization.
pub const ORGANIZATION: &[Group] = &[Group::Organization, Group::Actor, Group::Represented];
/// The groups of an organization that can participate in assemblies.
pub const PARTICIPANT: &[Group] =
    &[Group::Organization, Group::Actor, Group::Represented, Group::Participant];

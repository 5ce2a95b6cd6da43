//! The description of a kind of record: [`Kind`], a constant of its entity.
//!
//! Import, search, contradictions, derived dates, exports and the types, filters, orders and groups
//! of the GraphQL schema all read the differences between kinds from here.
//!
//! To add a kind, add its table in a migration; its module here, with the model and
//! [`RecordEntity`]; a value of [`RecordKind`]; in `lib.rs` a `mod` and a line in each of `kinds!`
//! and `for_each_entity!`; and the query files that the tests require. To add a field, add a column
//! and a line in `fields`.
//!
//! | item | columns |
//! | --- | --- |
//! | kind | `id`, `slug`; and in the model `Relation::Record` |
//! | field | `<name>`; a date: `<name>_earliest`, `<name>_latest`; `observed`: the dates `observed_first`, `observed_last` |
//! | reference | `<name>_id`, indexed; a reference to a group also `<name>_kind` |
//! | [`Temporality::Existence`] | `founded`, `dissolved`, `ended` (dates), `holds_from`, `holds_until` |
//! | [`Temporality::Validity`] | `since`, `until` (dates), `ongoing`, `observed`, `holds_from`, `holds_until`, `sure_from`, `sure_until` |
//! | varying fields | `varying`, once |
//!
//! Computed fields of a kind are in `src/schema`; validity periods that depend on other records are
//! derived in `import::date`.
//!
//! [`field`] contains the fields of a kind, [`order`] orders kinds by their references, [`name`]
//! converts names between the schema and the data set.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait, TryIntoModel};

use crate::RecordKind;

pub mod field;
pub mod name;
pub mod order;

pub use field::*;
pub use name::{camel, plural, snake};
pub use order::{in_order, in_writing_order};

/// A kind of record.
#[derive(Debug)]
pub struct Kind {
    pub kind: RecordKind,
    /// The name of the table in the database and in the data set.
    pub table: &'static str,
    /// The description of the object in the schema.
    pub description: &'static str,
    pub groups: &'static [Group],
    pub time: Temporality,
    /// Whether the table is so small that a filter by any value is fast.
    pub small: bool,
    /// The field with the name of a record. Other names are listed in `names`.
    pub naming: Option<&'static str>,
    /// Whether its records support claims about others.
    pub evidence: bool,
    pub fields: &'static [Field],
    /// Relations through join tables.
    pub links: &'static [Link],
    /// Unique constraints.
    pub unique: &'static [Unique],
    /// Constraints on the fields of a row.
    pub rules: &'static [Rule],
    /// The fields with the date of the record: dates, or references to records with a date. The
    /// first that is set applies. Participants are read as of it.
    pub dated_by: &'static [&'static str],
    /// The reference to its state, or to a record that has a reference to a state.
    pub of_state: Option<&'static str>,
    /// The fields that order its lists if the client does not say; the id comes after them.
    pub order: &'static [&'static str],
}

/// A group of kinds, for references that can refer to several kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Members can belong to it.
    Organization,
    /// It can attend a session or take a position.
    Actor,
    /// It can participate in an assembly.
    Participant,
    /// A member can represent it.
    Represented,
}

/// How a record depends on time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temporality {
    /// It is the same as of every date.
    Timeless,
    /// It has a start and an end, which bound other records. It is listed as of every date.
    Dates { start: &'static str, end: &'static str },
    /// It exists from `founded` to `dissolved`, within the existence of the records it belongs to.
    Existence,
    /// It is valid from `since` to `until`, within the existence of the records it belongs to.
    Validity,
}

/// Returns the target of references to records of one kind.
pub const fn one(kind: RecordKind) -> Target {
    Target::Kind(kind)
}

/// Returns the target of references to records of all kinds of a group.
pub const fn any(group: Group) -> Target {
    Target::Group(group)
}

/// The kinds of record that a reference can refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Kind(RecordKind),
    Group(Group),
    /// Some of a group.
    Some(&'static [RecordKind], Group),
}

/// A relation through a join table, such as citations.
#[derive(Debug)]
pub struct Link {
    pub name: &'static str,
    pub description: &'static str,
    pub table: &'static str,
    /// The column that refers to the record.
    pub own: &'static str,
    /// The column that refers to the other records.
    pub other: &'static str,
    /// The kind of the other records, or `None` if they are of any kind.
    pub to: Option<RecordKind>,
}

/// Fields whose combination of values is unique.
#[derive(Debug)]
pub struct Unique {
    pub fields: &'static [&'static str],
    /// The name of the values in messages. `{}` is replaced by the value of the last field.
    pub what: &'static str,
}

/// A constraint on the fields of a row.
#[derive(Debug)]
pub enum Rule {
    /// At least one of these references is set.
    AnyOf { fields: &'static [&'static str] },
    /// Two references refer to different records.
    Differ { fields: [&'static str; 2] },
    /// A date is not before another one.
    InOrder { start: &'static str, end: &'static str },
    /// A code of ISO 3166-1: two uppercase letters.
    CountryCode { field: &'static str },
}

/// An entity of a kind of record.
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

/// A generic operation on the entity of a kind that is known only at run time.
pub trait Visitor {
    type Output;

    fn visit<E: RecordEntity>(self) -> Self::Output;
}

impl Kind {
    /// Returns a kind without fields and with default properties.
    pub const fn new(kind: RecordKind, table: &'static str, description: &'static str) -> Self {
        Self {
            kind,
            table,
            description,
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

    /// Returns the plural of the table name: `legislative_periods`.
    pub fn plural(&self) -> String {
        plural(self.table)
    }

    pub fn is(&self, group: Group) -> bool {
        self.groups.contains(&group)
    }

    pub fn is_organization(&self) -> bool {
        self.is(Group::Organization)
    }

    /// Whether its rows have a validity or existence period.
    pub fn is_temporal(&self) -> bool {
        matches!(self.time, Temporality::Existence | Temporality::Validity)
    }

    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Returns the field with this name in the schema and in claims.
    pub fn property(&self, property: &str) -> Option<&'static Field> {
        // Called for each claim: does not allocate.
        self.fields.iter().find(|field| name::is_camel(field.name, property))
    }

    /// Returns the property of claims about other names: the field with the name of a record if it
    /// is required, else `name`.
    pub fn names_property(&self) -> &'static str {
        let naming = self.naming.filter(|name| self.field(name).is_some_and(Field::is_required));
        naming.unwrap_or("name")
    }

    /// Returns the names of the fields with its start and its end.
    pub fn ends(&self) -> Option<(&'static str, &'static str)> {
        match self.time {
            Temporality::Timeless => None,
            Temporality::Dates { start, end } => Some((start, end)),
            Temporality::Existence => Some(("founded", "dissolved")),
            Temporality::Validity => Some(("since", "until")),
        }
    }

    /// Returns the fields that are keys of the data set.
    pub fn keys(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.fields.iter().filter(|field| !field.derived)
    }

    /// Returns the references to single records.
    pub fn references(&self) -> impl Iterator<Item = (&'static Field, &'static Reference)> + use<> {
        self.fields.iter().filter_map(|field| match &field.ty {
            Type::Reference(reference) => Some((field, reference)),
            _ => None,
        })
    }

    /// Returns the relations from records of this kind to those that refer to them: the kind of
    /// the others, their field that refers to this kind, and the relation.
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

    /// Returns the kinds in the order of [`RecordKind`].
    pub fn kinds(&self) -> Vec<RecordKind> {
        crate::kinds().filter(|kind| self.has(kind)).map(|kind| kind.kind).collect()
    }

    /// Returns the kind if there is only one.
    pub fn kind(&self) -> Option<RecordKind> {
        match self {
            Self::Kind(kind) => Some(*kind),
            _ => None,
        }
    }
}

/// The groups that every organization belongs to.
pub const ORGANIZATION: &[Group] = &[Group::Organization, Group::Actor, Group::Represented];
/// The groups that an organization that can participate in assemblies belongs to.
pub const PARTICIPANT: &[Group] =
    &[Group::Organization, Group::Actor, Group::Represented, Group::Participant];
